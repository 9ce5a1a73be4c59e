// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 113: MMU_MACHPHYS_UPDATE kept a reference to the frame it named.
 *
 * Rule: every way out of it puts the reference. Provocation: a hundred updates of a page of ours,
 * right and wrong; then the page is given back. FAIL if it does not become free.
 */
#include "rt.h"

void test_main(void)
{
	char *p = page_alloc();
	word pfn = va_to_pfn(p);
	uint64_t mfn = mfn_of(p), before;

	for (int i = 0; i < 100; i++)
		expect_eq(mmu_update_one(mfn << 12 | MMU_MACHPHYS_UPDATE, pfn), 0,
			  "MACHPHYS_UPDATE");
	expect_eq(m2p[mfn], pfn, "the M2P");
	expect_eq(mmu_update_one(mfn << 12 | MMU_MACHPHYS_UPDATE, pfn + 7), 0, "another number");
	expect_eq(m2p[mfn], pfn + 7, "the M2P");
	expect_eq(mmu_update_one(mfn << 12 | MMU_MACHPHYS_UPDATE, pfn), 0, "the right one");
	for (int i = 0; i < 100; i++)
		mmu_update_one(0xfffffull << 12 | MMU_MACHPHYS_UPDATE, pfn);
	before = machine_free_pages();
	update_va((word)p, 0, UVMF_INVLPG);
	expect_eq(frame_give_back(mfn), 1, "give it back");
	expect_eq(machine_free_pages(), before + 1, "free pages of the machine");
}
