// SPDX-License-Identifier: GPL-2.0-only
/*
 * The grant-table hypercall: batches of requests, each with a status of its own.
 *
 * A batch stops between two elements when something more urgent is due; the guest then calls again
 * with what is left: pointer and count move on.
 * In: hypercall/dispatch.c, compat/grant.c.  Out: map.c, copy.c, table.c.
 */
#include "cpu/atomic.h"
#include "cpu/tlb.h"
#include "grant/table.h"
#include "guest/access.h"
#include "lib/log.h"

#define UNMAP_BATCH	16u	/* unmappings that share one flush */

int64_t grant_batch_result(struct hcall *h, uint32_t done, uint32_t count, size_t element,
			   int64_t rc)
{
	if (rc)
		return rc;
	if (done == count)
		return 0;
	h->args[1] += (uint64_t)done * element;
	h->args[2] = count - done;
	return HC_RESTART;
}

/* Is this an array that the guest can name? One element alone is looked at when it is read. */
static inline int array_check(gva_t arg, uint32_t count, size_t element)
{
	if (likely(count <= 1))
		return 0;
	if ((int32_t)count < 0)
		return refuse(-EINVAL, "grant_table_op: %u elements", count);
	return guest_array_ok(arg, count, element) ? 0 : -EFAULT;
}

/* --- map and unmap --- */

static void map_undo(struct vcpu *v, const struct gnttab_map_grant_ref *op)
{
	struct grant_unmapping u = { .req = {
		.handle = op->handle,
		.host_addr = op->flags & GNTMAP_host_map ? op->host_addr : 0,
		.dev_bus_addr = op->flags & GNTMAP_device_map ? op->dev_bus_addr : 0,
	} };

	grant_unmap_start(v, &u);
	tlb_flush_mask(cpus_online);
	grant_unmap_finish(v, &u);
}

/* What we say begins with the status; two words are shorter than what is less. */
#define MAP_ANSWER	offsetof(struct gnttab_map_grant_ref, dom)

static_assert(MAP_ANSWER == sizeof(struct gnttab_map_grant_ref) - 16, "the second half");

static int map_answer(gva_t array, uint32_t i, const struct gnttab_map_grant_ref *op)
{
	return guest_write(gva_add(array, i * sizeof(*op) + MAP_ANSWER),
			   (const uint8_t *)op + MAP_ANSWER, sizeof(*op) - MAP_ANSWER);
}

static __attribute__((noinline)) int64_t op_map(struct hcall *h)
{
	struct gnttab_map_grant_ref op;
	gva_t array = gva(h->args[1]);
	uint32_t i, count = (uint32_t)h->args[2];
	int rc = array_check(array, count, sizeof(op));

	if (unlikely(rc))
		return rc;
	for (i = 0; i < count; i++) {
		if (i && hcall_should_yield(h))
			break;
		if (guest_read_words(&op, gva_add(array, i * sizeof(op)), sizeof(op)))
			return -EFAULT;
		grant_map(h->v, &op);
		if (map_answer(array, i, &op)) {
			if (op.status == GNTST_okay)
				map_undo(h->v, &op);
			return -EFAULT;
		}
	}
	return grant_batch_result(h, i, count, sizeof(op), 0);
}

/* Element i of the array, of either unmapping op. */
static inline int unmap_read(gva_t array, uint32_t i, bool replaces, struct grant_unmapping *u)
{
	struct gnttab_unmap_and_replace op;

	u->new_addr = 0;
	if (likely(!replaces))
		return copy_from_guest_at(&u->req, array, i);
	if (copy_from_guest_at(&op, array, i))
		return -EFAULT;
	u->req.host_addr = op.host_addr;
	u->req.handle = op.handle;
	u->new_addr = op.new_addr;
	return 0;
}

static_assert(sizeof(struct gnttab_unmap_grant_ref) == sizeof(struct gnttab_unmap_and_replace) &&
	      offsetof(struct gnttab_unmap_grant_ref, status) ==
	      offsetof(struct gnttab_unmap_and_replace, status), "their status is at one place");

static int status_write(gva_t array, uint32_t i, int16_t status)
{
	gva_t at = gva_add(array, i * sizeof(struct gnttab_unmap_grant_ref) +
			   offsetof(struct gnttab_unmap_grant_ref, status));

	return guest_write16(at, (uint16_t)status);
}

