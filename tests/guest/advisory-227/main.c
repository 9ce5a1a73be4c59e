// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 227: a grant was mapped by the address of a page-table entry that was not aligned: two
 * entries were written.
 *
 * Rule: with GNTMAP_contains_pte the address is that of one entry of a live level 1 table of ours.
 * Provocation: every misalignment, entries of level 2, pages that are no tables, frames of nobody.
 * FAIL on GNTST_okay, or a changed table.
 */
#include "rt.h"

#define WINDOW 0x20000000ul
#define REF 20

void test_main(void)
{
	char *p = page_alloc(), *plain = page_alloc();
	uint64_t *t, at, before[4];
	uint64_t others[4];

	if (!grant_init())
		return;
	va_map(WINDOW, 0);
	t = pt_entry(WINDOW, 1);
	at = pt_entry_maddr(WINDOW, 1);
	grant_access(REF, 0, mfn_of(p), false);
	memcpy(before, t, sizeof(before));
	for (unsigned int off = 1; off < 8; off++) {
		struct gnttab_map_grant_ref m = {
			.ref = REF,
			.flags = GNTMAP_host_map | GNTMAP_contains_pte,
			.host_addr = at + off,
		};

		grant_op(GNTTABOP_map_grant_ref, &m, 1);
		expect(m.status != GNTST_okay, "an entry at offset %u was taken", off);
		expect(!memcmp(before, t, sizeof(before)), "offset %u: the table changed", off);
	}
	others[0] = pt_entry_maddr(WINDOW, 2);
	others[1] = mfn_of(plain) << 12;
	others[2] = (uint64_t)m2p_entries << 12;
	others[3] = ~0ull & ~7ull;
	for (int i = 0; i < 4; i++) {
		struct gnttab_map_grant_ref m = {
			.ref = REF,
			.flags = GNTMAP_host_map | GNTMAP_contains_pte,
			.host_addr = others[i],
		};

		grant_op(GNTTABOP_map_grant_ref, &m, 1);
		expect(m.status != GNTST_okay, "place %d was taken as an entry", i);
	}
	expect(!*(uint64_t *)plain, "a plain page was written");
	expect(grant_end(REF), "the grant is still in use");
}
