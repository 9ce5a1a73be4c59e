// SPDX-License-Identifier: GPL-2.0-only
/*
 * How much memory a domain has: giving it frames, taking them back, exchanging them.
 *
 * Single frames are done a chunk at a time, larger extents one by one, and what a chunk could not do
 * whole is done one by one too: so the count that a guest gets is exact. How many are done is kept in
 * the upper bits of the command when the call is restarted, in nr_exchanged for an exchange
 * (memory_op.c, compat/memory.c).
 */
#include "guest/access.h"
#include "lib/log.h"
#include "mem/alloc.h"
#include "paging/paging.h"

#include <xen/memory.h>

#define EXTENTS_MAX	(~0ul >> MEMORY_COMMAND_BITS)

/* Larger blocks than this are refused: one extent is done without a pause (advisories 31, 158). */
#define ORDER_MAX_GUEST		9
#define ORDER_MAX_CONTROL	12

/* --- extents --- */

static inline int extent_read(const struct mem_reservation *r, uint64_t i, uint64_t *n)
{
	uint32_t narrow;
	int rc;

	if (!r->narrow)
		return copy_from_guest_at(n, r->extents, i);
	rc = copy_from_guest_at(&narrow, r->extents, i);
	*n = narrow;
	return rc;
}

int memory_extent_write(const struct mem_reservation *r, uint64_t i, uint64_t n)
{
	uint32_t narrow = (uint32_t)n;

	return r->narrow ? copy_to_guest_at(r->extents, i, &narrow) :
			   copy_to_guest_at(r->extents, i, &n);
}

bool memory_extents_ok(const struct mem_reservation *r)
{
	return r->count <= EXTENTS_MAX &&
	       guest_array_ok(r->extents, r->count,
			      r->narrow ? sizeof(uint32_t) : sizeof(uint64_t));
}

static unsigned int order_max(const struct domain *caller)
{
	return caller->privileged ? ORDER_MAX_CONTROL : ORDER_MAX_GUEST;
}

/* How many address bits the new frames may have; 0: any. */
static unsigned int address_bits(const struct domain *d, unsigned int flags)
{
	unsigned int bits = XENMEMF_get_address_bits(flags), own = d->address_bits;

	/* A 32-bit guest looks frames up in its M2P, which ends somewhere. */
	if (d->is_32bit) {
		unsigned int reach = highest_bit(HV32_L2_M2P_COUNT * (1ul << L2_SHIFT) /
						 sizeof(uint32_t)) + PAGE_SHIFT;

		own = own ? MIN(own, reach) : reach;
	}
	if (!bits || bits >= PADDR_BITS)
		return own;
	return own ? MIN(bits, own) : bits;
}

/* --- the three that change a reservation --- */

/* Extents of one frame that are done together. No more than can be dropped so. */
#define CHUNK		32u

static_assert(CHUNK <= FRAMES_DROP_MAX, "frames_drop() takes a chunk");

/* How many of the extents from i on: all in one page of the array, so that they can all be read and
 * written, or none. */
static inline unsigned int chunk_size(const struct mem_reservation *r, uint64_t i)
{
	unsigned int shift = r->narrow ? 2 : 3;		/* of an element's size */
	uint64_t most = MIN(r->count - i, (uint64_t)CHUNK), here;

	if (r->order || most == 1)
		return 1;
	here = (PAGE_SIZE - ((r->extents.at + (i << shift)) & ~PAGE_MASK)) >> shift;
	return here ? (unsigned int)MIN(most, here) : 1;
}

static inline int extents_read(const struct mem_reservation *r, uint64_t i, unsigned int n,
			uint64_t list[CHUNK])
{
	uint32_t narrow[CHUNK];
	int rc;

	if (n == 1)
		return extent_read(r, i, list);
	if (likely(!r->narrow))
		return guest_read(list, gva_add(r->extents, i * sizeof(list[0])), n * sizeof(list[0]));
	rc = guest_read(narrow, gva_add(r->extents, i * sizeof(narrow[0])), n * sizeof(narrow[0]));
	for (unsigned int k = 0; k < n; k++)
		list[k] = narrow[k];
	return rc;
}

static inline int extents_write(const struct mem_reservation *r, uint64_t i, unsigned int n,
			 struct frame *const f[])
{
	uint64_t list[CHUNK];
	uint32_t narrow[CHUNK];

	if (n == 1)
		return memory_extent_write(r, i, frame_mfn(f[0]).n);
	if (r->narrow) {
		for (unsigned int k = 0; k < n; k++)
			narrow[k] = (uint32_t)frame_mfn(f[k]).n;
		return guest_write(gva_add(r->extents, i * sizeof(narrow[0])), narrow,
				   n * sizeof(narrow[0]));
	}
	for (unsigned int k = 0; k < n; k++)
		list[k] = frame_mfn(f[k]).n;
	return guest_write(gva_add(r->extents, i * sizeof(list[0])), list, n * sizeof(list[0]));
}

