// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames: references and owners. The bargain of each function is in the header.
 *
 * Order of events when a frame is given: owner and list first, the reference count last, so whoever
 * manages to take a reference sees a whole frame. When it goes: count to zero first, which only one
 * can do, and from then on it is that one's alone.
 */
#include "mem/frame.h"

#include "cpu/atomic.h"
#include "cpu/tlb.h"
#include "guest/domain.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "lib/log.h"
#include "mem/alloc.h"
#include "mem/e820.h"

/* RAM as ranges of frame numbers, so that a look-up is a few comparisons. */
static struct ram_range {
	uint64_t first, end;
} ram_range[E820_MAX];
static unsigned int ram_range_count;

uint64_t frame_table_end;
struct frame_span ram_largest;

static void ram_ranges_fill(void)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < e820_host.count; i++) {
		const struct e820_entry *e = &e820_host.entry[i];
		uint64_t first = DIV_UP(e->addr, PAGE_SIZE);
		uint64_t end = MIN((e->addr + e->size) >> PAGE_SHIFT, frame_table_end);

		if (e->type != E820_RAM || first >= end)
			continue;
		if (n && ram_range[n - 1].end == first) {
			ram_range[n - 1].end = end;
			continue;
		}
		ram_range[n].first = first;
		ram_range[n++].end = end;
	}
	for (unsigned int i = 0; i < n; i++) {
		uint64_t count = ram_range[i].end - ram_range[i].first;

		if (count > ram_largest.count)
			ram_largest = (struct frame_span){
				.first = ram_range[i].first, .count = count,
				.pa = ram_range[i].first << PAGE_SHIFT, .bytes = count << PAGE_SHIFT,
				.frames = frame_of(mfn(ram_range[i].first)),
			};
	}
	ram_range_count = n;
}

static inline bool in_range(const struct ram_range *r, mfn_t m)
{
	return m.n - r->first < r->end - r->first;
}

bool mfn_valid_elsewhere(mfn_t m)
{
	if (unlikely(!ram_range_count))
		ram_ranges_fill();
	for (unsigned int i = 0; i < ram_range_count; i++)
		if (in_range(&ram_range[i], m))
			return true;
	return false;
}

bool frame_get_slowly(struct frame *f, const struct domain *d)
{
	uint64_t hold = read_once(f->hold), seen;

	for (;; hold = seen) {
		if (hold - d->hold_one >= REFS_MAX - 1)
			return false;
		seen = cmpxchg64(&f->hold, hold, hold + 1);
		if (seen == hold)
			return true;
	}
}

void frame_get_again(struct frame *f)
{
	uint32_t refs = atomic_add32(&f->refs, 1);

	BUG_ON(refs <= 1 || refs > REFS_MAX + NR_CPUS);
}

/* Out of the owner's list and count. The owner may go with its last frame. */
static void frame_unlink(struct frame *f)
{
	struct domain *d = f->owner;
	bool last;

	spin_lock(&d->frame_lock);
	list_del(&f->link);
	last = --d->page_count == 0;
	spin_unlock(&d->frame_lock);

	if (last)
		domain_put(d);
}

/* The last reference is gone, and it was ours. */
static void frame_release(struct frame *f)
{
	uint64_t left_by = FRAMES_LEFT_BY_ANY;

	BUG_ON(f->type & FRAME_TYPE_COUNT);	/* somebody still uses it as something */

	if (f->flags & FRAME_HV) {
		f->holder = 0;
		f->owner = NULL;
		return;
	}
	if (f->owner) {
		left_by = f->owner->serial;
		frame_unlink(f);
	}
	f->type = 0;
	/* The guest may not have flushed what it mapped here; the allocator sees to that before it
	 * gives the frame to another. */
	frame_free(f, left_by);
}

/* Put already; there was none, or it was the last: nobody but us changes the count any more. */
void frame_put_slowly(struct frame *f)
{
	BUG_ON(read_once(f->refs) != 0);
	frame_release(f);
}

struct frame *frame_look_up_elsewhere(gfn_t said)
{
	unsigned int slot;

	if (!index_within(said.n, frame_table_end, &slot) || !mfn_valid(mfn(slot)))
		return NULL;
	return frame_of(mfn(slot));
}

int frame_get_owned(struct domain *d, gfn_t said, struct frame **out)
{
	struct frame *f = frame_look_up(said);

	if (!f)
		return refuse(-EINVAL, "frame %#lx: no such frame", said.n);
	if (!frame_get(f, d))
		return refuse(-EPERM, "frame %#lx: not d%u's", said.n, d->id);
	*out = f;
	return 0;
}

static uint64_t claimed;	/* sum of all domains' outstanding_claim */

int frames_claim(struct domain *d, uint64_t pages)
{
	uint64_t others, more;
	int rc = 0;

	spin_lock(&d->frame_lock);
	others = read_once(claimed) - d->outstanding_claim;
	more = pages > d->page_count ? pages - d->page_count : 0;
	/* A dying one's would never be given back: paging_relinquish() has taken it already. */
	if (pages && (pages < d->page_count || pages > d->max_pages || d->life != DOMAIN_ALIVE))
		rc = refuse(-EINVAL, "d%u: claim of %lu pages", d->id, pages);
	else if (more && (free_frame_count() < others || free_frame_count() - others < more))
		rc = refuse(-ENOMEM, "d%u: claim of %lu pages", d->id, pages);
	if (!rc) {
		atomic_add64(&claimed, more - d->outstanding_claim);
		d->outstanding_claim = more;
	}
	spin_unlock(&d->frame_lock);
	return rc;
}

