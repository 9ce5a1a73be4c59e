// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames: who owns each page of machine memory, and who still holds on to it.
 *
 * Every frame of RAM has one struct frame. A frame is free, the hypervisor's own, or a domain's.
 * Two counts are kept apart. General references (here) say that somebody holds the frame: it goes
 * back to the allocator when the last one is put. Type references (paging/type.h) say what it is
 * held *as*; each of them is taken together with a general one.
 *
 * The owner's hold is itself one reference, marked by FRAME_ALLOCATED, so that it can be given up
 * exactly once (frame_drop_owner()) however many ask at the same time.
 *
 * Whose references they are stands beside their number, in one word: one exchange takes a reference and
 * says that the frame is that domain's.
 *
 * Invariant: refs > 0 and owner set  =>  the frame's contents belong to that owner, and the domain
 * structure lives on (a domain is held by its frames, see frame_assign()).
 * Locks: refs and type move by compare-and-swap. d->frame_lock guards d's list and its counts.
 * Not here: which frames are free (mem/alloc.c), page types (paging/type.c).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cpu/asm.h"
#include "cpu/atomic.h"
#include "guest/domain.h"
#include "lib/bits.h"
#include "lib/bug.h"
#include "lib/list.h"
#include "mem/addr.h"
#include "mem/layout.h"

struct frame {
	uint64_t type;		/* paging/type.h: type, flags and type references in one word */
	union {
		uint64_t hold;		/* both: whose references, and how many (struct domain.hold_one) */
		struct {
			uint32_t refs;		/* general references; 0: free, or on its way there */
			uint32_t holder;	/* the owner's serial; 0: nobody may take one */
		};
	};
	struct domain *owner;	/* NULL: free, or the hypervisor's own */
	struct list_node link;	/* owner's list of frames, or the allocator's free list */
	union {
		struct {	/* while a page table is partly checked (paging/table.c) */
			uint16_t done_count;	/* entries [0, done_count) hold references */
			int16_t partial;	/* see paging/table.c */
		};
		uint32_t order;	/* of a free block (mem/alloc.c) */
	};
	uint32_t tlb_stamp;	/* when a writable or table mapping could last be cached (cpu/tlb.h) */
	uint32_t next_orphan;	/* frame number + 1 (paging/type.c) */
	uint32_t flags;		/* FRAME_* */
	union {
		uint64_t left_by;	/* of a free frame: whose data may be in it (mem/alloc.h) */
		uint32_t heap[2];	/* of one that mem/heap.c cuts up */
	};
};

static_assert(sizeof(struct frame) == 64, "one cache line a frame");

#define FRAME_ALLOCATED	(1u << 0)	/* the owner still holds its reference */
#define FRAME_HV	(1u << 1)	/* hypervisor memory lent to its owner: never freed by refs */
#define FRAME_IO	(1u << 2)	/* not RAM; owned by dom_io */
/* What frame_share() writes into the type word, and where its count is; paging/type.h asserts that it
 * means the same. */
#define FRAME_TYPE_WRITABLE	(1ul << 63 | 7ul << 56)
#define FRAME_TYPE_VALIDATED	(1ul << 60)
#define FRAME_TYPE_COUNT	0xfffffffful

#define FRAME_FREE	(1u << 4)	/* first frame of a free block (mem/alloc.c) */

#define frame_table	((struct frame *)FRAMETABLE_START)

extern uint64_t frame_table_end;	/* machine frame numbers below this may have a struct frame */

static inline struct frame *frame_of(mfn_t m) { return &frame_table[m.n]; }
static inline mfn_t frame_mfn(const struct frame *f) { return mfn((uint64_t)(f - frame_table)); }
/* The same in bytes: a frame's number is its struct's offset in units of its size. */
static inline uint64_t frame_pa(const struct frame *f)
{
	return ((uint64_t)f - FRAMETABLE_START) * (PAGE_SIZE / sizeof(*f));
}
static inline void *frame_map(const struct frame *f) { return map_pa(frame_pa(f)); }
static inline struct domain *frame_owner(const struct frame *f) { return f->owner; }

/*
 * The largest piece of RAM, where nearly every frame is: looked at first, here, since each entry of
 * each page table passes. The rest, and all of it before the first question, is in frame.c.
 */
extern struct frame_span {
	uint64_t first, count;	/* frame numbers */
	uint64_t pa, bytes;	/* the same as an address */
	struct frame *frames;	/* and as the struct of the first */
} ram_largest;

bool mfn_valid_elsewhere(mfn_t m);
struct frame *frame_look_up_elsewhere(gfn_t said);

/*
 * Is there RAM (and so a struct frame that can be looked at) at this number?
 * Holes and MMIO answer false.
 */
static inline bool mfn_valid(mfn_t m)
{
	return likely(m.n - ram_largest.first < ram_largest.count) || mfn_valid_elsewhere(m);
}

/*
 * The frame of this number, or NULL: there is no such RAM. Nothing is held yet, and nothing said
 * about whose it is. Even a CPU that runs ahead of the answer stays inside the frame table.
 */
static inline struct frame *frame_look_up(gfn_t said)
{
	uint64_t i = said.n - ram_largest.first;

	if (unlikely(!clamp_below(&i, ram_largest.count)))
		return frame_look_up_elsewhere(said);
	return ram_largest.frames + i;
}

