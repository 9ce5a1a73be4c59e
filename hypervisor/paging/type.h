// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page types: what each machine frame is being used as, right now.
 *
 * A paravirtual guest writes machine frame numbers into its own page tables, so every frame that
 * the MMU reads as a table, or the CPU as descriptors, must be one whose contents we have checked
 * and that the guest cannot write. A frame is therefore one of: nothing in particular, writable
 * (somebody maps it so), a page table of one level, or descriptors. Never two at once.
 *
 * All of it is one 64-bit word, struct frame.type, which moves by compare-and-swap:
 *
 *	type		what it is held as (enum page_type)
 *	count		how many hold it so; the type may change only while this is 0
 *	VALIDATED	the contents have been checked for the type, and the count is not 0
 *	PARTIAL		a table of which entries [0, done_count) hold references, the others not yet,
 *			or not any more; the state itself is then one of the count's holders, and
 *			holds a general reference
 *	PINNED		one of the holders is a pin, which the guest takes and drops by hypercall
 *
 * The first reference to a table checks it, entry by entry, and each present entry takes a reference
 * to what it names (paging/table.c). The last one put takes that back. Both may be long, and both
 * stop between two entries when something more urgent is due: a check goes on when somebody asks
 * for the type again; dismantling goes on at the domain's next paging call (paging_settle()), from
 * the domain's list of such tables, so it needs no recursion, and nobody waits for it holding locks.
 *
 * Invariant: count > 0 and VALIDATED  =>  the contents have been checked for that type, and nothing
 * but pt_store() (paging/update.c) and segdesc.c writes there.
 * In:  pte.c (an entry names the frame), mmuext.c (pin, base), segdesc.c, grant/, guest/shared.c.
 * Locks: none. Not here: ownership and general references (mem/frame.h).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "guest/hcall.h"
#include "mem/frame.h"

enum page_type {
	PT_NONE,
	PT_L1,
	PT_L2,
	PT_L3,
	PT_L4,
	PT_L2_LAST32,	/* the L2 that slot 3 of a PAE guest's L3 names: some of its slots are ours */
	PT_SEGDESC,	/* a page of a GDT or an LDT */
	PT_WRITABLE,
};

/* Each comes with a general reference, of which there are no more than REFS_MAX. */
#define TYPE_COUNT	((1ul << 32) - 1)
#define TYPE_PINNED	(1ul << 32)
#define TYPE_SHIFT	56
#define TYPE_MASK	(0xful << TYPE_SHIFT)
#define TYPE_VALIDATED	(1ul << 60)
#define TYPE_PARTIAL	(1ul << 61)
#define TYPE_IS_WRITABLE (1ul << 63)	/* with VALIDATED, of PT_WRITABLE: one look at the sign tells */

static_assert(FRAME_TYPE_WRITABLE == (TYPE_IS_WRITABLE | (uint64_t)PT_WRITABLE << TYPE_SHIFT) &&
	      FRAME_TYPE_VALIDATED == TYPE_VALIDATED && FRAME_TYPE_COUNT == TYPE_COUNT,
	      "mem/frame.c shares frames");
static_assert(REFS_MAX < TYPE_COUNT, "the count does not reach its neighbour");

static inline unsigned int type_of(uint64_t word) { return (word & TYPE_MASK) >> TYPE_SHIFT; }
static inline bool type_is_table(unsigned int type) { return type >= PT_L1 && type <= PT_L2_LAST32; }

/* The level of a table type, 1 to 4. */
static inline unsigned int type_level(unsigned int type)
{
	return type == PT_L2_LAST32 ? 2 : type;
}

/* The word above the pin of one that is of this type and checked. */
static inline uint64_t type_live(unsigned int type)
{
	return ((uint64_t)type << TYPE_SHIFT | TYPE_VALIDATED |
		(type == PT_WRITABLE ? TYPE_IS_WRITABLE : 0)) >> 33;
}

static_assert(TYPE_PINNED == 1ul << 32, "shifted out with the count");

