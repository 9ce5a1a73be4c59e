// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 64: slots of a new top-level table that were left as the guest wrote them.
 *
 * Rule: when a frame becomes a root, the hypervisor's slots hold what the hypervisor says, every
 * one of them. Provocation: a root whose slots are all filled with a mapping of our own page
 * tables; run on it; read every part of the hypervisor's range. FAIL if something of ours shows
 * there.
 */
#include "rt.h"

static void read_fn(word va)
{
	(void)*(volatile word *)va;
}

void test_main(void)
{
	uint64_t *root = page_alloc(), *old = (uint64_t *)si->pt_base;
	uint64_t *l2 = page_alloc();
	unsigned int first = WIDE ? 256 : m2p_start >> 21 & 511, final = WIDE ? 271 : 511;
	long rc;

	if (WIDE) {
		memcpy(root, old, PAGE_SIZE);
		for (unsigned int i = first; i <= final; i++)
			root[i] = old[511];
	} else {
		uint64_t *old_l2 = mfn_to_va((old[3] & PTE_ADDR) >> 12);

		for (int i = 0; i < 512; i++)
			l2[i] = i < (int)first ? old_l2[i] : old_l2[0];
		memcpy(root, old, 32);
		root[3] = mfn_of(l2) << 12 | PTE_P;
		page_protect(l2, false);
	}
	page_protect(root, false);
	rc = mmuext(WIDE ? MMUEXT_PIN_L4_TABLE : MMUEXT_PIN_L3_TABLE, mfn_of(root), 0);
	if (rc) {
		note("refused outright: %ld", rc);
		return;
	}
	expect_eq(mmuext(MMUEXT_NEW_BASEPTR, mfn_of(root), 0), 0, "run on it");
	for (unsigned int i = first; i <= final; i++) {
		word va = WIDE ? (word)0xffff000000000000ull | (uint64_t)i << 39
			       : 0xc0000000ul | i << 21;
		int v;

		if (va >= m2p_start && va < m2p_end)
			continue;	/* the M2P is to be read there */
		v = try_call(read_fn, va);
		expect(v == 14 || v == 13, "slot %u can be read: vector %d", i, v);
	}
	expect_eq(mmuext(MMUEXT_NEW_BASEPTR, mfn_of(old), 0), 0, "back");
	expect_eq(mmuext(MMUEXT_UNPIN_TABLE, mfn_of(root), 0), 0, "unpin");
}
