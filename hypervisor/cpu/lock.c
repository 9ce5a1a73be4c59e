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
void spin_check_order(const spinlock_t *l, bool second)
{
	const spinlock_t *above = highest_held();

	if (!above)
		return;
	if (second)
		BUG_ON(above->rank > l->rank);
	else
		BUG_ON(above->rank >= l->rank);
}

void spin_note_taken(const spinlock_t *l)
{
	unsigned int cpu = this_cpu();

	BUG_ON(held[cpu].count == HELD_MAX);
	held[cpu].lock[held[cpu].count++] = l;
}

void spin_note_given(const spinlock_t *l)
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

void spin_wait(const spinlock_t *l, uint16_t ticket)
{
	while ((uint16_t)__atomic_load_n(&l->tickets, __ATOMIC_ACQUIRE) != ticket) {
		cpu_relax();
		if (lock_spin_hook)
			lock_spin_hook();
	}
}

bool spin_trylock(spinlock_t *l)
{
	uint32_t t = l->tickets;

	if ((uint16_t)t != (uint16_t)(t >> 16))
		return false;
	if (!__atomic_compare_exchange_n(&l->tickets, &t, t + (1u << 16), false,
					 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return false;
	spin_note_taken(l);
	return true;
}

void spin_lock_both(spinlock_t *a, spinlock_t *b)
{
	spinlock_t *first = a < b ? a : b, *second = a < b ? b : a;
	uint32_t t;

	spin_lock(first);
	if (second == first)
		return;
	spin_check_order(second, true);
	t = __atomic_fetch_add(&second->tickets, 1u << 16, __ATOMIC_ACQUIRE);
	spin_wait(second, (uint16_t)(t >> 16));
	spin_note_taken(second);
}

void spin_unlock_both(spinlock_t *a, spinlock_t *b)
{
	spin_unlock(a);
	if (b != a)
		spin_unlock(b);
}
