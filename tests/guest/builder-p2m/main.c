// SPDX-License-Identifier: GPL-2.0-only
/*
 * The builder, as Linux asks of it: the frame list at an address of its own (INIT_P2M), the module
 * named by frame (MOD_START_PFN), no hypercall page, no features string.
 *
 * Rule: mfn_list is where the note says, all of it readable; its own frames are named in
 * start_info; the module is found at its frame and not mapped.
 */
#include "rt.h"

#define P2M 0x8000000000ull

void test_main(void)
{
	word pages = (si->nr_pages * sizeof(word) + PAGE_SIZE - 1) / PAGE_SIZE;

	note("frame list %#lx, its frames %#lx, %lu of them", si->mfn_list, si->first_p2m_pfn,
	     si->nr_p2m_frames);
	expect_eq(si->mfn_list, P2M, "mfn_list");
	expect(si->nr_p2m_frames >= pages, "%lu frames for the list, of which %lu are needed",
	       si->nr_p2m_frames, pages);
	for (word pfn = 0; pfn < si->nr_pages; pfn += 61)
		if (m2p[pfn_to_mfn(pfn)] != pfn) {
			test_fail("frame %lu of the list: the M2P says %lu", pfn,
				  m2p[pfn_to_mfn(pfn)]);
			break;
		}
	/* The list's own frames, which may have their tables among them. */
	for (word i = 0; i < pages; i += pages - 1) {
		word va = 0x20001000, n = 0;

		for (; n < si->nr_p2m_frames; n++) {
			va_map(va, pfn_to_mfn(si->first_p2m_pfn + n) << 12 |
					   (PROT_KERNEL & ~PTE_RW));
			if (!memcmp((void *)va, (void *)(word)(P2M + i * PAGE_SIZE), PAGE_SIZE))
				break;
		}
		expect(n < si->nr_p2m_frames, "page %lu of the list is in none of its frames", i);
	}
	expect(si->flags & SIF_MOD_START_PFN, "the module is not named by frame");
	expect(si->mod_len > 5000, "the module has %lu bytes", si->mod_len);
	if (si->flags & SIF_MOD_START_PFN && si->mod_len) {
		word va = 0x20000000;

		expect(si->mod_start < si->nr_pages, "frame %#lx", si->mod_start);
		va_map(va, pfn_to_mfn(si->mod_start) << 12 | (PROT_KERNEL & ~PTE_RW));
		expect(!memcmp((void *)va, "A module for a test kernel.", 27),
		       "it begins otherwise");
	}
}
