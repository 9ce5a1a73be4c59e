// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 195: the bit offset of BT and its kin was cut to the wrong width, and the emulator wrote
 * far away.
 *
 * Rule: a bit offset in a register moves the address; what is emulated is the store where it really
 * goes, or nothing. Provocation: lock bts and btr on a live page table with offsets within, far
 * beyond and before the operand. FAIL if an entry other than the one named changes.
 */
#include "rt.h"

#define WINDOW 0x20000000ul

void test_main(void)
{
	volatile uint64_t *t;
	static uint64_t before[512];
	char *p = page_alloc();
	static const int32_t offsets[] = {
		9,	    10, 64 + 9, 640 + 11, 511 * 64 + 10, 512 * 64 + 9,
		0x7fffffff, -1, -64,	-4096,	  -0x7fffffff
	};

	va_map(WINDOW, mfn_of(p) << 12 | PROT_KERNEL);
	vm_assist(VMASST_CMD_enable, VMASST_TYPE_writable_pagetables);
	t = pt_entry(WINDOW, 1);
	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++) {
		long off = offsets[i];
		int v;

		memcpy(before, (void *)t, PAGE_SIZE);
		v = PROBE("lock bts %1, (%0)", : : "r"(t), "r"(off) : "memory", "cc");
		for (int j = 0; j < 512; j++) {
			uint64_t diff = before[j] ^ t[j];
			bool named = off >= 0 && off / 64 == j;

			if (diff & ~(PTE_A | PTE_D) && !(named && diff == 1ull << off % 64)) {
				test_fail("offset %d: entry %d changed by %#llx", offsets[i], j,
					  (unsigned long long)diff);
				break;
			}
		}
		if (off >= 0 && off / 64 < 512)
			mmu_update_one(mfn_of((void *)t) << 12 | off / 64 * 8, before[off / 64]);
		(void)v;
	}
	expect_eq(probe_write(WINDOW, 1), -1, "the page is still mapped");
}