/* The same of an address, as page-table entries have it: that of a frame. */
static inline struct frame *frame_look_up_pa(uint64_t pa)
{
	uint64_t i = pa - ram_largest.pa;

	if (unlikely(!clamp_below(&i, ram_largest.bytes)))
		return frame_look_up_elsewhere(gfn(pa >> PAGE_SHIFT));
	return (struct frame *)((uint8_t *)ram_largest.frames + i / (PAGE_SIZE / sizeof(struct frame)));
}

/* The frame at an address that is in an entry which was admitted, or NULL: it is no RAM. */
static inline struct frame *frame_at_pa(uint64_t pa)
{
	uint64_t i = pa - ram_largest.pa;

	if (unlikely(i >= ram_largest.bytes))
		return mfn_valid_elsewhere(mfn(pa >> PAGE_SHIFT)) ? frame_of(mfn(pa >> PAGE_SHIFT)) : NULL;
	return (struct frame *)((uint8_t *)ram_largest.frames + i / (PAGE_SIZE / sizeof(struct frame)));
}

/* Beyond this nobody may add: far below where 31 bits end, far above what honest sharing needs. */
#define REFS_MAX	0x3fffffffu

bool frame_get_slowly(struct frame *f, const struct domain *d);
void frame_put_slowly(struct frame *f);

/* Return one reference. The last one frees the frame (or, of FRAME_HV, clears its owner). */
static inline void frame_put(struct frame *f)
{
	if (unlikely(atomic_dec32_last(&f->refs)))
		frame_put_slowly(f);
}

/*
 * Take one more general reference, if d owns the frame.
 * Gives: true and one reference, returned with frame_put(); false when it is free, dying or
 * somebody else's.
 */
must_check static inline bool frame_get(struct frame *f, const struct domain *d)
{
	uint64_t hold = read_once(f->hold);

	/* One comparison: d's, held by somebody, and not by too many. The exchange asks all of it again. */
	return (likely(hold - d->hold_one < REFS_MAX - 1) &&
		likely(cmpxchg64(&f->hold, hold, hold + 1) == hold)) || frame_get_slowly(f, d);
}

/* Take another reference to a frame the caller already holds one to. */
void frame_get_again(struct frame *f);

/*
 * Turn a frame number a guest said into a frame it owns.
 * Gives: one reference, returned with frame_put().
 * Fails: -EINVAL no such frame; -EPERM someone else's, or free.
 */
must_check int frame_get_owned(struct domain *d, gfn_t said, struct frame **out);

/*
 * Make a frame fresh from the allocator d's: one reference, FRAME_ALLOCATED, on d's list, counted.
 * Fails: -E2BIG over d->max_pages (nothing has changed); -ESRCH d is dying.
 */
must_check int frame_assign(struct domain *d, struct frame *f);

/* The same for 2^order frames at once, all or none; or for n that lie anywhere. */
must_check int frames_assign(struct domain *d, struct frame *first, unsigned int order);
must_check int frames_assign_each(struct domain *d, struct frame *const f[], unsigned int n);

/*
 * Claims: pages promised to a domain that is being built (XENMEM_claim_pages), so that others do
 * not take them meanwhile. frames_assign() uses a claim up. pages: what d shall have in all; 0: no
 * claim any more. Fails: -EINVAL less than it has, or over its limit; -ENOMEM not there.
 */
must_check int frames_claim(struct domain *d, uint64_t pages);
/* Would n pages for d leave enough for the claims of others? */
bool frames_unclaimed(const struct domain *d, uint64_t n);

/*
 * Give up the owner's own reference, once. Says true when this caller was the one to do it.
 * The frame is freed when the other references are gone.
 */
bool frame_drop_owner(struct frame *f);

/*
 * The same for several: the first step of one, then the second of up to FRAMES_DROP_MAX together.
 * The caller holds a reference to each; frames_drop() returns it with the owner's.
 */
#define FRAMES_DROP_MAX	32u
must_check static inline bool frame_take_owner_ref(struct frame *f)
{
	return __atomic_fetch_and(&f->flags, ~FRAME_ALLOCATED, __ATOMIC_SEQ_CST) & FRAME_ALLOCATED;
}
void frames_drop(struct domain *d, struct frame *const f[], unsigned int n);
/* One alone. */
static inline void frame_put_with_owners(struct frame *f)
{
	uint32_t refs = atomic_sub32(&f->refs, 2);

	BUG_ON(refs > REFS_MAX);
	if (likely(!refs))
		frame_put_slowly(f);
}

/*
 * Take a frame away from its owner altogether, keeping the contents (for exchange and transfer).
 * Works only when the owner's reference is the only one and no type is held.
 * Gives: the frame with no owner and no references, as from frames_alloc().
 * Fails: -EINVAL not d's; -EBUSY held by others, or typed.
 */
must_check int frame_steal(struct domain *d, struct frame *f);

/*
 * Lend a frame of the hypervisor's own to a domain: shared_info, grant table and status frames.
 * With writable, the guest may map it either way and it is held for ever as writable, so that it
 * can become neither page table nor descriptors; without, it may only be mapped read-only.
 * d may be dom_xen. The frame does not hold d.
 * Undone by frame_unshare(): 0, the frame is its lender's again; or -EBUSY, somebody still maps it:
 * nobody can map it anew, and it is freed with the last mapping, so the lender forgets it.
 */
void frame_share(struct frame *f, struct domain *d, bool writable);
int frame_unshare(struct frame *f);
