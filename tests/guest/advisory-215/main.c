// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 215: a failsafe callback at an address no guest may have was taken.
 *
 * Rule: callback addresses are the guest's: canonical, and not the hypervisor's; refused when set,
 * or fatal to the domain alone when used. Provocation: such addresses for every callback, by both
 * calls, without using them. FAIL if a non-canonical one is taken.
 */
#include "rt.h"

void test_main(void)
{
	static const uint64_t bad[] = { 0x0000800000000000, 0xffff7fffffffffff,
					0x8000000000000000 };
	static const uint64_t theirs[] = { 0xffff830000000000, 0xffff82d040200000,
					   0xffff800000000000 };

	for (unsigned int type = 0; type < 8; type++) {
		struct callback_register cb = { .type = type };

		for (size_t i = 0; i < 3; i++) {
			cb.address = bad[i];
			expect_refused(hcall2(__HYPERVISOR_callback_op, CALLBACKOP_register, &cb),
				       "a callback in the hole");
			cb.address = theirs[i];
			hcall2(__HYPERVISOR_callback_op, CALLBACKOP_register, &cb);
		}
	}
	hcall3(__HYPERVISOR_set_callbacks, bad[0], bad[1], bad[2]);
	hcall3(__HYPERVISOR_set_callbacks, theirs[0], theirs[1], theirs[2]);
	expect_eq(hcall3(__HYPERVISOR_set_callbacks, entry_event, entry_failsafe, entry_syscall), 0,
		  "honest ones");
	expect_eq(PROBE("ud2", : :), 6, "a trap");
}
