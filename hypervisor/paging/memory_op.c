// SPDX-License-Identifier: GPL-2.0-only
/*
 * memory_op: what the machine's memory looks like, and what a domain may know of it. How much it has
 * is reservation.c's.
 *
 * Decoding (two layouts) is at the bottom and in compat/memory.c; the work is above.
 */
#include "grant/table.h"
#include "guest/access.h"
#include "lib/log.h"
#include "lib/string.h"
#include "mem/e820.h"
#include "mem/heap.h"
#include "paging/paging.h"

#include <xen/foreign/x86_32.h>
#include <xen/memory.h>

#define COMMAND_MASK	((1u << MEMORY_COMMAND_BITS) - 1)

#define E820_GUEST_MAX	128u

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

	if (!memory_extents_ok(&out))
		return refuse(-EFAULT, "list of %u at %#lx", max, list.at);
	for (i = 0; i < max && m2p_chunk(i, compat, &first); i++) {
		rc = memory_extent_write(&out, i, first.n);
		if (rc)
			return rc;
	}
	*written = i;
	return 0;
}

/* --- questions --- */

/* What the guest says its highest page is; 0 while it has said nothing. */
static int64_t maximum_gpfn(const struct domain *d)
{
	uint64_t pfns;

	if (!d->shared)
		return -EINVAL;
	if (d->is_32bit)
		pfns = read_once(((struct shared_info_x86_32 *)d->shared)->arch.max_pfn);
	else
		pfns = read_once(((struct shared_info *)d->shared)->arch.max_pfn);
	return pfns ? (int64_t)(pfns - 1) : 0;
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
	if (!memory_extents_ok(&out) || *count > most || first > most - *count) {
		rc = refuse(-EINVAL, "resource: %u frames from %lu", *count, first);
		goto out;
	}
	for (unsigned int i = 0; i < *count && !rc; i++) {
		rc = grant_shared_frame(d, (unsigned int)first + i, &m);
		if (!rc)
			rc = memory_extent_write(&out, i, m.n);
	}
out:
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

/* The request is laid out as what it becomes, but for what follows it. */
static_assert(sizeof(struct xen_memory_reservation) == sizeof(struct mem_reservation) &&
	      offsetof(struct xen_memory_reservation, nr_extents) == offsetof(struct mem_reservation, count) &&
	      offsetof(struct xen_memory_reservation, extent_order) == offsetof(struct mem_reservation, order) &&
	      offsetof(struct xen_memory_reservation, mem_flags) == offsetof(struct mem_reservation, flags) &&
	      offsetof(struct xen_memory_reservation, domid) == offsetof(struct mem_reservation, domid),
	      "op_reservation() reads it in place");

static __attribute__((noinline)) int64_t op_reservation(struct hcall *h, unsigned int cmd, gva_t arg)
{
	struct mem_reservation r;
	uint64_t done;
	int rc;

	rc = guest_read_words(&r, arg, sizeof(r));
	if (unlikely(rc))
		return rc;
	r.narrow = false;
	if (unlikely(cmd == XENMEM_claim_pages))
		return memory_claim(h, &r);
	rc = memory_reservation(h, cmd, &r, h->args[0] >> MEMORY_COMMAND_BITS, &done);
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

static __attribute__((noinline)) int64_t other_op(struct hcall *h, unsigned int cmd, gva_t arg)
{
	switch (cmd) {
	case XENMEM_increase_reservation:
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

static __attribute__((noinline)) int64_t simple_or_other(struct hcall *h, unsigned int cmd, gva_t arg)
{
	int64_t rc;

	return memory_simple(cmd, arg, &rc) ? rc : other_op(h, cmd, arg);
}

/* What balloons ask comes first, and needs no registers saved here. */
int64_t hc_memory_op(struct hcall *h)
{
	unsigned int cmd = h->args[0] & COMMAND_MASK;
	gva_t arg = gva(h->args[1]);

	if (likely(cmd == XENMEM_decrease_reservation || cmd == XENMEM_populate_physmap))
		return op_reservation(h, cmd, arg);
	return simple_or_other(h, cmd, arg);
}
