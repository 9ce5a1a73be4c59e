// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 402: RAM mapped with odd cacheability, then used as a page table.
 *
 * Rule: cacheability bits of an entry are taken for what the domain may say or refused; the frame's
 * next life is not disturbed. Provocation: a page mapped in each of the eight ways, written, then
 * made a table. FAIL if the table is refused although its contents are right.
 */
#include "rt.h"

#define WINDOW 0x20000000ul

void test_main(void)
{
	uint64_t *t = page_alloc();
	char *p = page_alloc();

	va_map(WINDOW, 0);
	for (unsigned int way = 0; way < 8; way++) {
		uint64_t pte = mfn_of(t) << 12 | PROT_KERNEL | (way & 1 ? PTE_PWT : 0) |
			       (way & 2 ? PTE_PCD : 0) | (way & 4 ? PTE_PS : 0);
		long rc = update_va(WINDOW, pte, UVMF_INVLPG);

		if (!rc) {
			((volatile uint64_t *)WINDOW)[way] = mfn_of(p) << 12 | PROT_KERNEL;
			expect_eq(update_va(WINDOW, 0, UVMF_INVLPG), 0, "unmap");
		} else {
			note("way %u: %ld", way, rc);
		}
		expect_eq(page_protect(t, false), 0, "read-only");
		expect_eq(mmuext(MMUEXT_PIN_L1_TABLE, mfn_of(t), 0), 0, "pin");
		expect_eq(mmuext(MMUEXT_UNPIN_TABLE, mfn_of(t), 0), 0, "unpin");
		expect_eq(page_protect(t, true), 0, "writable");
	}
}
