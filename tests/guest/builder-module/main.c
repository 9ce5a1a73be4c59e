// SPDX-License-Identifier: GPL-2.0-only
/*
 * The builder: a command line, and a module mapped behind the image.
 *
 * Rule: cmd_line holds what the loader said for us; mod_start and mod_len name the module where it
 * is mapped; its frames are ours and in the list; what comes behind start_info's promises (page
 * tables, frame list, our image) does not overlap it.
 */
#include "rt.h"

void test_main(void)
{
	const char *m = (const char *)si->mod_start;
	word end = si->mod_start + si->mod_len;

	note("command line '%s', module %#lx, %lu bytes", si->cmd_line, si->mod_start, si->mod_len);
	expect(strstr((char *)si->cmd_line, "one=1 two three"), "command line '%s'", si->cmd_line);
	expect(!(si->flags & SIF_MOD_START_PFN),
	       "the module is named by frame, which we did not ask for");
	expect(si->mod_len > 5000, "the module has %lu bytes", si->mod_len);
	if (si->mod_len <= 5000)
		return;
	expect(!memcmp(m, "A module for a test kernel.", 27), "it begins with '%c%c%c'", m[0], m[1],
	       m[2]);
	expect(strstr(m + si->mod_len - 100, "The end."), "its end is not there");
	expect(pte_get(si->mod_start) & PTE_RW, "it is not writable");
	expect(end <= (word)si->mfn_list || si->mod_start >= (word)si->mfn_list,
	       "it overlaps the frame list");
	expect(end <= si->pt_base || si->mod_start >= si->pt_base + si->nr_pt_frames * PAGE_SIZE,
	       "it overlaps the page tables");
	for (word va = si->mod_start; va < end; va += PAGE_SIZE)
		expect_eq(pte_get(va) >> 12 & 0xffffffff, pfn_to_mfn(va_to_pfn((void *)va)),
			  "its frame in the list");
}