static void m2p_set_extent(struct frame *first, unsigned int order, uint64_t pfn)
{
	for (uint64_t i = 0; i < 1ul << order; i++)
		m2p_set(first + i, pfn == M2P_INVALID ? pfn : pfn + i);
}

/* One extent of several frames: they must lie together. */
static int large_extent_add(struct domain *d, const struct mem_reservation *r, struct frame **out)
{
	struct frame *f;
	int rc;

	f = frames_unclaimed(d, 1ul << r->order) ?
		frames_alloc_for(d->serial, r->order, address_bits(d, r->flags)) : NULL;
	if (!f)
		return refuse(-ENOMEM, "no memory for 2^%u pages of d%u", r->order, d->id);
	rc = frames_assign(d, f, r->order);
	if (rc)
		frames_free(f, r->order);
	*out = f;
	return rc;
}

/* n frames, or as many as there are; all of them assigned, or none. */
static inline int single_extents_add(struct domain *d, const struct mem_reservation *r, unsigned int *n,
			      struct frame *f[CHUNK])
{
	int rc;

	if (unlikely(!frames_unclaimed(d, *n)))
		*n = 0;
	else if (*n > 1)
		*n = frames_alloc_each(d->serial, f, *n, address_bits(d, r->flags));
	else if (!(f[0] = frames_alloc_for(d->serial, 0, address_bits(d, r->flags))))
		*n = 0;
	if (unlikely(!*n))
		return refuse(-ENOMEM, "no memory for d%u", d->id);
	rc = frames_assign_each(d, f, *n);
	if (rc)
		frames_free_each(f, *n, FRAMES_LEFT_BY_ANY);
	return rc;
}

/* n extents from i on. *n: how many it was. */
static int extents_add(struct domain *d, unsigned int cmd, const struct mem_reservation *r,
		       uint64_t i, unsigned int *n)
{
	struct frame *f[CHUNK];
	uint64_t pfn[CHUNK];
	bool placed = cmd == XENMEM_populate_physmap;
	int rc;

	if (placed) {
		rc = extents_read(r, i, *n, pfn);
		if (rc)
			return rc;
	}
	rc = r->order ? large_extent_add(d, r, f) : single_extents_add(d, r, n, f);
	if (rc)
		return rc;
	for (unsigned int k = 0; k < *n; k++)
		m2p_set_extent(f[k], r->order, placed ? pfn[k] : M2P_INVALID);
	if (gva_null(r->extents))
		return 0;
	rc = extents_write(r, i, *n, f);
	if (!rc)
		return 0;
	for (unsigned int k = 0; k < *n; k++)
		for (uint64_t j = 0; j < 1ul << r->order; j++)
			frame_drop_owner(f[k] + j);
	return rc;
}

/* Frames that have been let go, to be dropped together. */
struct leaving {
	struct frame *f[CHUNK];
	unsigned int count;
};

static void leave_all(struct domain *d, struct leaving *l)
{
	if (l->count)
		frames_drop(d, l->f, l->count);
	l->count = 0;
}

/* The frame that a domain gives back: with a reference of ours, and the owner's, which is ours now too. */
static inline __attribute__((always_inline)) int
frame_let_go(struct domain *d, uint64_t n, struct frame **out)
{
	struct frame *f = frame_look_up(gfn(n));
	int rc = 0;

	if (unlikely(!f || !frame_get(f, d)))
		return refuse(-EPERM, "frame %#lx: not there, or not d%u's", n, d->id);
	/* A pin would have to be undone first, which can be long: the guest's to do. */
	if (unlikely(read_once(f->type) & TYPE_PINNED))
		rc = refuse(-EBUSY, "frame %#lx: pinned", n);
	else if (unlikely(!frame_take_owner_ref(f)))
		rc = refuse(-EINVAL, "frame %#lx: given back already", n);
	if (unlikely(rc)) {
		frame_put(f);
		return rc;
	}
	m2p_set(f, M2P_INVALID);
	*out = f;
	return 0;
}

static inline int frame_remove(struct domain *d, uint64_t n, struct leaving *l)
{
	struct frame *f = NULL;
	int rc = frame_let_go(d, n, &f);

	if (unlikely(rc))
		return rc;
	l->f[l->count++] = f;
	if (l->count == CHUNK)
		leave_all(d, l);
	return 0;
}

