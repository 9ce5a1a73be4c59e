// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 327: a vcpu_info that was not aligned: the hypervisor's atomic bit operations crossed a
 * cache line or page.
 *
 * Rule: it lies aligned and within its page. Provocation: every misalignment, every place at the
 * end of the page. FAIL if one is taken.
 */
#include "rt.h"

void test_main(void)
{
	char *p = page_alloc();
	struct vcpu_register_vcpu_info r = { .mfn = mfn_of(p) };

	for (unsigned int off = 1; off < sizeof(word); off++) {
		r.offset = 64 + off;
		expect_refused(vcpu_op(VCPUOP_register_vcpu_info, 0, &r), "a misaligned vcpu_info");
	}
	for (unsigned int off = PAGE_SIZE - sizeof(struct vcpu_info) + 1; off < PAGE_SIZE; off++) {
		r.offset = off;
		expect_refused(vcpu_op(VCPUOP_register_vcpu_info, 0, &r),
			       "a vcpu_info over the page's end");
	}
	r.offset = ~0u;
	expect_refused(vcpu_op(VCPUOP_register_vcpu_info, 0, &r), "offset ~0");
	r.offset = ~0u - 62;
	expect_refused(vcpu_op(VCPUOP_register_vcpu_info, 0, &r), "an offset that wraps");
	for (int i = 0; i < PAGE_SIZE; i++)
		expect(!p[i], "byte %d was written", i);
}
