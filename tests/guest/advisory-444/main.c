// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 444: breakpoints with an address mask reached over the hypervisor's data.
 *
 * Rule: no breakpoint covers an address of the hypervisor, by address, by length, or by the mask
 * MSRs some processors have. Provocation: addresses in and just below its range with every length;
 * writes to the mask MSRs. FAIL if one in range is taken, or a mask is.
 */
#include "rt.h"

void test_main(void)
{
	static const uint64_t theirs[] = { 0xffff800000000000, 0xffff82d040200000,
					   0xffff830000000000, 0xffff87fffffffff8 };
	static const uint32_t masks[] = { 0xc0011019, 0xc001101a, 0xc001101b, 0xc0011027 };
	uint64_t v;

	for (unsigned int reg = 0; reg < 4 && WIDE; reg++)
		for (size_t i = 0; i < ARRAY_SIZE(theirs); i++)
			expect_refused(set_debugreg(reg, (word)theirs[i]),
				       "a breakpoint on the hypervisor");
	for (size_t i = 0; i < ARRAY_SIZE(masks); i++) {
		wrmsr_probe(masks[i], 0xffffffff);
		if (rdmsr_probe(masks[i], &v) == -1)
			expect(v != 0xffffffff, "mask %#x was taken", masks[i]);
	}
	/* Just below: 8 bytes wide, it may not reach over. */
	if (WIDE)
		set_debugreg(0, (word)0xffff7ffffffffff8ull);
	set_debugreg(7, 0x000b0003 | 0x400);
	for (int i = 0; i < 100; i++)
		xen_version(XENVER_version, NULL);
	set_debugreg(7, 0);
	set_debugreg(0, 0);
	expect_eq(PROBE("ud2", : :), 6, "a trap");
}
