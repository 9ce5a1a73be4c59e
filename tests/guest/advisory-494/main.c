// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisories 438 and 494: what the base register holds must stay a table, whatever the guest lets
 * go.
 *
 * Rule: the running root keeps its references until another is loaded. Provocation: run on a root,
 * unpin it, try to free it, to pin it as something else, to write it, to change to a root that is
 * refused. FAIL if it stops being a table while it runs.
 */
#include "rt.h"

void test_main(void)
{
	uint64_t root = mfn_of((void *)si->pt_base);
	unsigned int pin = WIDE ? MMUEXT_PIN_L4_TABLE : MMUEXT_PIN_L3_TABLE;
	long rc = mmuext(MMUEXT_UNPIN_TABLE, root, 0);

	note("unpin of the builder's root: %ld", rc);
	expect_refused(page_protect((void *)si->pt_base, true), "the running root, writable");
	expect_refused(mmuext(MMUEXT_PIN_L1_TABLE, root, 0), "the running root as level 1");
	expect_refused(mmuext(MMUEXT_PIN_L2_TABLE, root, 0), "the running root as level 2");
	expect_refused(mmuext(MMUEXT_NEW_BASEPTR, mfn_of(&test_name), 0), "a root that is none");
	expect_refused(mmuext(MMUEXT_NEW_BASEPTR, ~0ul, 0), "a root that is no frame");
	expect_refused(page_protect((void *)si->pt_base, true), "the running root, writable");
	expect_eq(mmuext(MMUEXT_NEW_BASEPTR, root, 0), 0, "the same root again");
	if (!rc)
		expect_eq(mmuext(pin, root, 0), 0, "pin it again");
	expect_refused(page_protect((void *)si->pt_base, true), "the running root, writable");
	va_map(0x20000000ul, mfn_of(page_alloc()) << 12 | PROT_KERNEL);
	expect_eq(probe_write(0x20000000ul, 1), -1, "a mapping made afterwards");
}
