// SPDX-License-Identifier: GPL-2.0-only
/*
 * memory_op: how much memory a domain has, which frames, and what the machine's memory looks like.
 *
 * Decoding (two layouts) is at the bottom and in compat/memory.c; the work is above. Extents are
 * done one by one; how many are done is kept in the upper bits of the command when the call is
 * restarted, in nr_exchanged for an exchange.
 */
#include "grant/table.h"
#include "guest/access.h"
#include "lib/log.h"
#include "lib/string.h"
#include "mem/alloc.h"
#include "mem/e820.h"
#include "mem/heap.h"
#include "paging/paging.h"

#include <xen/foreign/x86_32.h>
#include <xen/memory.h>

#define COMMAND_BITS	6
#define COMMAND_MASK	((1u << COMMAND_BITS) - 1)
#define EXTENTS_MAX	(~0ul >> COMMAND_BITS)

/* Larger blocks than this are refused: one extent is done without a pause (advisories 31, 158). */
#define ORDER_MAX_GUEST		9
#define ORDER_MAX_CONTROL	12

#define E820_GUEST_MAX	128u

/* --- extents --- */

static int extent_read(const struct mem_reservation *r, uint64_t i, uint64_t *n)
{
	uint32_t narrow;
	int rc;

	if (!r->narrow)
		return copy_from_guest_at(n, r->extents, i);
	rc = copy_from_guest_at(&narrow, r->extents, i);
	*n = narrow;
	return rc;
}

static int extent_write(const struct mem_reservation *r, uint64_t i, uint64_t n)
{
	uint32_t narrow = (uint32_t)n;

	return r->narrow ? copy_to_guest_at(r->extents, i, &narrow) :
			   copy_to_guest_at(r->extents, i, &n);
}

