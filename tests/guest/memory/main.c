// SPDX-License-Identifier: GPL-2.0-only
/*
 * Direct paging from the guest's side: the page tables it was born with, changing them by each road
 * the ABI has, and the types that keep live tables read-only.
 *
 * Rule: every entry written is checked; a frame is a page table or writable, never both; what is
 * accepted takes effect; what is refused changes nothing.
 */
#include "rt.h"

#define WINDOW	0x20000000ul	/* where we map things */

static void born_with(void)
{
	for (int level = TOP_LEVEL; level >= 1; level--) {
		uint64_t *e = pt_entry(VIRT_BASE + LOAD_OFFSET, level);

		expect(e && *e & PTE_P, "no level %d entry for our text", level);
		if (e)
			expect(!(pte_get((word)e) & PTE_RW),
			       "our own level %d table is mapped writable", level);
	}
	expect_eq(pte_get(VIRT_BASE + LOAD_OFFSET) >> 12 & 0xffffffff,
		  pfn_to_mfn(LOAD_OFFSET / PAGE_SIZE), "frame of our text");
	for (word pfn = 0; pfn < si->nr_pages; pfn += 97)
		if (m2p[pfn_to_mfn(pfn)] != pfn) {
			test_fail("M2P of frame %lu says %lu", pfn, m2p[pfn_to_mfn(pfn)]);
			break;
		}
}

static void map_and_unmap(void)
{
	char *p = page_alloc();
	uint64_t pte = mfn_of(p) << 12 | PROT_KERNEL;
	word v;

	expect_eq(va_map(WINDOW, pte), 0, "map a page at a new address");
	*(volatile word *)WINDOW = 0x1234;
	expect_eq(*(volatile word *)p, 0x1234, "the same frame, seen twice");
	expect_eq(update_va(WINDOW, pte & ~PTE_RW, UVMF_INVLPG), 0,
		  "update_va_mapping to read-only");
	expect_eq(probe_write(WINDOW, 1), 14, "write after that");
	expect_eq(update_va(WINDOW, pte, UVMF_TLB_FLUSH | UVMF_ALL), 0, "and writable again");
	expect_eq(probe_write(WINDOW, 1), -1, "write after that");
	expect_eq(update_va(WINDOW, 0, UVMF_INVLPG | UVMF_ALL), 0, "unmap");
	expect_eq(probe_read(WINDOW, &v), 14, "read after that");

	expect_eq(mmu_update_one(pt_entry_maddr(WINDOW, 1) | MMU_NORMAL_PT_UPDATE, pte), 0,
		  "mmu_update maps");
	expect_eq(mmuext(MMUEXT_INVLPG_LOCAL, WINDOW, 0), 0, "invlpg");
	expect_eq(probe_write(WINDOW, 2), -1, "write after that");
	expect_eq(mmu_update_one(pt_entry_maddr(WINDOW, 1) | MMU_PT_UPDATE_PRESERVE_AD,
				 pte & ~(PTE_A | PTE_D)),
		  0, "mmu_update, preserving A and D");
	expect(pte_get(WINDOW) & PTE_D, "D was not preserved");
	expect_eq(update_va(WINDOW, 0, UVMF_INVLPG), 0, "unmap");
	page_free(p);
}

/* A batch: what succeeded before the refusal is counted. */
static void batches(void)
{
	char *p = page_alloc();
	uint64_t pte = mfn_of(p) << 12 | PROT_KERNEL;
	struct mmu_update req[3] = {
		{ .ptr = pt_entry_maddr(WINDOW + PAGE_SIZE, 1), .val = pte },
		{ .ptr = pt_entry_maddr(WINDOW + 2 * PAGE_SIZE, 1), .val = ~0ull },
		{ .ptr = pt_entry_maddr(WINDOW + 3 * PAGE_SIZE, 1), .val = pte },
	};
	unsigned int done = 77;
	word v;

	expect_refused(mmu_update_many(req, 3, &done, DOMID_SELF), "a batch with a bad entry");
	expect_eq(done, 1, "how many were done");
	expect_eq(probe_read(WINDOW + PAGE_SIZE, &v), -1, "the first took effect");
	expect_eq(probe_read(WINDOW + 3 * PAGE_SIZE, &v), 14, "the third did not");
	expect_eq(mmu_update_many(NULL, 0, NULL, DOMID_SELF), 0, "an empty batch");
	expect_eq(update_va(WINDOW + PAGE_SIZE, 0, UVMF_INVLPG), 0, "unmap");
	page_free(p);
}

