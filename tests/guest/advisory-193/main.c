// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 193: segment bases that are not canonical were loaded in ring 0, which faults.
 *
 * Rule: every setter checks: the hypercall, the MSRs, WRFSBASE's kin, a vcpu's context, the LDT's
 * base, the kernel stack. Provocation: non-canonical values to each. FAIL if one is taken and shows
 * up.
 */
#include "rt.h"

static void park(word arg)
{
	(void)arg;
}

void test_main(void)
{
	static const uint64_t bad[] = { 0x0000800000000000, 0x8000000000000000, 0xffff7fffffffffff,
					0x5555555555555555 };
	struct vcpu_guest_context *c;
	uint64_t v;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		for (unsigned int which = 0; which < 3; which++)
			expect_refused(hcall2(__HYPERVISOR_set_segment_base, which, bad[i]),
				       "set_segment_base");
		for (uint32_t msr = 0xc0000100; msr <= 0xc0000102; msr++) {
			expect_eq(wrmsr_probe(msr, bad[i]), 13, "wrmsr of a base");
			if (rdmsr_probe(msr, &v) == -1)
				expect(v != bad[i], "msr %#x took it", msr);
		}
		expect_refused(mmuext(MMUEXT_SET_LDT, bad[i] & ~0xfffull, 8), "SET_LDT");
		stack_switch(KERNEL_SS, bad[i]);
		c = vcpu_context(1, park, 0);
		c->fs_base = bad[i];
		note("a context with a bad fs_base: %ld", vcpu_op(VCPUOP_initialise, 1, c));
		c = vcpu_context(1, park, 0);
		c->gs_base_user = bad[i];
		if (!vcpu_op(VCPUOP_initialise, 1, c))
			note("a context with a bad gs_base_user was taken");
	}
	vcpu_op(VCPUOP_up, 1, NULL);
	for (int i = 0; i < 20; i++)
		sched_op(SCHEDOP_yield, NULL);
	expect(xen_version(XENVER_version, NULL) > 0, "hypercalls work");
}
