// SPDX-License-Identifier: GPL-2.0-only
/*
 * All that is owed before a guest goes on.
 *
 * In this order, again and again until nothing is left: softirqs (which may make another vcpu
 * current), a vcpu that may not run, a bounce on its way to the guest's stack, news for the guest
 * (bad selectors, NMI, events), which become a bounce. Interrupts stay off from the last look to
 * the IRET, so nothing is missed.
 *
 * exit.S comes here only when it sees that something is owed. So whoever gives current something
 * that only work_left() knows of says so: a softirq, or look_before_guest(). (One that
 * takes a running vcpu's right to run raises SOFTIRQ_SCHED on its CPU: sched/.)
 * Not here: what a bounce looks like (trap/bounce.c), who runs (sched/).
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

/* Does something stand between this vcpu and its next instruction? Deals with one thing. */
static bool work_left(struct vcpu *v)
{
	if (softirq_pending()) {
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
	return news(v);
}

/* A switch of vcpus changes info->vcpu, never the CPU. */
void before_guest(void)
{
	struct cpu_info *info = this_cpu_info();

	while (work_left(read_once(info->vcpu)))
		;
	info->look = 0;
}
