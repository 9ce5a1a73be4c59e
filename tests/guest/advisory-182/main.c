// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 182: the fast path of a table's own entry let flags through that matter.
 *
 * Rule: what may change without a full check is a list of harmless flags (accessed, dirty,
 * available); all else is checked anew. Provocation: an entry of each level that names a table of
 * the same level read-only (a linear mapping; a hypervisor may refuse that to begin with), then the
 * same with RW, by each update. FAIL if RW stands.
 */
#include "rt.h"

static void at_level(int level)
{
	uint64_t *table = (uint64_t *)((word)pt_entry(VIRT_BASE + LOAD_OFFSET, level) &
				       ~(word)(PAGE_SIZE - 1));
	unsigned int slot = WIDE || level < 3 ? (level == 4 ? 300 : 300) : 2;
	uint64_t self = mfn_of(table) << 12 | PTE_P | (WIDE || level < 3 ? PTE_US | PTE_A : 0);
	uint64_t at = mfn_of(table) << 12 | slot * 8;
	long rc;

	if (table[slot] & PTE_P)
		return;
	rc = mmu_update_one(at, self);
	if (rc) {
		note("level %d: linear entries are refused (%ld)", level, rc);
		expect_refused(mmu_update_one(at, self | PTE_RW), "a writable linear entry");
		return;
	}
	expect_refused(mmu_update_one(at, self | PTE_RW), "RW added to a linear entry");
	expect(!(read_once(table[slot]) & PTE_RW), "level %d: RW stands in a linear entry", level);
	expect_refused(mmu_update_one(at | MMU_PT_UPDATE_PRESERVE_AD, self | PTE_RW),
		       "RW added to a linear entry");
	expect(!(read_once(table[slot]) & PTE_RW), "level %d: RW stands in a linear entry", level);
	mmu_update_one(at, 0);
}

void test_main(void)
{
	for (int level = 2; level <= TOP_LEVEL; level++)
		at_level(level);
}
