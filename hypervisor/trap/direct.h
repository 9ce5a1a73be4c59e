// SPDX-License-Identifier: GPL-2.0-only
/*
 * The short ways (direct.c), as entry/direct.S calls them: *regs lacks r15 r14 r13 r12 rbp rbx.
 */
#pragma once

#include <stdbool.h>

#include "cpu/regs.h"
#include "guest/vcpu.h"
#include "mem/layout.h"

/* Answers, which the assembly knows. */
#define LONG_WAY	0u
#define DONE		1u	/* load what is in *regs by IRET */
#define DONE_SYSRET	2u	/* by SYSRET: rcx and r11 of *regs say rip and flags */

unsigned int direct_int80(struct guest_regs *regs);
unsigned int direct_plain(struct guest_regs *regs);	/* exceptions without an error code */
unsigned int direct_ud(struct guest_regs *regs);
unsigned int direct_gp(struct guest_regs *regs);
unsigned int direct_nm(struct guest_regs *regs);
unsigned int direct_pf(struct guest_regs *regs);

unsigned int direct_syscall(struct guest_regs *regs);
unsigned int direct_iret32(struct guest_regs *regs);
unsigned int direct_iret64(struct guest_regs *regs);

/*
 * Are v's handlers and stack as entry/quick.S takes them for granted? Then it may: until
 * vcpu_long_way(v). Callable at any time; v is current.
 */
void direct_open(struct vcpu *v);

/* A frame of quick.S is not longer. */
#define DIRECT_FRAME	64u

/* Is that much below sp a 64-bit guest's own, and sp aligned? (One that lies around address 0 is.) */
static inline bool direct_stack64(uint64_t sp)
{
	uint64_t beyond = sp - DIRECT_FRAME - HV_VIRT_END;

	return (beyond >> 4 | beyond << 60) <= (GUEST_LOW_END - HV_VIRT_END - DIRECT_FRAME) >> 4;
}

/* Is it addressable by 32 bits without a wrap? */
static inline bool direct_stack32(uint32_t sp)
{
	return sp - DIRECT_FRAME <= UINT32_MAX - DIRECT_FRAME;
}

/* --- from the long way: all of *regs is there. true: done, with nothing left waiting. --- */

bool deliver_pf(struct vcpu *v, struct guest_regs *regs, uint64_t cr2, uint32_t error_code);
/* entry/exit.S has seen that an upcall waits and is not masked, and that nothing else is owed. */
bool deliver_upcall(struct guest_regs *regs);
