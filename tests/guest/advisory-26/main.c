// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisories 26, 255, 382 and 384: version 2 of the grant table, and changing between the versions.
 *
 * Rule: what is not offered is refused, also the status frames that would come with it; version 1
 * goes on working. Provocation: version 2 asked for again and again, with mappings held; status
 * frames by every road. FAIL if a mapped entry's state is lost. (A hypervisor that offers version 2
 * must refuse the change while entries are mapped.)
 */
#include "rt.h"

#define WINDOW 0x20000000ul
#define REF 20

void test_main(void)
{
	char *p = page_alloc();
	struct grant_entry_v1 *table = grant_init();
	struct gnttab_map_grant_ref m = { .host_addr = WINDOW,
					  .ref = REF,
					  .flags = GNTMAP_host_map };
	struct gnttab_unmap_grant_ref u = { .host_addr = WINDOW };
	struct gnttab_set_version v = { .version = 2 };
	uint64_t frames[4];
	struct gnttab_get_status_frames s = { .nr_frames = 4, .dom = DOMID_SELF };

	if (!table)
		return;
	va_map(WINDOW, 0);
	grant_access(REF, 0, mfn_of(p), false);
	grant_op(GNTTABOP_map_grant_ref, &m, 1);
	expect_eq(m.status, GNTST_okay, "map");
	set_xen_guest_handle(s.frame_list, frames);
	for (int i = 0; i < 20; i++) {
		v.version = 2;
		expect_refused(grant_op(GNTTABOP_set_version, &v, 1),
			       "version 2 with a mapping held");
		expect(grant_op(GNTTABOP_get_status_frames, &s, 1) || s.status,
		       "status frames of version 1");
		v.version = i;
		if (i != 1 && i != 2)
			expect_refused(grant_op(GNTTABOP_set_version, &v, 1), "another version");
	}
	expect_eq(probe_write(WINDOW, 1), -1, "the mapping");
	u.handle = m.handle;
	grant_op(GNTTABOP_unmap_grant_ref, &u, 1);
	expect_eq(u.status, GNTST_okay, "unmap");
	expect(grant_end(REF), "the entry is still in use");
}
