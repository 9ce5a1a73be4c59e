// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 58: a pin that failed half way put references it had never taken, or kept those it had.
 *
 * Rule: a failed check drops exactly what it took. Provocation: level 1 and 2 tables with one bad
 * entry, at every sort of place, pinned again and again. FAIL if a page they named cannot be given
 * back at the end (a reference kept), or was lost before (one too many).
 */
#include "rt.h"

#define TRIES 40

void test_main(void)
{
	uint64_t *l1 = page_alloc(), *l2 = page_alloc();
	char *p = page_alloc(), *q = page_alloc();
	uint64_t leaf = mfn_of(p) << 12 | PROT_KERNEL;
	static const unsigned int places[] = { 0, 1, 63, 64, 255, 510, 511 };
	word pfn;
	uint64_t mfn, before;

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		for (int j = 0; j < 512; j++)
			l1[j] = leaf;
		l1[places[i]] = mfn_of((void *)si->pt_base) << 12 |
				PROT_KERNEL; /* our root, writable */
		page_protect(l1, false);
		for (int t = 0; t < TRIES; t++)
			expect_refused(mmuext(MMUEXT_PIN_L1_TABLE, mfn_of(l1), 0),
				       "a level 1 table with a bad entry");
		memset(l2, 0, PAGE_SIZE);
		l2[0] = mfn_of(l1) << 12 | PROT_TABLE;
		page_protect(l2, false);
		for (int t = 0; t < TRIES; t++)
			expect_refused(mmuext(MMUEXT_PIN_L2_TABLE, mfn_of(l2), 0),
				       "a level 2 table over it");
		expect_eq(page_protect(l2, true), 0, "level 2 writable again");
		expect_eq(page_protect(l1, true), 0, "level 1 writable again");

		/* The bad entry at level 2: a table that is mapped writable. */
		for (int j = 0; j < 512; j++)
			l1[j] = leaf;
		page_protect(l1, false);
		for (int j = 0; j < (WIDE ? 512 : 100); j++)
			l2[j] = mfn_of(l1) << 12 | PROT_TABLE;
		l2[WIDE ? places[i] : places[i] % 100] = mfn_of(q) << 12 | PROT_TABLE;
		page_protect(l2, false);
		for (int t = 0; t < TRIES; t++)
			expect_refused(mmuext(MMUEXT_PIN_L2_TABLE, mfn_of(l2), 0),
				       "a level 2 table with a bad entry");
		expect_eq(page_protect(l2, true), 0, "level 2 writable again");
		expect_eq(page_protect(l1, true), 0, "level 1 writable again");
	}
	/* Is the page they named free of references? Then giving it back frees it. */
	memset(l1, 0, PAGE_SIZE);
	memset(l2, 0, PAGE_SIZE);
	pfn = va_to_pfn(p);
	mfn = mfn_of(p);
	before = machine_free_pages();
	expect_eq(update_va((word)p, 0, UVMF_INVLPG), 0, "unmap the page");
	expect_eq(frame_give_back(mfn), 1, "give it back");
	expect_eq(machine_free_pages(), before + 1, "free pages of the machine");
	expect(frame_ask(pfn) != INVALID_MFN, "ask for another");
}
