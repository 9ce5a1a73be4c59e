// SPDX-License-Identifier: GPL-2.0-only
/*
 * Timers: a function to call at a moment of system time.
 *
 * Each CPU keeps its timers in a heap and lets its LAPIC interrupt at the earliest. The interrupt
 * only raises SOFTIRQ_TIMER; the functions run from there, on the CPU that set the timer, with
 * interrupts off, no lock held, and may set their own timer again.
 *
 * The heap is a pairing heap whose links are in the timers: setting one needs no memory, so it
 * cannot fail.
 * Invariant: a timer is in at most one heap, that of CPU t->cpu, and only while t->queued.
 * Locks: one per CPU (RANK_TIMER, a leaf), taken and left inside; a function runs without it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct timer {
	uint64_t deadline_ns;
	void (*fn)(void *arg);
	void *arg;
	struct timer *child, *next, *prev;	/* prev: the sibling before, or the parent */
	unsigned int cpu;			/* whose heap it is, or was last, in */
	bool queued;
};

#define TIMER_NEVER	UINT64_MAX

void timer_init_cpu(void);

/* The timer must be zeroed memory or one that is stopped. */
void timer_setup(struct timer *t, void (*fn)(void *arg), void *arg);

/*
 * Call fn at (not before) deadline_ns, on this CPU. One already set is moved. A deadline that is
 * past is due at once, but still from the softirq; TIMER_NEVER stops the timer.
 */
void timer_set(struct timer *t, uint64_t deadline_ns);

/* After this fn is not called any more; it may still be running on another CPU. */
void timer_stop(struct timer *t);

/* The same, and it is not running either: the memory may be freed. Not from fn itself, and not
 * with a lock held that fn takes. */
void timer_kill(struct timer *t);

/* How many this CPU has set (tests, debug keys). */
unsigned int timer_count(unsigned int cpu);
