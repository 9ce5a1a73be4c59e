// SPDX-License-Identifier: GPL-2.0-only
/*
 * Batches of requests, of mmu_update and mmuext_op: list, count and pdone in the first three
 * arguments. Progress is kept there: list and count move on, and bit 31 of the count says that
 * *pdone holds what earlier rounds did. For these two calls and no others, hence inline.
 */
#pragma once

#include "guest/access.h"
#include "lib/log.h"
#include "paging/paging.h"

#define COUNT_RESTARTED	(1u << 31)

struct paging_batch {
	gva_t list;
	uint32_t count, i, before;
};

must_check static inline int paging_batch_begin(const struct hcall *h, size_t stride,
						struct paging_batch *b)
{
	*b = (struct paging_batch){
		.list = gva(h->args[0]), .count = (uint32_t)h->args[1] & ~COUNT_RESTARTED,
	};
	/* One alone is looked at when it is read. */
	if (b->count > 1 && !guest_array_ok(b->list, b->count, stride))
		return refuse(-EFAULT, "list of %u at %#lx", b->count, b->list.at);
	if (likely(!(h->args[1] & COUNT_RESTARTED)) || gva_null(gva(h->args[2])))
		return 0;
	return copy_from_guest(&b->before, gva(h->args[2]));
}

/* Settles what is left of tables, writes progress back, and says what the call returns. */
static inline int64_t paging_batch_end(struct hcall *h, struct domain *tables, size_t stride,
				       const struct paging_batch *b, int rc)
{
	uint32_t done;
	int rc_done;

	/* The last of them may have left something to take apart. */
	if (likely(!rc))
		rc = paging_settle(tables, h);
	if (unlikely(rc == HC_RESTART)) {
		h->args[0] = gva_add(b->list, b->i * stride).at;
		h->args[1] = (b->count - b->i) | COUNT_RESTARTED;
	}
	if (gva_null(gva(h->args[2])))
		return rc;
	done = b->before + b->i;
	rc_done = copy_to_guest(gva(h->args[2]), &done);
	return rc_done && rc != HC_RESTART ? rc_done : rc;
}
