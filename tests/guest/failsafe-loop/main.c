// SPDX-License-Identifier: GPL-2.0-only
/*
 * A failsafe callback that cannot be entered either.
 *
 * Rule: a guest that cannot be returned to costs nobody but itself; its turn ends as any other's.
 * Provocation: the callback's code segment is the null selector with RPL 3, so each attempt begins
 * afresh on the same kernel stack and fails in the final IRET, for ever, without one instruction of
 * the guest's. A watchdog of one second is set before: it goes off only if the CPU takes an
 * interrupt meanwhile. FAIL (by timeout) is a machine that has stopped.
 */
#include "rt.h"

void test_main(void)
{
	struct callback_register cb = {
		.type = CALLBACKTYPE_failsafe,
		.address = { .cs = 3, .eip = 0x1000 },
	};
	struct iret_frame f = { .ip = 0x1000, .cs = 3, .flags = 0x202, .ss = USER_SS | 3 };
	struct sched_watchdog dog = { .id = 0, .timeout = 1 };

	expect_eq(hcall2(__HYPERVISOR_callback_op, CALLBACKOP_register, &cb), 0, "register");
	expect_eq(sched_op(SCHEDOP_watchdog, &dog), 1, "watchdog");
	f.sp = (word)page_alloc() + PAGE_SIZE - 64;
	iret_to(&f, 0);
	test_fail("we are still here");
}
