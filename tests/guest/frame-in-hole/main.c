// SPDX-License-Identifier: GPL-2.0-only
/*
 * A kernel stack in the hypervisor's own memory, when a program traps.
 *
 * Rule: stack_switch takes any canonical address; a frame is written only where the guest may write.
 * Provocation: the stack lies in the hypervisor's map of all RAM, and ring 3 runs INT 0x80.
 * The domain must end with a line that says so. Anything else is a store of the guest's choice
 * into memory that is not its own.
 */
#include "rt.h"

__user static word quiet(word arg)
{
	return arg;
}

void test_main(void)
{
	user_init();
	if (stack_switch(KERNEL_SS, (word)0xffff830000102000ull)) {
		test_error("the stack was refused: this cannot be tried");
		return;
	}
	user_run(quiet, 0);		/* ends with INT 0x80 */
	test_fail("the frame was written somewhere");
}
