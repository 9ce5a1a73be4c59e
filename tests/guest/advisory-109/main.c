// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 109: mmu_update changed tables of domains that have none of that kind.
 *
 * Rule: who owns the table and who owns the frames are looked up, exist, and are of a kind that may
 * be touched. Provocation: every odd domain in both halves of the domain argument. FAIL on success.
 */
#include "rt.h"

void test_main(void)
{
	static const unsigned int doms[] = { DOMID_IO,	 DOMID_XEN, DOMID_COW, DOMID_INVALID,
					     DOMID_IDLE, 0x1234,    0x7ffe };
	char *p = page_alloc();
	struct mmu_update req = { .ptr = 0, .val = mfn_of(p) << 12 | PROT_KERNEL };

	for (unsigned int type = 0; type < 4; type++) {
		if (type == MMU_MACHPHYS_UPDATE)
			continue;	/* changes no table */
		req.ptr = mfn_of((void *)si->pt_base) << 12 | type;
		for (size_t i = 0; i < ARRAY_SIZE(doms); i++) {
			unsigned int table = (doms[i] + 1) << 16;

			expect_refused(mmu_update_many(&req, 1, NULL, table | DOMID_SELF),
				       "tables of an odd domain");
			expect_refused(mmu_update_many(&req, 1, NULL, table | doms[i]),
				       "tables and frames of one");
			if (doms[i] != DOMID_IO)
				expect_refused(
					mmuext_many(&(struct mmuext_op){ .cmd = MMUEXT_PIN_L1_TABLE,
									 .arg1.mfn = mfn_of(p) },
						    1, NULL, doms[i]),
					"a pin for an odd domain");
		}
	}
}
