// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 273: entries that are not present but hold addresses (L1 terminal fault).
 *
 * Rule: what is not present may hold anything (kernels keep swap places there) and holds no
 * reference; the hypervisor may refuse or crash on hardware that leaks, never be confused.
 * Provocation: not-present entries of every pattern at level 1 and 2, by hypercall and by store,
 * naming a frame of ours, which is then given back. FAIL if a reference was kept.
 */
#include "rt.h"

#define WINDOW 0x20000000ul

void test_main(void)
{
	char *p = page_alloc();
	uint64_t mfn = mfn_of(p), before;
	static const uint64_t patterns[] = { 0xffe, 0x80, 0x7ff0000000000ffe, 0xfffffffffffffffe,
					     0x8000000000000002 };

	va_map(WINDOW, 0);
	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++) {
		uint64_t e = (patterns[i] & ~PTE_ADDR) | mfn << 12;

		update_va(WINDOW, e, UVMF_INVLPG);
		mmu_update_one(pt_entry_maddr(WINDOW, 1), patterns[i]);
		mmu_update_one(pt_entry_maddr(WINDOW, 1), e);
		probe_write64((word)pt_entry(WINDOW, 1), e | 0x200);
		mmu_update_one(pt_entry_maddr(WINDOW + (1ul << 21), 2), e);
		mmu_update_one(pt_entry_maddr(WINDOW + (1ul << 21), 2), 0);
		expect(probe_read(WINDOW, NULL) == 14, "a not-present entry reads");
	}
	update_va(WINDOW, 0, UVMF_INVLPG);
	update_va((word)p, 0, UVMF_INVLPG);
	before = machine_free_pages();
	expect_eq(frame_give_back(mfn), 1, "give the frame back");
	expect_eq(machine_free_pages(), before + 1, "free pages of the machine");
}
