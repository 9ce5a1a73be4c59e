// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registers a guest had when it entered the hypervisor.
 *
 * Every way in (exception, interrupt, SYSCALL, INT 0x82) leaves one of these at the top of the
 * CPU's stack; the one way out loads the guest from it. The order is that of the public
 * struct cpu_user_regs (xen/arch-x86/xen-x86_64.h) up to ss, so copying to a tool's context is
 * member by member but never a surprise. For a 32-bit guest the upper halves are zero.
 *
 * Data segment selectors are not here: ring 0 leaves them alone, and sched/switch.c keeps them in
 * struct vcpu across a context switch.
 */
#pragma once

#include <stdint.h>

struct guest_regs {
	uint64_t r15, r14, r13, r12, rbp, rbx;
	uint64_t r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
	uint32_t error_code;	/* as the CPU pushed it, 0 where it pushes none */
	uint32_t entry_vector;	/* exception or interrupt vector, or one of ENTRY_* */
	uint64_t rip;
	uint64_t cs;		/* selector; the upper bits are zero */
	uint64_t rflags;
	uint64_t rsp;
	uint64_t ss;
};

/*
 * Ways in that are not vectors of the IDT. ENTRY_SYSCALL, which is also the iret hypercall's to set,
 * says: a 64-bit guest, with the cs and ss that SYSRET loads, expects rip in rcx and the flags in
 * r11. Whoever changes cs or ss of such a frame, or cares for rcx or r11, sets another (0).
 */
#define ENTRY_SYSCALL	0x100
#define ENTRY_SYSENTER	0x101

#define X86_EFLAGS_CF	(1u << 0)
#define X86_EFLAGS_MBS	(1u << 1)	/* always one */
#define X86_EFLAGS_TF	(1u << 8)
#define X86_EFLAGS_IF	(1u << 9)
#define X86_EFLAGS_DF	(1u << 10)
#define X86_EFLAGS_IOPL	(3u << 12)
#define X86_EFLAGS_NT	(1u << 14)
#define X86_EFLAGS_RF	(1u << 16)
#define X86_EFLAGS_VM	(1u << 17)
#define X86_EFLAGS_AC	(1u << 18)
#define X86_EFLAGS_VIF	(1u << 19)
#define X86_EFLAGS_VIP	(1u << 20)
#define X86_EFLAGS_ID	(1u << 21)

static inline unsigned int regs_cpl(const struct guest_regs *regs)
{
	return regs->cs & 3;
}
