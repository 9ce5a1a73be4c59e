// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 100: frames came to a guest with what their last owner had left in them.
 *
 * Rule: a frame is clean before it changes hands. Provocation: another domain's frames are filled
 * with a mark (by us, as its maker), the domain is destroyed, and we ask for frames until we have
 * taken more than it had. FAIL if the mark is found, or anything but zero and the other mark, which
 * we left ourselves in what we gave back: that we may find again.
 */
#include "rt.h"

#define N 64
#define WINDOW 0x20000000ul

static xen_pfn_t theirs[N];

void test_main(void)
{
	int dom;
	word own_mark = (word)0xa5a5a5a5a5a5a5a5ull;
	static char ours[N * 2][PAGE_SIZE] __page;

	va_map(WINDOW, 0);
	/* First make room of our own, so that there are places to fill. */
	for (int i = 0; i < N * 2; i++) {
		uint64_t mfn = mfn_of(ours[i]);

		memset(ours[i], 0xa5, PAGE_SIZE);
		expect_eq(update_va((word)ours[i], 0, UVMF_INVLPG), 0, "unmap");
		expect_eq(frame_give_back(mfn), 1, "give back");
	}
	dom = other_create(N, theirs);
	if (dom < 0)
		return;
	for (int i = 0; i < N; i++) {
		struct mmu_update req = {
			.ptr = pt_entry_maddr(WINDOW, 1),
			.val = (uint64_t)theirs[i] << 12 | PROT_KERNEL,
		};
		long rc = mmu_update_many(&req, 1, NULL, dom);

		if (rc) {
			test_error("cannot map a frame of the other domain: %ld", rc);
			break;
		}
		mmuext(MMUEXT_INVLPG_LOCAL, WINDOW, 0);
		for (unsigned int j = 0; j < PAGE_SIZE / sizeof(word); j++)
			if (((word *)WINDOW)[j] && ((word *)WINDOW)[j] != m2p_entries + 1) {
				test_fail("its frame came with %#lx in it", ((word *)WINDOW)[j]);
				break;
			}
		memset((void *)WINDOW, 0x5a, PAGE_SIZE);
	}
	update_va(WINDOW, 0, UVMF_INVLPG);
	expect_eq(other_destroy(dom), 0, "destroy");
	for (int i = 0; i < N * 2; i++) {
		uint64_t mfn = frame_ask(va_to_pfn(ours[i]));

		if (mfn == INVALID_MFN) {
			test_error("no frame for place %d", i);
			break;
		}
		update_va((word)ours[i], mfn << 12 | PROT_KERNEL, UVMF_INVLPG);
		for (unsigned int j = 0; j < PAGE_SIZE / sizeof(word); j++)
			if (((word *)ours[i])[j] && ((word *)ours[i])[j] != own_mark) {
				test_fail("a frame came with %#lx in it", ((word *)ours[i])[j]);
				break;
			}
	}
}
