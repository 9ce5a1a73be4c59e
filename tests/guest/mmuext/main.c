// SPDX-License-Identifier: GPL-2.0-only
/*
 * mmuext_op: another root, flushes, clearing and copying frames.
 *
 * Rule: a pinned root can be run on and left again; flush operations of any scope answer 0; clear
 * and copy take our own writable frames; levels that this width does not have and operations nobody
 * has get an errno.
 */
#include "rt.h"

static void another_root(void)
{
	uint64_t *root = page_alloc(), *old = (uint64_t *)si->pt_base;
	unsigned int cmd = WIDE ? MMUEXT_PIN_L4_TABLE : MMUEXT_PIN_L3_TABLE;
	uint64_t *l2 = NULL;
	long rc;

	if (WIDE) {
		memcpy(root, old, PAGE_SIZE);
		/* The hypervisor fills its own slots, whatever we say; an L4 may not hold a linear
		 * slot of ours. */
		for (unsigned int i = 256; i < 272; i++)
			root[i] = 0;
	} else {
		/* The level 2 table of the top gigabyte cannot be shared: a copy of our half of it.
		 */
		uint64_t *old_l2 = mfn_to_va((old[3] & PTE_ADDR) >> 12);

		l2 = page_alloc();
		for (unsigned int i = 0; i < (m2p_start >> 21 & 511); i++)
			l2[i] = old_l2[i];
		for (unsigned int i = 0; i < 3; i++)
			root[i] = old[i];
		root[3] = mfn_of(l2) << 12 | PTE_P;
		page_protect(l2, false);
	}
	page_protect(root, false);
	rc = mmuext(cmd, mfn_of(root), 0);
	expect_eq(rc, 0, "pin a second root");
	if (rc)
		return;
	expect_eq(mmuext(MMUEXT_NEW_BASEPTR, mfn_of(root), 0), 0, "run on it");
	expect(si->nr_pages > 0, "still here");
	{
		word cr3 = 0;

		expect_eq(PROBE("mov %%cr3, %0", : "=r"(cr3)), -1, "read cr3");
		expect_eq(xen_cr3_to_pfn(cr3), mfn_of(root), "cr3 names it");
	}
	expect_eq(mmuext(MMUEXT_UNPIN_TABLE, mfn_of(root), 0), 0, "unpin what runs");
	expect_refused(page_protect(root, true), "a writable mapping of the running root");
	expect_eq(mmuext(MMUEXT_NEW_BASEPTR, mfn_of(old), 0), 0, "back to the first");
	expect_eq(page_protect(root, true), 0, "the second is writable again");
	if (l2)
		expect_eq(page_protect(l2, true), 0, "and so is its level 2");
}

static void flushes(void)
{
	static word mask[2] = { 1, 0 };
	struct mmuext_op op = { 0 };
	unsigned int done = 0;
	struct mmuext_op many[3] = {
		{ .cmd = MMUEXT_TLB_FLUSH_LOCAL },
		{ .cmd = MMUEXT_TLB_FLUSH_ALL },
		{ .cmd = MMUEXT_TLB_FLUSH_LOCAL },
	};

	expect_eq(mmuext(MMUEXT_TLB_FLUSH_LOCAL, 0, 0), 0, "TLB_FLUSH_LOCAL");
	expect_eq(mmuext(MMUEXT_TLB_FLUSH_ALL, 0, 0), 0, "TLB_FLUSH_ALL");
	expect_eq(mmuext(MMUEXT_INVLPG_LOCAL, (word)mask, 0), 0, "INVLPG_LOCAL");
	expect_eq(mmuext(MMUEXT_INVLPG_ALL, (word)mask, 0), 0, "INVLPG_ALL");
	op.cmd = MMUEXT_TLB_FLUSH_MULTI;
	set_xen_guest_handle(op.arg2.vcpumask, (void *)mask);
	expect_eq(mmuext_many(&op, 1, NULL, DOMID_SELF), 0, "TLB_FLUSH_MULTI");
	op.cmd = MMUEXT_INVLPG_MULTI;
	op.arg1.linear_addr = (word)mask;
	expect_eq(mmuext_many(&op, 1, NULL, DOMID_SELF), 0, "INVLPG_MULTI");
	set_xen_guest_handle(op.arg2.vcpumask, (void *)8);
	expect_refused(mmuext_many(&op, 1, NULL, DOMID_SELF),
		       "INVLPG_MULTI with a mask at address 8");
	expect_eq(mmuext_many(many, 3, &done, DOMID_SELF), 0, "three at once");
	expect_eq(done, 3, "how many were done");
	many[1].cmd = 99;
	expect_refused(mmuext_many(many, 3, &done, DOMID_SELF), "three with a bad one");
	expect_eq(done, 1, "how many were done");
	mmuext(MMUEXT_FLUSH_CACHE, 0, 0);
	mmuext(MMUEXT_FLUSH_CACHE_GLOBAL, 0, 0);
}

static void frames(void)
{
	char *a = page_alloc(), *b = page_alloc();
	struct mmuext_op op = { .cmd = MMUEXT_COPY_PAGE };

	memset(a, 0x11, PAGE_SIZE);
	op.arg1.mfn = mfn_of(b);
	op.arg2.src_mfn = mfn_of(a);
	expect_eq(mmuext_many(&op, 1, NULL, DOMID_SELF), 0, "COPY_PAGE");
	expect(b[0] == 0x11 && b[PAGE_SIZE - 1] == 0x11, "the copy");
	expect_eq(mmuext(MMUEXT_CLEAR_PAGE, mfn_of(b), 0), 0, "CLEAR_PAGE");
	expect(!b[0] && !b[PAGE_SIZE - 1], "the cleared page");
	expect_refused(mmuext(MMUEXT_CLEAR_PAGE, 0xffffffff, 0), "CLEAR_PAGE of no frame");
	page_free(a);
	page_free(b);
}

void test_main(void)
{
	another_root();
	flushes();
	frames();
	expect_refused(mmuext(MMUEXT_MARK_SUPER, 0, 0), "MARK_SUPER");
	expect_refused(mmuext(99, 0, 0), "mmuext_op 99");
	expect_refused(mmuext(MMUEXT_UNPIN_TABLE, 0xffffffff, 0), "unpin of no frame");
	expect_refused(mmuext(MMUEXT_NEW_BASEPTR, 0xffffffff, 0), "a root that is no frame");
	if (!WIDE) {
		char *p = page_alloc();

		page_protect(p, false);
		expect_refused(mmuext(MMUEXT_PIN_L4_TABLE, mfn_of(p), 0),
			       "a level 4 table of a 32-bit guest");
		expect_refused(mmuext(MMUEXT_NEW_USER_BASEPTR, mfn_of(p), 0),
			       "a second root of a 32-bit guest");
	}
	expect_refused(mmuext_many((void *)8, 1, NULL, DOMID_SELF), "operations at address 8");
}
