// SPDX-License-Identifier: GPL-2.0-only
/*
 * mmu_update: a batch of entries to change, each named by the machine address it is at.
 *
 * The address may be in a live table, of any level: then the entry is checked. Or in a frame that
 * is not a table: then eight bytes are written, as the guest could itself; it fills tables this way
 * before they are any.
 */
#include "guest/access.h"
#include "lib/log.h"
#include "paging/batch.h"
#include "paging/l1.h"
#include "paging/paging.h"

#define COMMAND_MASK	3ul
#define CHUNK		32u	/* requests that are read at once */

int paging_target_other(struct hcall *h, domid_t id, struct domain **out)
{
	struct domain *d;
	int rc;

	if (id == h->d->id) {
		*out = h->d;
		return 0;
	}
	if (id == DOMID_IO) {
		/* Device memory: who may map what is asked frame by frame. */
		d = dom_io;
		domain_get(d);
	} else if (id == DOMID_XEN) {
		if (!h->d->privileged)
			return refuse(-EPERM, "frames of the hypervisor are for the control domain");
		d = dom_xen;
		domain_get(d);
	} else {
		rc = domain_get_target(id, &d);
		if (rc)
			return rc;
		if (d->life != DOMAIN_ALIVE) {
			domain_put(d);
			return refuse(-ESRCH, "d%u is being destroyed", id);
		}
	}
	*out = d;
	return 0;
}

struct mmu_targets {
	struct domain *tables;	/* whose tables change */
	struct domain *frames;	/* whose frames the new entries name */
};

static int targets_get(struct hcall *h, uint64_t foreign, struct mmu_targets *t)
{
	unsigned int table_id = foreign >> 16 & 0xffff;	/* plus one; 0: the caller */
	int rc;

	rc = paging_target(h, table_id ? (domid_t)(table_id - 1) : DOMID_SELF, &t->tables);
	if (rc)
		return rc;
	if (t->tables->special) {
		paging_target_put(h, t->tables);
		return refuse(-EINVAL, "d%u has no tables", t->tables->id);
	}
	rc = paging_target(h, (domid_t)(foreign & 0xffff), &t->frames);
	if (rc)
		paging_target_put(h, t->tables);
	return rc;
}

static void targets_put(const struct hcall *h, struct mmu_targets *t)
{
	paging_target_put(h, t->frames);
	paging_target_put(h, t->tables);
}

/* Eight bytes of a frame that the guest may write: held as such, so that it is no table. */
static int write_plain(struct frame *f, unsigned int slot, uint64_t value)
{
	int rc;

	rc = type_get(f, PT_WRITABLE, NULL);
	if (rc)
		return rc;
	write_once(((uint64_t *)frame_map(f))[slot], value);
	type_put(f);
	return 0;
}

static int update_entry(struct hcall *h, const struct mmu_targets *t, const struct mmu_update *req,
			bool preserve_ad)
{
	uint64_t at = req->ptr & ~COMMAND_MASK;
	struct frame *f;
	unsigned int slot;
	int rc;

	if (!IS_ALIGNED(at, sizeof(uint64_t)))
		return refuse(-EINVAL, "entry at %#lx: not aligned", at);
	slot = (at & ~PAGE_MASK) / sizeof(uint64_t);
	rc = frame_get_owned(t->tables, gfn(at >> PAGE_SHIFT), &f);
	if (rc)
		return rc;
	if (type_is_table(type_of(read_once(f->type))) && (read_once(f->type) & TYPE_COUNT))
		rc = pt_update_entry(t->tables, t->frames, f, slot, gpte(req->val), preserve_ad, h);
	else
		rc = write_plain(f, slot, req->val);
	frame_put(f);
	return rc;
}

static int update_m2p(const struct mmu_targets *t, const struct mmu_update *req)
{
	struct frame *f;
	int rc;

	rc = frame_get_owned(t->frames, gfn(req->ptr >> PAGE_SHIFT), &f);
	if (rc)
		return rc;
	m2p_set(f, req->val);
	frame_put(f);
	return 0;
}

/* Any request but the usual one. */
static int update_one(struct hcall *h, const struct mmu_targets *t, const struct mmu_update *req)
{
	int rc;

	rc = paging_settle(t->tables, h);
	if (rc)
		return rc;
	switch (req->ptr & COMMAND_MASK) {
	case MMU_NORMAL_PT_UPDATE:
	case MMU_PT_UPDATE_NO_TRANSLATE:	/* a PV guest's frame numbers need no translation */
		return update_entry(h, t, req, false);
	case MMU_PT_UPDATE_PRESERVE_AD:
		return update_entry(h, t, req, true);
	default:
		return update_m2p(t, req);
	}
}

/*
 * The L1 that the last request was about, held as what it is: most batches are about one. It is let
 * go before anything else is done than changing entries of it, so that what a guest may do in two
 * calls it may do in one batch.
 */
struct held_l1 {
	struct frame *f;	/* NULL: none */
	uint64_t n;
	pte_t *table;
};

static inline void l1_let_go(struct held_l1 *held)
{
	if (!held->f)
		return;
	frame_put_and_type(held->f);
	held->f = NULL;
}

__attribute__((noinline)) static bool l1_take(struct held_l1 *held, struct domain *d, uint64_t n)
{
	struct frame *f = frame_look_up(gfn(n));

	l1_let_go(held);
	if (!f || !frame_get(f, d))
		return false;
	if (!type_get_live(f, PT_L1)) {
		frame_put(f);
		return false;
	}
	*held = (struct held_l1){ f, n, frame_map(f) };
	return true;
}

