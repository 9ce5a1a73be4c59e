// SPDX-License-Identifier: GPL-2.0-only
#include "cpu/lock.h"

#include "cpu/asm.h"
#include "cpu/percpu.h"

void (*lock_spin_hook)(void);

#ifdef DEBUG

#define HELD_MAX	8

/* What this CPU holds, in the order it was taken. */
static struct {
	const spinlock_t *lock[HELD_MAX];
	unsigned int count;
} held[NR_CPUS];

static const spinlock_t *highest_held(void)
{
	const spinlock_t *found = NULL;
	unsigned int cpu = this_cpu();

	for (unsigned int i = 0; i < held[cpu].count; i++)
		if (!found || held[cpu].lock[i]->rank >= found->rank)
			found = held[cpu].lock[i];
	return found;
}

/* second: of a pair of one rank, whose first is held. */
static void check_order(const spinlock_t *l, bool second)
{
	const spinlock_t *above = highest_held();

	if (!above)
		return;
	if (second)
		BUG_ON(above->rank > l->rank);
	else
		BUG_ON(above->rank >= l->rank);
}

static void note_taken(const spinlock_t *l)
{
	unsigned int cpu = this_cpu();

	BUG_ON(held[cpu].count == HELD_MAX);
	held[cpu].lock[held[cpu].count++] = l;
}

static void note_given(const spinlock_t *l)
{
	unsigned int cpu = this_cpu();

	for (unsigned int i = held[cpu].count; i--;) {
		if (held[cpu].lock[i] != l)
			continue;
		held[cpu].lock[i] = held[cpu].lock[--held[cpu].count];
		return;
	}
	BUG();
}

bool spin_any_held(void)
{
	return held[this_cpu()].count > 0;
}

#else

static void check_order(const spinlock_t *l, bool second) { (void)l; (void)second; }
static void note_taken(const spinlock_t *l) { (void)l; }
static void note_given(const spinlock_t *l) { (void)l; }
bool spin_any_held(void) { return false; }

#endif

void spin_lock_init(spinlock_t *l, enum lock_rank rank)
{
	*l = (spinlock_t)SPINLOCK_INIT(rank);
}

bool spin_is_locked(const spinlock_t *l)
{
	uint32_t t = l->tickets;

	return (uint16_t)t != (uint16_t)(t >> 16);
}

static void acquire(spinlock_t *l, bool second)
{
	uint32_t t;

	check_order(l, second);
	t = __atomic_fetch_add(&l->tickets, 1u << 16, __ATOMIC_ACQUIRE);
	while ((uint16_t)__atomic_load_n(&l->tickets, __ATOMIC_ACQUIRE) != (uint16_t)(t >> 16)) {
		cpu_relax();
		if (lock_spin_hook)
			lock_spin_hook();
	}
	note_taken(l);
}

void spin_lock(spinlock_t *l)
{
	acquire(l, false);
}

void spin_unlock(spinlock_t *l)
{
	volatile uint16_t *serving = (volatile uint16_t *)&l->tickets;

	note_given(l);
	/* Only the holder moves the low half; no carry reaches the high one. */
	__atomic_store_n(serving, (uint16_t)(*serving + 1), __ATOMIC_RELEASE);
}

bool spin_trylock(spinlock_t *l)
{
	uint32_t t = l->tickets;

	if ((uint16_t)t != (uint16_t)(t >> 16))
		return false;
	if (!__atomic_compare_exchange_n(&l->tickets, &t, t + (1u << 16), false,
					 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return false;
	note_taken(l);
	return true;
}

void spin_lock_both(spinlock_t *a, spinlock_t *b)
{
	spinlock_t *first = a < b ? a : b, *second = a < b ? b : a;

	acquire(first, false);
	if (second != first)
		acquire(second, true);
}

void spin_unlock_both(spinlock_t *a, spinlock_t *b)
{
	spin_unlock(a);
	if (b != a)
		spin_unlock(b);
}
