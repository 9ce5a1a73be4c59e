// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 167: superpages for PV guests, with checks missing.
 *
 * Rule: they are not offered. Provocation: MARK_SUPER and UNMARK_SUPER of our frames, of frames
 * beyond memory and of frames not aligned; a fresh level 2 and level 3 entry with PSE. FAIL on
 * success.
 */
#include "rt.h"

void test_main(void)
{
	uint64_t mfns[] = {
		0,	    512,       mfn_of(page_alloc()) & ~511ull, m2p_entries & ~511ull,
		0x7fffffff, 0xfffffe00
	};
	word va = 0x60000000ul;
	char *p = page_alloc();

	for (size_t i = 0; i < ARRAY_SIZE(mfns); i++) {
		expect_refused(mmuext(MMUEXT_MARK_SUPER, mfns[i], 0), "MARK_SUPER");
		expect_refused(mmuext(MMUEXT_UNMARK_SUPER, mfns[i], 0), "UNMARK_SUPER");
	}
	va_map(va, 0);
	for (size_t i = 0; i < ARRAY_SIZE(mfns); i++) {
		expect_refused(mmu_update_one(pt_entry_maddr(va + (1ul << 21), 2),
					      mfns[i] << 12 | PROT_KERNEL | PTE_PS),
			       "a level 2 superpage");
		if (WIDE)
			expect_refused(mmu_update_one(pt_entry_maddr(va, 3),
						      mfns[i] << 12 | PROT_KERNEL | PTE_PS),
				       "a level 3 superpage");
	}
	(void)p;
}
