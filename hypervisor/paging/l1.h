// SPDX-License-Identifier: GPL-2.0-only
/*
 * Entries of the lowest level: nearly all that a guest ever changes. pte.c's and update.c's way for
 * them, in pieces that stand inside the loops that need them; measured, each call between them cost
 * as much as the work.
 *
 * l1_hold() is the one place where a guest gets a writable mapping of its own making; pt_store() and
 * pt_exchange() are the only ones that write memory the MMU reads as a live table.
 */
#pragma once

#include "cpu/atomic.h"
#include "paging/pte.h"

#define PTE_CACHE_BITS	(PTE_PWT | PTE_PCD | PTE_PAT)

/* What a guest may ask for; every other bit is refused. G is accepted and taken away. */
#define L1_ALLOWED	(PTE_FRAME | PTE_P | PTE_W | PTE_U | PTE_A | PTE_D | PTE_AVAIL | PTE_AVAIL_HIGH | \
			 PTE_NX | PTE_G | PTE_CACHE_BITS)
/* What may differ between two entries that hold the same references. */
#define L1_SAME_RAM	(PTE_A | PTE_D | PTE_AVAIL | PTE_AVAIL_HIGH | PTE_NX | PTE_U)
#define L1_SAME		(L1_SAME_RAM | PTE_CACHE_BITS)

static inline gfn_t gpte_frame(uint64_t raw) { return gfn((raw & PTE_FRAME) >> PAGE_SHIFT); }

/* The bits that we decide, of an entry that names RAM. */
static inline uint64_t l1_set_bits(const struct domain *table_owner) { return table_owner->is_32bit ? 0 : PTE_U; }
static inline pte_t l1_finish(uint64_t set_bits, uint64_t raw)
{
	return (pte_t){ (raw & ~(PTE_G | PTE_CACHE_BITS)) | set_bits };
}

/* pte.c: why it is refused. */
int l1_refuse_owner(const struct frame *f, const struct domain *owner);

/* The references that an entry which names f has to hold: given back with l1_drop(). */
must_check static inline __attribute__((always_inline)) int
l1_hold(struct frame *f, const struct domain *owner, uint64_t raw)
{
	int rc;

	if (unlikely(!frame_get(f, owner)))
		return l1_refuse_owner(f, owner);
	if (raw & PTE_W) {
		rc = type_get(f, PT_WRITABLE, NULL);
		if (unlikely(rc)) {
			frame_put(f);
			return rc;
		}
	}
	return 0;
}

/* The inverse, of an entry that is present. Device memory holds none. */
static inline __attribute__((always_inline)) void l1_drop(pte_t pte)
{
	struct frame *f = frame_at_pa(pte.raw & PTE_FRAME);

	if (unlikely(!f))
		return;
	if (pte.raw & PTE_W)
		type_put(f);
	frame_put(f);
}

/* --- entries of live tables --- */

#define CPU_BITS	(PTE_A | PTE_D)

static inline pte_t pt_load(const pte_t *entry)
{
	return (pte_t){ read_once(entry->raw) };
}

/* False: it was not *old any more; *old is what it is. */
static inline bool pt_store(pte_t *entry, pte_t *old, pte_t pte)
{
	pte_t seen = { cmpxchg64(&entry->raw, old->raw, pte.raw) };
	bool stored = seen.raw == old->raw;

	*old = seen;
	return stored;
}

/* Store whatever is there now; says what that was. */
static inline pte_t pt_exchange(pte_t *entry, pte_t pte, bool preserve_ad)
{
	pte_t old, next;

	if (likely(!preserve_ad || !pte_present(pte)))
		return (pte_t){ xchg64(&entry->raw, pte.raw) };
	old = pt_load(entry);
	do {
		next = pte;
		if (pte_present(old))
			next.raw |= old.raw & CPU_BITS;
	} while (!pt_store(entry, &old, next));
	return old;
}

/* update.c: the same in general. */
int pt_update_l1_slowly(const struct pt_context *ctx, pte_t *entry, gpte_t want, bool preserve_ad);

/*
 * Change an entry, of a table that the caller holds as a live L1. What is usual, it is cleared or
 * names RAM, in one piece. Fails: pte_admit()'s errors.
 */
must_check static inline __attribute__((always_inline)) int
pt_update_l1(const struct pt_context *ctx, pte_t *entry, gpte_t want, bool preserve_ad)
{
	struct frame *f;
	pte_t old, next;
	int rc;

	if (!(want.raw & PTE_P)) {
		if (unlikely(l1tf_vulnerable))
			return pt_update_l1_slowly(ctx, entry, want, preserve_ad);
		old = pt_exchange(entry, (pte_t){ want.raw }, preserve_ad);
		if (pte_present(old))
			l1_drop(old);
		return 0;
	}
	old = pt_load(entry);
	/* The same frame, as writable: the references stay. All else of it was admitted before. */
	while (!((old.raw ^ want.raw) & ~L1_SAME_RAM)) {
		next.raw = want.raw | l1_set_bits(ctx->table_owner) |
			   (preserve_ad ? old.raw & CPU_BITS : 0);
		if (likely(pt_store(entry, &old, next)))
			return 0;
	}
	f = frame_look_up_pa(want.raw & PTE_FRAME);
	if (unlikely(!f || (want.raw & ~L1_ALLOWED)))
		return pt_update_l1_slowly(ctx, entry, want, preserve_ad);
	next = l1_finish(l1_set_bits(ctx->table_owner), want.raw);
	rc = l1_hold(f, ctx->frame_owner, want.raw);
	if (unlikely(rc))
		return rc;
	old = pt_exchange(entry, next, preserve_ad);
	if (pte_present(old))
		l1_drop(old);
	return 0;
}

/* The entry that maps va in v's running address space, whether or not it is there, in an L1 that may
 * be one of ours. NULL: there is no L1. */
static inline pte_t *l1_entry_of(const struct vcpu *v, uint64_t va)
{
	pte_t e = { v->cr3 };

	if (unlikely(!is_canonical(va)))
		return NULL;
#pragma GCC unroll 3
	for (unsigned int shift = L4_SHIFT; shift > L1_SHIFT; shift -= 9) {
		/* The slot's offset: three bits less to the right. */
		uint64_t at = (e.raw & PTE_FRAME) + (va >> (shift - 3) & (PAGE_SIZE - sizeof(pte_t)));

		e.raw = read_once(*(const uint64_t *)map_pa(at));
		if (unlikely((e.raw & (PTE_P | PTE_PS)) != PTE_P))
			return NULL;
	}
	return map_pa((e.raw & PTE_FRAME) + (va >> (L1_SHIFT - 3) & (PAGE_SIZE - sizeof(pte_t))));
}

/* --- grants --- */

/* An entry for a frame that the grant room holds for the mapper d. kernel_only: not for ring 3 of a
 * 32-bit guest. */
static inline pte_t pte_for_granted(const struct domain *d, const struct frame *f, bool readonly,
				    bool kernel_only, uint64_t avail_bits)
{
	uint64_t raw = frame_pa(f) | PTE_P | PTE_A | PTE_NX | (avail_bits & PTE_AVAIL);

	if (!readonly)
		raw |= PTE_W | PTE_D;
	if (!kernel_only || !d->is_32bit)
		raw |= PTE_U;
	return (pte_t){ raw };
}
