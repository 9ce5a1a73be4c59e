// SPDX-License-Identifier: GPL-2.0-only
/*
 * Traps: what happens when guest code faults, or oversteps and is helped.
 *
 * A guest's kernel runs in ring 3 (64-bit) or ring 1 (32-bit). What it may not do itself faults,
 * and trap_from_guest() either does it on the guest's behalf (privop.c, pt_write.c), or hands the
 * fault to the guest's own handler: trap_inject() notes a struct bounce, and the way back to the
 * guest puts it on the guest's stack (bounce.c).
 *
 * Invariant: at most one bounce is pending; a second one means the guest faulted where it cannot
 * be told, and ends it (advisory 339).
 * In:  entry/ calls trap_from_guest(), trap_from_hypervisor().  Out: paging/, machine/, guest/.
 * Locks: none; all of it concerns the vcpu that runs here.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cpu/regs.h"
#include "guest/domain.h"
#include "guest/hcall.h"

/* Exceptions (AMD64 APM vol. 2, chapter 8). */
#define VEC_DE	0
#define VEC_DB	1
#define VEC_NMI	2
#define VEC_BP	3
#define VEC_OF	4
#define VEC_BR	5
#define VEC_UD	6
#define VEC_NM	7
#define VEC_DF	8
#define VEC_TS	10
#define VEC_NP	11
#define VEC_SS	12
#define VEC_GP	13
#define VEC_PF	14
#define VEC_MF	16
#define VEC_AC	17
#define VEC_MC	18
#define VEC_XM	19
#define VEC_FIRST_INTERRUPT	0x20
#define VEC_SYSCALL32		0x80	/* gate dpl 3: the classic system call of 32-bit code */
#define VEC_HYPERCALL32		0x82	/* gate dpl 1: ring 1's hypercalls */

/* Page-fault error codes. */
#define PF_PRESENT	(1u << 0)
#define PF_WRITE	(1u << 1)
#define PF_USER		(1u << 2)
#define PF_RESERVED	(1u << 3)
#define PF_FETCH	(1u << 4)

/* Other error codes name a selector, or a vector. */
#define ERROR_EXTERNAL	(1u << 0)
#define ERROR_IDT	(1u << 1)

/* Softirq and hook registration; once, and per CPU. */
void trap_init(void);
void trap_init_cpu(void);

/* A trap from guest code: regs are those at the stack top. Returns; the caller leaves by exit.S. */
void trap_from_guest(struct guest_regs *regs);
/* A trap from our own code. Returns to go on at regs->rip, or does not return. */
void trap_from_hypervisor(struct guest_regs *regs);
/* SYSCALL, but for hypercalls, and SYSENTER. */
void trap_syscall(struct guest_regs *regs);
void trap_syscall_compat(struct guest_regs *regs);
void trap_sysenter(struct guest_regs *regs);

/* v (current) shall get this exception. No handler, or one is pending: the domain crashes. */
void trap_inject(struct vcpu *v, unsigned int vector, uint32_t error_code);
void trap_inject_pf(struct vcpu *v, uint64_t cr2, uint32_t error_code);
/* Hand over to a callback registered with callback_op. */
void trap_inject_callback(struct vcpu *v, const struct guest_callback *cb, bool masks_events);
/* The final IRET, or a segment register, was refused: the guest's failsafe callback, told these
 * selectors (ds, es, fs, gs). */
void trap_failsafe(struct vcpu *v, const uint16_t selectors[4]);

/* Put v->bounce on v's stack and point regs at the handler; domain_crash() if that cannot be. */
void bounce_deliver(struct vcpu *v, struct guest_regs *regs);
/* Are there events to deliver or an NMI? Makes them a bounce. */
void bounce_events(struct vcpu *v);

/* A 64-bit guest's vcpu goes from kernel to user mode or back: tables and GS bases. */
void toggle_guest_mode(struct vcpu *v);

/* --- inside this room, and entry/ --- */

void page_fault(struct vcpu *v, struct guest_regs *regs, uint64_t cr2);
/* Does the instruction at rip for the guest, if it is a privileged one it may have: then rip has
 * moved on, or an exception is pending. false: not ours. */
bool privop_emulate(struct vcpu *v, struct guest_regs *regs);
bool privop_forced_cpuid(struct vcpu *v, struct guest_regs *regs);
/* A store through this level 1 entry, which may lead to a live page table. false: it does not. */
bool pt_write_emulate(struct vcpu *v, struct guest_regs *regs, uint64_t cr2, pte_t pte);
void trap_debug(struct vcpu *v, struct guest_regs *regs);
void trap_nmi(struct guest_regs *regs);
void trap_machine_check(struct guest_regs *regs);
void regs_dump(const struct guest_regs *regs);

/* I/O ports: already allowed by virtual IOPL or bitmap. bytes: 1, 2 or 4. */
bool ioport_allowed(struct vcpu *v, const struct guest_regs *regs, unsigned int port,
		    unsigned int bytes);
uint32_t ioport_read(struct vcpu *v, unsigned int port, unsigned int bytes);
void ioport_write(struct vcpu *v, unsigned int port, unsigned int bytes, uint32_t value);

/* MSRs as the guest sees them; false: #GP. */
bool msr_read(struct vcpu *v, uint32_t msr, uint64_t *value);
bool msr_write(struct vcpu *v, uint32_t msr, uint64_t value);

/* CR4 as the guest wishes it: bits that are not its own are as we have them. v may be off its CPU. */
void vcpu_cr4_set(struct vcpu *v, uint64_t value);

/* Debug registers, checked: 0, -EINVAL or -EPERM. */
int debugreg_set(struct vcpu *v, unsigned int reg, uint64_t value);
int debugreg_check(const struct vcpu *v, unsigned int reg, uint64_t *value);

/*
 * A descriptor of the guest's as the CPU would use it: from its GDT window or LDT. false: null,
 * beyond the limit, or not mapped.
 */
struct segment {
	uint64_t base;
	uint64_t limit;		/* last byte */
	bool code, writable, long_mode, big;
	unsigned int dpl;
};
bool segment_read(struct vcpu *v, uint16_t selector, struct segment *out);

int64_t hc_set_trap_table(struct hcall *h);
int64_t hc_set_callbacks(struct hcall *h);
int64_t hc_callback_op(struct hcall *h);
int64_t hc_iret(struct hcall *h);
int64_t hc32_iret(struct hcall *h);
int64_t hc_stack_switch(struct hcall *h);
int64_t hc32_stack_switch(struct hcall *h);
int64_t hc_fpu_taskswitch(struct hcall *h);
int64_t hc_set_debugreg(struct hcall *h);
int64_t hc_get_debugreg(struct hcall *h);
int64_t hc_set_segment_base(struct hcall *h);
int64_t hc32_set_segment_base(struct hcall *h);
int64_t hc_nmi_op(struct hcall *h);
/* compat/vcpu.c */
int64_t hc32_set_trap_table(struct hcall *h);
int64_t hc32_set_callbacks(struct hcall *h);
int64_t hc32_callback_op(struct hcall *h);
int64_t hc32_nmi_op(struct hcall *h);

/* What both widths share (compat/vcpu.c widens and calls). */
void trap_table_clear(struct vcpu *v);
int trap_table_set(struct vcpu *v, unsigned int vector, unsigned int flags, uint16_t cs,
		   uint64_t address);
int callback_register(struct vcpu *v, unsigned int type, unsigned int flags, uint16_t cs,
		      uint64_t address);
int callback_unregister(struct vcpu *v, unsigned int type);
