// SPDX-License-Identifier: GPL-2.0-only
/*
 * The floating point unit: ours while we run, whoever ran in between.
 *
 * Rule: fpu_taskswitch(1) makes the next use raise #NM, once CLTS or fpu_taskswitch(0) (or the
 * delivery of the #NM itself) has cleared it no more; x87, SSE and (where CPUID shows it) AVX
 * registers survive hypercalls, upcalls, blocking and ring changes; XSETBV takes only what CPUID
 * allows.
 */
#include "rt.h"

static bool has_xsave, has_avx;
static uint64_t pattern[2] = { 0x1111222233334444, 0x5555666677778888 };
static uint64_t high[4] = { 0xaaaa, 0xbbbb, 0xcccc, 0xdddd };

static void look_at_cpuid(void)
{
	uint32_t r[4];

	cpuid_forced(1, 0, r);
	has_xsave = r[2] >> 26 & 1;
	has_avx = r[2] >> 28 & 1;
	note("cpuid 1: ecx %#x edx %#x", r[2], r[3]);
}

static void task_switched(void)
{
	expect_eq(PROBE("fninit", : :), -1, "fninit");
	expect_eq(fpu_taskswitch(1), 0, "fpu_taskswitch(1)");
	expect_eq(PROBE("fnop", : :), 7, "x87 with TS set");
	/* Delivering #NM clears TS in the guest's eyes, so the handler need not. */
	expect_eq(PROBE("fnop", : :), -1, "x87 after the #NM");
	expect_eq(fpu_taskswitch(1), 0, "fpu_taskswitch(1)");
	expect_eq(PROBE("movups (%0), %%xmm0", : : "r"(pattern)), 7, "SSE with TS set");
	expect_eq(fpu_taskswitch(1), 0, "fpu_taskswitch(1)");
	expect_eq(fpu_taskswitch(0), 0, "fpu_taskswitch(0)");
	expect_eq(PROBE("fnop", : :), -1, "x87 with TS clear");
	expect_eq(fpu_taskswitch(1), 0, "fpu_taskswitch(1)");
	expect_eq(PROBE("clts", : :), -1, "clts");
	expect_eq(PROBE("fnop", : :), -1, "x87 after clts");
	expect_eq(fpu_taskswitch(1), 0, "fpu_taskswitch(1)");
	{
		word cr0 = 0;

		expect_eq(PROBE("mov %%cr0, %0", : "=r"(cr0)), -1, "read cr0");
		expect(cr0 & 8, "TS is not in cr0: %#lx", cr0);
		expect_eq(PROBE("mov %0, %%cr0",
				:
				: "r"(cr0 & ~8ul)),
			  -1, "clear TS by mov to cr0");
		expect_eq(PROBE("fnop", : :), -1, "x87 after that");
		expect_eq(PROBE("mov %0, %%cr0", : : "r"(cr0)), -1, "set TS by mov to cr0");
		expect_eq(PROBE("fnop", : :), 7, "x87 after that");
		fpu_taskswitch(0);
	}
}

__user static word user_sse(word arg)
{
	asm volatile("pxor %%xmm3, %%xmm3" : : : "memory");
	return arg;
}

static void disturb(void)
{
	unsigned int port = port_bind_virq(VIRQ_TIMER, 0);

	xen_version(XENVER_version, NULL);
	/* Masked until block opens the mask: else the timer may come before we sleep. */
	set_timer_op(system_time() + 1000000);
	sched_op(SCHEDOP_block, NULL);
	sched_op(SCHEDOP_yield, NULL);
	events_mask();
	port_close(port);
	PROBE("ud2", : :);
	user_run(user_sse, 0);
}

static void registers_survive(void)
{
	uint64_t got[2] = { 0 };
	uint32_t mxcsr = 0x1fa0, mxcsr_now = 0;
	uint16_t cw = 0x0f7f, cw_now = 0;

	asm volatile("movups (%0), %%xmm5; ldmxcsr (%1); fninit; fldcw (%2)"
		     :
		     : "r"(pattern), "r"(&mxcsr), "r"(&cw));
	disturb();
	asm volatile("movups %%xmm5, (%0); stmxcsr (%1); fnstcw (%2)"
		     :
		     : "r"(got), "r"(&mxcsr_now), "r"(&cw_now)
		     : "memory");
	expect(got[0] == pattern[0] && got[1] == pattern[1], "xmm5 changed");
	expect_eq(mxcsr_now, mxcsr, "mxcsr");
	expect_eq(cw_now, cw, "x87 control word");
	mxcsr = 0x1f80;
	asm volatile("ldmxcsr (%0); fninit" : : "r"(&mxcsr));
}

static int xsetbv(uint32_t index, uint64_t value)
{
	return PROBE("xsetbv", : : "c"(index), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
}

static uint64_t xgetbv(void)
{
	uint32_t lo, hi;

	asm volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
	return lo | (uint64_t)hi << 32;
}

static void xsave_states(void)
{
	uint64_t got[4] = { 0 };
	word cr4 = 0;

	if (!has_xsave) {
		note("no xsave shown to us");
		return;
	}
	/* A kernel turns OSXSAVE on before it uses any of it. */
	expect_eq(PROBE("mov %%cr4, %0", : "=r"(cr4)), -1, "read cr4");
	expect_eq(PROBE("mov %0, %%cr4", : : "r"(cr4 | 1ul << 18)), -1, "turn OSXSAVE on");
	expect_eq(xsetbv(0, 0), 13, "xcr0 = 0");
	expect_eq(xsetbv(0, 2), 13, "xcr0 without x87");
	expect_eq(xsetbv(0, 5), 13, "xcr0 with AVX and no SSE");
	expect_eq(xsetbv(0, ~0ull), 13, "xcr0 with everything");
	expect_eq(xsetbv(1, 3), 13, "xcr1");
	expect_eq(xsetbv(0, 3), -1, "xcr0 = 3");
	expect_eq(xgetbv(), 3, "xcr0 read back");
	if (!has_avx)
		return;
	expect_eq(xsetbv(0, 7), -1, "xcr0 = 7");
	expect_eq(xgetbv(), 7, "xcr0 read back");
	if (PROBE("vpxor %%xmm6, %%xmm6, %%xmm6", : :) != -1) {
		note("AVX does not run in this emulator");
		return;
	}
	asm volatile("vmovups (%0), %%ymm6" : : "r"(high));
	disturb();
	asm volatile("vmovups %%ymm6, (%0)" : : "r"(got) : "memory");
	expect(!memcmp(got, high, sizeof(got)), "ymm6 changed");
}

void test_main(void)
{
	look_at_cpuid();
	task_switched();
	registers_survive();
	xsave_states();
}
