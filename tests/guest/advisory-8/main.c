// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 8: a #GP made up by the hypervisor, for a SYSCALL or SYSENTER nobody wanted, was made up
 * wrongly.
 *
 * Rule: when the guest kernel has no handler for SYSCALL, the program's SYSCALL is a fault of the
 * program, at the instruction, with a plain frame. Provocation: no syscall callback; SYSCALL in
 * ring 3. FAIL if anything else comes.
 */
#include "rt.h"

__user static word user_syscall(word arg)
{
	asm volatile("syscall" : "+a"(arg) : : "rcx", "r11", "memory");
	return arg;
}

void test_main(void)
{
	word at = user_address(user_syscall);
	int v;

	expect_eq(hcall3(__HYPERVISOR_set_callbacks, entry_event, entry_failsafe, 0), 0,
		  "no syscall callback");
	v = user_run(user_syscall, 0);
	expect(v == 13 || v == 6, "syscall without a handler: vector %d", v);
	expect(last.ip >= at && last.ip < at + 64, "the fault is at %#lx, the function at %#lx",
	       last.ip, at);
	expect(*(uint8_t *)((word)user_syscall + (last.ip - at)) == 0x0f,
	       "the fault is not at the instruction");
	expect(last.from_user, "it came from cs %#lx", last.cs);
	if (v == 13)
		expect_eq(last.error, 0, "its error code");
	expect_eq(hcall3(__HYPERVISOR_set_callbacks, entry_event, entry_failsafe, entry_syscall), 0,
		  "a callback");
	expect_eq(user_run(user_syscall, 0), ENTRY_SYSCALL, "syscall with a handler");
}
