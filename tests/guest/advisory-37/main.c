// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 37: assertions about a guest's state that a guest could make false.
 *
 * Rule: services of other kinds of guest (HVM, physical-map games, shared pages) answer a PV guest
 * with an errno. Provocation: every such memory and hvm operation with plausible arguments.
 */
#include "rt.h"

void test_main(void)
{
	struct xen_add_to_physmap add = { .domid = DOMID_SELF,
					  .space = XENMAPSPACE_shared_info,
					  .gpfn = 5 };
	struct xen_remove_from_physmap rem = { .domid = DOMID_SELF, .gpfn = 5 };
	uint64_t buf[16] = { 0 };

	for (unsigned int space = 0; space < 8; space++) {
		add.space = space;
		expect_refused(memory_op(XENMEM_add_to_physmap, &add),
			       "add_to_physmap of a PV guest");
	}
	memory_op(XENMEM_remove_from_physmap, &rem);
	for (unsigned int op = 0; op < 30; op++) {
		((domid_t *)buf)[0] = DOMID_SELF;
		expect(hcall2(__HYPERVISOR_hvm_op, op, buf) <= 0, "hvm_op %u", op);
		hcall4(41 /* dm_op */, DOMID_SELF, op, buf, 0);
	}
	for (unsigned int op = 15; op < 40; op++) {
		memset(buf, 0, sizeof(buf));
		((domid_t *)buf)[0] = DOMID_SELF;
		memory_op(op, buf);
	}
	expect(xen_version(XENVER_version, NULL) > 0, "hypercalls work");
}