/* Of this type, checked, not partial; so it has a count, since VALIDATED goes with the last. */
static inline bool type_is_live(uint64_t word, unsigned int type)
{
	if (__builtin_constant_p(type) && type == PT_WRITABLE)
		return (int64_t)word < 0;
	return word >> 33 == type_live(type);
}

bool type_get_live_slowly(struct frame *f, unsigned int type);
int type_get_slowly(struct frame *f, unsigned int type, struct hcall *h);
void type_put_slowly(struct frame *f);

/*
 * Take one more reference only if the frame is `type` already and checked: never any work.
 * Fails: false.
 */
must_check static inline bool type_get_live(struct frame *f, unsigned int type)
{
	uint64_t word = read_once(f->type);

	return (likely(type_is_live(word, type)) &&
		likely(cmpxchg64(&f->type, word, word + 1) == word)) ||
	       type_get_live_slowly(f, type);
}

/* The same for who has looked already: `word` was f's, and live as this type. */
must_check static inline bool type_get_live_seen(struct frame *f, unsigned int type, uint64_t word)
{
	return likely(cmpxchg64(&f->type, word, word + 1) == word) || type_get_live_slowly(f, type);
}

/*
 * Take one more reference to a frame as `type`, checking its contents if it is the first.
 * The caller holds a general reference all the while, and keeps it whatever comes back.
 * h may be NULL: then it is not interrupted.
 * Fails: -EBUSY it is something else now; -EINVAL (or what an entry was refused with) the contents
 * are not fit; HC_RESTART: ask again with the same, the work done so far is kept.
 */
must_check static inline int type_get(struct frame *f, unsigned int type, struct hcall *h)
{
	uint64_t word = read_once(f->type);

	/* The usual case: others hold it as the same. */
	if (likely(type_is_live(word, type)) && likely(cmpxchg64(&f->type, word, word + 1) == word))
		return 0;
	return type_get_slowly(f, type, h);
}

/* Put one reference. The last one of a table leaves it to paging_settle() to take apart, unless
 * it is an L1, which is done here. The caller's general reference stays its own. */
static inline void type_put(struct frame *f)
{
	uint64_t word = read_once(f->type);

	/* The usual case: others still hold it. */
	if (unlikely((uint32_t)word < 2) || unlikely(cmpxchg64(&f->type, word, word - 1) != word))
		type_put_slowly(f);
}

/* A check that was interrupted and will not go on: leave what it got done to paging_settle(). */
void type_abandon(struct frame *f);

/* A general and a type reference in one, to a frame that d owns; both are put together. */
must_check int frame_get_and_type(struct frame *f, struct domain *d, unsigned int type,
				  struct hcall *h);
static inline void frame_put_and_type(struct frame *f)
{
	type_put(f);
	frame_put(f);
}

/* Turn the caller's type and general reference into a pin's. -EBUSY: it is pinned already (the
 * references are still the caller's). */
must_check int type_pin(struct frame *f);
/* Take the pin away: its references are the caller's now. False: there was none. */
must_check bool type_unpin(struct frame *f);

/* What a frame is now, for those who only want to look (debug, emulation). */
static inline bool type_is(const struct frame *f, unsigned int type)
{
	uint64_t word = *(const volatile uint64_t *)&f->type;

	return type_of(word) == type && (word & TYPE_COUNT);
}

/* --- inside this room --- */

/* paging/table.c: check the table's entries from done_count on; take them apart downwards. */
must_check int table_validate(struct frame *f, unsigned int type, struct hcall *h);
void table_take_apart_l1(struct frame *f);
/* Is this entry not the guest's to say? */
bool table_slot_is_ours(const struct domain *d, unsigned int type, unsigned int slot);
/* paging/type.c: what is left of a table nobody holds, and what its check got done when refused. */
void type_orphan(struct frame *f);
void type_orphan_done(struct frame *f);	/* does nothing if it is not the list's first (any more) */
