// SPDX-License-Identifier: GPL-2.0-only
/*
 * Work owed before the next return to a guest.
 *
 * An interrupt handler, or any code that may not do the work now (locks, depth), raises a softirq;
 * entry/return.c runs what is pending, with no lock held, until nothing is. Raising one for another
 * CPU pokes it through softirq_poke (machine/ipi.c sets it).
 */
#pragma once

#include <stdbool.h>

#include "cpu/cpumask.h"
#include "cpu/percpu.h"

enum softirq {
	SOFTIRQ_TIMER,		/* the timer interrupt came: expire timers */
	SOFTIRQ_SCHED,		/* someone else should run */
	SOFTIRQ_TLB,
	SOFTIRQ_DOMAIN_EXIT,	/* a domain crashed or is being torn down */
	SOFTIRQ_DEFERRED,	/* small things an interrupt handler leaves behind */
	SOFTIRQ_CONSOLE,	/* typed characters, new lines for the tools */
	SOFTIRQ_COUNT,
};

void softirq_set_handler(enum softirq nr, void (*fn)(void));
void softirq_raise(enum softirq nr);				/* on this CPU */
void softirq_raise_on(unsigned int cpu, enum softirq nr);
void softirq_run(void);						/* all that are pending here */

/* On any CPU, without a poke: it notices at its next way out. For NMI handlers. */
void softirq_leave_on(unsigned int cpu, enum softirq nr);
static inline bool softirq_pending(void) { return read_once(this_cpu_info()->softirqs) != 0; }

extern void (*softirq_poke)(unsigned int cpu);			/* NULL while there is one CPU */

/* Let interrupts in for a moment (no lock held); then: is a softirq pending here? Long work calls
 * this between units and gives way if so. */
bool irq_window(void);