/* n extents from i on. *n: how many it was. */
static int extents_remove(struct domain *d, const struct mem_reservation *r, uint64_t i,
			  unsigned int *n)
{
	struct leaving l;
	uint64_t first[CHUNK], frames = 1ul << r->order;
	unsigned int k;
	int rc;

	l.count = 0;
	rc = extents_read(r, i, *n, first);
	for (k = 0; !rc && k < *n; k++) {
		for (uint64_t j = 0; !rc && j < frames; j++)
			rc = frame_remove(d, first[k] + j, &l);
		if (rc)
			break;
	}
	leave_all(d, &l);
	*n = k;
	return rc;
}

static inline int chunk_do(struct domain *d, unsigned int cmd, const struct mem_reservation *r, uint64_t i,
		    unsigned int *n)
{
	unsigned int wanted = *n;
	int rc;

	if (cmd == XENMEM_decrease_reservation)
		return extents_remove(d, r, i, n);
	rc = extents_add(d, cmd, r, i, n);
	if (unlikely(rc && wanted > 1)) {
		/* Not all of it: then as much as can be. */
		*n = 1;
		rc = extents_add(d, cmd, r, i, n);
	}
	if (rc)
		*n = 0;
	return rc;
}

static __attribute__((noinline)) int several(struct hcall *h, unsigned int cmd,
					     const struct mem_reservation *r, uint64_t start,
					     uint64_t *done)
{
	struct domain *d = h->d;
	uint64_t i = start;
	bool failed = false;
	int rc = 0;

	*done = start;
	if (start >= r->count)
		return 0;
	/* One alone is looked at when it is read. */
	if (r->count > 1 && !memory_extents_ok(r))
		return 0;
	if (r->order > order_max(h->d))
		return 0;	/* none done: what a guest can see that it asked too much */
	if (r->domid != DOMID_SELF) {
		rc = domain_get_target(r->domid, &d);
		if (rc)
			return rc;
	}
	while (!failed && i < r->count) {
		unsigned int n = chunk_size(r, i);

		if (i > start && hcall_should_yield(h)) {
			rc = HC_RESTART;
			break;
		}
		/* If it fails the count says how far it went. */
		failed = chunk_do(d, cmd, r, i, &n) != 0;
		i += n;
		hcall_did(h, n << r->order);
	}
	if (r->domid != DOMID_SELF)
		domain_put(d);
	*done = i;
	return rc;
}

/* One frame of one's own, as a balloon gives them back, or takes them. */
static inline uint64_t remove_one(struct domain *d, const struct mem_reservation *r)
{
	struct frame *f = NULL;
	uint64_t n;

	if (unlikely(extent_read(r, 0, &n)) || unlikely(frame_let_go(d, n, &f)))
		return 0;
	frame_put_with_owners(f);
	return 1;
}

static inline uint64_t add_one(struct domain *d, unsigned int cmd, const struct mem_reservation *r)
{
	unsigned int n = 1;

	return extents_add(d, cmd, r, 0, &n) ? 0 : 1;
}

int memory_reservation(struct hcall *h, unsigned int cmd, const struct mem_reservation *r,
		       uint64_t start, uint64_t *done)
{
	if (r->count == 1 && !start && !r->order && r->domid == DOMID_SELF) {
		*done = cmd == XENMEM_decrease_reservation ? remove_one(h->d, r) : add_one(h->d, cmd, r);
		return 0;
	}
	return several(h, cmd, r, start, done);
}

/* --- exchange --- */

/* One step: the same number of pages as `in_count` old extents and as `out_count` new ones. */
struct exchange_step {
	struct list old;		/* frames taken from the domain, in order */
	uint64_t in_first, in_count;
	uint64_t out_first, out_count;
};

static void exchange_undo(struct domain *d, struct exchange_step *s)
{
	struct frame *f;

	while ((f = list_first_entry(&s->old, struct frame, link))) {
		list_del(&f->link);
		if (frame_assign(d, f))
			frames_free(f, 0);	/* it is dying */
	}
}

static int exchange_take(struct domain *d, const struct mem_exchange *x, struct exchange_step *s)
{
	uint64_t first;
	int rc;

	for (uint64_t i = 0; i < s->in_count; i++) {
		rc = extent_read(&x->in, s->in_first + i, &first);
		if (rc)
			return rc;
		for (uint64_t j = 0; j < 1ul << x->in.order; j++) {
			struct frame *f = frame_look_up(gfn(first + j));

			if (!f)
				return refuse(-EINVAL, "exchange of frame %#lx", first + j);
			rc = frame_steal(d, f);
			if (rc)
				return rc;
			list_add_tail(&s->old, &f->link);
		}
	}
	return 0;
}

/* New frames, linked by their first one. */
static int exchange_alloc(struct domain *d, const struct mem_exchange *x, struct exchange_step *s,
			  struct list *fresh)
{
	for (uint64_t i = 0; i < s->out_count; i++) {
		struct frame *f = frames_alloc_bits(x->out.order, 0,
						    address_bits(d, x->out.flags));

		if (!f)
			return refuse(-ENOMEM, "exchange: no 2^%u pages", x->out.order);
		list_add_tail(fresh, &f->link);
	}
	return 0;
}

