// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 185: a PAE level 3 table used as a level 2 of itself, whose four entries have no rights
 * bits.
 *
 * Rule: a level 3 table of a 32-bit guest is never a table below. Provocation: level 3 entries that
 * name the table itself, another level 3 table, and a level 2 entry that names either. FAIL on
 * success.
 */
#include "rt.h"

void test_main(void)
{
	uint64_t *root = (uint64_t *)si->pt_base, *other = page_alloc();
	word va = 0x20000000ul;

	va_map(va, 0);
	page_protect(other, false);
	for (int slot = 1; slot < 3; slot++) {
		uint64_t at = mfn_of(root) << 12 | slot * 8;

		if (root[slot] & PTE_P)
			continue;
		expect_refused(mmu_update_one(at, mfn_of(root) << 12 | PTE_P),
			       "the level 3 table as its own level 2");
		expect_refused(mmu_update_one(at, mfn_of(root) << 12 | PTE_P | PTE_RW | PTE_US),
			       "the same with rights");
	}
	expect_refused(mmu_update_one(pt_entry_maddr(va + (1ul << 21), 2),
				      mfn_of(root) << 12 | PROT_TABLE),
		       "the level 3 table as a level 1");
	expect_refused(mmu_update_one(pt_entry_maddr(va, 1), mfn_of(root) << 12 | PROT_KERNEL),
		       "its page, writable");
	expect_refused(mmuext(MMUEXT_PIN_L2_TABLE, mfn_of(root), 0),
		       "the level 3 table pinned as level 2");
}
