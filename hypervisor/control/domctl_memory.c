// SPDX-License-Identifier: GPL-2.0-only
/*
 * domctl on a domain's memory: its limit, what its frames are used for, its hypercall page.
 */
#include "control/domctl_op.h"

#include "control/lifecycle.h"
#include "guest/access.h"
#include "lib/bits.h"
#include "lib/log.h"
#include "paging/paging.h"

#define PAGES_PER_KIB	4

int64_t domctl_max_mem(struct hcall *h, struct domain *d, struct xen_domctl *ctl, bool *reply)
{
	(void)h;
	(void)reply;
	/* Less than it has is allowed: it may give back, but gets no more. */
	d->max_pages = MIN(ctl->u.max_mem.max_memkb / PAGES_PER_KIB, 1ul << 40);
	return 0;
}

int64_t domctl_hypercall_init(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
			      bool *reply)
{
	struct frame *f;
	int rc;

	(void)reply;
	rc = frame_get_owned(d, gfn(ctl->u.hypercall_init.gmfn), &f);
	if (rc)
		return rc;
	rc = type_get(f, PT_WRITABLE, h);
	if (!rc) {
		hypercall_page_fill(frame_map(f), d->is_32bit);
		type_put(f);
	}
	frame_put(f);
	return rc;
}

static uint64_t frame_info(struct domain *d, uint64_t n)
{
	static const uint64_t by_level[] = { 0, XEN_DOMCTL_PFINFO_L1TAB, XEN_DOMCTL_PFINFO_L2TAB,
					     XEN_DOMCTL_PFINFO_L3TAB, XEN_DOMCTL_PFINFO_L4TAB };
	uint64_t word, info = XEN_DOMCTL_PFINFO_NOTAB;
	struct frame *f;

	if (frame_get_owned(d, gfn(n), &f))
		return XEN_DOMCTL_PFINFO_XTAB;
	word = read_once(f->type);
	if (type_is_table(type_of(word)) && (word & TYPE_COUNT))
		info = by_level[type_level(type_of(word))];
	if (word & TYPE_PINNED)
		info |= XEN_DOMCTL_PFINFO_LPINTAB;
	frame_put(f);
	return info;
}

#define FRAMES_PER_ASK	1024

int64_t domctl_getpageframeinfo3(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
				 bool *reply)
{
	gva_t array = handle_gva(ctl->u.getpageframeinfo3.array);
	uint64_t count = ctl->u.getpageframeinfo3.num;

	(void)h;
	(void)reply;
	if (count > FRAMES_PER_ASK)
		return refuse(-E2BIG, "getpageframeinfo: %lu frames, at most %u", count,
			      FRAMES_PER_ASK);
	for (uint64_t i = 0; i < count; i++) {
		uint64_t n;
		int rc = copy_from_guest_at(&n, array, i);

		if (rc)
			return rc;
		n = frame_info(d, n);
		rc = copy_to_guest_at(array, i, &n);
		if (rc)
			return rc;
	}
	return 0;
}