bool frames_unclaimed(const struct domain *d, uint64_t n)
{
	uint64_t others = read_once(claimed) - d->outstanding_claim, free = free_frame_count();

	return free >= n && free - n >= others;
}

/* Room for n more, with d->frame_lock held. */
static int assign_check(const struct domain *d, uint64_t n)
{
	if (d->life != DOMAIN_ALIVE)
		return -ESRCH;
	/* Written so that it cannot wrap. */
	if (d->max_pages < d->page_count || d->max_pages - d->page_count < n)
		return -E2BIG;
	return 0;
}

static inline void assign_one(struct domain *d, struct frame *f, uint64_t hold_one)
{
	f->owner = d;
	f->type = 0;
	f->flags = FRAME_ALLOCATED;
	list_add_tail(&d->frames, &f->link);
	store_release64(&f->hold, hold_one);
}

/* n frames, from f[0] on or, if that is NULL, from `first` on. */
static int assign(struct domain *d, struct frame *const f[], struct frame *first, uint64_t n)
{
	uint64_t used, hold_one = d->hold_one;
	bool was_empty;
	int rc;

	spin_lock(&d->frame_lock);
	rc = assign_check(d, n);
	if (rc) {
		spin_unlock(&d->frame_lock);
		return rc == -ESRCH ? rc : refuse(rc, "d%u: over its limit of %lu pages", d->id,
						  d->max_pages);
	}
	was_empty = d->page_count == 0;
	for (uint64_t i = 0; i < n; i++)
		assign_one(d, f ? f[i] : first + i, hold_one);
	d->page_count += n;
	used = MIN(d->outstanding_claim, n);
	if (unlikely(used)) {
		d->outstanding_claim -= used;
		atomic_sub64(&claimed, used);
	}
	spin_unlock(&d->frame_lock);

	/* A domain is held by its frames together. The caller holds it, so this is not too late. */
	if (was_empty)
		domain_get(d);
	return 0;
}

int frames_assign(struct domain *d, struct frame *first, unsigned int order)
{
	return assign(d, NULL, first, 1ul << order);
}

int frames_assign_each(struct domain *d, struct frame *const f[], unsigned int n)
{
	return n ? assign(d, f, NULL, n) : 0;
}

int frame_assign(struct domain *d, struct frame *f)
{
	return frames_assign(d, f, 0);
}

bool frame_drop_owner(struct frame *f)
{
	if (!frame_take_owner_ref(f))
		return false;
	frame_put(f);
	return true;
}

void frames_drop(struct domain *d, struct frame *const f[], unsigned int n)
{
	struct frame *gone[FRAMES_DROP_MAX];
	unsigned int count = 0;
	bool last;

	ASSERT(n <= FRAMES_DROP_MAX);
	spin_lock(&d->frame_lock);
	for (unsigned int i = 0; i < n; i++) {
		struct frame *p = f[i];
		/* The owner's and the caller's. */
		uint32_t refs = atomic_sub32(&p->refs, 2);

		BUG_ON(refs > REFS_MAX);
		if (refs)
			continue;
		BUG_ON(p->type & FRAME_TYPE_COUNT);	/* somebody still uses it as something */
		list_del(&p->link);
		p->type = 0;
		gone[count++] = p;
	}
	d->page_count -= count;
	last = count && d->page_count == 0;
	spin_unlock(&d->frame_lock);

	frames_free_each(gone, count, d->serial);
	if (last)
		domain_put(d);
}

int frame_steal(struct domain *d, struct frame *f)
{
	/* A reference of our own first, or it could be given back and become another's meanwhile. */
	if (!frame_get(f, d))
		return refuse(-EINVAL, "frame %#lx: not d%u's", frame_mfn(f).n, d->id);
	if (!frame_take_owner_ref(f)) {
		frame_put(f);
		return refuse(-EINVAL, "frame %#lx: not d%u's to give", frame_mfn(f).n, d->id);
	}
	/* The owner's and ours, and no other: then there is no type reference either, since each of
	 * those comes with one of these. */
	if (cmpxchg32(&f->refs, 2, 0) != 2) {
		atomic_or32(&f->flags, FRAME_ALLOCATED);
		frame_put(f);
		return refuse(-EBUSY, "frame %#lx: in use", frame_mfn(f).n);
	}
	BUG_ON(f->type & FRAME_TYPE_COUNT);
	frame_unlink(f);
	f->owner = NULL;
	f->holder = 0;
	f->flags = 0;
	f->type = 0;
	f->tlb_stamp = tlb_now();
	return 0;
}

void frame_share(struct frame *f, struct domain *d, bool writable)
{
	BUG_ON(!d || f->refs || f->owner);
	f->owner = d;
	f->flags = FRAME_HV;
	list_node_init(&f->link);
	/* PT_WRITABLE held for ever; or PT_NONE held for ever, which nothing else can join. Kept in
	 * step with paging/type.h by a static assertion there. */
	f->type = (writable ? FRAME_TYPE_WRITABLE : 0) | FRAME_TYPE_VALIDATED | 1;
	store_release64(&f->hold, d->hold_one);
}

int frame_unshare(struct frame *f)
{
	BUG_ON(!(f->flags & FRAME_HV));

	if (cmpxchg32(&f->refs, 1, 0) == 1) {
		f->owner = NULL;
		f->holder = 0;
		f->flags = 0;
		f->type = 0;
		f->tlb_stamp = tlb_now();
		return 0;
	}
	/* Mapped still: nobody can take new references from here on, and the last one frees it. */
	write_once(f->holder, 0);
	f->owner = NULL;
	f->flags = 0;
	atomic_sub64(&f->type, 1);
	frame_put(f);
	return -EBUSY;
}