/* One alone, as most are. */
static __attribute__((noinline)) int64_t unmap_one(struct hcall *h)
{
	gva_t array = gva(h->args[1]);
	struct grant_unmapping u;

	if (unlikely(unmap_read(array, 0, false, &u)))
		return -EFAULT;
	grant_unmap_start(h->v, &u);
	if (likely(u.host))
		tlb_flush_mask(cpus_online);
	grant_unmap_finish(h->v, &u);
	return status_write(array, 0, u.status);
}

static int64_t op_unmap(struct hcall *h, gva_t array, uint32_t count, bool replaces)
{
	struct grant_unmapping u[UNMAP_BATCH];
	uint32_t done = 0;
	int rc = 0;

	while (!rc && done < count && !(done && hcall_should_yield(h))) {
		uint32_t n, batch = MIN(count - done, UNMAP_BATCH);

		for (n = 0; n < batch; n++) {
			rc = unmap_read(array, done + n, replaces, &u[n]);
			if (rc)
				break;
			grant_unmap_start(h->v, &u[n]);
		}
		tlb_flush_mask(cpus_online);
		for (uint32_t i = 0; i < n; i++) {
			grant_unmap_finish(h->v, &u[i]);
			if (status_write(array, done + i, u[i].status))
				rc = -EFAULT;
		}
		done += n;
	}
	return grant_batch_result(h, done, count, sizeof(u[0].req), rc);
}

static __attribute__((noinline)) int64_t unmap_several(struct hcall *h)
{
	gva_t array = gva(h->args[1]);
	uint32_t count = (uint32_t)h->args[2];
	int rc = array_check(array, count, sizeof(struct gnttab_unmap_grant_ref));

	return rc ? rc : op_unmap(h, array, count, false);
}

/* --- copy (64-bit layout) --- */

static void side_from(const struct gnttab_copy_ptr *p, bool is_ref, struct grant_copy_side *s)
{
	*s = (struct grant_copy_side){
		.is_ref = is_ref, .number = is_ref ? p->u.ref : p->u.gmfn,
		.domid = p->domid, .offset = p->offset,
	};
}

static __attribute__((noinline)) int64_t op_copy(struct hcall *h)
{
	struct grant_copy_side from, to;
	struct gnttab_copy op;
	gva_t array = gva(h->args[1]);
	uint32_t i, count = (uint32_t)h->args[2];
	int rc = array_check(array, count, sizeof(op));

	if (unlikely(rc))
		return rc;
	for (i = 0; i < count; i++) {
		if (i && hcall_should_yield(h))
			break;
		if (guest_read_words(&op, gva_add(array, i * sizeof(op)), sizeof(op)))
			return -EFAULT;
		side_from(&op.source, op.flags & GNTCOPY_source_gref, &from);
		side_from(&op.dest, op.flags & GNTCOPY_dest_gref, &to);
		op.status = (int16_t)grant_copy(h->v, &from, &to, op.len, op.flags);
		if (guest_write16(gva_add(array, i * sizeof(op) + offsetof(struct gnttab_copy, status)),
				  (uint16_t)op.status))
			return -EFAULT;
	}
	return grant_batch_result(h, i, count, sizeof(op), 0);
}

/* --- the table itself --- */

int grant_setup(domid_t id, uint32_t frames, struct domain **out)
{
	struct domain *d;
	int rc = domain_get_target(id, &d), status;

	if (rc)
		return rc == -EPERM ? GNTST_permission_denied : GNTST_bad_domain;
	status = d->grant ? grant_table_grow(d, frames) : GNTST_bad_domain;
	if (status)
		domain_put(d);
	else
		*out = d;
	return status;
}

static int64_t op_setup_table(gva_t arg)
{
	struct gnttab_setup_table op;
	struct domain *d;
	int64_t rc = 0;

	if (copy_from_guest(&op, arg))
		return -EFAULT;
	op.status = (int16_t)grant_setup(op.dom, op.nr_frames, &d);
	if (!op.status) {
		for (uint32_t i = 0; !rc && i < op.nr_frames; i++) {
			uint64_t n = grant_shared_number(d, i);

			if (copy_to_guest_at(handle_gva(op.frame_list), i, &n))
				rc = -EFAULT;
		}
		domain_put(d);
	}
	if (!rc && copy_to_guest(arg, &op))
		rc = -EFAULT;
	return rc;
}