/* Writable xor page table: pinning a frame that is mapped writable, mapping writable what is
 * pinned. */
static void types(void)
{
	uint64_t *table = page_alloc();
	uint64_t mfn = mfn_of(table);
	char *p = page_alloc();

	expect_refused(mmuext(MMUEXT_PIN_L1_TABLE, mfn, 0), "pin of a writable frame");
	table[3] = mfn_of(p) << 12 | PROT_KERNEL;
	expect_eq(page_protect(table, false), 0, "read-only");
	expect_eq(mmuext(MMUEXT_PIN_L1_TABLE, mfn, 0), 0, "pin as a level 1 table");
	expect_refused(page_protect(table, true), "a writable mapping of a pinned table");
	expect_refused(mmuext(MMUEXT_PIN_L1_TABLE, mfn, 0), "a second pin");
	expect_refused(mmuext(MMUEXT_PIN_L2_TABLE, mfn, 0), "a pin as another level");
	expect_eq(mmu_update_one(mfn << 12 | 5 * 8, mfn_of(p) << 12 | PROT_KERNEL), 0,
		  "mmu_update of a pinned table");
	expect_eq(table[5] & PTE_ADDR, mfn_of(p) << 12, "its entry");
	expect_refused(mmu_update_one(mfn << 12 | 5 * 8, mfn << 12 | PROT_KERNEL),
		       "an entry mapping the table itself");
	expect_eq(mmu_update_one(mfn << 12 | 5 * 8, mfn << 12 | PTE_P), 0, "the same read-only");
	expect_eq(mmu_update_one(mfn << 12 | 5 * 8, 0), 0, "and gone");
	expect_eq(mmuext(MMUEXT_UNPIN_TABLE, mfn, 0), 0, "unpin");
	expect_refused(mmuext(MMUEXT_UNPIN_TABLE, mfn, 0), "a second unpin");
	expect_eq(page_protect(table, true), 0, "writable again");
	page_free(table);
	page_free(p);
}

/* Stores to live tables, as every PV kernel makes them: trapped and done by the hypervisor. */
static void store_to_live_table(void)
{
	char *p = page_alloc();
	uint64_t pte = mfn_of(p) << 12 | PROT_KERNEL;
	uint64_t *e;
	word v;

	vm_assist(VMASST_CMD_enable, VMASST_TYPE_writable_pagetables);
	e = pt_entry(WINDOW + 4 * PAGE_SIZE, 1);
	expect_eq(probe_write64((word)e, pte), -1, "an 8-byte store to a live table");
	expect_eq(probe_read(WINDOW + 4 * PAGE_SIZE, &v), -1, "it maps");
	expect_eq(probe_write8((word)e, (uint8_t)(pte & ~PTE_RW)), -1,
		  "a 1-byte store to a live table");
	mmuext(MMUEXT_INVLPG_LOCAL, WINDOW + 4 * PAGE_SIZE, 0);
	expect_eq(probe_write(WINDOW + 4 * PAGE_SIZE, 1), 14, "it is read-only now");
	expect_eq(probe_write64((word)e, 0), -1, "clear it");
	page_free(p);
}

static void refused_addresses(void)
{
	word theirs = WIDE ? (word)0xffff800000000000ull : m2p_start;

	expect_refused(update_va(theirs, 0, UVMF_INVLPG), "an entry in the hypervisor's range");
	if (WIDE)
		expect_refused(update_va((word)0x0000800000000000ull, 0, UVMF_INVLPG),
			       "a non-canonical address");
	expect_refused(
		update_va(0x70000000ul, PROT_KERNEL | mfn_of(page_alloc()) << 12, UVMF_INVLPG),
		"an address without a table");
}

void test_main(void)
{
	born_with();
	map_and_unmap();
	batches();
	types();
	store_to_live_table();
	refused_addresses();
}
