// SPDX-License-Identifier: GPL-2.0-only
/*
 * set_gdt, update_descriptor and SET_LDT, as kernels use them: segments of their own for kernel and
 * programs, an LDT, thread-local data.
 *
 * Rule: frames offered as a GDT must be ours and read-only; data and code of ring 0 are raised to
 * the kernel's ring; an honest descriptor loads and works at once; the entries from
 * FIRST_RESERVED_GDT_ENTRY on are the hypervisor's whatever we set. (What must be refused is in
 * no-escape.)
 */
#include "rt.h"

#define SLOT	5
#define RING	(WIDE ? 3 : 1)

static uint64_t *gdt;

static long put(unsigned int slot, uint64_t d)
{
	return update_descriptor(mfn_of(gdt) << 12 | slot * 8, d);
}

static void gdt_works(void)
{
	word frame;
	word value;

	gdt = page_alloc();
	frame = mfn_of(gdt);
	expect_refused(set_gdt(&frame, 512), "a GDT page that is mapped writable");
	page_protect(gdt, false);
	expect_eq(set_gdt(&frame, 512), 0, "set_gdt");
	expect_refused(page_protect(gdt, true), "a writable mapping of the GDT");
	expect_eq(put(SLOT, 0x00cff3000000ffffull), 0, "a flat data segment of ring 3");
	expect_eq(PROBE("mov %0, %%fs", : : "r"(SLOT * 8 | 3)), -1, "load it");
	asm volatile("mov %%fs, %0" : "=r"(value));
	expect_eq(value & 0xffff, SLOT * 8 | 3, "the selector in fs");

	/* Not marked accessed: the processor, or the hypervisor before it, does that. */
	expect_eq(put(SLOT, 0x00cff2000000ffffull), 0, "a segment not accessed yet");
	expect_eq(PROBE("mov %0, %%fs", : : "r"(SLOT * 8 | 3)), -1, "load it");

	/* A base of its own, as for thread-local data. */
	{
		static word cell = 0x12345678;
		word at = (word)&cell, got = 0;

		if (!WIDE) {
			expect_eq(put(SLOT, 0x00cff3000000ffffull |
						    (uint64_t)(at & 0xffffff) << 16 |
						    (uint64_t)(at >> 24) << 56),
				  0, "a segment with a base");
			expect_eq(PROBE("mov %0, %%fs", : : "r"(SLOT * 8 | 3)), -1, "load it");
			expect_eq(PROBE("mov %%fs:0, %0", : "=r"(got)), -1, "read through it");
			expect_eq(got, 0x12345678, "what stands there");
		}
	}
	expect_eq(put(SLOT, 0x00cf93000000ffffull), 0, "a data segment of ring 0");
	expect_eq(gdt[SLOT] >> 45 & 3, RING, "its DPL now");
	expect_eq(PROBE("mov %0, %%fs", : : "r"(SLOT * 8 | RING)), -1, "load it");
	expect_eq(put(SLOT, 0), 0, "clear it");
	expect_eq(PROBE("mov %0, %%fs", : : "r"(SLOT * 8 | RING)), 13, "load of an empty entry");
	expect_eq(last.error, SLOT * 8, "error code: the selector without RPL");
	asm volatile("mov %0, %%fs" : : "r"(0));
	/* A present bit that is clear: #NP. */
	expect_eq(put(SLOT, 0x00cf73000000ffffull), 0, "a segment not present");
	expect_eq(PROBE("mov %0, %%fs",
			:
			: "r"(SLOT * 8 | 3)),
		  11, "load of a segment not present");
	expect_eq(put(SLOT, 0), 0, "clear it");
	expect_eq(set_gdt(NULL, 0), 0, "no GDT of ours");
	expect_eq(page_protect(gdt, true), 0, "its page is writable again");
	expect_eq(PROBE("mov %0, %%ds; mov %0, %%es",
			:
			: "r"(WIDE ? 0xe02b : 0xe021)),
		  -1, "the flat segments");
	page_free(gdt);
}