static int64_t op_query_size(gva_t arg)
{
	struct gnttab_query_size op;
	struct domain *d;
	int rc;

	if (copy_from_guest(&op, arg))
		return -EFAULT;
	rc = domain_get_target(op.dom, &d);
	op.status = rc == -EPERM ? GNTST_permission_denied : GNTST_bad_domain;
	if (!rc) {
		if (d->grant) {
			op.nr_frames = read_once(d->grant->frame_count);
			op.max_nr_frames = d->grant->max_frames;
			op.status = GNTST_okay;
		}
		domain_put(d);
	}
	return copy_to_guest(arg, &op);
}

static int64_t op_dump_table(gva_t arg)
{
	struct gnttab_dump_table op;
	struct domain *d;
	int rc;

	if (copy_from_guest(&op, arg))
		return -EFAULT;
	rc = current_domain->privileged ? domain_get_target(op.dom, &d) : -EPERM;
	op.status = rc == -EPERM ? GNTST_permission_denied : rc ? GNTST_bad_domain : GNTST_okay;
	if (!rc) {
		grant_dump(d);
		domain_put(d);
	}
	return copy_to_guest(arg, &op);
}

/* There is version 1. Asking for another leaves things as before the question existed. */
static int64_t op_set_version(gva_t arg)
{
	struct gnttab_set_version op;

	if (copy_from_guest(&op, arg))
		return -EFAULT;
	if (op.version != 1)
		return refuse(op.version == 2 ? -ENOSYS : -EINVAL, "grant table version %u: only 1",
			      op.version);
	return copy_to_guest(arg, &op);
}

static int64_t op_get_version(gva_t arg)
{
	struct gnttab_get_version op;
	struct domain *d;
	int rc;

	if (copy_from_guest(&op, arg))
		return -EFAULT;
	rc = domain_get_target(op.dom, &d);
	if (rc)
		return rc;
	domain_put(d);
	op.version = 1;
	return copy_to_guest(arg, &op);
}

/* Only version 2 has status frames. Both widths have dom and status at the same place. */
static int64_t op_get_status_frames(gva_t arg)
{
	int16_t status = GNTST_general_error;

	return guest_write(gva_add(arg, offsetof(struct gnttab_get_status_frames, status)), &status,
			   sizeof(status));
}

/* The guest's own entries change places, if neither is in use. */
static int swap(struct grant_table *t, grant_ref_t ref_a, grant_ref_t ref_b)
{
	uint32_t refs = t->frame_count * GRANTS_PER_FRAME;
	struct grant_active *active_a, *active_b;
	uint64_t *a, *b, keep;
	unsigned int i, k;

	if (!index_within(ref_a, refs, &i) || !index_within(ref_b, refs, &k))
		return GNTST_bad_gntref;
	active_a = &t->active[i / ACTIVE_PER_PAGE][i % ACTIVE_PER_PAGE];
	active_b = &t->active[k / ACTIVE_PER_PAGE][k % ACTIVE_PER_PAGE];
	if (active_a->readers || active_a->writers || active_b->readers || active_b->writers)
		return GNTST_eagain;
	a = (uint64_t *)&t->shared[i / GRANTS_PER_FRAME][i % GRANTS_PER_FRAME];
	b = (uint64_t *)&t->shared[k / GRANTS_PER_FRAME][k % GRANTS_PER_FRAME];
	keep = read_once(*a);
	write_once(*a, read_once(*b));
	write_once(*b, keep);
	return GNTST_okay;
}

static int64_t op_swap(struct hcall *h, gva_t array, uint32_t count)
{
	struct grant_table *t = h->d->grant;
	struct gnttab_swap_grant_ref op;
	uint32_t i;

	for (i = 0; i < count; i++) {
		if (i && hcall_should_yield(h))
			break;
		if (copy_from_guest_at(&op, array, i))
			return -EFAULT;
		spin_lock(&t->lock);
		op.status = (int16_t)swap(t, op.ref_a, op.ref_b);
		spin_unlock(&t->lock);
		if (copy_to_guest_at(array, i, &op))
			return -EFAULT;
	}
	return grant_batch_result(h, i, count, sizeof(op), 0);
}

