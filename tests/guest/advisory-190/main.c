// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 190: CR0.TS and EM were not honoured everywhere.
 *
 * Rule: with TS set, every x87, MMX, SSE and AVX instruction raises #NM, in kernel and program.
 * Provocation: one of each kind, after fpu_taskswitch(1). FAIL if one runs.
 */
#include "rt.h"

static uint8_t area[512] __attribute__((aligned(64)));

__user static word user_mmx(word arg)
{
	asm volatile("pxor %mm0, %mm0; emms");
	return arg;
}

__user static word user_sse(word arg)
{
	asm volatile("pxor %xmm0, %xmm0");
	return arg;
}

#define NM(what, text, ...)							\
	do {									\
		fpu_taskswitch(1);						\
		expect_eq(PROBE(text, __VA_ARGS__), 7, what " with TS");	\
	} while (0)

void test_main(void)
{
	NM("fnop", "fnop", : :);
	NM("fld1", "fld1", : :);
	NM("pxor mm", "pxor %%mm0, %%mm0", : :);
	NM("pxor xmm", "pxor %%xmm0, %%xmm0", : :);
	NM("movups", "movups (%0), %%xmm0", : : "r"(area));
	NM("fxsave", "fxsave (%0)", : : "r"(area) : "memory");
	NM("fxrstor", "fxrstor (%0)", : : "r"(area) : "memory");
	NM("ldmxcsr", "ldmxcsr (%0)", : : "r"(area) : "memory");
	fpu_taskswitch(1);
	expect_eq(user_run(user_mmx, 0), 7, "MMX of ring 3 with TS");
	fpu_taskswitch(1);
	expect_eq(user_run(user_sse, 0), 7, "SSE of ring 3 with TS");
	fpu_taskswitch(0);
	expect_eq(user_run(user_mmx, 0), VECTOR_USER_DONE, "MMX of ring 3");
}
