// SPDX-License-Identifier: GPL-2.0-only
/*
 * Grant tables, version 1: lending a frame, here to ourselves.
 *
 * Rule: an entry that permits is mapped, read-only where it says so; while it is mapped the entry
 * says reading or writing; unmapping puts all back; a copy goes by grant or by frame; wrong
 * references, domains and handles get a status of their own, not an errno of the whole call.
 */
#include "rt.h"

#define REF	20
#define WINDOW	0x20000000ul

static struct grant_entry_v1 *table;
static char *page;

static void map_and_unmap(bool readonly)
{
	struct gnttab_map_grant_ref m = {
		.host_addr = WINDOW, .ref = REF, .dom = 0,
		.flags = GNTMAP_host_map | (readonly ? GNTMAP_readonly : 0),
	};
	struct gnttab_unmap_grant_ref u = { .host_addr = WINDOW };
	word v = 0;

	*(word *)page = 0x600d;
	grant_access(REF, 0, mfn_of(page), readonly);
	expect_eq(grant_op(GNTTABOP_map_grant_ref, &m, 1), 0, "map_grant_ref");
	expect_eq(m.status, GNTST_okay, "its status");
	if (m.status)
		return;
	expect_eq(probe_read(WINDOW, &v), -1, "read through the mapping");
	expect_eq(v, 0x600d, "what stands there");
	expect_eq(probe_write(WINDOW, 1), readonly ? 14 : -1, "write through the mapping");
	expect_eq(table[REF].flags & (GTF_reading | GTF_writing),
		  readonly ? GTF_reading : GTF_reading | GTF_writing, "what the entry says");
	expect(!grant_end(REF), "the entry could be ended while mapped");
	/* The grant's mapping is not ours to change by other means into something that lasts. */
	u.handle = m.handle;
	expect_eq(grant_op(GNTTABOP_unmap_grant_ref, &u, 1), 0, "unmap_grant_ref");
	expect_eq(u.status, GNTST_okay, "its status");
	expect_eq(probe_read(WINDOW, &v), 14, "read after that");
	expect(!(table[REF].flags & (GTF_reading | GTF_writing)), "what the entry says: %#x",
	       table[REF].flags);
	expect_eq(grant_op(GNTTABOP_unmap_grant_ref, &u, 1), 0, "unmap twice");
	expect(u.status != GNTST_okay, "a second unmap of the handle went through");
	expect(grant_end(REF), "the entry cannot be ended");
}

static void refused_maps(void)
{
	struct gnttab_map_grant_ref m = {
		.host_addr = WINDOW, .flags = GNTMAP_host_map, .ref = REF, .dom = 0
	};

	grant_end(REF);
	expect_eq(grant_op(GNTTABOP_map_grant_ref, &m, 1), 0, "map of an empty entry");
	expect(m.status != GNTST_okay, "an empty entry was mapped");
	m.ref = 0x7fffffff;
	grant_op(GNTTABOP_map_grant_ref, &m, 1);
	expect_eq(m.status, GNTST_bad_gntref, "status of reference 2^31-1");
	m.ref = REF;
	m.dom = 0x1234;
	grant_op(GNTTABOP_map_grant_ref, &m, 1);
	expect_eq(m.status, GNTST_bad_domain, "status of nobody");
	m.dom = 0;
	grant_access(REF, 0, mfn_of(page), true);
	m.flags = GNTMAP_host_map;
	grant_op(GNTTABOP_map_grant_ref, &m, 1);
	expect(m.status != GNTST_okay, "a read-only grant was mapped writable");
	grant_access(REF, 0x1234, mfn_of(page), false);
	grant_op(GNTTABOP_map_grant_ref, &m, 1);
	expect(m.status != GNTST_okay, "a grant to somebody else was mapped");
	grant_access(REF, 0, 0xffffffff, false);
	grant_op(GNTTABOP_map_grant_ref, &m, 1);
	expect(m.status != GNTST_okay, "a grant of a frame that is none was mapped");
	/* A grant of one of our live page tables. */
	grant_access(REF, 0, mfn_of((void *)si->pt_base), false);
	grant_op(GNTTABOP_map_grant_ref, &m, 1);
	expect(m.status != GNTST_okay, "a live page table was mapped writable by a grant");
	grant_end(REF);
}

