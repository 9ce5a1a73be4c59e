// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who runs next: a fair round robin.
 *
 * Each CPU has a queue of vcpus that could run. The head runs for a slice of ten milliseconds, then
 * goes to the tail. One that blocks early keeps the rest of its slice: when an event wakes it, it
 * goes to the head and takes the CPU at once, until that rest is used up. So what waits for events
 * is served quickly, and what computes gets equal shares.
 *
 *	      vcpu_wake                 sched_run
 *	blocked ------> runnable (queued) <-----> running
 *	   ^                                        |
 *	   +------ sched_block, poll, pause --------+
 *
 * A switch happens at one place only: sched_run(), from SOFTIRQ_SCHED on the way back to a guest.
 * Everything else marks vcpus and raises that softirq.
 *
 * Invariant: v->queued <=> v is on the queue of CPU v->cpu. v->running stays true until all of v's
 * state has left the CPU; while it is true v->cpu does not change.
 * Locks: one per CPU (RANK_SCHED): its queue, and of its vcpus queued, running, cpu, runstate and
 * run time. pause_flags and pause_count move atomically.
 * Not here: saving and loading a vcpu (sched/switch.h), weights and caps.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "guest/domain.h"

#define SCHED_SLICE_NS	10000000ul

extern struct vcpu *idle_vcpu[NR_CPUS];

/* Make the queues and an idle vcpu for this CPU, and make it `current`. Each CPU once; the first
 * call also installs the softirq. Needs the heap, dom_idle and timers. */
void sched_init(void);

/* A vcpu of a guest: down, not queued. -ENOMEM. */
must_check int sched_vcpu_init(struct vcpu *v);
void sched_vcpu_free(struct vcpu *v);		/* it must be off every CPU for ever */

static inline bool vcpu_runnable(const struct vcpu *v)
{
	const struct domain *d = v->domain;

	return !(read_once(v->pause_flags) | read_once(v->pause_count) |
		 read_once(d->pause_count) | read_once(d->shutting_down));
}
/* It may have become runnable, or not to be so any more: look again. */
void vcpu_wake(struct vcpu *v);
void vcpu_sleep(struct vcpu *v);
/* It has an event to notice: end its blocking, or make its CPU go through the return path. */
void vcpu_kick(struct vcpu *v);
/* Not one that runs here: the way out looks anyway. */
static inline bool vcpu_needs_kick(const struct vcpu *v)
{
	return v != current || read_once(v->pause_flags) & (VPF_BLOCKED | VPF_POLLING);
}
/* The same with an NMI for it. */
void vcpu_send_nmi(struct vcpu *v);

/*
 * Pauses nest. The plain forms return when the vcpu is off its CPU, its state all in struct vcpu:
 * never for the caller's own. The nosync forms only see to it that it will be soon.
 */
void vcpu_pause(struct vcpu *v);
void vcpu_pause_nosync(struct vcpu *v);
void vcpu_unpause(struct vcpu *v);
void domain_pause(struct domain *d);
void domain_pause_nosync(struct domain *d);
void domain_unpause(struct domain *d);

/* The running vcpu gives up its CPU: until an event (unless one waits already), or for a round. */
void sched_block(struct vcpu *v);
void sched_give_way(struct vcpu *v);

/* SOFTIRQ_SCHED: choose, and switch_to() if it is another. */
void sched_run(void);
/*
 * What an idle vcpu does, on an otherwise empty stack: sleeps until there is something to run.
 * Returns, with interrupts off, when current is not idle any more: the caller enters the guest.
 */
void sched_idle(void);

/* A vcpu came up or went down. */
void sched_vcpu_up(struct vcpu *v);
void sched_vcpu_down(struct vcpu *v);

/* Store where it may run; moves it if it must. 0, or -EINVAL: no such CPU. */
must_check int sched_set_affinity(struct vcpu *v, cpumask_t hard, cpumask_t soft);

uint64_t vcpu_run_time_ns(struct vcpu *v);
/* As VCPUOP_get_runstate_info gives it: the time in the present state is counted up to now. */
void vcpu_runstate(struct vcpu *v, struct vcpu_runstate_info *out);

void sched_dump(void);		/* debug key r */