static void exchange_free(struct list *fresh, unsigned int order)
{
	struct frame *f;

	while ((f = list_first_entry(fresh, struct frame, link))) {
		list_del(&f->link);
		frames_free(f, order);
	}
}

static int exchange_give(struct domain *d, const struct mem_exchange *x, struct exchange_step *s,
			 struct list *fresh)
{
	struct frame *f;
	int rc = 0;

	for (uint64_t i = s->out_first; i < s->out_first + s->out_count; i++) {
		uint64_t pfn = M2P_INVALID;
		int err;

		f = list_first_entry(fresh, struct frame, link);
		list_del(&f->link);
		err = extent_read(&x->out, i, &pfn);
		if (err) {
			rc = err;
			pfn = M2P_INVALID;
		}
		if (frames_assign(d, f, x->out.order)) {
			frames_free(f, x->out.order);	/* it is dying */
			continue;
		}
		m2p_set_extent(f, x->out.order, pfn);
		err = memory_extent_write(&x->out, i, frame_mfn(f).n);
		if (err)
			rc = err;
	}
	return rc;
}

static int exchange_step(struct domain *d, const struct mem_exchange *x, struct exchange_step *s)
{
	struct list fresh = LIST_INIT(fresh);
	struct frame *f;
	int rc;

	list_init(&s->old);
	rc = exchange_take(d, x, s);
	if (!rc)
		rc = exchange_alloc(d, x, s, &fresh);
	if (rc) {
		exchange_free(&fresh, x->out.order);
		exchange_undo(d, s);
		return rc;
	}
	/* From here on it has happened. */
	while ((f = list_first_entry(&s->old, struct frame, link))) {
		list_del(&f->link);
		m2p_set(f, M2P_INVALID);
		frames_free(f, 0);
	}
	return exchange_give(d, x, s, &fresh);
}

static int exchange_check(struct hcall *h, const struct mem_exchange *x)
{
	const struct mem_reservation *in = &x->in, *out = &x->out;
	unsigned int most = order_max(h->d);

	if (in->order > most || out->order > most)
		return refuse(-EPERM, "exchange of orders %u and %u", in->order, out->order);
	if (!memory_extents_ok(in) || !memory_extents_ok(out))
		return refuse(-EFAULT, "exchange: extents outside the guest");
	if (in->domid != out->domid || in->count > EXTENTS_MAX >> most ||
	    out->count > EXTENTS_MAX >> most || x->done > in->count ||
	    in->count << in->order != out->count << out->order)
		return refuse(-EINVAL, "exchange: the two sides do not match");
	return 0;
}

int memory_exchange(struct hcall *h, struct mem_exchange *x)
{
	unsigned int in_order = x->in.order, out_order = x->out.order;
	struct exchange_step s = {
		.in_count = out_order > in_order ? 1ul << (out_order - in_order) : 1,
		.out_count = in_order > out_order ? 1ul << (in_order - out_order) : 1,
	};
	struct domain *d;
	bool first = true;
	int rc;

	rc = exchange_check(h, x);
	if (rc)
		return rc;
	if (x->done % s.in_count)
		return refuse(-EINVAL, "exchange: begins inside a step");
	rc = domain_get_target(x->in.domid, &d);
	if (rc)
		return rc;
	/* What is taken could not be replaced. */
	if (d->max_pages < d->page_count)
		rc = refuse(-ENOMEM, "exchange: d%u is over its limit", d->id);
	while (!rc && x->done < x->in.count) {
		if (!first && hcall_should_yield(h)) {
			rc = HC_RESTART;
			break;
		}
		first = false;
		s.in_first = x->done;
		s.out_first = (x->done << in_order) >> out_order;
		rc = exchange_step(d, x, &s);
		if (!rc)
			x->done += s.in_count;
		hcall_did(h, 1u << MAX(in_order, out_order));
	}
	domain_put(d);
	return rc;
}

/* --- claims --- */

int memory_claim(struct hcall *h, const struct mem_reservation *r)
{
	struct domain *d;
	int rc;

	if (!h->d->privileged)
		return refuse(-EPERM, "claims are for the control domain");
	if (!gva_null(r->extents) || r->order || r->flags)
		return refuse(-EINVAL, "claim: fields that must be zero");
	rc = domain_get_target(r->domid, &d);
	if (rc)
		return rc;
	rc = frames_claim(d, r->count);
	domain_put(d);
	return rc;
}

int64_t memory_reservation_finish(struct hcall *h, unsigned int cmd, int rc, uint64_t done)
{
	if (rc == HC_RESTART)
		h->args[0] = cmd | done << MEMORY_COMMAND_BITS;
	return rc ? rc : (int64_t)done;
}
