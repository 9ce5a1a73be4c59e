// SPDX-License-Identifier: GPL-2.0-only
#include "evtchn/vtimer.h"

#include "evtchn/channel.h"
#include "sched/sched.h"
#include "time/clock.h"
#include "time/timer.h"

static void singleshot_fired(void *arg)
{
	virq_send_vcpu(arg, VIRQ_TIMER);
}

static void periodic_fired(void *arg)
{
	struct vcpu *v = arg;
	uint64_t now = clock_now_ns(), period = read_once(v->periodic_ns);

	if (!period)
		return;
	virq_send_vcpu(v, VIRQ_TIMER);
	/* What was missed is missed: one tick says that time has passed. */
	v->periodic_next += period;
	if (v->periodic_next <= now)
		v->periodic_next = now + period;
	timer_set(&v->periodic, v->periodic_next);
}

void vtimer_vcpu_init(struct vcpu *v)
{
	if (v->singleshot.fn)
		return;
	timer_setup(&v->singleshot, singleshot_fired, v);
	timer_setup(&v->periodic, periodic_fired, v);
}

void vtimer_vcpu_free(struct vcpu *v)
{
	v->periodic_ns = 0;
	timer_kill(&v->singleshot);
	timer_kill(&v->periodic);
	timer_kill(&v->poll_timer);
}

void vtimer_set_singleshot(struct vcpu *v, uint64_t deadline_ns)
{
	vtimer_vcpu_init(v);
	timer_set(&v->singleshot, deadline_ns);
}

void vtimer_periodic(struct vcpu *v, uint64_t period_ns)
{
	vtimer_vcpu_init(v);
	v->periodic_ns = period_ns;
	if (!period_ns) {
		timer_stop(&v->periodic);
		return;
	}
	v->periodic_next = clock_now_ns() + period_ns;
	timer_set(&v->periodic, v->periodic_next);
}