static void copies(void)
{
	char *to = page_alloc();
	struct gnttab_copy c = { .len = 100, .flags = GNTCOPY_source_gref };

	memset(page, 0x77, PAGE_SIZE);
	grant_access(REF, 0, mfn_of(page), true);
	c.source.u.ref = REF;
	c.source.domid = 0;
	c.source.offset = 10;
	c.dest.u.gmfn = mfn_of(to);
	c.dest.domid = DOMID_SELF;
	c.dest.offset = 20;
	expect_eq(grant_op(GNTTABOP_copy, &c, 1), 0, "copy by grant");
	expect_eq(c.status, GNTST_okay, "its status");
	expect(to[19] == 0 && to[20] == 0x77 && to[119] == 0x77 && to[120] == 0, "the bytes");
	c.len = 4000;
	c.dest.offset = 1000;
	grant_op(GNTTABOP_copy, &c, 1);
	expect_eq(c.status, GNTST_bad_copy_arg, "a copy across the page's end");
	c.len = 100;
	c.flags = GNTCOPY_dest_gref;
	c.dest.u.ref = REF;
	c.dest.offset = 0;
	c.source.u.gmfn = mfn_of(to);
	c.source.domid = DOMID_SELF;
	grant_op(GNTTABOP_copy, &c, 1);
	expect(c.status != GNTST_okay, "a copy into a read-only grant went through");
	expect(!(table[REF].flags & (GTF_reading | GTF_writing)), "the entry after copies: %#x",
	       table[REF].flags);
	grant_end(REF);
}

/* The entry of the mapping named by its place in a page table: GNTMAP_contains_pte. */
static void by_pte(void)
{
	struct gnttab_map_grant_ref m = {
		.ref = REF, .dom = 0, .flags = GNTMAP_host_map | GNTMAP_contains_pte,
		.host_addr = pt_entry_maddr(WINDOW, 1),
	};
	struct gnttab_unmap_grant_ref u = { .host_addr = m.host_addr };
	word v;

	grant_access(REF, 0, mfn_of(page), false);
	expect_eq(grant_op(GNTTABOP_map_grant_ref, &m, 1), 0, "map by entry");
	expect_eq(m.status, GNTST_okay, "its status");
	if (!m.status) {
		expect_eq(probe_read(WINDOW, &v), -1, "read through it");
		u.handle = m.handle;
		grant_op(GNTTABOP_unmap_grant_ref, &u, 1);
		expect_eq(u.status, GNTST_okay, "unmap by entry");
	}
	grant_end(REF);
}

static void plumbing(void)
{
	struct gnttab_query_size q = { .dom = DOMID_SELF };
	struct gnttab_set_version v = { .version = 3 };
	struct gnttab_get_version g = { .dom = DOMID_SELF };

	expect_eq(grant_op(GNTTABOP_query_size, &q, 1), 0, "query_size");
	expect_eq(q.status, 0, "its status");
	expect(q.nr_frames >= 1 && q.max_nr_frames >= q.nr_frames, "%u of %u frames", q.nr_frames,
	       q.max_nr_frames);
	expect_refused(grant_op(GNTTABOP_set_version, &v, 1), "version 3");
	if (!grant_op(GNTTABOP_get_version, &g, 1))
		expect_eq(g.version, 1, "get_version");
	expect_eq(grant_op(GNTTABOP_map_grant_ref, (void *)8, 1), -XEFAULT,
		  "map with arguments at address 8");
	expect_refused(grant_op(999, NULL, 0), "grant_table_op 999");
	expect_refused(grant_op(GNTTABOP_map_grant_ref, (void *)8, ~0u), "2^32-1 maps");
}

void test_main(void)
{
	va_map(WINDOW, 0);
	table = grant_init();
	if (!table)
		return;
	page = page_alloc();
	map_and_unmap(false);
	map_and_unmap(true);
	refused_maps();
	copies();
	by_pte();
	plumbing();
}