static bool extents_ok(const struct mem_reservation *r)
{
	return r->count <= EXTENTS_MAX &&
	       guest_array_ok(r->extents, r->count, r->narrow ? sizeof(uint32_t) :
								sizeof(uint64_t));
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

/* Fresh frames for d, or NULL: no memory, or it is promised to another (claims). */
static struct frame *frames_for(const struct domain *d, unsigned int order, unsigned int flags)
{
	if (!frames_unclaimed(d, 1ul << order))
		return NULL;
	return frames_alloc_bits(order, 0, address_bits(d, flags));
}

static void m2p_set_extent(mfn_t first, unsigned int order, uint64_t pfn)
{
	for (uint64_t i = 0; i < 1ul << order; i++)
		m2p_set(mfn(first.n + i), pfn == M2P_INVALID ? pfn : pfn + i);
}

static void extent_take_back(struct frame *f, unsigned int order)
{
	for (uint64_t i = 0; i < 1ul << order; i++)
		frame_drop_owner(f + i);
}

/* --- the three that change a reservation --- */

static int extent_add(struct domain *d, unsigned int cmd, const struct mem_reservation *r,
		      uint64_t i)
{
	uint64_t pfn = M2P_INVALID;
	struct frame *f;
	int rc;

	if (cmd == XENMEM_populate_physmap) {
		rc = extent_read(r, i, &pfn);
		if (rc)
			return rc;
	}
	f = frames_for(d, r->order, r->flags);
	if (!f)
		return refuse(-ENOMEM, "no memory for 2^%u pages of d%u", r->order, d->id);
	rc = frames_assign(d, f, r->order);
	if (rc) {
		frames_free(f, r->order);
		return rc;
	}
	m2p_set_extent(frame_mfn(f), r->order, pfn);
	if (gva_null(r->extents))
		return 0;
	rc = extent_write(r, i, frame_mfn(f).n);
	if (rc)
		extent_take_back(f, r->order);
	return rc;
}

static int extent_remove(struct domain *d, const struct mem_reservation *r, uint64_t i)
{
	uint64_t first;
	int rc;

	rc = extent_read(r, i, &first);
	if (rc)
		return rc;
	for (uint64_t j = 0; j < 1ul << r->order; j++) {
		uint64_t n = first + j;
		struct frame *f;

		rc = frame_get_owned(d, gfn(n), &f);
		if (rc)
			return rc;
		/* A pin would have to be undone first, which can be long: the guest's to do. */
		if (read_once(f->type) & TYPE_PINNED)
			rc = refuse(-EBUSY, "frame %#lx: pinned", n);
		else if (!(read_once(f->flags) & FRAME_ALLOCATED))
			rc = refuse(-EINVAL, "frame %#lx: given back already", n);
		else
			m2p_set(mfn(n), M2P_INVALID);
		if (!rc && !frame_drop_owner(f))
			rc = -EINVAL;
		frame_put(f);
		if (rc)
			return rc;
	}
	return 0;
}

int memory_reservation(struct hcall *h, unsigned int cmd, const struct mem_reservation *r,
		       uint64_t start, uint64_t *done)
{
	struct domain *d;
	uint64_t i;
	int rc;

	*done = start;
	if (!extents_ok(r) || start >= r->count)
		return 0;
	if (r->order > order_max(h->d))
		return 0;	/* none done: what a guest can see that it asked too much */
	rc = domain_get_target(r->domid, &d);
	if (rc)
		return rc;

	for (i = start; i < r->count; i++) {
		if (i > start && hcall_should_yield(h)) {
			rc = HC_RESTART;
			break;
		}
		if (cmd == XENMEM_decrease_reservation)
			rc = extent_remove(d, r, i);
		else
			rc = extent_add(d, cmd, r, i);
		if (rc) {
			rc = 0;	/* the count says how far it went */
			break;
		}
		hcall_did(h, 1u << r->order);
	}
	domain_put(d);
	*done = i;
	return rc;
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
		m2p_set_extent(frame_mfn(f), x->out.order, pfn);
		err = extent_write(&x->out, i, frame_mfn(f).n);
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
		m2p_set(frame_mfn(f), M2P_INVALID);
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
	if (!extents_ok(in) || !extents_ok(out))
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

/* --- memory maps --- */

int memory_map_read(struct hcall *h, struct mem_map_req *m, bool machine)
{
	const struct e820_entry *from = machine ? e820_host.entry : h->d->e820;
	unsigned int count = machine ? e820_host.count : h->d->e820_count;
	int rc;

	if (machine && !h->d->privileged)
		return refuse(-EPERM, "the machine's memory map is for the control domain");
	if (!from)
		return refuse(-ENOSYS, "d%u has no memory map", h->d->id);
	if (!gva_null(m->buffer)) {
		if (m->entries < count)
			return refuse(-EINVAL, "memory map: room for %u of %u", m->entries, count);
		rc = guest_write(m->buffer, from, count * sizeof(*from));
		if (rc)
			return rc;
	}
	m->entries = count;
	return 0;
}

int memory_map_set(domid_t id, const struct mem_map_req *m)
{
	struct e820_entry *map, *old;
	struct domain *d;
	int rc;

	if (m->entries == 0 || m->entries > E820_GUEST_MAX)
		return refuse(-EINVAL, "memory map of %u entries", m->entries);
	rc = domain_get_target(id, &d);
	if (rc)
		return rc;
	/* It reads its map without a lock. */
	if (d->created) {
		domain_put(d);
		return refuse(-EINVAL, "memory map: d%u has run already", id);
	}
	map = heap_alloc_array(m->entries, sizeof(*map));
	rc = map ? guest_read(map, m->buffer, m->entries * sizeof(*map)) : -ENOMEM;
	if (rc) {
		heap_free(map);
	} else {
		spin_lock(&d->lock);
		old = d->e820;
		d->e820 = map;
		d->e820_count = m->entries;
		spin_unlock(&d->lock);
		heap_free(old);
	}
	domain_put(d);
	return rc;
}

int memory_mfn_list(gva_t list, unsigned int max, bool compat, bool narrow,
		    unsigned int *written)
{
	struct mem_reservation out = { .extents = list, .count = max, .narrow = narrow };
	unsigned int i;
	mfn_t first;
	int rc;

	if (!extents_ok(&out))
		return refuse(-EFAULT, "list of %u at %#lx", max, list.at);
	for (i = 0; i < max && m2p_chunk(i, compat, &first); i++) {
		rc = extent_write(&out, i, first.n);
		if (rc)
			return rc;
	}
	*written = i;
	return 0;
}

/* --- questions --- */

/* What the guest says its highest page is. */
static int64_t maximum_gpfn(const struct domain *d)
{
	uint64_t pfns;

	if (!d->shared)
		return -EINVAL;
	if (d->is_32bit)
		pfns = read_once(((struct shared_info_x86_32 *)d->shared)->arch.max_pfn);
	else
		pfns = read_once(((struct shared_info *)d->shared)->arch.max_pfn);
	return (int64_t)pfns - 1;
}

static int64_t ask_domain(unsigned int cmd, gva_t arg)
{
	struct domain *d;
	domid_t id;
	int64_t answer;
	int rc;

	rc = copy_from_guest(&id, arg);
	if (rc)
		return rc;
	rc = domain_get_target(id, &d);
	if (rc)
		return rc;
	switch (cmd) {
	case XENMEM_current_reservation:
		answer = (int64_t)d->page_count;
		break;
	case XENMEM_maximum_reservation:
		answer = (int64_t)d->max_pages;
		break;
	default:
		answer = maximum_gpfn(d);
		break;
	}
	domain_put(d);
	return answer;
}

bool memory_simple(unsigned int cmd, gva_t arg, int64_t *rc)
{
	switch (cmd) {
	case XENMEM_maximum_ram_page:
		*rc = (int64_t)m2p_frames();
		return true;
	case XENMEM_current_reservation:
	case XENMEM_maximum_reservation:
	case XENMEM_maximum_gpfn:
		*rc = ask_domain(cmd, arg);
		return true;
	case XENMEM_get_vnumainfo:
		*rc = refuse(-EOPNOTSUPP, "no virtual NUMA");
		return true;
	case XENMEM_add_to_physmap:
	case XENMEM_add_to_physmap_batch:
	case XENMEM_remove_from_physmap:
		/* A guest that writes its own page tables has no such map. */
		*rc = refuse(-EACCES, "memory_op %u: for translated guests", cmd);
		return true;
	case XENMEM_get_sharing_freed_pages:
	case XENMEM_get_sharing_shared_pages:
	case XENMEM_set_pod_target:
	case XENMEM_get_pod_target:
		*rc = -ENOSYS;	/* tools ask this each time, and take it for none */
		return true;
	default:
		return false;
	}
}

int memory_acquire(struct hcall *h, domid_t id, unsigned int type, unsigned int rid,
		   uint64_t first, unsigned int *count, gva_t list, bool narrow)
{
	struct mem_reservation out = { .extents = list, .count = *count, .narrow = narrow };
	struct domain *d;
	unsigned int most;
	mfn_t m;
	int rc;

	if (type != XENMEM_resource_grant_table || rid != XENMEM_resource_grant_table_id_shared)
		return refuse(-EOPNOTSUPP, "resource %u of type %u", rid, type);
	if (!h->d->privileged)
		return refuse(-EPERM, "resources are for the control domain");
	rc = domain_get_target(id, &d);
	if (rc)
		return rc;
	most = d->max_grant_frames ? d->max_grant_frames : GRANT_FRAMES_DEFAULT;
	if (gva_null(list)) {
		rc = *count ? refuse(-EINVAL, "resource: no list") : 0;
		*count = most;
		goto out;
	}
	if (!extents_ok(&out) || *count > most || first > most - *count) {
		rc = refuse(-EINVAL, "resource: %u frames from %lu", *count, first);
		goto out;
	}
	for (unsigned int i = 0; i < *count && !rc; i++) {
		rc = grant_shared_frame(d, (unsigned int)first + i, &m);
		if (!rc)
			rc = extent_write(&out, i, m.n);
	}
out:
	domain_put(d);
	return rc;
}

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

/* --- the 64-bit layout --- */

static struct mem_reservation widen(const struct xen_memory_reservation *in)
{
	return (struct mem_reservation){
		.extents = handle_gva(in->extent_start),
		.count = in->nr_extents,
		.order = in->extent_order,
		.flags = in->mem_flags,
		.domid = in->domid,
	};
}

int64_t memory_reservation_finish(struct hcall *h, unsigned int cmd, int rc, uint64_t done)
{
	if (rc == HC_RESTART)
		h->args[0] = cmd | done << COMMAND_BITS;
	return rc ? rc : (int64_t)done;
}

static int64_t op_reservation(struct hcall *h, unsigned int cmd, gva_t arg)
{
	struct xen_memory_reservation req;
	struct mem_reservation r;
	uint64_t done;
	int rc;

	rc = copy_from_guest(&req, arg);
	if (rc)
		return rc;
	r = widen(&req);
	if (cmd == XENMEM_claim_pages)
		return memory_claim(h, &r);
	rc = memory_reservation(h, cmd, &r, h->args[0] >> COMMAND_BITS, &done);
	return memory_reservation_finish(h, cmd, rc, done);
}

static int64_t op_exchange(struct hcall *h, gva_t arg)
{
	struct xen_memory_exchange req;
	struct mem_exchange x;
	int rc, rc_done;

	rc = copy_from_guest(&req, arg);
	if (rc)
		return rc;
	x = (struct mem_exchange){ widen(&req.in), widen(&req.out), req.nr_exchanged };
	rc = memory_exchange(h, &x);
	req.nr_exchanged = x.done;
	rc_done = guest_write(gva_add(arg, offsetof(struct xen_memory_exchange, nr_exchanged)),
			      &req.nr_exchanged, sizeof(req.nr_exchanged));
	return rc_done ? rc_done : rc;
}

static int64_t op_map(struct hcall *h, unsigned int cmd, gva_t arg)
{
	struct xen_memory_map map;
	struct mem_map_req m;
	int rc;

	rc = copy_from_guest(&map, arg);
	if (rc)
		return rc;
	m = (struct mem_map_req){ map.nr_entries, handle_gva(map.buffer) };
	rc = memory_map_read(h, &m, cmd == XENMEM_machine_memory_map);
	if (rc)
		return rc;
	map.nr_entries = m.entries;
	return copy_to_guest(arg, &map);
}

static int64_t op_set_map(gva_t arg)
{
	struct xen_foreign_memory_map req;
	struct mem_map_req m;
	int rc;

	rc = copy_from_guest(&req, arg);
	if (rc)
		return rc;
	m = (struct mem_map_req){ req.map.nr_entries, handle_gva(req.map.buffer) };
	return memory_map_set(req.domid, &m);
}

static int64_t op_mfn_list(unsigned int cmd, gva_t arg)
{
	struct xen_machphys_mfn_list req;
	int rc;

	rc = copy_from_guest(&req, arg);
	if (rc)
		return rc;
	rc = memory_mfn_list(handle_gva(req.extent_start), req.max_extents,
			     cmd == XENMEM_machphys_compat_mfn_list, false, &req.nr_extents);
	return rc ? rc : copy_to_guest(arg, &req);
}

static int64_t op_machphys(gva_t arg)
{
	struct xen_machphys_mapping map = {
		.v_start = M2P_RO_START,
		.v_end = M2P_RO_START + m2p_frames() * sizeof(uint64_t),
		.max_mfn = m2p_frames() - 1,
	};

	return copy_to_guest(arg, &map);
}

static int64_t op_acquire(struct hcall *h, gva_t arg)
{
	struct xen_mem_acquire_resource req;
	int rc;

	rc = copy_from_guest(&req, arg);
	if (rc)
		return rc;
	rc = memory_acquire(h, req.domid, req.type, req.id, req.frame, &req.nr_frames,
			    handle_gva(req.frame_list), false);
	if (!rc && gva_null(handle_gva(req.frame_list)))
		rc = copy_to_guest(arg, &req);
	return rc;
}

int64_t hc_memory_op(struct hcall *h)
{
	unsigned int cmd = h->args[0] & COMMAND_MASK;
	gva_t arg = gva(h->args[1]);
	int64_t rc;

	if (memory_simple(cmd, arg, &rc))
		return rc;
	switch (cmd) {
	case XENMEM_increase_reservation:
	case XENMEM_decrease_reservation:
	case XENMEM_populate_physmap:
	case XENMEM_claim_pages:
		return op_reservation(h, cmd, arg);
	case XENMEM_exchange:
		return op_exchange(h, arg);
	case XENMEM_memory_map:
	case XENMEM_machine_memory_map:
		return op_map(h, cmd, arg);
	case XENMEM_set_memory_map:
		return op_set_map(arg);
	case XENMEM_machphys_mfn_list:
	case XENMEM_machphys_compat_mfn_list:
		return op_mfn_list(cmd, arg);
	case XENMEM_machphys_mapping:
		return op_machphys(arg);
	case XENMEM_acquire_resource:
		return op_acquire(h, arg);
	default:
		return refuse(-ENOSYS, "memory_op %u", cmd);
	}
}
