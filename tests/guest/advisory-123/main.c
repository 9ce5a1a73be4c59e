// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 123: a segment override on an instruction with register operands made the emulator use a
 * segment as memory it was not.
 *
 * Rule: prefixes that mean nothing are ignored, or the instruction refused; nothing is read or
 * written. Provocation: every prefix, and pairs, before privileged register instructions. FAIL on
 * any trap but #GP and #UD, or a wrong result.
 */
#include "rt.h"

#define ONE(prefix, what, text) \
	do { \
		word v_ = 0; \
		int t_ = PROBE(".byte " prefix "; " text, : "=a"(v_) : : "ecx", "edx", "memory"); \
		expect(t_ == -1 || t_ == 13 || t_ == 6, prefix " before " what ": vector %d", t_); \
		(void)v_; \
	} while (0)

#define ALL(what, text)				\
	ONE("0x26", what, text);		\
	ONE("0x2e", what, text);		\
	ONE("0x36", what, text);		\
	ONE("0x3e", what, text);		\
	ONE("0x64", what, text);		\
	ONE("0x65", what, text);		\
	ONE("0x66", what, text);		\
	ONE("0x67", what, text);		\
	ONE("0xf2", what, text);		\
	ONE("0xf3", what, text);		\
	ONE("0xf0", what, text);		\
	ONE("0x64, 0x66, 0xf2", what, text);	\
	ONE("0x65, 0x67, 0x26", what, text);	\
	ONE("0x64, 0x64, 0x64, 0x64, 0x64, 0x64, 0x64", what, text)

#ifdef __x86_64__
#define AX "rax"
#else
#define AX "eax"
#endif

void test_main(void)
{
	uint64_t before = pte_get((word)&test_name);

	ALL("mov from cr0", "mov %%cr0, %%" AX);
	ALL("mov from cr4", "mov %%cr4, %%" AX);
	ALL("mov from dr7", "mov %%dr7, %%" AX);
	ALL("clts", "clts");
	ALL("wbinvd", "wbinvd");
	ALL("rdmsr", "mov $0xc0000080, %%ecx; rdmsr");
	ALL("in", "in $0x80, %%al");
	/* Fifteen prefixes and more: too long, #GP by the processor or the emulator. */
	expect(PROBE(".fill 15, 1, 0x64; clts", : :) != 14, "16 bytes of instruction");
	expect(PROBE(".fill 14, 1, 0x64; in $0x80, %%al",
		     :
		     :
		     : "eax") != 14,
	       "16 bytes of instruction");
	expect(pte_get((word)&test_name) == before, "our tables changed");
}
