// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 279: INVLPG of a non-canonical address, reached through a failed update.
 *
 * Rule: flush requests name any address and harm nobody. Provocation: INVLPG of non-canonical,
 * hypervisor and odd addresses by every flush operation; update_va_mapping of such an address with
 * every flush flag. FAIL if an update there succeeds.
 */
#include "rt.h"

void test_main(void)
{
	static const uint64_t wide[] = {
		0x0000800000000000, 0x8000000000000000, 0xffff7fffffffffff,
		0xffff830000000000, 0xffffffffffffffff, 1,
	};
	static word mask = 1;

	for (size_t i = 0; i < ARRAY_SIZE(wide); i++) {
		word va = WIDE ? wide[i] : (word)(wide[i] >> 16) | 0xf5800000;
		struct mmuext_op op = { .cmd = MMUEXT_INVLPG_MULTI };

		mmuext(MMUEXT_INVLPG_LOCAL, va, 0);
		mmuext(MMUEXT_INVLPG_ALL, va, 0);
		op.arg1.linear_addr = va;
		set_xen_guest_handle(op.arg2.vcpumask, (void *)&mask);
		mmuext_many(&op, 1, NULL, DOMID_SELF);
		for (word flags = 0; flags < 8; flags++)
			if (va != 1)
				expect_refused(update_va(va, 0, flags),
					       "an update of such an address");
	}
	expect_eq(mmuext(MMUEXT_TLB_FLUSH_LOCAL, 0, 0), 0, "a flush afterwards");
}
