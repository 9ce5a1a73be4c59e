// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 333: a WRMSR the hypervisor passed on faulted, and nobody caught it.
 *
 * Rule: whatever value a guest writes to whatever MSR, the fault is the guest's. Provocation:
 * random and extreme values to every MSR that reads, and to those near them. FAIL is a dead
 * machine; and a machine whose hypercalls, traps or time do not work afterwards.
 */
#include "rt.h"

static void beat(uint32_t msr)
{
	static const uint64_t values[] = {
		0, ~0ull, 1, 1ull << 63, 0x0000800000000000, 0x5555555555555555
	};
	uint64_t before;
	bool reads = rdmsr_probe(msr, &before) == -1;

	/* Bases of segments are ours to move, and would move the ground under our feet. */
	if (msr >= 0xc0000100 && msr <= 0xc0000102)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		int v = wrmsr_probe(msr, values[i]);

		if (v != -1 && v != 13) {
			test_fail("wrmsr %#x: vector %d", msr, v);
			return;
		}
	}
	if (reads)
		wrmsr_probe(msr, before);
}

void test_main(void)
{
	uint64_t t = system_time();

	for (uint32_t i = 0; i < 0x300; i++)
		beat(i);
	for (uint32_t i = 0x3f0; i < 0x420; i++)
		beat(i);
	for (uint32_t i = 0x800; i < 0x840; i++)
		beat(i);
	for (uint32_t i = 0xd90; i < 0xdb0; i++)
		beat(i);
	for (uint32_t i = 0xc0000080; i < 0xc0000110; i++)
		beat(i);
	for (uint32_t i = 0xc0010000; i < 0xc0010140; i++)
		beat(i);
	for (uint32_t i = 0xc0011000; i < 0xc0011040; i++)
		beat(i);
	expect(xen_version(XENVER_version, NULL) > 0, "hypercalls");
	expect_eq(PROBE("ud2", : :), 6, "a trap");
	expect(system_time() > t, "time");
}
