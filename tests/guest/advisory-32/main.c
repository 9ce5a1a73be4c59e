// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 32: the lookup of a frame that is none gave a stray pointer.
 *
 * Rule: a frame number beyond memory, or in a hole of it, is refused wherever one can be said.
 * Provocation: a ladder of such numbers to every call that takes one. FAIL on acceptance; the
 * machine must stand.
 */
#include "rt.h"

static void one(uint64_t mfn)
{
	struct gnttab_copy c = { .len = 8 };
	struct mmuext_op op = { .cmd = MMUEXT_COPY_PAGE };

	for (unsigned int cmd = MMUEXT_PIN_L1_TABLE; cmd <= MMUEXT_NEW_BASEPTR; cmd++)
		expect_refused(mmuext(cmd, mfn, 0), "mmuext");
	expect_refused(mmuext(MMUEXT_NEW_USER_BASEPTR, mfn, 0) ? -1 : (mfn ? 0 : -1),
		       "new user base");
	expect_refused(mmuext(MMUEXT_CLEAR_PAGE, mfn, 0), "clear");
	op.arg1.mfn = mfn_of(page_alloc());
	op.arg2.src_mfn = mfn;
	if (WIDE || mfn == (word)mfn)
		expect_refused(mmuext_many(&op, 1, NULL, DOMID_SELF), "copy from it");
	expect_refused(mmu_update_one(mfn << 12 | MMU_NORMAL_PT_UPDATE, 0), "mmu_update in it");
	expect_refused(mmu_update_one(mfn << 12 | MMU_MACHPHYS_UPDATE, 0), "MACHPHYS_UPDATE of it");
	expect_refused(update_descriptor(mfn << 12, 0), "a descriptor in it");
	c.source.u.gmfn = mfn;
	c.source.domid = c.dest.domid = DOMID_SELF;
	c.dest.u.gmfn = op.arg1.mfn;
	expect(grant_op(GNTTABOP_copy, &c, 1) || c.status, "copied from it");
	expect(frame_give_back(mfn) != 1, "given back");
}

void test_main(void)
{
	one(m2p_entries + 1);
	one(0xfffff);
	one(0xfffffff);
	one(WIDE ? 0xffffffffffull : 0xffffffff);
	if (WIDE) {
		one(0x000fffffffffffffull >> 12);
		one(0xfffffffffffffull);
	}
}
