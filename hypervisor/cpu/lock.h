// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ticket spinlocks, and the order they are taken in.
 *
 * Every lock has a rank. While a lock is held only locks of a higher rank may be taken; two of one
 * rank only together, by spin_lock_both(), which orders them by address. Debug builds check it at
 * every acquire and stop with both names. Locks are never taken where the holder could be
 * interrupted (ring 0 runs with interrupts off), so there is no irqsave form.
 *
 * Nothing that can fault or wait happens under a lock. A CPU that spins calls lock_spin_hook, so
 * that it can answer a TLB shootdown the holder may be waiting for.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/bug.h"

/* The order: lower is taken first. Add a line where it belongs, with what it guards. */
enum lock_rank {
	RANK_DOMLIST,		/* the list of domains */
	RANK_DOMCTL,		/* one control operation at a time */
	RANK_DOMAIN,		/* d->lock: life cycle, memory accounting, permissions */
	RANK_GRANT,		/* d->grant: table size and maptrack */
	RANK_GRANT_ENTRY,	/* one active grant */
	RANK_EVTCHN,		/* d->evtchn: ports */
	RANK_PIRQ,		/* which guest IRQ is which of ours */
	RANK_FRAME_LIST,	/* d's lists of frames */
	RANK_MSI,		/* which device has which messages */
	RANK_IRQ,		/* an IRQ's descriptor; held while its owner wakes a vcpu */
	RANK_VECTOR,		/* which vector of which CPU is whose */
	RANK_VCPU,		/* small per-vcpu state (timers) */
	RANK_SCHED,		/* a CPU's run queue */
	RANK_TIMER,		/* a CPU's timers */
	RANK_IOAPIC,		/* index/data register pair */
	RANK_PCI,		/* config space address/data pair */
	RANK_PLATFORM,		/* RTC, PIT, port 0x61 and their like */
	RANK_MAP,		/* our own page tables */
	RANK_FRAMES,		/* the free frames */
	RANK_HEAP,		/* small objects */
	RANK_TLB,		/* shootdown in flight */
	RANK_CONSOLE,		/* ring and serial line */
	RANK_COUNT,
};

typedef struct {
	volatile uint32_t tickets;	/* low half: now served, high half: next to hand out */
	uint32_t rank;
} spinlock_t;

#define SPINLOCK_INIT(r)	{ .tickets = 0, .rank = (r) }

void spin_lock_init(spinlock_t *l, enum lock_rank rank);
bool spin_trylock(spinlock_t *l);	/* any order: it does not wait */
bool spin_is_locked(const spinlock_t *l);

/* Two locks of one rank (they may be the same lock). */
void spin_lock_both(spinlock_t *a, spinlock_t *b);
void spin_unlock_both(spinlock_t *a, spinlock_t *b);

/* Does this CPU hold any lock? Always false in release builds: for ASSERT only. */
bool spin_any_held(void);

extern void (*lock_spin_hook)(void);	/* may be NULL */

/* Inside lock.c, but for the two below: taking a free lock is shorter than a call. */
void spin_wait(const spinlock_t *l, uint16_t ticket);
#ifdef DEBUG
void spin_check_order(const spinlock_t *l, bool second);
void spin_note_taken(const spinlock_t *l);
void spin_note_given(const spinlock_t *l);
#else
static inline void spin_check_order(const spinlock_t *l, bool second) { (void)l; (void)second; }
static inline void spin_note_taken(const spinlock_t *l) { (void)l; }
static inline void spin_note_given(const spinlock_t *l) { (void)l; }
#endif

/* From where a lock is nearly always free. spin_wait_keeping() (lock_wait.S) changes no
 * register, so who takes a lock in passing need not save any for its sake. */
static inline void spin_wait_rarely(const spinlock_t *l, uint16_t ticket)
{
#ifdef DEBUG
	spin_wait(l, ticket);
#else
	__asm__ volatile("call spin_wait_keeping"
			 : : "D" (l), "S" ((uint32_t)ticket) : "memory", "cc");
#endif
}

static inline void spin_lock(spinlock_t *l)
{
	uint32_t t;

	spin_check_order(l, false);
	t = __atomic_fetch_add(&l->tickets, 1u << 16, __ATOMIC_ACQUIRE);
	if (unlikely((uint16_t)t != t >> 16))
		spin_wait_rarely(l, (uint16_t)(t >> 16));
	spin_note_taken(l);
}

static inline void spin_unlock(spinlock_t *l)
{
	spin_note_given(l);
	/* Only the holder moves the low half; no carry reaches the high one. One instruction, after
	 * all that was done under the lock: x86 does not let a store pass another. */
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	++*(uint16_t *)&l->tickets;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}