/* Requests that have been read, from the first; says how many are done. */
static inline uint32_t update_chunk(struct hcall *h, const struct mmu_targets *t, struct held_l1 *held,
			     const struct mmu_update *req, uint32_t count, int *rc)
{
	struct pt_context ctx = { .table_owner = t->tables, .frame_owner = t->frames, .h = h };
	uint32_t i;

	for (i = 0; i < count; i++, req++) {
		uint64_t at = req->ptr;

		/* Aligned, and one of the two commands that differ in bit 1 only. */
		if (likely(!(at & 5)) && !read_once(t->tables->teardown_table) &&
		    (likely(held->f && held->n == at >> PAGE_SHIFT) ||
		     l1_take(held, t->tables, at >> PAGE_SHIFT))) {
			*rc = pt_update_l1(&ctx, &held->table[(at & ~PAGE_MASK) / sizeof(pte_t)], gpte(req->val),
					   at & MMU_PT_UPDATE_PRESERVE_AD);
		} else {
			l1_let_go(held);
			/* May check all of a table: asked each time. */
			hcall_did(h, 7);
			*rc = i && hcall_should_yield(h) ? HC_RESTART : update_one(h, t, req);
		}
		if (unlikely(*rc))
			break;
	}
	return i;
}

static_assert(MMU_NORMAL_PT_UPDATE == 0 && MMU_PT_UPDATE_PRESERVE_AD == 2, "bit 1");

/* One request of one's own that is not like most: of a table above level 1, or to be refused. */
static __attribute__((noinline)) int64_t single_unusual(struct hcall *h, const struct mmu_update *req)
{
	struct mmu_targets t = { .tables = h->d, .frames = h->d };
	struct paging_batch b = { .list = gva(h->args[0]), .count = 1, .i = 1 };
	int rc = update_one(h, &t, req);

	/* It may have left something to take apart. */
	return rc || !h->d->teardown_table ? rc : paging_batch_end(h, h->d, sizeof(*req), &b, 0);
}

/* How many requests to read at once: none of them lies in a page that another does not, so either
 * all can be read or the first cannot. */
static uint32_t chunk_size(const struct paging_batch *b, gva_t at)
{
	uint32_t here = (uint32_t)((PAGE_SIZE - (at.at & ~PAGE_MASK)) / sizeof(struct mmu_update));
	uint32_t most = MIN(b->count - b->i, CHUNK);

	return here ? MIN(most, here) : 1;
}

static __attribute__((noinline)) int64_t several(struct hcall *h)
{
	struct mmu_update req[CHUNK];
	struct held_l1 held = { 0 };
	struct paging_batch b;
	struct mmu_targets t;
	int64_t rc64;
	int rc;

	rc = targets_get(h, h->args[3], &t);
	if (rc)
		return rc;
	rc64 = rc = paging_batch_begin(h, sizeof(req[0]), &b);
	if (rc)
		goto out;
	while (!rc && b.i < b.count) {
		gva_t at = gva_add(b.list, b.i * sizeof(req[0]));
		uint32_t n = b.count == 1 ? 1 : chunk_size(&b, at);

		if (b.i && hcall_should_yield(h)) {
			rc = HC_RESTART;
			break;
		}
		rc = guest_read(req, at, n * sizeof(req[0]));
		if (!rc)
			b.i += update_chunk(h, &t, &held, req, n, &rc);
		hcall_did(h, n);
	}
	l1_let_go(&held);
	rc64 = paging_batch_end(h, t.tables, sizeof(req[0]), &b, rc);
out:
	targets_put(h, &t);
	return rc64;
}

/*
 * One of one's own, as most calls are: an entry of a live L1, or eight bytes of a frame that is no table.
 * *done: it was that; if not, nothing has changed.
 */
static inline int update_usual(struct hcall *h, const struct mmu_update *req, bool *done)
{
	struct pt_context ctx = { .table_owner = h->d, .frame_owner = h->d, .h = h };
	struct frame *f = frame_look_up_pa(req->ptr & PAGE_MASK);
	uint64_t *entry, word;
	int rc = 0;

	*done = false;
	/* Aligned, and one of the two commands that differ in bit 1 only. */
	if (unlikely(req->ptr & 5 || !f || !frame_get(f, h->d)))
		return 0;
	entry = (uint64_t *)frame_map(f) + (req->ptr & ~PAGE_MASK) / sizeof(*entry);
	word = read_once(f->type);
	*done = true;
	if (likely(type_is_live(word, PT_L1)) && likely(type_get_live_seen(f, PT_L1, word))) {
		rc = pt_update_l1(&ctx, (pte_t *)entry, gpte(req->val), req->ptr & MMU_PT_UPDATE_PRESERVE_AD);
		type_put(f);
	} else if (type_is_live(word, PT_WRITABLE) && type_get_live_seen(f, PT_WRITABLE, word)) {
		write_once(*entry, req->val);
		type_put(f);
	} else {
		*done = false;
	}
	frame_put(f);
	return rc;
}

int64_t hc_mmu_update(struct hcall *h)
{
	struct mmu_update req;
	bool done;
	int rc;

	if ((uint32_t)h->args[1] != 1 || h->args[2] || h->args[3] != DOMID_SELF ||
	    unlikely(read_once(h->d->teardown_table)))
		return several(h);
	rc = copy_from_guest(&req, gva(h->args[0]));
	if (unlikely(rc))
		return rc;
	rc = update_usual(h, &req, &done);
	return likely(done) ? rc : single_unusual(h, &req);
}
