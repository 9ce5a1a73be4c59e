// SPDX-License-Identifier: GPL-2.0-only
/*
 * Batches of page-table updates: the hypervisor reads many requests at once and keeps hold of the
 * table that the last one was about.
 *
 * Rule: a batch does what its requests would do one by one, in their order, stops at the first that
 * is refused, and says how many were done. Provocations: tables that alternate, a table that is let
 * go and wanted as plain memory by the same batch, requests beside it that are misaligned, not ours or
 * not allowed, a list that runs into a page which is not there. FAIL if anything but that comes of it;
 * and if references are left over at the end.
 */
#include "rt.h"

#define WINDOW	0x20000000ul
#define OTHER	(WINDOW + (64ul << 20))		/* below another L1 */
#define SPARE	(WINDOW + (128ul << 20))

static char *a, *b;
static uint64_t pte_a, pte_b;

static struct mmu_update set(word va, uint64_t pte)
{
	return (struct mmu_update){ .ptr = pt_entry_maddr(va, 1), .val = pte };
}

static void batch_is(const char *what, struct mmu_update *req, unsigned int count, bool succeeds,
		     unsigned int wanted)
{
	unsigned int done = 77;
	long rc = mmu_update_many(req, count, &done, DOMID_SELF);

	if (succeeds)
		expect_eq(rc, 0, what);
	else
		expect_refused(rc, what);
	expect_eq(done, wanted, what);
}

static void tables_alternate(void)
{
	struct mmu_update req[64];

	for (unsigned int i = 0; i < 64; i++)
		req[i] = set((i & 1 ? OTHER : WINDOW) + i * PAGE_SIZE, i & 2 ? pte_a : pte_b);
	batch_is("64 entries of two tables in turn", req, 64, true, 64);
	for (unsigned int i = 0; i < 64; i++) {
		word va = (i & 1 ? OTHER : WINDOW) + i * PAGE_SIZE;

		expect_eq(pte_get(va) & PTE_ADDR, (i & 2 ? pte_a : pte_b) & PTE_ADDR, "an entry");
		req[i].val = 0;
	}
	batch_is("and gone again", req, 64, true, 64);
}

/* Built, hooked in, changed, unhooked and writable again, all in one. */
static void table_let_go_on_the_way(void)
{
	uint64_t *t = page_alloc(), mfn = mfn_of(t), hook;
	struct mmu_update req[6];

	va_map(SPARE, 0);
	hook = pt_entry_maddr(SPARE + (2ul << 21), 2);
	expect_eq(page_protect(t, false), 0, "read-only");
	req[0] = (struct mmu_update){ hook, mfn << 12 | PROT_TABLE };
	req[1] = (struct mmu_update){ mfn << 12 | 5 * 8, pte_a };
	req[2] = (struct mmu_update){ mfn << 12 | 6 * 8, mfn << 12 | PROT_KERNEL };
	batch_is("a live table that maps itself writable", req, 3, false, 2);
	expect_eq(mmu_update_one(hook, 0), 0, "unhook it");

	req[2] = (struct mmu_update){ mfn << 12 | 6 * 8, pte_b };
	/* By the command that most kernels do not use, which goes another way. */
	req[3] = (struct mmu_update){ hook | MMU_PT_UPDATE_NO_TRANSLATE, 0 };
	/* Plain memory by now: no entry, though it looks like one that is not allowed. */
	req[4] = (struct mmu_update){ mfn << 12 | 7 * 8, 0x1234567 };
	req[5] = set((word)t, mfn << 12 | PROT_KERNEL);
	batch_is("a table that comes and goes within a batch", req, 6, true, 6);
	expect_eq(t[7], 0x1234567, "a word of it");
	expect_eq(probe_write((word)t, 1), -1, "a store to it");
	memset(t, 0, PAGE_SIZE);
	page_free(t);
}

