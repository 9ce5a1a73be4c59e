// SPDX-License-Identifier: GPL-2.0-only
/*
 * All that is owed before a guest goes on.
 *
 * In this order, again and again until nothing is left: softirqs (which may make another vcpu
 * current), a vcpu that may not run, a bounce on its way to the guest's stack, news for the guest
 * (bad selectors, NMI, events), which become a bounce. Interrupts stay off from the last look to
 * the IRET, so nothing is missed.
 *
 * Last of all the frame is made harmless: see entry.h. Not here: what a bounce looks like
 * (trap/bounce.c), who runs (sched/).
 */
#include "entry/entry.h"

#include "cpu/descriptor.h"
#include "cpu/percpu.h"
#include "cpu/softirq.h"
#include "guest/domain.h"
#include "guest/shared.h"
#include "sched/sched.h"
#include "sched/switch.h"
#include "trap/trap.h"

#define FLAGS_NEVER	(X86_EFLAGS_IOPL | X86_EFLAGS_NT | X86_EFLAGS_VM | X86_EFLAGS_VIF | \
			 X86_EFLAGS_VIP)
#define FLAGS_KNOWN	0x3f7fd5u

/* News for the guest, which become a bounce? */
static bool news(struct vcpu *v)
{
	uint16_t wanted[4];

	if (switch_bad_selectors(v, wanted)) {
		trap_failsafe(v, wanted);
		return true;	/* without such a callback it has just crashed, and may not run */
	}
	bounce_events(v);
	return v->bounce.pending;
}

/* The usual case in one look: none of what work_left() deals with. */
static inline bool nothing_left(const struct vcpu *v, unsigned int cpu)
{
	return !softirq_pending(cpu) && !v->is_idle && vcpu_runnable(v) && !v->bounce.pending &&
	       !bad_selectors[cpu] && !v->nmi_pending && !vcpu_upcall_due(v);
}

/* Does something stand between this vcpu and its next instruction? Deals with one thing. */
static inline bool work_left(struct vcpu *v, unsigned int cpu)
{
	if (softirq_pending(cpu)) {
		softirq_run();
		return true;
	}
	if (v->is_idle) {
		sched_idle();
		return true;
	}
	if (!vcpu_runnable(v)) {
		softirq_raise(SOFTIRQ_SCHED);
		return true;
	}
	if (v->bounce.pending) {
		bounce_deliver(v, guest_regs());
		return true;
	}
	if (bad_selectors[cpu] || v->nmi_pending || vcpu_upcall_due(v))
		return news(v);
	return false;
}

/* A switch of vcpus changes info->vcpu, never the CPU. */
__attribute__((noinline)) static struct vcpu *work_off(struct cpu_info *info)
{
	struct vcpu *v = info->vcpu;

	while (work_left(v, info->cpu))
		v = read_once(info->vcpu);
	return v;
}

/* Gives: may SYSRET be used? */
static inline bool make_harmless(const struct domain *d, struct guest_regs *regs)
{
	uint64_t ring = d->is_32bit ? 1 : 3;
	uint64_t cs = (uint16_t)regs->cs | ring;
	uint64_t ss = (uint16_t)regs->ss | ring;
	uint64_t rflags = (regs->rflags & FLAGS_KNOWN & ~(uint64_t)FLAGS_NEVER) |
			  X86_EFLAGS_IF | X86_EFLAGS_MBS;

	regs->cs = cs;
	regs->ss = ss;
	regs->rflags = rflags;
	return regs->entry_vector == ENTRY_SYSCALL && ring == 3 && cs == NATIVE_RING3_CS64 &&
	       ss == NATIVE_RING3_DS && regs->rcx == regs->rip && regs->r11 == rflags &&
	       is_canonical(regs->rip) && !(rflags & (X86_EFLAGS_TF | X86_EFLAGS_RF));
}

bool before_guest(void)
{
	struct cpu_info *info = this_cpu_info();
	struct vcpu *v = info->vcpu;

	if (unlikely(!nothing_left(v, info->cpu)))
		v = work_off(info);
	return make_harmless(v->domain, &info->regs);
}