static void gdt_refusals(void)
{
	word frames[16];
	uint64_t *p = page_alloc();

	for (int i = 0; i < 16; i++)
		frames[i] = mfn_of(p);
	page_protect(p, false);
	expect_refused(set_gdt(frames, FIRST_RESERVED_GDT_ENTRY + 1),
		       "entries beyond the reserved line");
	expect_refused(set_gdt(frames, ~0u), "2^32-1 entries");
	expect_eq(set_gdt((word *)8, 512), -XEFAULT, "a list at address 8");
	frames[1] = ~0ul;
	expect_refused(set_gdt(frames, 1024), "a second frame that is none");
	expect_eq(page_protect(p, true), 0, "the first frame was let go");
	page_free(p);
}

__user static word user_loads_fs(word selector)
{
	asm volatile("mov %0, %%fs; mov %1, %%fs" : : "r"(selector), "r"(0ul));
	return selector;
}

static void ldt_works(void)
{
	uint64_t *ldt = page_alloc();
	word got = 0;

	ldt[0] = 0x00cff3000000ffffull;
	ldt[1] = 0x00cff3000000ffffull;
	expect_refused(mmuext(MMUEXT_SET_LDT, (word)ldt + 1, 2), "an LDT at an odd address");
	expect_refused(mmuext(MMUEXT_SET_LDT, (word)ldt, 8193), "8193 entries");
	page_protect(ldt, false);
	expect_eq(mmuext(MMUEXT_SET_LDT, (word)ldt, 512), 0, "SET_LDT");
	expect_eq(PROBE("mov %0, %%fs", : : "r"(0 * 8 | 7)), -1, "entry 0 of the LDT");
	expect_eq(PROBE("mov %0, %%fs", : : "r"(1 * 8 | 7)), -1, "entry 1 of the LDT");
	expect_eq(PROBE("mov %%fs:(%1), %0",
			: "=r"(got)
			: "r"(&si->nr_pages)),
		  -1, "read through it");
	expect_eq(got, si->nr_pages, "what stands there");
	expect_eq(PROBE("mov %0, %%fs", : : "r"(3 * 8 | 7)), 13, "an empty entry of the LDT");
	expect_eq(last.error, 3 * 8 | 4, "error code: the selector");
	expect_eq(update_descriptor(mfn_of(ldt) << 12 | 3 * 8, 0x00cff3000000ffffull), 0,
		  "update an LDT entry in use");
	expect_eq(PROBE("mov %0, %%fs", : : "r"(3 * 8 | 7)), -1, "load it");
	asm volatile("mov %0, %%fs" : : "r"(0));

	/* First touched by a program, whose tables need not show where the LDT lies. */
	expect_eq(mmuext(MMUEXT_SET_LDT, 0, 0), 0, "no LDT for a while");
	expect_eq(mmuext(MMUEXT_SET_LDT, (word)ldt, 512), 0, "SET_LDT again");
	expect_eq(user_run(user_loads_fs, 1 * 8 | 7), VECTOR_USER_DONE, "ring 3 loads entry 1 of the LDT");
	expect_eq(user_run(user_loads_fs, 4 * 8 | 7), 13, "ring 3 loads an empty entry");

	expect_eq(mmuext(MMUEXT_SET_LDT, 0, 0), 0, "no LDT");
	expect_eq(PROBE("mov %0, %%fs", : : "r"(0 * 8 | 7)), 13, "a selector of no LDT");
	expect_eq(page_protect(ldt, true), 0, "writable again");
	page_free(ldt);
}

void test_main(void)
{
	gdt_works();
	gdt_refusals();
	ldt_works();
	expect_refused(update_descriptor(0, 0), "update_descriptor of frame 0");
	expect_refused(update_descriptor(~0ull, 0), "update_descriptor of an odd address");
	expect_refused(update_descriptor(0x000ffffffffff000ull, 0),
		       "update_descriptor of a frame beyond memory");
}