static void the_first_refusal_ends_it(void)
{
	struct mmu_update req[3] = { set(WINDOW, pte_a), { 0, pte_b }, set(WINDOW + PAGE_SIZE, pte_a) };
	uint64_t at = pt_entry_maddr(WINDOW + 2 * PAGE_SIZE, 1);
	static const struct { const char *what; uint64_t off; } misaligned[] = {
		{ "an entry 4 bytes off", 4 },
		{ "the same, keeping A and D", 4 | MMU_PT_UPDATE_PRESERVE_AD },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(misaligned); i++) {
		req[1].ptr = at + misaligned[i].off;
		batch_is(misaligned[i].what, req, 3, false, 1);
	}
	req[1].ptr = (word)(WIDE ? 0xfffffffffull : 0xfffffull) << 12;
	batch_is("a frame that is not there", req, 3, false, 1);
	req[1].ptr = 0;
	batch_is("a frame that is not ours", req, 3, false, 1);
	req[1] = (struct mmu_update){ at, pte_b | 1ull << 51 };
	batch_is("an entry that names no memory", req, 3, false, 1);
	req[1] = (struct mmu_update){ at, PTE_P | PTE_RW };
	batch_is("an entry that names what is not ours", req, 3, false, 1);
	expect_eq(pte_get(WINDOW) & PTE_ADDR, pte_a & PTE_ADDR, "what came before took place");
	expect_eq(pte_get(WINDOW + PAGE_SIZE), 0, "what came after did not");
	req[0].val = 0;
	batch_is("clear it", req, 1, true, 1);
}

/* Bits that hold no reference change in place; accessed and dirty are kept when asked. */
static void bits_in_place(void)
{
	struct mmu_update req[3] = {
		set(WINDOW, pte_a & ~(PTE_A | PTE_D)), set(WINDOW, pte_a | 0x200),
		set(WINDOW, (pte_a & ~(PTE_A | PTE_D)) | 0x400),
	};
	uint64_t user = WIDE ? PTE_US : 0;

	req[2].ptr |= MMU_PT_UPDATE_PRESERVE_AD;
	batch_is("three changes of one entry", req, 3, true, 3);
	expect_eq(pte_get(WINDOW), pte_a | 0x400 | user, "the entry");
	req[0].val = (pte_a | PTE_G | PTE_PCD) & ~PTE_US;
	batch_is("bits that are not ours to choose", req, 1, true, 1);
	expect_eq(pte_get(WINDOW), pte_a | user, "the entry");
	req[0].val = 0;
	batch_is("clear it", req, 1, true, 1);
}

/* One request, and nobody asks how many were done: a road of its own. */
static void one_alone(void)
{
	uint64_t at = pt_entry_maddr(WINDOW, 1), plain = pte_b & PTE_ADDR;
	volatile uint64_t *words = (volatile uint64_t *)b;

	expect_eq(mmu_update_one(at, pte_a), 0, "alone: an entry");
	expect_refused(mmu_update_one(at | 4, pte_b), "alone: 4 bytes off");
	expect_refused(mmu_update_one((word)(WIDE ? 0xfffffffffull : 0xfffffull) << 12, pte_b),
		       "alone: in a frame that is not there");
	expect_refused(mmu_update_one(0, pte_b), "alone: in a frame that is not ours");
	expect_refused(mmu_update_one(at, pte_b | 1ull << 51), "alone: naming no memory");
	expect_refused(mmu_update_one(at, PTE_P | PTE_RW), "alone: naming what is not ours");
	expect_refused(mmu_update_many((struct mmu_update *)SPARE, 1, NULL, DOMID_SELF),
		       "alone: on a page that is not there");
	expect_eq(pte_get(WINDOW) & PTE_ADDR, pte_a & PTE_ADDR, "alone: the entry is what it was");
	expect_eq(mmu_update_one(at | MMU_PT_UPDATE_PRESERVE_AD, pte_a & ~(PTE_A | PTE_D)), 0,
		  "alone: keeping A and D");
	expect_eq(pte_get(WINDOW) & (PTE_A | PTE_D), pte_a & (PTE_A | PTE_D), "alone: A and D");
	expect_eq(mmu_update_one(plain + 5 * 8, 0x1234), 0, "alone: a word of plain memory");
	expect_eq(words[5], 0x1234, "alone: the word");
	expect_eq(mmu_update_one(at, 0), 0, "alone: clear it");
	expect_eq(pte_get(WINDOW), 0, "alone: the entry");
}

