// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 66: the emulator computed an operand's address wrongly when the address size was
 * overridden.
 *
 * Rule: with a 32-bit address size in a 64-bit kernel the address is cut to 32 bits, wherever the
 * registers point; in 32 bits a 16-bit size cuts to 16. What is emulated is the store to that
 * address or none. Provocation: a live page table mapped below 4 GiB, written through registers
 * whose upper halves are garbage. FAIL if the entry is not the one named, or another changes.
 */
#include "rt.h"

#define WINDOW 0x20000000ul
#define TABLE  0x20004000ul

void test_main(void)
{
	volatile uint64_t *t;
	char *p = page_alloc();
	uint64_t pte = mfn_of(p) << 12 | PROT_KERNEL;
	int v;

	vm_assist(VMASST_CMD_enable, VMASST_TYPE_writable_pagetables);
	va_map(WINDOW, 0);
	t = pt_entry(WINDOW, 1);
	/* The table, read-only, at an address of its own. */
	if (va_map(TABLE, mfn_of((void *)t) << 12 | PTE_P | PTE_A))
		return;
#ifdef __x86_64__
	{
		word high = 0xdead00000000ul | (TABLE & 0xffffffff);

		v = PROBE("movl %k1, (%k0)", : : "r"(high), "r"((uint32_t)0x200) : "memory");
		expect(v == -1 || v == 14, "a store with a 32-bit address: vector %d", v);
		if (v == -1)
			expect(t[0] == 0x200, "it went elsewhere: entry 0 is %#llx",
			       (unsigned long long)t[0]);
		v = PROBE("movl %k1, -8(%k0)", : : "r"(high + 16), "r"((uint32_t)0x400) : "memory");
		if (v == -1)
			expect(t[1] == 0x400, "it went elsewhere: entry 1 is %#llx",
			       (unsigned long long)t[1]);
		/* An index that wraps at 4 GiB. */
		v = PROBE("movl %k2, (%k0,%k1)",
			  :
			  : "r"(0xffffff00u), "r"((uint32_t)(TABLE + 0x100 + 24)),
			    "r"((uint32_t)0x600)
			  : "memory");
		if (v == -1)
			expect(t[3] == 0x600, "it went elsewhere: entry 3 is %#llx",
			       (unsigned long long)t[3]);
	}
#else
	{
		/* esi + disp wraps at 4 GiB. */
		v = PROBE("movl %1, 0x100(%0)",
			  :
			  : "r"((word)TABLE - 0x100 + 8), "r"((uint32_t)0x200)
			  : "memory");
		expect(v == -1 || v == 14, "a store with a displacement: vector %d", v);
		if (v == -1)
			expect(t[1] == 0x200, "it went elsewhere: entry 1 is %#llx",
			       (unsigned long long)t[1]);
		v = PROBE("movl %2, (%0,%1)",
			  :
			  : "r"(0xffffff00u), "r"((uint32_t)(TABLE + 0x100 + 24)),
			    "r"((uint32_t)0x600)
			  : "memory");
		if (v == -1)
			expect(t[3] == 0x600, "it went elsewhere: entry 3 is %#llx",
			       (unsigned long long)t[3]);
		/* A 16-bit address: far below, where nothing is. */
		v = PROBE(".byte 0x67, 0xc6, 0x07, 0x55", : : "b"((word)TABLE) : "memory");
		expect(v == 14 && last.cr2 < 0x10000,
		       "a store with a 16-bit address: vector %d at %#lx", v, last.cr2);
	}
#endif
	for (int i = 4; i < 512; i++) {
		/* Entry 4 is the mapping of the table itself. */
		if (i != 4 && t[i]) {
			test_fail("entry %d changed: %#llx", i, (unsigned long long)t[i]);
			break;
		}
	}
	(void)pte;
}
