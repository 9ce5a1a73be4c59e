// SPDX-License-Identifier: GPL-2.0-only
/*
 * Timers (the story is in timer.h).
 *
 * The heap, a pairing heap: a node is due no later than any of its children; the children of a
 * node are a chain through next, the first one's prev is the parent, the others' the sibling.
 */
#include "time/timer.h"

#include "cpu/asm.h"
#include "cpu/lock.h"
#include "cpu/percpu.h"
#include "cpu/softirq.h"
#include "lib/bits.h"
#include "machine/ipi.h"
#include "machine/lapic.h"
#include "time/clock.h"

static struct timer_base {
	spinlock_t lock;
	struct timer *first;		/* root of the heap */
	struct timer *running;		/* its fn is being called */
	uint64_t armed_ns;		/* what the LAPIC waits for; TIMER_NEVER: nothing */
	unsigned int count;
} bases[NR_CPUS];

/* --- the heap --- */

/* Two heaps become one; both are roots without siblings. */
static struct timer *join(struct timer *a, struct timer *b)
{
	struct timer *swap;

	if (!a || !b)
		return a ? a : b;
	if (b->deadline_ns < a->deadline_ns) {
		swap = a;
		a = b;
		b = swap;
	}
	b->next = a->child;
	if (b->next)
		b->next->prev = b;
	b->prev = a;
	a->child = b;
	return a;
}

/* A chain of siblings becomes one heap: in pairs from the left, then together from the right. */
static struct timer *join_chain(struct timer *t)
{
	struct timer *pairs = NULL, *a, *b, *root = NULL;

	while (t) {
		a = t;
		b = a->next;
		t = b ? b->next : NULL;
		a->next = a->prev = NULL;
		if (b)
			b->next = b->prev = NULL;
		a = join(a, b);
		a->next = pairs;
		pairs = a;
	}
	while (pairs) {
		a = pairs;
		pairs = a->next;
		a->next = NULL;
		root = join(root, a);
	}
	return root;
}

static void insert(struct timer_base *base, struct timer *t)
{
	t->child = t->next = t->prev = NULL;
	t->queued = true;
	base->count++;
	base->first = join(base->first, t);
}

static void take_out(struct timer_base *base, struct timer *t)
{
	struct timer *below = join_chain(t->child);

	if (t == base->first) {
		base->first = below;
	} else {
		if (t->prev->child == t)
			t->prev->child = t->next;
		else
			t->prev->next = t->next;
		if (t->next)
			t->next->prev = t->prev;
		base->first = join(base->first, below);
	}
	t->child = t->next = t->prev = NULL;
	t->queued = false;
	base->count--;
}

/* --- whose heap, and when it is due --- */

/* The heap t is in, locked. It may move between our look and the lock. */
static struct timer_base *lock_base(struct timer *t)
{
	struct timer_base *base;

	for (;;) {
		base = &bases[read_once(t->cpu)];
		spin_lock(&base->lock);
		if (base == &bases[read_once(t->cpu)])
			return base;
		spin_unlock(&base->lock);
	}
}

/* Let the LAPIC interrupt at the first deadline; this CPU's base, locked. */
static void arm(struct timer_base *base)
{
	uint64_t due = base->first ? base->first->deadline_ns : TIMER_NEVER;

	if (due == base->armed_ns)
		return;
	base->armed_ns = due;
	if (due == TIMER_NEVER)
		lapic_timer_stop();
	else
		lapic_timer_arm(clock_ns_to_tsc(due));
}

static void expire(void)
{
	struct timer_base *base = &bases[this_cpu()];
	uint64_t now = clock_now_ns();
	struct timer *t;
	void (*fn)(void *arg);
	void *arg;

	spin_lock(&base->lock);
	base->armed_ns = TIMER_NEVER;	/* it has fired, or was due anyway */
	while (base->first && base->first->deadline_ns <= now) {
		t = base->first;
		take_out(base, t);
		base->running = t;
		fn = t->fn;
		arg = t->arg;
		spin_unlock(&base->lock);
		fn(arg);
		spin_lock(&base->lock);
		base->running = NULL;
	}
	arm(base);
	spin_unlock(&base->lock);
}

void timer_init_cpu(void)
{
	struct timer_base *base = &bases[this_cpu()];

	spin_lock_init(&base->lock, RANK_TIMER);
	base->armed_ns = TIMER_NEVER;
	softirq_set_handler(SOFTIRQ_TIMER, expire);
}

void timer_setup(struct timer *t, void (*fn)(void *arg), void *arg)
{
	*t = (struct timer){ .fn = fn, .arg = arg, .cpu = this_cpu() };
}

void timer_stop(struct timer *t)
{
	struct timer_base *base = lock_base(t);

	if (t->queued)
		take_out(base, t);	/* a LAPIC armed for it finds nothing due, and is set again */
	spin_unlock(&base->lock);
}

void timer_set(struct timer *t, uint64_t deadline_ns)
{
	unsigned int me = this_cpu();
	struct timer_base *base = lock_base(t);

	if (t->queued)
		take_out(base, t);
	if (base != &bases[me]) {
		t->cpu = me;
		spin_unlock(&base->lock);
		base = lock_base(t);
		if (t->queued)		/* somebody else was quicker; ours is the later wish */
			take_out(base, t);
	}
	t->deadline_ns = deadline_ns;
	if (deadline_ns != TIMER_NEVER)
		insert(base, t);
	if (base == &bases[me] && base->first == t) {
		if (deadline_ns <= clock_now_ns())
			softirq_raise(SOFTIRQ_TIMER);
		else
			arm(base);
	}
	spin_unlock(&base->lock);
}

void timer_kill(struct timer *t)
{
	struct timer_base *base;
	bool running;

	do {
		timer_stop(t);
		base = lock_base(t);
		running = base->running == t || t->queued;
		spin_unlock(&base->lock);
		if (running) {
			ipi_poll();
			cpu_relax();
		}
	} while (running);
}

unsigned int timer_count(unsigned int cpu)
{
	return bases[cpu].count;
}
