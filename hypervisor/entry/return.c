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
#include "sched/sched.h"
#include "sched/switch.h"
#include "trap/trap.h"

#define FLAGS_NEVER	(X86_EFLAGS_IOPL | X86_EFLAGS_NT | X86_EFLAGS_VM | X86_EFLAGS_VIF | \
			 X86_EFLAGS_VIP)
#define FLAGS_KNOWN	0x3f7fd5u

/* Does something stand between this vcpu and its next instruction? Deals with one thing. */
static bool work_left(struct vcpu *v)
{
	uint16_t wanted[4];

	if (!vcpu_runnable(v)) {
		softirq_raise(SOFTIRQ_SCHED);
		return true;
	}
	if (v->bounce.pending) {
		bounce_deliver(v, guest_regs());
		return true;
	}
	if (switch_bad_selectors(v, wanted))
		trap_failsafe(v, wanted);
	else
		bounce_events(v);
	return v->bounce.pending;
}

static void make_harmless(const struct domain *d, struct guest_regs *regs)
{
	unsigned int ring = d->is_32bit ? 1 : 3;

	regs->cs = (regs->cs & 0xffff) | ring;
	regs->ss = (regs->ss & 0xffff) | ring;
	regs->rflags = (regs->rflags & FLAGS_KNOWN & ~(uint64_t)FLAGS_NEVER) |
		       X86_EFLAGS_IF | X86_EFLAGS_MBS;
}

bool before_guest(void)
{
	struct guest_regs *regs = guest_regs();
	struct vcpu *v;

	for (;;) {
		if (softirq_pending(this_cpu())) {
			softirq_run();
			continue;
		}
		v = current;
		if (v->is_idle)
			sched_idle();
		else if (!work_left(v))
			break;
	}
	make_harmless(v->domain, regs);

	return regs->entry_vector == ENTRY_SYSCALL && !v->domain->is_32bit &&
	       regs->cs == NATIVE_RING3_CS64 && regs->ss == NATIVE_RING3_DS &&
	       regs->rcx == regs->rip && regs->r11 == regs->rflags &&
	       is_canonical(regs->rip) && !(regs->rflags & (X86_EFLAGS_TF | X86_EFLAGS_RF));
}
