// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisories 292 and 294: translations of the programs' page tables outlived a change of them.
 *
 * Rule: after MMUEXT_NEW_USER_BASEPTR ring 3 sees the new tables, without any flush of ours.
 * Provocation: two roots that map different pages at one address, taking turns. FAIL if ring 3
 * reads the other's page.
 */
#include "rt.h"

__user static word user_read(word va)
{
	return *(volatile word *)va;
}

void test_main(void)
{
	uint64_t *roots[2], mfn[2];
	word va = (word)(0x8000000000ull * 5);	/* a root slot of its own */

	user_init();
	for (int i = 0; i < 2; i++) {
		char *p = page_alloc();
		uint64_t *t[3];

		*(word *)p = 0x1000 + i;
		for (int l = 0; l < 3; l++)
			t[l] = page_alloc();
		roots[i] = page_alloc();
		t[0][0] = mfn_of(p) << 12 | PROT_USER;
		t[1][0] = mfn_of(t[0]) << 12 | PROT_TABLE;
		t[2][0] = mfn_of(t[1]) << 12 | PROT_TABLE;
		for (int l = 0; l < 3; l++)
			page_protect(t[l], false);
		roots[i][0] = *pt_entry(USER_TEXT, 4);
		roots[i][5] = mfn_of(t[2]) << 12 | PROT_TABLE;
		page_protect(roots[i], false);
		mfn[i] = mfn_of(roots[i]);
		expect_eq(mmuext(MMUEXT_PIN_L4_TABLE, mfn[i], 0), 0, "pin a root for programs");
	}
	for (int round = 0; round < 20; round++) {
		expect_eq(mmuext(MMUEXT_NEW_USER_BASEPTR, mfn[round & 1], 0), 0,
			  "NEW_USER_BASEPTR");
		expect_eq(user_run(user_read, va), VECTOR_USER_DONE, "ring 3 reads");
		expect_eq(last.regs.ax, 0x1000 + (round & 1), "what it reads");
	}
	expect_eq(mmuext(MMUEXT_NEW_USER_BASEPTR, 0, 0), 0, "no root for programs");
	expect_eq(mmuext(MMUEXT_NEW_USER_BASEPTR, user_root_mfn, 0), 0, "the first one again");
}
