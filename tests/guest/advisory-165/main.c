// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisories 165 and 267: a vcpu's first look at the floating point registers showed another's.
 *
 * Rule: registers of a fresh vcpu are in their initial state. Provocation: we fill ours with a
 * mark; a second vcpu starts and looks, before and while we use ours. FAIL if it sees the mark, or
 * a control word that is not the initial one.
 */
#include "rt.h"

static volatile bool done;
static uint64_t theirs[4], x87[16];
static uint16_t cw;
static uint32_t mxcsr;

static void second(word arg)
{
	(void)arg;
	asm volatile("movups %%xmm0, (%0); movups %%xmm7, 16(%0); stmxcsr (%1); fnstcw (%2)"
		     : : "r"(theirs), "r"(&mxcsr), "r"(&cw) : "memory");
	asm volatile("fnsave (%0)" : : "r"(x87) : "memory");
	done = true;
}

void test_main(void)
{
	static uint64_t mark[2] = { 0xfeedfacefeedface, 0xfeedfacefeedface };
	uint64_t until = system_time() + 3000000000ull;

	asm volatile("movups (%0), %%xmm0; movups (%0), %%xmm7; fninit; fldpi; fldpi"
		     :
		     : "r"(mark));
	if (vcpu_start(1, second, 0)) {
		test_skip("no second vcpu");
		return;
	}
	while (!done && system_time() < until)
		sched_op(SCHEDOP_yield, NULL);
	expect(done, "the second vcpu did not run");
	expect(!(theirs[0] | theirs[1] | theirs[2] | theirs[3]), "it saw %#llx in xmm0",
	       (unsigned long long)theirs[0]);
	expect_eq(mxcsr, 0x1f80, "its mxcsr");
	expect(cw == 0x37f || cw == 0x40, "its control word %#x", cw);
	{
		uint64_t got[2];

		asm volatile("movups %%xmm7, (%0)" : : "r"(got) : "memory");
		expect(got[0] == mark[0] && got[1] == mark[1], "our xmm7 changed meanwhile");
	}
}
