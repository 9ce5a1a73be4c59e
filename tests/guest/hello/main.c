// SPDX-License-Identifier: GPL-2.0-only
/*
 * The first sign of life: the builder started us, as start_info says, and hypercalls answer.
 *
 * Rule: at the first instruction the stack, start_info and the console work; the magic names the
 * right interface; events are masked; the page tables and the list of frames are where start_info
 * says.
 */
#include "rt.h"

void test_main(void)
{
	long version = xen_version(XENVER_version, NULL);

	note("magic '%s', %lu pages, flags %#x, pt_base %#lx, %lu page-table pages, frame list "
	     "%#lx",
	     si->magic, si->nr_pages, si->flags, si->pt_base, si->nr_pt_frames, si->mfn_list);
	note("version %ld.%ld, cs %#lx, ss %#lx, flags %#lx", version >> 16, version & 0xffff,
	     read_cs(), read_ss(), read_flags());
	expect(!memcmp(si->magic, "xen-3.0-x86_", 12), "magic is '%s'", si->magic);
	expect(strstr(si->magic, WIDE ? "x86_64" : "x86_32p"), "magic is '%s'", si->magic);
	expect(version >= 0x40000, "version %#lx", version);
	expect(si->nr_pages > 256, "%lu pages only", si->nr_pages);
	expect(si->flags & SIF_PRIVILEGED, "not privileged");
	expect(si->flags & SIF_INITDOMAIN, "not the first domain");
	expect((read_cs() & 3) == (WIDE ? 3 : 1), "cs %#lx", read_cs());
#ifndef __x86_64__
	{
		word fs, gs;

		/* Per-cpu data lie behind fs, before the kernel has a table of its own. */
		asm("mov %%fs, %0; mov %%gs, %1" : "=r"(fs), "=r"(gs));
		expect_eq(fs & 0xffff, FLAT_RING1_DS, "fs at the first instruction");
		expect_eq(gs & 0xffff, FLAT_RING1_DS, "gs at the first instruction");
	}
#endif
	expect(!(si->pt_base & 0xfff), "pt_base %#lx", si->pt_base);
	expect(pte_get((word)&test_name) & PTE_P, "our own data is not mapped?");
	expect(m2p[mfn_of(&shared_info_page)] == va_to_pfn(&shared_info_page),
	       "the M2P and the frame list disagree");
	expect_eq(hcall0(63), -XENOSYS, "hypercall 63");
}
