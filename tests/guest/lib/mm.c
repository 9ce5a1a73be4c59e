// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory: frames of ours, the live page tables, and ways to change them.
 *
 * The builder maps the image and everything of start_info from VIRT_BASE upwards, frame n at
 * VIRT_BASE + n pages; that is all we use of it, so frame -> address is a sum.
 */
#include "rt.h"

#define POOL_PAGES	320

static char pool[POOL_PAGES][PAGE_SIZE] __page;
static void *free_pages[POOL_PAGES];
static unsigned int free_count;

const word *m2p;
word m2p_start, m2p_end, m2p_entries;
uint64_t user_root_mfn;
char *user_stack_page;

void mm_init(void)
{
	struct xen_machphys_mapping map = { 0 };

	if (memory_op(XENMEM_machphys_mapping, &map)) {
		test_error("XENMEM_machphys_mapping refused");
		map.v_start = MACH2PHYS_VIRT_START;
		map.v_end = MACH2PHYS_VIRT_END;
		map.max_mfn = 0xfffff;
	}
	m2p_start = map.v_start;
	m2p_end = map.v_end;
	m2p_entries = map.max_mfn + 1;
	m2p = (const word *)m2p_start;
	for (unsigned int i = POOL_PAGES; i--; )
		free_pages[free_count++] = pool[i];
}

void *page_alloc(void)
{
	if (!free_count) {
		test_error("the runtime is out of pages");
		test_end();
	}
	return memset(free_pages[--free_count], 0, PAGE_SIZE);
}

void page_free(void *page)
{
	free_pages[free_count++] = page;
}

uint64_t pfn_to_mfn(word pfn)
{
	return ((const word *)si->mfn_list)[pfn];
}

word va_to_pfn(const void *va)
{
	return ((word)va - VIRT_BASE) / PAGE_SIZE;
}

uint64_t mfn_of(const void *va)
{
	return pfn_to_mfn(va_to_pfn(va));
}

void *mfn_to_va(uint64_t mfn)
{
	return (void *)(VIRT_BASE + m2p[mfn] * PAGE_SIZE);
}

static unsigned int pt_slot(word va, int level)
{
	unsigned int shift = 12 + 9 * (level - 1);

	if (!WIDE && level == 3)
		return va >> 30;
	return (va >> shift) & 511;
}

uint64_t *pt_entry(word va, int level)
{
	uint64_t *table = (uint64_t *)si->pt_base;
	int at = TOP_LEVEL;

	for (;;) {
		uint64_t *e = &table[pt_slot(va, at)];

		if (at == level)
			return e;
		if (!(*e & PTE_P))
			return NULL;
		table = mfn_to_va((*e & PTE_ADDR) >> 12);
		at--;
	}
}

uint64_t pt_entry_maddr(word va, int level)
{
	uint64_t *e = pt_entry(va, level);

	return e ? (mfn_of(e) << 12) + ((word)e & (PAGE_SIZE - 1)) : 0;
}

uint64_t pte_get(word va)
{
	uint64_t *e = pt_entry(va, 1);

	return e ? *(volatile uint64_t *)e : 0;
}

long update_va(word va, uint64_t pte, word flags)
{
#ifdef __x86_64__
	return hcall3(__HYPERVISOR_update_va_mapping, va, pte, flags);
#else
	return hcall4(__HYPERVISOR_update_va_mapping, va, pte, pte >> 32, flags);
#endif
}

long update_va_otherdomain(word va, uint64_t pte, word flags, domid_t dom)
{
#ifdef __x86_64__
	return hcall4(__HYPERVISOR_update_va_mapping_otherdomain, va, pte, flags, dom);
#else
	return (long)hcall_direct(__HYPERVISOR_update_va_mapping_otherdomain, va, pte, pte >> 32,
				  flags, dom, 0);
#endif
}

long mmu_update_many(struct mmu_update *req, unsigned int count, unsigned int *done, domid_t dom)
{
	return hcall4(__HYPERVISOR_mmu_update, req, count, done, dom);
}

long mmu_update_one(uint64_t ptr, uint64_t val)
{
	struct mmu_update req = { .ptr = ptr, .val = val };

	return mmu_update_many(&req, 1, NULL, DOMID_SELF);
}

long mmuext_many(struct mmuext_op *op, unsigned int count, unsigned int *done, domid_t dom)
{
	return hcall4(__HYPERVISOR_mmuext_op, op, count, done, dom);
}

long mmuext(unsigned int cmd, uint64_t mfn, word arg2)
{
	struct mmuext_op op = { .cmd = cmd };

	op.arg1.mfn = mfn;
	op.arg2.nr_ents = arg2;
	return mmuext_many(&op, 1, NULL, DOMID_SELF);
}

long page_protect(void *va, bool writable)
{
	uint64_t pte = mfn_of(va) << 12 | (writable ? PROT_KERNEL : PROT_KERNEL & ~PTE_RW);

	return update_va((word)va, pte, UVMF_INVLPG);
}

/* Make an empty table for `va` just below `level`; the hypervisor checks it when the entry is
 * written. */
static long table_add(word va, int level)
{
	void *table = page_alloc();
	uint64_t entry = mfn_of(table) << 12 | (!WIDE && level == 3 ? PTE_P : PROT_TABLE);
	long rc = page_protect(table, false);

	if (!rc)
		rc = mmu_update_one(pt_entry_maddr(va, level), entry);
	return rc;
}

long va_map(word va, uint64_t pte)
{
	for (int level = TOP_LEVEL; level > 1; level--) {
		uint64_t *e = pt_entry(va, level);
		long rc;

		if (*e & PTE_P)
			continue;
		rc = table_add(va, level);
		if (rc) {
			test_error("cannot add a level %d table for %#lx: %ld", level - 1, va, rc);
			return rc;
		}
	}
	return update_va(va, pte, UVMF_INVLPG);
}

void user_init(void)
{
	extern char user_start[], user_end[];
	void *data;

	if (user_stack_page)
		return;
	user_stack_page = page_alloc();
	data = page_alloc();
	for (char *p = user_start; p < user_end; p += PAGE_SIZE)
		va_map(USER_TEXT + (p - user_start), mfn_of(p) << 12 | (PROT_USER & ~PTE_RW));
	va_map(USER_STACK, mfn_of(user_stack_page) << 12 | PROT_USER);
	va_map(USER_DATA, mfn_of(data) << 12 | PROT_USER);
	if (WIDE) {
		uint64_t *root = page_alloc();
		long rc;

		root[pt_slot(USER_TEXT, 4)] = *pt_entry(USER_TEXT, 4);
		rc = page_protect(root, false);
		user_root_mfn = mfn_of(root);
		if (!rc)
			rc = mmuext(MMUEXT_PIN_L4_TABLE, user_root_mfn, 0);
		if (!rc)
			rc = mmuext(MMUEXT_NEW_USER_BASEPTR, user_root_mfn, 0);
		if (rc)
			test_error("cannot give ring 3 a root: %ld", rc);
	}
}
