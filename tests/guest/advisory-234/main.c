// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisories 224 and 234: a grant's mapping was undone at an address, or with a handle, that was
 * not its own.
 *
 * Rule: unmapping takes exactly the mapping the handle names, of the frame and kind it was made.
 * Provocation: two mappings, undone with each other's addresses, twice, with handles never given; a
 * mapping of our own undone as if by grant. FAIL if what was not named is gone, or the entry's
 * in-use bits come out wrong.
 */
#include "rt.h"

#define WINDOW 0x20000000ul

void test_main(void)
{
	char *p = page_alloc(), *q = page_alloc();
	struct grant_entry_v1 *table = grant_init();
	struct gnttab_map_grant_ref m[2] = {
		{ .host_addr = WINDOW, .ref = 20, .flags = GNTMAP_host_map },
		{ .host_addr = WINDOW + PAGE_SIZE,
		  .ref = 21,
		  .flags = GNTMAP_host_map | GNTMAP_readonly },
	};
	struct gnttab_unmap_grant_ref u = { 0 };

	if (!table)
		return;
	va_map(WINDOW, 0);
	grant_access(20, 0, mfn_of(p), false);
	grant_access(21, 0, mfn_of(q), false);
	expect_eq(grant_op(GNTTABOP_map_grant_ref, m, 2), 0, "map both");
	expect(!m[0].status && !m[1].status, "status %d and %d", m[0].status, m[1].status);
	u.host_addr = WINDOW + PAGE_SIZE;
	u.handle = m[0].handle;
	grant_op(GNTTABOP_unmap_grant_ref, &u, 1);
	expect(u.status != GNTST_okay, "unmapped at the other's address");
	update_va(WINDOW + 2 * PAGE_SIZE, mfn_of(p) << 12 | PROT_KERNEL, UVMF_INVLPG);
	u.host_addr = WINDOW + 3 * PAGE_SIZE;
	grant_op(GNTTABOP_unmap_grant_ref, &u, 1);
	expect(u.status != GNTST_okay, "unmapped where nothing is");
	u.handle = 0x7fffffff;
	u.host_addr = WINDOW;
	grant_op(GNTTABOP_unmap_grant_ref, &u, 1);
	expect_eq(u.status, GNTST_bad_handle, "a handle never given");
	expect_eq(probe_read(WINDOW, NULL), -1, "the first mapping");
	expect_eq(probe_read(WINDOW + PAGE_SIZE, NULL), -1, "the second mapping");
	for (int i = 0; i < 2; i++) {
		u.handle = m[i].handle;
		u.host_addr = m[i].host_addr;
		grant_op(GNTTABOP_unmap_grant_ref, &u, 1);
		expect_eq(u.status, GNTST_okay, "an honest unmap");
		grant_op(GNTTABOP_unmap_grant_ref, &u, 1);
		expect(u.status != GNTST_okay, "a second unmap");
	}
	expect(!(table[20].flags & (GTF_reading | GTF_writing)), "entry 20 is still in use");
	expect(!(table[21].flags & (GTF_reading | GTF_writing)), "entry 21 is still in use");
	expect_eq(probe_read(WINDOW + 2 * PAGE_SIZE, NULL), -1, "a mapping of our own");
	update_va(WINDOW + 2 * PAGE_SIZE, 0, UVMF_INVLPG);
}
