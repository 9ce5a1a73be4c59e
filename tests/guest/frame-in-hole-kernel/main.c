// SPDX-License-Identifier: GPL-2.0-only
/*
 * A stack pointer in the hypervisor's own memory, when the kernel itself traps.
 *
 * Rule: a frame is written only where the guest may write. Provocation: rsp points into the
 * hypervisor's map of all RAM, and UD2 follows. The domain must end with a line that says so.
 */
#include "rt.h"

void test_main(void)
{
	bad_stack_trap((word)0xffff830000102000ull);
}
