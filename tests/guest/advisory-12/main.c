// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 12: reserved bits of DR7 reached the hardware, which faults on them in ring 0.
 *
 * Rule: reserved bits are forced to what they must be, or the value is refused. Provocation: every
 * single bit, and all, of DR7 and DR6, by hypercall and by instruction. FAIL if general detect or a
 * reserved bit reads back set.
 */
#include "rt.h"

void test_main(void)
{
	for (unsigned int bit = 0; bit < 8 * sizeof(word); bit++) {
		word v = 1ul << bit, now;

		set_debugreg(7, v);
		now = get_debugreg(7);
		expect(!(now & 0xd800) || (long)now < 0, "dr7 bit %u: reads %#lx", bit, now);
		PROBE("mov %0, %%dr7", : : "r"(v));
		set_debugreg(6, v);
		PROBE("mov %0, %%dr6", : : "r"(v));
		set_debugreg(7, 0);
	}
	set_debugreg(7, ~0ul);
	set_debugreg(6, ~0ul);
	PROBE("mov %0, %%dr7", : : "r"(~0ul));
	expect_eq(set_debugreg(7, 0), 0, "dr7 = 0");
	expect_eq(set_debugreg(6, 0), 0, "dr6 = 0");
	expect_eq(PROBE("nop; nop", : :), -1, "no debug trap afterwards");
}
