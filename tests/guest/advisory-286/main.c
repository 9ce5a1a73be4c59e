// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 286: the hypervisor saw the tables through a view of its own that was not flushed when a
 * higher entry changed, and wrote into the table that had been there before.
 *
 * Rule: after mmu_update of a level 2 entry, with no flush by the guest, update_va_mapping goes to
 * the new table. Provocation: two level 1 tables take turns in one slot. FAIL if the one out of the
 * slot changes.
 */
#include "rt.h"

#define WINDOW 0x20000000ul

void test_main(void)
{
	uint64_t *one, *two = page_alloc();
	char *p = page_alloc();
	uint64_t pte = mfn_of(p) << 12 | PROT_KERNEL, at, first;

	va_map(WINDOW, pte);
	one = pt_entry(WINDOW, 1);
	at = pt_entry_maddr(WINDOW, 2);
	first = *pt_entry(WINDOW, 2);
	page_protect(two, false);
	expect_eq(mmuext(MMUEXT_PIN_L1_TABLE, mfn_of(two), 0), 0, "pin the second");
	expect_eq(mmuext(MMUEXT_PIN_L1_TABLE, first >> 12 & 0xffffffffff, 0), 0, "pin the first");
	for (int round = 0; round < 20; round++) {
		expect_eq(update_va(WINDOW, 0, UVMF_NONE), 0, "clear in the first");
		expect_eq(update_va(WINDOW, pte, UVMF_NONE), 0, "set in the first");
		expect_eq(mmu_update_one(at, mfn_of(two) << 12 | PROT_TABLE), 0,
			  "the second into the slot");
		expect_eq(update_va(WINDOW + PAGE_SIZE, pte, UVMF_NONE), 0, "set in the second");
		expect(!(read_once(one[1]) & PTE_P), "the first table changed, out of its slot");
		expect(read_once(two[1]) & PTE_P, "the second table did not change");
		expect_eq(update_va(WINDOW + PAGE_SIZE, 0, UVMF_NONE), 0, "clear in the second");
		expect_eq(mmu_update_one(at, first), 0, "the first into the slot");
	}
}
