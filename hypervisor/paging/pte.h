// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page-table entries: the only road from what a guest would like (gpte_t) to what the MMU may read
 * (pte_t).
 *
 * pte_admit() checks the bits against a list of what is allowed (never of what is not), finds the
 * frame, takes a reference to it, and the type the use needs: a writable mapping makes it
 * PT_WRITABLE, an entry of a higher table makes it a table of the level below. pte_drop() is its
 * exact inverse. Grants do not pass here: grant/map.c has taken its references already and asks
 * pte_for_granted() for the entry.
 *
 * Bits that we decide: entries of 64-bit guests get U (their kernel is in ring 3 too); G is taken
 * away (kernel and user tables share translations, and CR4.PGE is off); RAM is always mapped
 * write-back; a PAE guest's L3 entries get the bits that long mode wants there.
 *
 * pte_t values are made in this file's .c and in l1.h, nowhere else.
 */
#pragma once

#include <stdbool.h>

#include "guest/domain.h"
#include "guest/hcall.h"
#include "mem/addr.h"
#include "mem/frame.h"
#include "paging/type.h"

/* For whom an entry is made. */
struct pt_context {
	struct domain *table_owner;	/* whose table it goes into: its width, its permissions */
	struct domain *frame_owner;	/* whose frames an L1 entry may name (named in this call) */
	struct hcall *h;		/* how to ask for a restart, or NULL */
};

/*
 * type: of the table the entry is in; slot matters for a PAE guest's L3 only.
 * Gives: the entry, holding its references, given back with pte_drop().
 * Fails: -EINVAL bits; -EPERM not the owner's frame; -EBUSY it is used as something else;
 * HC_RESTART. Nothing is held then.
 */
must_check int pte_admit(const struct pt_context *ctx, unsigned int type, unsigned int slot,
			 gpte_t want, pte_t *out);
/*
 * The same for a run of entries of a table of d's above level 1, from `slot` on, in their place: as long
 * as each names a table that is one of the right level already. Not for a PAE guest's L3. Gives: the slot
 * where that ends, for pte_admit() to say what is with it.
 */
unsigned int pte_admit_live(const struct domain *d, unsigned int type, uint64_t *table, unsigned int slot,
			    unsigned int end);
/* Give back what an entry of a table of this type holds. */
void pte_drop(unsigned int type, pte_t pte);
/* The same downwards for the last of the first `count` entries of a table above level 1, as long as
 * others hold their tables too, but not below `least`. Gives: how many entries are left. */
unsigned int pte_drop_shared(const pte_t *table, unsigned int count, unsigned int least);

/*
 * May `old` become `want` without any reference moving (accessed, dirty, software bits and the
 * like)? Then *out is the entry to store. A list of what may differ, for every level.
 */
bool pte_same_refs(const struct domain *table_owner, unsigned int type, pte_t old, gpte_t want,
		   pte_t *out);

/* Memory behind a guest's entry that is there: its frame number. */
static inline mfn_t pte_mfn(pte_t e) { return mfn((e.raw & PTE_FRAME) >> PAGE_SHIFT); }
static inline bool pte_present(pte_t e) { return e.raw & PTE_P; }

/* Is this CPU one that fetches ahead of itself from what an absent entry names? (pte.c) */
extern bool l1tf_vulnerable;

void pte_init(void);	/* which CPU is this: see L1TF in pte.c */
