// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page-table calls of 32-bit guests: other layouts and 64-bit values in two registers; the work is
 * paging/'s. mmu_update needs nothing: its requests are the same bytes.
 */
#include "compat/abi32.h"
#include "guest/access.h"
#include "lib/log.h"
#include "paging/paging.h"

static uint64_t pair(uint64_t low, uint64_t high)
{
	return (uint32_t)low | high << 32;
}

static int fetch32(gva_t at, struct mmuext_req *req)
{
	struct mmuext_op32 op;
	int rc;

	rc = copy_from_guest(&op, at);
	if (rc)
		return rc;
	*req = (struct mmuext_req){
		.cmd = op.cmd,
		.arg1 = op.arg1,
		.arg2 = op.arg2,
		.mask_is_32bit = true,
	};
	return 0;
}

int64_t hc32_mmuext_op(struct hcall *h)
{
	return mmuext_batch(h, sizeof(struct mmuext_op32), fetch32);
}

int64_t hc32_update_va_mapping(struct hcall *h)
{
	return va_mapping_own(h, h->args[0], gpte(pair(h->args[1], h->args[2])), h->args[3]);
}

int64_t hc32_update_va_mapping_otherdomain(struct hcall *h)
{
	return va_mapping_do(h, h->args[0], gpte(pair(h->args[1], h->args[2])), h->args[3],
			     (domid_t)h->args[4]);
}

int64_t hc32_update_descriptor(struct hcall *h)
{
	return update_descriptor_do(h, pair(h->args[0], h->args[1]),
				    pair(h->args[2], h->args[3]));
}

int64_t hc32_set_gdt(struct hcall *h)
{
	unsigned int entries = (unsigned int)h->args[1];
	uint32_t list[GDT_GUEST_FRAMES];
	gfn_t frames[GDT_GUEST_FRAMES];
	unsigned int count;
	int rc;

	if (entries > GDT_FIRST_RESERVED)
		return refuse(-EINVAL, "GDT of %u entries", entries);
	count = (unsigned int)DIV_UP(entries, 512);
	rc = guest_read(list, gva(h->args[0]), count * sizeof(list[0]));
	if (rc)
		return rc;
	for (unsigned int i = 0; i < count; i++)
		frames[i] = gfn(list[i]);
	return set_gdt_do(h, frames, entries);
}
