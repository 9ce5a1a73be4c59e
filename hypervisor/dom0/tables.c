// SPDX-License-Identifier: GPL-2.0-only
#include "dom0/tables.h"

#include "lib/bits.h"
#include "lib/bug.h"
#include "lib/string.h"
#include "mem/layout.h"

mfn_t build_mfn(const struct build_memory *m, uint64_t pfn)
{
	for (unsigned int i = 0; i < m->chunk_count; i++) {
		const struct build_chunk *c = &m->chunk[i];

		if (pfn >= c->pfn && pfn - c->pfn < c->count)
			return mfn(c->mfn + pfn - c->pfn);
	}
	BUG();
}

void *build_map(const struct build_memory *m, uint64_t pfn)
{
	return map_mfn(build_mfn(m, pfn));
}

static uint64_t span(uint64_t start, uint64_t end, unsigned int shift)
{
	return ((end - 1) >> shift) - (start >> shift) + 1;
}

uint64_t tables_needed(bool is_32bit, uint64_t start, uint64_t end)
{
	uint64_t l1 = span(start, end, L2_SHIFT);

	if (is_32bit)
		return l1 + 4;
	return l1 + span(start, end, L3_SHIFT) + span(start, end, L4_SHIFT);
}

static uint64_t entry(const struct build_tables *t, uint64_t pfn, uint64_t flags)
{
	return build_mfn(t->memory, pfn).n << PAGE_SHIFT | flags;
}

static uint64_t take_table(struct build_tables *t)
{
	BUG_ON(t->next_pfn >= t->end_pfn);
	memset(build_map(t->memory, t->next_pfn), 0, PAGE_SIZE);
	return t->next_pfn++;
}

/* Entries of a PAE L3 may have no more than P (AMD64 APM vol. 2, 5.2.3). */
static uint64_t table_flags(const struct build_tables *t, unsigned int level)
{
	return t->is_32bit && level == 3 ? PTE_P : PTE_P | PTE_W | PTE_U | PTE_A;
}

void tables_start(struct build_tables *t)
{
	uint64_t *root = build_map(t->memory, t->root_pfn);

	memset(root, 0, PAGE_SIZE);
	for (unsigned int i = 0; t->is_32bit && i < 4; i++)
		root[i] = entry(t, take_table(t), table_flags(t, 3));
}

void tables_map(struct build_tables *t, uint64_t va, uint64_t pfn, bool writable)
{
	static const unsigned int shift[] = { 0, L1_SHIFT, L2_SHIFT, L3_SHIFT, L4_SHIFT };
	uint64_t *table = build_map(t->memory, t->root_pfn);
	/* Pages of a 64-bit kernel are in ring 3's reach by the ABI; ring 1 needs no such bit. */
	uint64_t leaf = PTE_P | PTE_A | (writable ? PTE_W | PTE_D : 0) |
			(t->is_32bit ? 0 : PTE_U);

	for (unsigned int level = t->is_32bit ? 3 : 4; level > 1; level--) {
		unsigned int slot = (va >> shift[level]) % PT_ENTRIES;

		if (!table[slot])
			table[slot] = entry(t, take_table(t), table_flags(t, level));
		table = map_mfn(mfn((table[slot] & PTE_FRAME) >> PAGE_SHIFT));
	}
	table[(va >> L1_SHIFT) % PT_ENTRIES] = entry(t, pfn, leaf);
}
