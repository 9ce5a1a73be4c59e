// SPDX-License-Identifier: GPL-2.0-only
/*
 * Debug registers: by hypercall and by instruction.
 *
 * Rule: what is set is read back; a breakpoint on our own address raises #DB there; reserved bits
 * are forced to what the hardware demands, addresses in the hypervisor's range are refused;
 * registers 4 and 5, 8 and beyond do not exist.
 */
#include "rt.h"

static word cell;

void test_main(void)
{
	word v = 0, theirs = WIDE ? (word)0xffff830000000000ull : m2p_end + 0x1000;

	for (unsigned int reg = 0; reg < 4; reg++) {
		expect_eq(set_debugreg(reg, 0x1000 * (reg + 1)), 0, "set dr0-3");
		expect_eq(get_debugreg(reg), 0x1000 * (reg + 1), "get dr0-3");
		expect_eq(set_debugreg(reg, 0), 0, "clear dr0-3");
		/* A 32-bit guest cannot name an address of the hypervisor's, only of the M2P. */
		if (WIDE)
			expect_refused(set_debugreg(reg, theirs), "a breakpoint on the hypervisor");
	}
	expect_eq(get_debugreg(7) & ~0x400ul, 0, "dr7 at birth");
	expect_eq(set_debugreg(6, 0), 0, "set dr6");
	expect_eq(set_debugreg(7, 0), 0, "set dr7");

	/* A write breakpoint on a word of ours: length 4, write only, slot 0. */
	expect_eq(set_debugreg(0, (word)&cell), 0, "set dr0");
	expect_eq(set_debugreg(7, 0x000d0001 | 0x400), 0, "set dr7");
	expect_eq(PROBE("movl $1, %0; nop; nop", : "=m"(cell)), 1, "a store to the watched word");
	if (last.vector == 1)
		expect(get_debugreg(6) & 1, "dr6 does not name slot 0: %#lx", get_debugreg(6));
	expect_eq(PROBE("mov %%dr7, %0", : "=r"(v)), -1, "mov from dr7");
	expect(v & 1, "dr7 by instruction: %#lx", v);
	expect_eq(set_debugreg(7, 0), 0, "clear dr7");
	expect_eq(PROBE("movl $2, %0; nop; nop", : "=m"(cell)), -1, "a store when nobody watches");
	expect_eq(PROBE("mov %0, %%dr1", : : "r"((word)0x2000)), -1, "mov to dr1");
	expect_eq(get_debugreg(1), 0x2000, "dr1 read back");
	expect_eq(PROBE("mov %0, %%dr1", : : "r"((word)0)), -1, "mov to dr1");
	if (WIDE) {
		v = PROBE("mov %0, %%dr1", : : "r"(theirs));
		expect(v == 13 || v == 6, "mov of a hypervisor address to dr1: vector %ld",
		       (long)v);
	}

	expect_refused(set_debugreg(8, 0), "set dr8");
	expect_refused(set_debugreg(~0u, 0), "set dr~0");
	expect_refused(get_debugreg(8), "get dr8");
	expect_refused(get_debugreg(~0u), "get dr~0");
}
