// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 212: XENMEM_exchange checked the start of a list, not the part it was told to go on
 * from.
 *
 * Rule: with nr_exchanged not zero, the address of the part still to do is what is checked.
 * Provocation: nr_exchanged so large that list + nr_exchanged lies in the hypervisor's range, or
 * wraps. FAIL on success.
 */
#include "rt.h"

void test_main(void)
{
	xen_pfn_t in[1], out[1];
	word theirs = WIDE ? (word)0xffff830000000000ull : m2p_start;
	word starts[] = { (theirs - (word)out) / sizeof(xen_pfn_t), ~0ul / sizeof(xen_pfn_t), ~0ul,
			  ~0ul >> 1, 1ul << 30 };

	in[0] = mfn_of(page_alloc());
	for (size_t i = 0; i < ARRAY_SIZE(starts); i++) {
		struct xen_memory_exchange x = {
			.in = { .nr_extents = starts[i] + 1, .domid = DOMID_SELF },
			.out = { .nr_extents = starts[i] + 1, .domid = DOMID_SELF },
			.nr_exchanged = starts[i],
		};

		out[0] = va_to_pfn(in);
		set_xen_guest_handle(x.in.extent_start, in);
		set_xen_guest_handle(x.out.extent_start, out);
		expect_refused(memory_op(XENMEM_exchange, &x), "an exchange that goes on far away");
		x.in.nr_extents = x.out.nr_extents = 1;
		expect(memory_op(XENMEM_exchange, &x) <= 0,
		       "an exchange that goes on behind its end");
	}
}
