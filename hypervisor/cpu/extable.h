// SPDX-License-Identifier: GPL-2.0-only
/*
 * Instructions of ours that may fault, and where to go on if they do.
 *
 * _ASM_EXTABLE(from, to) beside the instruction adds a pair to section .extable, as distances
 * from the entry itself. When ring 0 faults (#PF, #GP, #SS, #NP, ...), trap/ asks
 * extable_fixup(rip): 0 means nobody expected it, else rip moves there. The fixup code is not told
 * which fault it was, only that there was one.
 */
#pragma once

#ifdef __ASSEMBLER__

.macro _ASM_EXTABLE from:req, to:req
	.pushsection .extable, "a"
	.balign 4
	.long \from - .
	.long \to - .
	.popsection
.endm

#else

#include <stdint.h>

#define _ASM_EXTABLE(from, to)			\
	".pushsection .extable, \"a\"\n\t"	\
	".balign 4\n\t"				\
	".long " #from " - .\n\t"		\
	".long " #to " - .\n\t"			\
	".popsection\n\t"

uint64_t extable_fixup(uint64_t rip);

#endif
