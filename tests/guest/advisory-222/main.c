// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 222: a page whose removal failed was treated as removed.
 *
 * Rule: giving back a frame that is still mapped does not free it for others. Provocation: give
 * back a mapped frame, then take as many as we can get. FAIL if it is handed out again, or its
 * contents change under us.
 */
#include "rt.h"

#define N 200

void test_main(void)
{
	static char spare[N][PAGE_SIZE] __page;
	char *p = page_alloc();
	uint64_t mfn = mfn_of(p);
	long rc;

	memset(p, 0x77, PAGE_SIZE);
	rc = frame_give_back(mfn);
	note("giving back a mapped frame: %ld", rc);
	for (int i = 0; i < N; i++) {
		uint64_t old = mfn_of(spare[i]), got;

		update_va((word)spare[i], 0, UVMF_INVLPG);
		if (frame_give_back(old) != 1)
			continue;
		got = frame_ask(va_to_pfn(spare[i]));
		expect(got != mfn, "the mapped frame was handed out again");
		if (got != INVALID_MFN)
			update_va((word)spare[i], got << 12 | PROT_KERNEL, UVMF_INVLPG);
	}
	for (int i = 0; i < PAGE_SIZE; i++)
		if (p[i] != 0x77) {
			test_fail("its contents changed at %d", i);
			break;
		}
}
