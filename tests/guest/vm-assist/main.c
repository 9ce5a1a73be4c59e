// SPDX-License-Identifier: GPL-2.0-only
/*
 * vm_assist: the types guests enable.
 *
 * Rule: 4gb_segments, writable_pagetables, pae_extended_cr3 and runstate_update_flag can be enabled
 * and disabled; unknown types and commands get an errno.
 */
#include "rt.h"

void test_main(void)
{
	static const unsigned int types[] = {
		VMASST_TYPE_4gb_segments,
		VMASST_TYPE_writable_pagetables,
		VMASST_TYPE_pae_extended_cr3,
		VMASST_TYPE_runstate_update_flag,
	};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		expect_eq(vm_assist(VMASST_CMD_enable, types[i]), 0, "enable");
		expect_eq(vm_assist(VMASST_CMD_disable, types[i]), 0, "disable");
		expect_eq(vm_assist(VMASST_CMD_enable, types[i]), 0, "enable");
	}
	expect_refused(vm_assist(VMASST_CMD_enable, 63), "type 63");
	expect_refused(vm_assist(VMASST_CMD_enable, ~0u), "type ~0");
	expect_eq(vm_assist(99, 0), -XENOSYS, "command 99");
}
