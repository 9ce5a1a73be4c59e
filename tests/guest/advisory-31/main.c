// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisories 31 and 158: an extent order is a shift count, and a loop's length.
 *
 * Rule: the order a caller may ask for is capped; nothing is done for one beyond. Provocation:
 * every order from 19 to 300 for every memory operation that has one. FAIL on success, or when a
 * call takes more than a second.
 */
#include "rt.h"

void test_main(void)
{
	static const unsigned int ops[] = {
		XENMEM_increase_reservation, XENMEM_decrease_reservation, XENMEM_populate_physmap,
	};
	xen_pfn_t list[1] = { 0x123456 };
	struct xen_memory_reservation res = { .nr_extents = 1, .domid = DOMID_SELF };

	set_xen_guest_handle(res.extent_start, list);
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
		for (unsigned int order = 19; order < 300; order++) {
			uint64_t began = system_time();
			long rc;

			res.extent_order = order;
			rc = memory_op(ops[i], &res);
			expect(rc <= 0, "operation %u of order %u: %ld", ops[i], order, rc);
			expect(system_time() - began < 1000000000,
			       "operation %u of order %u took too long", ops[i], order);
		}
		res.extent_order = ~0u;
		expect(memory_op(ops[i], &res) <= 0, "order ~0");
	}
}
