// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisories 299 and 310: a check of tables that was broken off, and then failed, left counts
 * behind.
 *
 * Rule: wherever a check stops, by a bad entry or to let something urgent through, the counts come
 * out right. Provocation: a tree of 40 tables with one bad entry at a random place, pinned while a
 * timer fires all the time; many rounds. FAIL if a table or a page of it is not free again at the
 * end.
 */
#include "rt.h"

#define TABLES 40
#define ROUNDS 30

void test_main(void)
{
	static uint64_t *l1[TABLES];
	uint64_t *l2 = page_alloc(), *bad_page = page_alloc();
	char *p = page_alloc();
	uint64_t leaf = mfn_of(p) << 12 | PROT_KERNEL, before;
	uint64_t bad = mfn_of((void *)si->pt_base) << 12 | PROT_KERNEL;
	unsigned int port = port_bind_virq(VIRQ_TIMER, 0);
	struct vcpu_set_periodic_timer tick = { .period_ns = 1000000 };
	word pfn = va_to_pfn(p);
	uint64_t mfn = mfn_of(p);

	vcpu_op(VCPUOP_set_periodic_timer, 0, &tick);
	for (int i = 0; i < TABLES; i++)
		l1[i] = page_alloc();
	for (int round = 0; round < ROUNDS; round++) {
		int t = rng() & 31, e = rng() & 511;
		bool in_l2 = rng() & 1;

		for (int i = 0; i < TABLES; i++) {
			for (int j = 0; j < 512; j++)
				l1[i][j] = leaf;
			if (i == t && !in_l2)
				l1[i][e] = bad;
			if (page_protect(l1[i], false))
				test_error("cannot make a table read-only");
			l2[i] = mfn_of(l1[i]) << 12 | PROT_TABLE;
		}
		if (in_l2)
			l2[t] = mfn_of(bad_page) << 12 | PROT_TABLE;
		page_protect(l2, false);
		events_unmask();
		expect_refused(mmuext(MMUEXT_PIN_L2_TABLE, mfn_of(l2), 0),
			       "a tree with a bad entry");
		events_mask();
		expect_eq(page_protect(l2, true), 0, "level 2 is writable again");
		for (int i = 0; i < TABLES; i++)
			if (page_protect(l1[i], true)) {
				test_fail("round %d: table %d is not writable again", round, i);
				return;
			}
	}
	vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL);
	before = machine_free_pages();
	update_va((word)p, 0, UVMF_INVLPG);
	expect_eq(frame_give_back(mfn), 1, "give the page back");
	expect_eq(machine_free_pages(), before + 1, "free pages of the machine");
	(void)pfn;
	port_close(port);
}