/* The list ends in a page that is not there: whole, or in the middle of a request. */
static void list_runs_out(void)
{
	char *list = page_alloc();
	struct mmu_update *at;
	unsigned int done;

	expect_eq(va_map(SPARE, mfn_of(list) << 12 | PROT_KERNEL), 0, "map the list's page");
	expect_eq(update_va(SPARE + PAGE_SIZE, 0, UVMF_INVLPG), 0, "and none behind it");
	for (unsigned int cut = 0; cut < 16; cut += 8) {
		at = (struct mmu_update *)(SPARE + PAGE_SIZE - 40 * sizeof(*at) - cut);
		for (unsigned int i = 0; i < 40; i++)
			at[i] = set(WINDOW + i * PAGE_SIZE, pte_a);
		done = 77;
		expect_eq(mmu_update_many(at, 44, &done, DOMID_SELF), -XEFAULT, "44 of a list of 40");
		expect_eq(done, 40, "how many were done");
		expect_eq(pte_get(WINDOW + 39 * PAGE_SIZE) & PTE_ADDR, pte_a & PTE_ADDR, "the last");
		for (unsigned int i = 0; i < 40; i++)
			at[i].val = 0;
		expect_eq(mmu_update_many(at, 40, NULL, DOMID_SELF), 0, "clear them");
	}
	update_va(SPARE, 0, UVMF_INVLPG);
	page_free(list);
}

/* One operation alone and many of them go different ways. */
static void operations(void)
{
	struct mmuext_op op[3] = {
		{ .cmd = MMUEXT_TLB_FLUSH_LOCAL },
		{ .cmd = MMUEXT_INVLPG_LOCAL, .arg1.linear_addr = WINDOW },
		{ .cmd = 99 },
	};
	unsigned int done = 77;

	expect_refused(mmuext_many(op, 3, &done, DOMID_SELF), "a batch with a bad operation");
	expect_eq(done, 2, "how many were done");
	done = 77;
	expect_eq(mmuext_many(op, 1, &done, DOMID_SELF), 0, "one with a place for the count");
	expect_eq(done, 1, "the count");
	expect_refused(mmuext(99, 0, 0), "a bad operation alone");
	expect_refused(mmuext(MMUEXT_NEW_BASEPTR, mfn_of(a), 0), "a page as a base");
	expect_refused(mmuext(MMUEXT_NEW_BASEPTR, 0, 0), "another's frame as a base");
	expect_eq(mmuext(MMUEXT_INVLPG_LOCAL, WIDE ? 0x800000000000ull : 0, 0), 0, "no address at all");
	/* It is held by its pin and by us: more than that must not be put. */
	for (unsigned int i = 0; i < 4; i++)
		expect_eq(mmuext(MMUEXT_NEW_BASEPTR, mfn_of((void *)si->pt_base), 0), 0, "the base we have");
	expect_refused(page_protect((void *)si->pt_base, true), "it is held still");
}

void test_main(void)
{
	a = page_alloc();
	b = page_alloc();
	pte_a = mfn_of(a) << 12 | PROT_KERNEL;
	pte_b = mfn_of(b) << 12 | PROT_KERNEL;
	va_map(WINDOW, 0);
	va_map(OTHER, 0);

	tables_alternate();
	table_let_go_on_the_way();
	the_first_refusal_ends_it();
	bits_in_place();
	one_alone();
	list_runs_out();
	operations();

	/* Nobody holds them any more but for our own mapping. */
	expect_eq(page_protect(a, false), 0, "a is not writable anywhere");
	expect_eq(mmuext(MMUEXT_PIN_L1_TABLE, mfn_of(a), 0), 0, "so it can be a table");
	expect_eq(mmuext(MMUEXT_UNPIN_TABLE, mfn_of(a), 0), 0, "and plain memory");
	expect_eq(page_protect(a, true), 0, "again");
	expect_eq(update_va((word)b, 0, UVMF_INVLPG), 0, "b is not mapped anywhere");
	expect_eq(frame_give_back(pte_b >> 12 & 0xfffffffff), 1, "given back, it is gone");
	expect_refused(update_va((word)b, pte_b, UVMF_INVLPG), "a mapping of it");
}
