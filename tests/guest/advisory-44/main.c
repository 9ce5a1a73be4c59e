// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisories 44 and 339: SYSENTER with NT set made the hypervisor's own IRET fault; with no handler
 * set, two frames were made where one was due.
 *
 * Rule: NT is cleared on the way in; a SYSENTER nobody wants is one #GP or #UD of the program.
 * Provocation: SYSENTER of ring 3 with NT and TF set and clear, with and without a handler
 * registered. (On AMD it is #UD in long mode: here the processor is an Intel one.) FAIL if anything
 * but the handler, #GP, #UD or #DB is reached.
 */
#include "rt.h"

#ifdef __x86_64__
#define PUSHF_SET(x) "pushfq; orq $" x ", (%%rsp); popfq; "
#else
#define PUSHF_SET(x) "pushfl; orl $" x ", (%%esp); popfl; "
#endif

__user static word user_sysenter(word arg)
{
	asm volatile("sysenter" : : : "memory", "cc");
	return arg;
}

__user static word user_sysenter_nt(word arg)
{
	asm volatile(PUSHF_SET("0x4000") "sysenter" : : : "memory", "cc");
	return arg;
}

__user static word user_sysenter_tf(word arg)
{
	asm volatile(PUSHF_SET("0x4100") "sysenter" : : : "memory", "cc");
	return arg;
}

static void all(const char *when)
{
	word (*const fns[])(word) = { user_sysenter, user_sysenter_nt, user_sysenter_tf };

	for (size_t i = 0; i < ARRAY_SIZE(fns); i++) {
		int v = user_run(fns[i], 0);

		note("%s, way %zu: vector %d", when, i, v);
		expect(v == ENTRY_SYSENTER || v == 13 || v == 6 || v == 1, "%s, way %zu: vector %d",
		       when, i, v);
		if (v == ENTRY_SYSENTER)
			expect(!(last.flags & 0x4000), "NT is set in the kernel's frame");
	}
	expect(!(read_flags() & 0x4000), "NT is set in the kernel");
}

void test_main(void)
{
	struct callback_register cb = { .type = CALLBACKTYPE_sysenter };
	struct callback_unregister un = { .type = CALLBACKTYPE_sysenter };
	long rc;

	all("without a handler");
#ifdef __x86_64__
	cb.address = (word)entry_sysenter;
#else
	cb.address.cs = KERNEL_CS;
	cb.address.eip = (word)entry_sysenter;
#endif
	rc = hcall2(__HYPERVISOR_callback_op, CALLBACKOP_register, &cb);
	note("registering a handler: %ld", rc);
	if (!rc) {
		all("with a handler");
		/* It may be for good: then no program of ours is the worse for it. */
		rc = hcall2(__HYPERVISOR_callback_op, CALLBACKOP_unregister, &un);
		note("taking it away: %ld", rc);
		all("afterwards");
	}
}
