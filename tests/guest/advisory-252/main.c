// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 252: decrease_reservation unpinned what it took, without a break.
 *
 * Rule: a pinned frame is not given back (or stays a table until it is unpinned in order).
 * Provocation: give back a pinned table, a live one, and our root. FAIL if it can then be mapped
 * writable, or is handed out again.
 */
#include "rt.h"

void test_main(void)
{
	uint64_t *table = page_alloc(), *live = pt_entry(VIRT_BASE + LOAD_OFFSET, 1);
	uint64_t frames[3] = { mfn_of(table), mfn_of(live), mfn_of((void *)si->pt_base) };
	long rc;

	page_protect(table, false);
	expect_eq(mmuext(MMUEXT_PIN_L1_TABLE, mfn_of(table), 0), 0, "pin");
	for (int i = 0; i < 3; i++) {
		rc = frame_give_back(frames[i]);
		note("giving back table %d: %ld", i, rc);
		expect(va_map(0x20000000ul + i * PAGE_SIZE, frames[i] << 12 | PROT_KERNEL),
		       "table %d: mapped writable", i);
	}
	for (int i = 0; i < 50; i++) {
		char *p = page_alloc();
		uint64_t was = mfn_of(p), got;

		update_va((word)p, 0, UVMF_INVLPG);
		frame_give_back(was);
		got = frame_ask(va_to_pfn(p));
		for (int j = 0; j < 3; j++)
			expect(got != frames[j], "table %d was handed out again", j);
	}
	expect(!mmuext(MMUEXT_TLB_FLUSH_LOCAL, 0, 0), "a flush on what is left");
}
