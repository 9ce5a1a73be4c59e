// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 217: a frame was taken from a guest that still had it mapped.
 *
 * Rule: a frame changes hands only when nothing of the old owner's can reach it. Provocation: a
 * grant transfer (or what a hypervisor has in its place: an errno) and an exchange of a page that
 * stays mapped. FAIL if the frame is reported gone and our mapping of it still works on what is no
 * longer ours.
 */
#include "rt.h"

static bool ours(uint64_t mfn)
{
	/* What we own can be mapped once more. */
	bool ok = !va_map(0x20000000ul, mfn << 12 | PROT_KERNEL);

	update_va(0x20000000ul, 0, UVMF_INVLPG);
	return ok;
}

void test_main(void)
{
	char *p = page_alloc();
	xen_pfn_t in = mfn_of(p), out = va_to_pfn(p), mfn = in;
	struct gnttab_transfer t = { .mfn = in, .domid = 0, .ref = 30 };
	struct xen_memory_exchange x = {
		.in = { .nr_extents = 1, .domid = DOMID_SELF },
		.out = { .nr_extents = 1, .domid = DOMID_SELF },
	};
	long rc;

	*(volatile word *)p = 0x600d;
	rc = grant_op(GNTTABOP_transfer, &t, 1);
	note("transfer: %ld, status %d", rc, t.status);
	expect(ours(mfn), "a mapped frame was transferred away");
	set_xen_guest_handle(x.in.extent_start, &in);
	set_xen_guest_handle(x.out.extent_start, &out);
	rc = memory_op(XENMEM_exchange, &x);
	note("exchange of a mapped frame: %ld", rc);
	if (!rc) {
		/* Done: then nobody else may get it while we can write there. */
		for (int i = 0; i < 64; i++) {
			char *q = page_alloc();
			word pfn = va_to_pfn(q);
			uint64_t was = mfn_of(q);

			update_va((word)q, 0, UVMF_INVLPG);
			frame_give_back(was);
			if (frame_ask(pfn) == mfn)
				test_fail("the frame was given out again while it is still mapped");
		}
	}
}
