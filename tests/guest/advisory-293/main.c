// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 293: a guest's value of CR4 went to the hardware with bits the hypervisor had not meant
 * to give.
 *
 * Rule: of CR4 a guest gets what is on a list. Provocation: each bit set and cleared by mov to CR4.
 * FAIL if one that is the hypervisor's (VMXE, SMXE, PCIDE, SMEP, SMAP, PKE, UMIP, PVI, VME, MCE
 * off, PAE off, PGE) reads back changed by us and takes effect: page tables go on working, programs
 * still cannot do what they could not.
 */
#include "rt.h"

__user static word user_rdtsc(word arg)
{
	asm volatile("rdtsc" : : : "eax", "edx");
	return arg;
}

void test_main(void)
{
	word honest = 0, now = 0;

	expect_eq(PROBE("mov %%cr4, %0", : "=r"(honest)), -1, "read cr4");
	note("cr4 is %#lx", honest);
	for (unsigned int bit = 0; bit < 8 * sizeof(word); bit++) {
		int v = PROBE("mov %0, %%cr4", : : "r"(honest ^ 1ul << bit));
		static const uint32_t theirs = 1u << 0 | 1u << 1 | 1u << 5 | 1u << 13 | 1u << 14 |
					       1u << 17 | 1u << 20 | 1u << 21 | 1u << 22;

		expect(v == -1 || v == 13, "bit %u: vector %d", bit, v);
		expect_eq(PROBE("mov %%cr4, %0", : "=r"(now)), -1, "read cr4");
		if (bit < 32 && theirs & 1u << bit)
			expect(!((now ^ honest) & 1ul << bit), "bit %u of cr4 is ours to change",
			       bit);
		PROBE("mov %0, %%cr4", : : "r"(honest));
	}
	/* TSD is a guest's own business, and must come back. */
	PROBE("mov %0, %%cr4", : : "r"(honest | 4));
	note("rdtsc of ring 3 with TSD: vector %d", user_run(user_rdtsc, 0));
	PROBE("mov %0, %%cr4", : : "r"(honest));
	expect_eq(user_run(user_rdtsc, 0), VECTOR_USER_DONE, "rdtsc of ring 3 without TSD");
#ifdef __x86_64__
	/* FSGSBASE: as CPUID says, not behind our back. */
	{
		uint32_t r[4];
		word base = 0;
		int v;

		cpuid_forced(7, 0, r);
		v = PROBE("rdfsbase %0", : "=r"(base));
		expect(v == 6 || (v == -1 && r[1] & 1), "rdfsbase: vector %d, CPUID says %u", v,
		       r[1] & 1);
	}
#endif
}