/* Bytes of one element of the other ops that both widths share; 0: not one of them. */
static inline size_t flat_element(unsigned int cmd)
{
	switch (cmd) {
	case GNTTABOP_unmap_and_replace: return sizeof(struct gnttab_unmap_and_replace);
	case GNTTABOP_swap_grant_ref:	return sizeof(struct gnttab_swap_grant_ref);
	case GNTTABOP_dump_table:	return sizeof(struct gnttab_dump_table);
	case GNTTABOP_query_size:	return sizeof(struct gnttab_query_size);
	case GNTTABOP_set_version:	return sizeof(struct gnttab_set_version);
	case GNTTABOP_get_version:	return sizeof(struct gnttab_get_version);
	case GNTTABOP_get_status_frames: return offsetof(struct gnttab_get_status_frames, frame_list);
	default:			return 0;
	}
}

/* Ops that take one element whatever the count says, or only one. */
static int64_t single(unsigned int cmd, gva_t arg, uint32_t count)
{
	if (cmd != GNTTABOP_set_version && cmd != GNTTABOP_get_version && count != 1)
		return refuse(-EINVAL, "grant_table_op %u: %u elements, not 1", cmd, count);
	switch (cmd) {
	case GNTTABOP_dump_table:
		return op_dump_table(arg);
	case GNTTABOP_query_size:
		return op_query_size(arg);
	case GNTTABOP_set_version:
		return op_set_version(arg);
	case GNTTABOP_get_version:
		return op_get_version(arg);
	default:
		return op_get_status_frames(arg);
	}
}

static __attribute__((noinline)) int64_t flat_rest(struct hcall *h)
{
	unsigned int cmd = (unsigned int)h->args[0];
	gva_t arg = gva(h->args[1]);
	uint32_t count = (uint32_t)h->args[2];
	size_t element = flat_element(cmd);

	if ((int32_t)count < 0)
		return refuse(-EINVAL, "grant_table_op: %u elements", count);
	if (!element)
		return refuse(-ENOSYS, "grant_table_op %u: no such op", cmd);
	if (!guest_array_ok(arg, count, element))
		return -EFAULT;
	switch (cmd) {
	case GNTTABOP_unmap_and_replace:
		return op_unmap(h, arg, count, true);
	case GNTTABOP_swap_grant_ref:
		return op_swap(h, arg, count);
	default:
		return single(cmd, arg, count);
	}
}

/* What backends do all day comes first, and needs no registers saved here. */
int64_t grant_op_flat(struct hcall *h)
{
	switch ((unsigned int)h->args[0]) {
	case GNTTABOP_map_grant_ref:
		return op_map(h);
	case GNTTABOP_unmap_grant_ref:
		return likely((uint32_t)h->args[2] == 1) ? unmap_one(h) : unmap_several(h);
	default:
		return flat_rest(h);
	}
}

/* Frames do not change hands by grant: each request is told so. */
static int64_t op_transfer(struct hcall *h, gva_t array, uint32_t count)
{
	int16_t status = GNTST_general_error;
	uint32_t i;

	for (i = 0; i < count; i++) {
		if (i && hcall_should_yield(h))
			break;
		if (guest_write(gva_add(array, i * sizeof(struct gnttab_transfer) +
					offsetof(struct gnttab_transfer, status)),
				&status, sizeof(status)))
			return -EFAULT;
	}
	return grant_batch_result(h, i, count, sizeof(struct gnttab_transfer), 0);
}

static __attribute__((noinline)) int64_t rest(struct hcall *h)
{
	unsigned int cmd = (unsigned int)h->args[0];
	gva_t arg = gva(h->args[1]);
	uint32_t count = (uint32_t)h->args[2];

	if ((int32_t)count < 0)
		return refuse(-EINVAL, "grant_table_op: %u elements", count);
	switch (cmd) {
	case GNTTABOP_setup_table:
		return count == 1 ? op_setup_table(arg) : refuse(-EINVAL, "setup_table: not one");
	case GNTTABOP_transfer:
		return guest_array_ok(arg, count, sizeof(struct gnttab_transfer)) ?
			op_transfer(h, arg, count) : -EFAULT;
	default:
		return grant_op_flat(h);
	}
}

int64_t hc_grant_table_op(struct hcall *h)
{
	unsigned int cmd = (unsigned int)h->args[0];

	if (cmd <= GNTTABOP_unmap_grant_ref)
		return grant_op_flat(h);
	return cmd == GNTTABOP_copy ? op_copy(h) : rest(h);
}

static_assert(GNTTABOP_map_grant_ref == 0 && GNTTABOP_unmap_grant_ref == 1, "the first two");
