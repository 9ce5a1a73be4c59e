// SPDX-License-Identifier: GPL-2.0-only
/*
 * Entries of the lowest level: nearly all that a guest ever changes. pte.c's way for them, in pieces
 * small enough to stand inside the loops that need them (table.c, update.c); measured, each call
 * between them cost as much as the work.
 *
 * l1_hold() is the one place where a guest gets a writable mapping of its own making.
 */
#pragma once

#include "paging/pte.h"

#define PTE_CACHE_BITS	(PTE_PWT | PTE_PCD | PTE_PAT)

/* What a guest may ask for; every other bit is refused. G is accepted and taken away. */
#define L1_ALLOWED	(PTE_FRAME | PTE_P | PTE_W | PTE_U | PTE_A | PTE_D | PTE_AVAIL | PTE_AVAIL_HIGH | \
			 PTE_NX | PTE_G | PTE_CACHE_BITS)
/* What may differ between two entries that hold the same references. */
#define L1_SAME		(PTE_A | PTE_D | PTE_AVAIL | PTE_AVAIL_HIGH | PTE_NX | PTE_U | PTE_CACHE_BITS)

static inline gfn_t gpte_frame(uint64_t raw) { return gfn((raw & PTE_FRAME) >> PAGE_SHIFT); }

/* The bits that we decide, of an entry that names RAM. */
static inline pte_t l1_finish(const struct domain *table_owner, uint64_t raw)
{
	raw &= ~(PTE_G | PTE_CACHE_BITS);
	return (pte_t){ table_owner->is_32bit ? raw : raw | PTE_U };
}

/* pte.c: why it is refused. */
int l1_refuse_owner(const struct frame *f, const struct domain *owner);

/* The references that an entry which names f has to hold: given back with l1_drop(). */
must_check static inline int l1_hold(struct frame *f, const struct domain *owner, uint64_t raw)
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
static inline void l1_drop(pte_t pte)
{
	struct frame *f = frame_of(pte_mfn(pte));

	if (unlikely(!mfn_valid(pte_mfn(pte))))
		return;
	if (pte.raw & PTE_W)
		type_put(f);
	frame_put(f);
}
