// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 148: a level 2 entry could get its superpage bit by the fast path, which looked only at
 * the frame.
 *
 * Rule: an update of a present entry that changes more than soft flags is checked as if it were
 * new; PSE is never taken. Provocation: an honest level 2 entry, then the same frame with PSE, with
 * PSE and RW, with reserved bits; by mmu_update and by a store. FAIL if PSE stands in the table.
 */
#include "rt.h"

#define WINDOW 0x20000000ul

void test_main(void)
{
	volatile uint64_t *e;
	uint64_t at, honest;
	static const uint64_t extra[] = { PTE_PS, PTE_PS | PTE_G, PTE_PS | PTE_AVAIL,
					  PTE_PS | PTE_NX };

	va_map(WINDOW, 0);
	e = pt_entry(WINDOW, 2);
	at = pt_entry_maddr(WINDOW, 2);
	honest = *e;
	for (size_t i = 0; i < ARRAY_SIZE(extra); i++) {
		expect_refused(mmu_update_one(at, honest | extra[i]), "PSE added");
		expect(!(*e & PTE_PS), "PSE stands in the table");
		expect_refused(mmu_update_one(at | MMU_PT_UPDATE_PRESERVE_AD, honest | extra[i]),
			       "PSE added, keeping A and D");
		expect(!(*e & PTE_PS), "PSE stands in the table");
		mmu_update_one(at, honest & ~PTE_RW);
		expect_refused(mmu_update_one(at, honest | extra[i]), "RW and PSE added");
		expect(!(*e & PTE_PS), "PSE stands in the table");
		mmu_update_one(at, honest);
	}
	vm_assist(VMASST_CMD_enable, VMASST_TYPE_writable_pagetables);
	probe_write8((word)e, honest | PTE_PS);
	expect(!(*e & PTE_PS), "PSE stands in the table after a store");
	PROBE("lock orb $0x80, (%0)", : : "r"(e) : "memory", "cc");
	expect(!(*e & PTE_PS), "PSE stands in the table after lock or");
	expect_eq(mmu_update_one(at, honest), 0, "the honest entry");
}
