// SPDX-License-Identifier: GPL-2.0-only
/*
 * Grant-table ops whose structures hold a frame number or a pointer, in the 32-bit layout. All
 * others are the same in both widths.
 */
#include "cpu/atomic.h"
#include "grant/table.h"
#include "guest/access.h"
#include "lib/log.h"

struct setup_table32 {
	domid_t dom;
	uint32_t nr_frames;
	int16_t status;
	uint32_t frame_list;
};

struct transfer32 {
	uint32_t mfn;
	domid_t domid;
	grant_ref_t ref;
	int16_t status;
};

struct copy_ptr32 {
	uint32_t number;
	domid_t domid;
	uint16_t offset;
};

struct copy32 {
	struct copy_ptr32 source, dest;
	uint16_t len, flags;
	int16_t status;
};

static_assert(sizeof(struct setup_table32) == 16 && sizeof(struct transfer32) == 16 &&
	      sizeof(struct copy32) == 24, "as i386 lays them out");

static int64_t setup_table(gva_t arg)
{
	struct setup_table32 op;
	struct domain *d;
	int64_t rc = 0;

	if (copy_from_guest(&op, arg))
		return -EFAULT;
	op.status = (int16_t)grant_setup(op.dom, op.nr_frames, &d);
	if (!op.status) {
		for (uint32_t i = 0; !rc && i < op.nr_frames; i++) {
			uint32_t n = (uint32_t)grant_shared_number(d, i);

			if (copy_to_guest_at(gva(op.frame_list), i, &n))
				rc = -EFAULT;
		}
		domain_put(d);
	}
	if (!rc && copy_to_guest(arg, &op))
		rc = -EFAULT;
	return rc;
}

static int64_t transfer(struct hcall *h, gva_t array, uint32_t count)
{
	int16_t status = GNTST_general_error;
	uint32_t i;

	for (i = 0; i < count; i++) {
		if (i && hcall_should_yield(h))
			break;
		if (guest_write(gva_add(array, i * sizeof(struct transfer32) +
					offsetof(struct transfer32, status)), &status, sizeof(status)))
			return -EFAULT;
	}
	return grant_batch_result(h, i, count, sizeof(struct transfer32), 0);
}

static void side_from(const struct copy_ptr32 *p, bool is_ref, struct grant_copy_side *s)
{
	*s = (struct grant_copy_side){
		.is_ref = is_ref, .number = p->number, .domid = p->domid, .offset = p->offset,
	};
}

static int64_t copy(struct hcall *h, gva_t array, uint32_t count)
{
	struct grant_copy_side from, to;
	struct copy32 op;
	uint32_t i;

	for (i = 0; i < count; i++) {
		if (i && hcall_should_yield(h))
			break;
		if (copy_from_guest_at(&op, array, i))
			return -EFAULT;
		side_from(&op.source, op.flags & GNTCOPY_source_gref, &from);
		side_from(&op.dest, op.flags & GNTCOPY_dest_gref, &to);
		op.status = (int16_t)grant_copy(h->v, &from, &to, op.len, op.flags);
		if (guest_write16(gva_add(array, i * sizeof(op) + offsetof(struct copy32, status)),
				  (uint16_t)op.status))
			return -EFAULT;
	}
	return grant_batch_result(h, i, count, sizeof(op), 0);
}

static __attribute__((noinline)) int64_t own_layout(struct hcall *h)
{
	unsigned int cmd = (unsigned int)h->args[0];
	gva_t arg = gva(h->args[1]);
	uint32_t count = (uint32_t)h->args[2];

	if ((int32_t)count < 0)
		return refuse(-EINVAL, "grant_table_op: %u elements", count);
	switch (cmd) {
	case GNTTABOP_setup_table:
		return count == 1 ? setup_table(arg) : refuse(-EINVAL, "setup_table: not one");
	case GNTTABOP_transfer:
		return guest_array_ok(arg, count, sizeof(struct transfer32)) ?
			transfer(h, arg, count) : -EFAULT;
	default:
		return guest_array_ok(arg, count, sizeof(struct copy32)) ? copy(h, arg, count) : -EFAULT;
	}
}

int64_t hc32_grant_table_op(struct hcall *h)
{
	unsigned int cmd = (unsigned int)h->args[0];

	return cmd == GNTTABOP_setup_table || cmd == GNTTABOP_transfer || cmd == GNTTABOP_copy ?
		own_layout(h) : grant_op_flat(h);
}
