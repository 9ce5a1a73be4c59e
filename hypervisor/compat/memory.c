// SPDX-License-Identifier: GPL-2.0-only
/* memory_op of 32-bit guests: copy, widen, call paging/memory_op.c, narrow. */
#include "compat/abi32.h"
#include "guest/access.h"
#include "lib/log.h"
#include "paging/paging.h"

#define COMMAND_MASK	((1u << MEMORY_COMMAND_BITS) - 1)

static struct mem_reservation widen(const struct memory_reservation32 *in)
{
	return (struct mem_reservation){
		.extents = gva(in->extent_start),
		.count = in->nr_extents,
		.order = in->extent_order,
		.flags = in->mem_flags,
		.domid = in->domid,
		.narrow = true,
	};
}

static __attribute__((noinline)) int64_t op_reservation(struct hcall *h, unsigned int cmd, gva_t arg)
{
	struct memory_reservation32 req;
	struct mem_reservation r;
	uint64_t done;
	int rc;

	rc = copy_from_guest(&req, arg);
	if (rc)
		return rc;
	r = widen(&req);
	/* How far it went must fit above the command in 32 bits. */
	if (r.count > UINT32_MAX >> MEMORY_COMMAND_BITS)
		return refuse(-EINVAL, "reservation of %lu extents", r.count);
	if (cmd == XENMEM_claim_pages)
		return memory_claim(h, &r);
	rc = memory_reservation(h, cmd, &r, h->args[0] >> MEMORY_COMMAND_BITS, &done);
	return memory_reservation_finish(h, cmd, rc, done);
}

static int64_t op_exchange(struct hcall *h, gva_t arg)
{
	struct memory_exchange32 req;
	struct mem_exchange x;
	int rc, rc_done;

	rc = copy_from_guest(&req, arg);
	if (rc)
		return rc;
	x = (struct mem_exchange){ widen(&req.in), widen(&req.out), req.nr_exchanged };
	rc = memory_exchange(h, &x);
	req.nr_exchanged = (uint32_t)x.done;
	rc_done = guest_write(gva_add(arg, offsetof(struct memory_exchange32, nr_exchanged)),
			      &req.nr_exchanged, sizeof(req.nr_exchanged));
	return rc_done ? rc_done : rc;
}

static int64_t op_map(struct hcall *h, unsigned int cmd, gva_t arg)
{
	struct memory_map32 map;
	struct mem_map_req m;
	int rc;

	rc = copy_from_guest(&map, arg);
	if (rc)
		return rc;
	m = (struct mem_map_req){ map.nr_entries, gva(map.buffer) };
	rc = memory_map_read(h, &m, cmd == XENMEM_machine_memory_map);
	if (rc)
		return rc;
	map.nr_entries = m.entries;
	return copy_to_guest(arg, &map);
}

static int64_t op_set_map(gva_t arg)
{
	struct foreign_memory_map32 req;
	struct mem_map_req m;
	int rc;

	rc = copy_from_guest(&req, arg);
	if (rc)
		return rc;
	m = (struct mem_map_req){ req.map.nr_entries, gva(req.map.buffer) };
	return memory_map_set(req.domid, &m);
}

/* Both lists are of the table that a 32-bit guest reads. */
static int64_t op_mfn_list(gva_t arg)
{
	struct machphys_mfn_list32 req;
	unsigned int written;
	int rc;

	rc = copy_from_guest(&req, arg);
	if (rc)
		return rc;
	rc = memory_mfn_list(gva(req.extent_start), req.max_extents, true, true, &written);
	if (rc)
		return rc;
	req.nr_extents = written;
	return copy_to_guest(arg, &req);
}

static int64_t op_machphys(gva_t arg)
{
	struct machphys_mapping32 map = {
		.v_start = M2P32_RO_START,
		.v_end = M2P32_RO_END,
		.max_mfn = (uint32_t)m2p32_frames() - 1,
	};

	return copy_to_guest(arg, &map);
}

static int64_t op_acquire(struct hcall *h, gva_t arg)
{
	struct mem_acquire_resource32 req;
	unsigned int count;
	int rc;

	rc = copy_from_guest(&req, arg);
	if (rc)
		return rc;
	count = req.nr_frames;
	rc = memory_acquire(h, req.domid, req.type, req.id, req.frame, &count,
			    gva(req.frame_list), true);
	if (!rc && !req.frame_list) {
		req.nr_frames = count;
		rc = copy_to_guest(arg, &req);
	}
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
		return op_mfn_list(arg);
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

	/* What does not fit a 32-bit answer must not look like an error. */
	return memory_simple(cmd, arg, &rc) ? MIN(rc, (int64_t)INT32_MAX) : other_op(h, cmd, arg);
}

int64_t hc32_memory_op(struct hcall *h)
{
	unsigned int cmd = h->args[0] & COMMAND_MASK;
	gva_t arg = gva(h->args[1]);

	if (likely(cmd == XENMEM_decrease_reservation || cmd == XENMEM_populate_physmap))
		return op_reservation(h, cmd, arg);
	return simple_or_other(h, cmd, arg);
}
