// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 111: going on with an interrupted hypercall translated arguments it had not got.
 *
 * Rule: the progress a hypercall keeps in its own arguments (the upper bits of memory_op's command,
 * the count of a batch, of multicall) means nothing a guest can profit from when it is made up.
 * Provocation: such arguments made up, in every hypercall that is broken off. FAIL on a dead
 * machine, or a count beyond what there was.
 */
#include "rt.h"

void test_main(void)
{
	xen_pfn_t list[4];
	struct xen_memory_reservation res = { .nr_extents = 4, .domid = DOMID_SELF };
	struct mmu_update req = { .ptr = pt_entry_maddr(VIRT_BASE, 1), .val = pte_get(VIRT_BASE) };
	struct mmuext_op op = { .cmd = MMUEXT_TLB_FLUSH_LOCAL };
	unsigned int done;

	for (int i = 0; i < 4; i++)
		list[i] = 0x0ffffff0 + i;
	set_xen_guest_handle(res.extent_start, list);
	for (unsigned int start = 0; start < 26; start++) {
		unsigned int begin = 1u << start;

		for (unsigned int cmd = 0; cmd < 12; cmd++) {
			long rc = memory_op(cmd | begin << 6, &res);

			if (cmd == XENMEM_decrease_reservation || cmd == XENMEM_populate_physmap ||
			    cmd == XENMEM_increase_reservation)
				expect(rc <= 4 || rc == (long)begin, "memory_op %u from %u: %ld",
				       cmd, begin, rc);
		}
	}
	for (unsigned int bit = 28; bit < 32; bit++) {
		/* The bit by which a broken-off batch knows itself, with counts that cannot be. */
		done = 1000;
		hcall4(__HYPERVISOR_mmu_update, &req, 1u << bit, &done, DOMID_SELF);
		hcall4(__HYPERVISOR_mmu_update, NULL, 1u << bit, &done, DOMID_SELF);
		hcall4(__HYPERVISOR_mmu_update, NULL, 1u << bit | 5, NULL, DOMID_SELF);
		done = ~0u;
		hcall4(__HYPERVISOR_mmuext_op, &op, 1u << bit, &done, DOMID_SELF);
		hcall4(__HYPERVISOR_mmuext_op, NULL, 1u << bit, &done, DOMID_SELF);
		hcall3(__HYPERVISOR_grant_table_op, GNTTABOP_copy | 1u << bit, NULL, 0);
		hcall3(__HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref | 7 << 12, NULL, 0);
	}
	expect_eq(mmu_update_one(req.ptr, req.val), 0, "an honest update afterwards");
}
