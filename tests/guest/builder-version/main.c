// SPDX-License-Identifier: GPL-2.0-only
/*
 * The builder, refusing: a kernel for another interface than xen-3.0.
 *
 * Rule: one line with the cause, then stop. The file `refused` has what the line must hold. FAIL if
 * this runs.
 */
#include "rt.h"

void test_main(void)
{
	test_fail("it was started");
}
