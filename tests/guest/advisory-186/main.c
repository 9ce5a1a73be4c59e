// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisories 67, 186 and 298: the emulator's string port instructions used addresses beyond what
 * the segment or the address size allows.
 *
 * Rule: OUTS and INS stay within their segment and wrap as the processor would; a segment that does
 * not fit is a fault of the guest. Provocation: rep outsb and insb at the end of address space,
 * from the hypervisor's range, through a small segment of the LDT. FAIL if bytes of the hypervisor
 * are taken, or written.
 */
#include "rt.h"

static int outs(word from, word n)
{
	return PROBE("cld; rep outsb", : "+S"(from), "+c"(n) : "d"((uint16_t)0x80) : "memory");
}

static int ins(word to, word n)
{
	return PROBE("cld; rep insb", : "+D"(to), "+c"(n) : "d"((uint16_t)0x80) : "memory");
}

void test_main(void)
{
	struct physdev_set_iopl iopl = { .iopl = 1 };
	word theirs = WIDE ? (word)0xffff830000001000ull : m2p_end;
	static char buf[16];
	uint64_t *ldt;
	int v;

	expect_eq(physdev_op(PHYSDEVOP_set_iopl, &iopl), 0, "IOPL");
	v = outs((word)buf, 4);
	expect(v == -1 || v == 13, "outs of our own: vector %d", v);
	v = outs(theirs, 4);
	expect(v == 14 || v == 13, "outs of the hypervisor's: vector %d", v);
	v = ins(theirs, 4);
	expect(v == 14 || v == 13, "ins to the hypervisor's: vector %d", v);
	v = ins(m2p_start, 4);
	expect(v == 14 || v == 13, "ins to the M2P: vector %d", v);
	v = outs(~0ul - 1, 8);
	expect(v != -1, "outs across the end of address space");
	v = ins((word)si->pt_base, 4);
	expect(v == 14 || v == 13, "ins to our root: vector %d", v);
	if (WIDE) {
		v = outs((word)0x7ffffffffffcull, 16);
		expect(v == 14 || v == 13, "outs across the hole: vector %d", v);
	}
	/* A data segment of 16 bytes at our buffer: byte 12 and on runs over its end. */
	ldt = page_alloc();
	ldt[1] = 0x0040f2000000000full | ((uint64_t)(word)buf & 0xffffff) << 16 |
		 ((uint64_t)(word)buf >> 24 & 0xff) << 56;
	page_protect(ldt, false);
	expect_eq(mmuext(MMUEXT_SET_LDT, (word)ldt, 512), 0, "SET_LDT");
	if (!WIDE) {
		word from = 12, n = 16;

		asm volatile("mov %0, %%fs" : : "r"(1 * 8 | 7));
		v = PROBE("cld; .byte 0x64; rep outsb",
			  : "+S"(from), "+c"(n)
			  : "d"((uint16_t)0x80)
			  : "memory");
		expect(v == 13, "outs beyond a segment's end: vector %d", v);
		asm volatile("mov %0, %%fs" : : "r"(0));
	}
	mmuext(MMUEXT_SET_LDT, 0, 0);
}
