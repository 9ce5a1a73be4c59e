// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisories 52 and 53: extended registers that had never been initialised showed what was left in
 * them, and bad state given to XRSTOR faulted in ring 0.
 *
 * Rule: a component seen for the first time is in its initial state. Provocation: the upper halves
 * of the AVX registers right after XCR0 first names them; XRSTOR of garbage in the guest itself.
 * FAIL if they are not zero, or garbage takes more than the guest along.
 */
#include "rt.h"

static uint8_t area[1024] __attribute__((aligned(64)));
static uint64_t high[4];

void test_main(void)
{
	uint32_t r[4];
	word cr4 = 0;
	int v;

	cpuid_forced(1, 0, r);
	if (!(r[2] >> 26 & 1) || !(r[2] >> 28 & 1)) {
		test_skip("no AVX is shown");
		return;
	}
	PROBE("mov %%cr4, %0", : "=r"(cr4));
	PROBE("mov %0, %%cr4", : : "r"(cr4 | 1ul << 18));
	expect_eq(PROBE("xsetbv", : : "a"(7), "d"(0), "c"(0)), -1, "xcr0 = 7");
	for (int i = 0; i < 1; i++) {
		v = PROBE("vextractf128 $1, %%ymm0, (%0); vextractf128 $1, %%ymm7, 16(%0)",
			  :
			  : "r"(high)
			  : "memory");
		if (v != -1) {
			test_skip("AVX does not run here");
			return;
		}
	}
	expect(!(high[0] | high[1] | high[2] | high[3]),
	       "upper halves are not zero at first sight");
	/* XRSTOR with a bad header: #GP for us. */
	memset(area, 0xff, sizeof(area));
	v = PROBE("xrstor (%0)", : : "r"(area), "a"(7), "d"(0) : "memory");
	expect(v == 13 || v == -1, "xrstor of garbage: vector %d", v);
	memset(area, 0, sizeof(area));
	*(uint32_t *)(area + 24) = 0xffffffff;	/* mxcsr with reserved bits */
	*(uint64_t *)(area + 512) = 2;
	v = PROBE("xrstor (%0)", : : "r"(area), "a"(7), "d"(0) : "memory");
	expect(v == 13 || v == -1, "xrstor of a bad mxcsr: vector %d", v);
	memset(area, 0, sizeof(area));
	*(uint32_t *)(area + 24) = 0x1f80;
	PROBE("xrstor (%0)", : : "r"(area), "a"(7), "d"(0) : "memory");
	sched_op(SCHEDOP_yield, NULL);
	expect_eq(PROBE("vpxor %%xmm0, %%xmm0, %%xmm0", : :), -1, "AVX afterwards");
}
