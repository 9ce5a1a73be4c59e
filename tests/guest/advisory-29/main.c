// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 29: XENMEM_exchange wrote its results before it had checked where to.
 *
 * Rule: the handles of both lists are range-checked before first use. Provocation: an output list
 * in the hypervisor's range. FAIL if the call says it exchanged anything, or lost the frame it was
 * given.
 */
#include "rt.h"

void test_main(void)
{
	word bad[] = { WIDE ? (word)0xffff830000000000ull : m2p_start,
		       WIDE ? (word)0xffff800000000000ull : m2p_end - 8 };
	char *p = page_alloc();
	xen_pfn_t in = mfn_of(p);

	update_va((word)p, 0, UVMF_INVLPG);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct xen_memory_exchange x = {
			.in = { .nr_extents = 1, .domid = DOMID_SELF },
			.out = { .nr_extents = 1, .domid = DOMID_SELF },
		};

		set_xen_guest_handle(x.in.extent_start, &in);
		set_xen_guest_handle(x.out.extent_start, (xen_pfn_t *)bad[i]);
		expect_refused(memory_op(XENMEM_exchange, &x),
			       "exchange with its output elsewhere");
		expect_eq(x.nr_exchanged, 0, "how many were exchanged");
		set_xen_guest_handle(x.in.extent_start, (xen_pfn_t *)bad[i]);
		set_xen_guest_handle(x.out.extent_start, &in);
		if (bad[i] < m2p_start || bad[i] >= m2p_end || WIDE)
			expect_refused(memory_op(XENMEM_exchange, &x),
				       "exchange with its input elsewhere");
	}
	/* In 32 bits the M2P is an address of ours, only not writable: found out too late to keep
	 * the frame. */
	if (WIDE)
		expect_eq(update_va((word)p, (uint64_t)in << 12 | PROT_KERNEL, UVMF_INVLPG), 0,
			  "map the frame again");
}
