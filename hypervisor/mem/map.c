// SPDX-License-Identifier: GPL-2.0-only
#include "mem/map.h"

#include "cpu/asm.h"
#include "cpu/features.h"
#include "cpu/lock.h"
#include "cpu/tlb.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "lib/rangeset.h"
#include "lib/string.h"
#include "mem/alloc.h"
#include "mem/e820.h"
#include "mem/frame.h"

#define L2_FRAMES	512ul
#define L3_FRAMES	(512ul * 512)
#define FOUR_GIB	0x100000000ul
#define CHUNK_BYTES	0x200000ul
#define CHUNK_FRAMES	(CHUNK_BYTES / sizeof(struct frame))
#define TABLE_FLAGS	(PTE_P | PTE_W | PTE_A)
#define LARGE_FRAME	(PTE_FRAME & ~0x1ffffful)

uint64_t *hv_l4;
uint64_t hv_cr3;

/* hypervisor/trine.lds */
extern char image_start[], text_start[], text_end[], rodata_start[], rodata_end[], data_start[],
	    image_end[];

static spinlock_t map_lock = SPINLOCK_INIT(RANK_MAP);
static bool frames_are_there;

/* While boot's first tables are in use only the first 4 GiB can be reached. */
static uint64_t boot_limit = FOUR_GIB;

static uint64_t *table_alloc(void)
{
	uint64_t pa;

	if (frames_are_there)
		return hv_page_alloc();
	pa = boot_alloc(PAGE_SIZE, PAGE_SIZE, boot_limit);
	return pa ? memset(map_pa(pa), 0, PAGE_SIZE) : NULL;
}

static unsigned int slot_of(uint64_t va, unsigned int level)
{
	return va >> (L1_SHIFT + 9 * (level - 1)) & (PT_ENTRIES - 1);
}

static uint64_t *table_at(uint64_t entry)
{
	return map_pa(entry & PTE_FRAME);
}

/* A large page becomes a table of pages of the next size that say the same. */
static int split(uint64_t *entry, unsigned int level)
{
	uint64_t *table = table_alloc();
	uint64_t step = level == 3 ? BIT(L2_SHIFT) : PAGE_SIZE;
	uint64_t flags = *entry & ~LARGE_FRAME;
	uint64_t pa = *entry & LARGE_FRAME;

	if (!table)
		return -ENOMEM;
	if (level == 2)
		flags &= ~PTE_PS;
	for (unsigned int i = 0; i < PT_ENTRIES; i++)
		table[i] = (pa + i * step) | flags;
	*entry = pa_of(table) | TABLE_FLAGS | (flags & PTE_U);
	return 0;
}

/* The entry of a table at `level` that covers va, making tables on the way. NULL: no memory. */
static uint64_t *entry_for(uint64_t va, unsigned int level, uint64_t user)
{
	uint64_t *table = hv_l4;

	for (unsigned int at = 4; at > level; at--) {
		uint64_t *entry = &table[slot_of(va, at)];

		if (!(*entry & PTE_P)) {
			uint64_t *fresh = table_alloc();

			if (!fresh)
				return NULL;
			*entry = pa_of(fresh) | TABLE_FLAGS | user;
		} else if (at < 4 && (*entry & PTE_PS) && split(entry, at)) {
			return NULL;
		}
		*entry |= user;
		table = table_at(*entry);
	}
	return &table[slot_of(va, level)];
}

/* The largest page that may start at va and frame m with n frames to go: its level. */
static unsigned int page_level(uint64_t va, uint64_t m, uint64_t n, uint64_t flags)
{
	uint64_t both = va >> PAGE_SHIFT | m;

	if (flags & PTE_PAT)
		return 1;	/* the bit means something else in a large page */
	if (n >= L3_FRAMES && IS_ALIGNED(both, L3_FRAMES) && host.gigabyte_pages)
		return 3;
	return n >= L2_FRAMES && IS_ALIGNED(both, L2_FRAMES) ? 2 : 1;
}

static int map_locked(uint64_t va, uint64_t m, uint64_t n, uint64_t flags)
{
	while (n) {
		unsigned int level = page_level(va, m, n, flags);
		uint64_t *entry = entry_for(va, level, flags & PTE_U);
		uint64_t frames = BIT(9 * (level - 1));

		if (!entry)
			return -ENOMEM;
		/* What is there already may be a table with other mappings in it: keep it. */
		if (level > 1 && (*entry & PTE_P) && !(*entry & PTE_PS)) {
			level = 1;
			frames = 1;
			entry = entry_for(va, 1, flags & PTE_U);
			if (!entry)
				return -ENOMEM;
		}
		write_once(*entry, m << PAGE_SHIFT | flags | (level > 1 ? PTE_PS : 0));
		va += frames << PAGE_SHIFT;
		m += frames;
		n -= frames;
	}
	return 0;
}

int map_hv(uint64_t va, mfn_t first, uint64_t n, uint64_t flags)
{
	int rc;

	ASSERT(va >= HV_VIRT_START && slot_of(va, 4) != PERDOMAIN_SLOT);
	spin_lock(&map_lock);
	rc = map_locked(va, first.n, n, flags);
	spin_unlock(&map_lock);
	return rc;
}

uint64_t *map_hv_lookup(uint64_t va, unsigned int *level)
{
	uint64_t *table = hv_l4;

	for (*level = 4; *level > 0; --*level) {
		uint64_t *entry = &table[slot_of(va, *level)];

		if (!(*entry & PTE_P))
			return NULL;
		if (*level == 1 || (*level < 4 && (*entry & PTE_PS)))
			return entry;
		table = table_at(*entry);
	}
	return NULL;
}

static void unmap_locked(uint64_t va, uint64_t n)
{
	for (; n; n--, va += PAGE_SIZE) {
		unsigned int level;
		uint64_t *entry = map_hv_lookup(va, &level);

		if (!entry)
			continue;
		/* A whole large page was one mapping's: without memory to split it stays. */
		if (level > 1)
			entry = entry_for(va, 1, 0);
		if (entry)
			write_once(*entry, 0);
	}
}

void unmap_hv(uint64_t va, uint64_t n)
{
	spin_lock(&map_lock);
	unmap_locked(va, n);
	spin_unlock(&map_lock);
	tlb_flush_mask(cpus_online);
}

/* --- ioremap: pages of [IOREMAP_START, IOREMAP_END), each mapping with a hole behind it --- */

#define IOREMAP_RANGES	1024

static struct {
	struct rangeset set;
	struct range room[IOREMAP_RANGES];
} windows = { .set = { .limit = IOREMAP_RANGES } };

/* The first hole of `pages` pages, taken; 0: none. */
static uint64_t window_take(uint64_t pages)
{
	uint64_t at = IOREMAP_START >> PAGE_SHIFT;

	for (unsigned int i = 0; i < windows.set.count; i++) {
		if (windows.set.range[i].first - at >= pages)
			break;
		at = windows.set.range[i].last + 1;
	}
	if (at + pages > IOREMAP_END >> PAGE_SHIFT)
		return 0;
	if (rangeset_add(&windows.set, at, at + pages - 1))
		return 0;
	return at << PAGE_SHIFT;
}

volatile void *ioremap(uint64_t pa, uint64_t size, enum cacheability how)
{
	static const uint64_t flags[] = {
		[CACHE_WB] = MAP_RW,
		[CACHE_UC] = MAP_RW | PTE_PCD | PTE_PWT,
		[CACHE_WC] = MAP_RW | PTE_PAT,
	};
	uint64_t offset = pa & ~PAGE_MASK;
	uint64_t pages = DIV_UP(offset + size, PAGE_SIZE);
	uint64_t va;

	if (!size || pa + size < pa || pa + size > PADDR_MASK)
		return NULL;
	spin_lock(&map_lock);
	va = window_take(pages + 1);
	if (va && map_locked(va, pa >> PAGE_SHIFT, pages, flags[how])) {
		unmap_locked(va, pages);
		if (rangeset_remove(&windows.set, va >> PAGE_SHIFT, (va >> PAGE_SHIFT) + pages))
			BUG();
		va = 0;
	}
	spin_unlock(&map_lock);
	return va ? (volatile void *)(va + offset) : NULL;
}

void iounmap(volatile void *p, uint64_t size)
{
	uint64_t va = (uint64_t)p & PAGE_MASK;
	uint64_t pages = DIV_UP(((uint64_t)p & ~PAGE_MASK) + size, PAGE_SIZE);

	if (!p)
		return;
	unmap_hv(va, pages);
	/* Only now may another mapping get the place. If the set is too full to be split, the
	 * place stays taken. */
	spin_lock(&map_lock);
	if (rangeset_remove(&windows.set, va >> PAGE_SHIFT, (va >> PAGE_SHIFT) + pages))
		ASSERT(windows.set.count == windows.set.limit);
	spin_unlock(&map_lock);
}

void map_fill_hv_slots(uint64_t *l4, uint64_t perdomain_l3)
{
	for (unsigned int slot = HV_SLOT_FIRST; slot <= HV_SLOT_LAST; slot++)
		write_once(l4[slot], hv_l4[slot]);
	write_once(l4[PERDOMAIN_SLOT], perdomain_l3 ? perdomain_l3 | TABLE_FLAGS : 0);
}

/* --- building it --- */

static bool make_slots(void)
{
	hv_l4 = table_alloc();
	if (!hv_l4)
		return false;
	for (unsigned int slot = HV_SLOT_FIRST; slot <= HV_SLOT_LAST; slot++) {
		uint64_t *l3;

		if (slot == PERDOMAIN_SLOT)
			continue;
		l3 = table_alloc();
		if (!l3)
			return false;
		hv_l4[slot] = pa_of(l3) | TABLE_FLAGS;
	}
	/* Guests read their M2P here; nobody writes through this slot. */
	hv_l4[HV_SLOT_FIRST] = (hv_l4[HV_SLOT_FIRST] & ~PTE_W) | PTE_U;
	hv_cr3 = pa_of(hv_l4);
	return true;
}

static int map_image(const char *start, const char *end, uint64_t flags)
{
	uint64_t va = (uint64_t)start;
	uint64_t pages = DIV_UP((uint64_t)(end - start), PAGE_SIZE);

	/* Page by page, so that no large page joins parts with different rights. */
	for (; pages; pages--, va += PAGE_SIZE)
		if (map_locked(va, (va - HV_TEXT_START) >> PAGE_SHIFT, 1, flags))
			return -ENOMEM;
	return 0;
}

static bool map_whole_image(void)
{
	return !map_image(image_start, text_start, MAP_RO) &&
	       !map_image(text_start, text_end, MAP_CODE) &&
	       !map_image(rodata_start, rodata_end, MAP_RO) &&
	       !map_image(data_start, image_end, MAP_RW);
}

static bool map_all_ram(void)
{
	for (unsigned int i = 0; i < e820_host.count; i++) {
		const struct e820_entry *e = &e820_host.entry[i];

		if (e->type != E820_RAM)
			continue;
		if (map_locked(DIRECTMAP_START + e->addr, e->addr >> PAGE_SHIFT,
			       e->size >> PAGE_SHIFT, MAP_RW))
			return false;
	}
	return true;
}

static bool make_chunk(uint64_t first_frame)
{
	uint64_t pa;

	if (frame_table_has(mfn(first_frame)))
		return true;
	pa = boot_alloc(CHUNK_BYTES, CHUNK_BYTES, boot_limit);
	if (!pa)
		return false;
	memset(map_pa(pa), 0, CHUNK_BYTES);
	if (map_locked(FRAMETABLE_START + first_frame * sizeof(struct frame), pa >> PAGE_SHIFT,
		       L2_FRAMES, MAP_RW))
		return false;
	frame_table_mark(mfn(first_frame), CHUNK_FRAMES);
	return true;
}

static bool make_frame_table(void)
{
	for (unsigned int i = 0; i < e820_host.count; i++) {
		const struct e820_entry *e = &e820_host.entry[i];
		uint64_t from = ALIGN_DOWN(e->addr >> PAGE_SHIFT, CHUNK_FRAMES);

		if (e->type != E820_RAM)
			continue;
		for (; from < (e->addr + e->size) >> PAGE_SHIFT; from += CHUNK_FRAMES)
			if (!make_chunk(from))
				return false;
	}
	frame_table_end = e820_ram_end(&e820_host) >> PAGE_SHIFT;
	return true;
}

/* Frames that have an entry in the table and are no RAM. */
static void mark_holes(void)
{
	uint64_t end = ALIGN_UP(frame_table_end, CHUNK_FRAMES);
	uint64_t n = 0;

	for (unsigned int i = 0; i <= e820_host.count; i++) {
		bool last = i == e820_host.count;
		const struct e820_entry *e = &e820_host.entry[i];

		if (!last && e->type != E820_RAM)
			continue;
		for (uint64_t to = last ? end : e->addr >> PAGE_SHIFT; n < to;) {
			if (!frame_table_has(mfn(n))) {
				n = ALIGN_DOWN(n, CHUNK_FRAMES) + CHUNK_FRAMES;
				continue;
			}
			frame_of(mfn(n++))->flags = FRAME_IO;
		}
		if (!last)
			n = (e->addr + e->size) >> PAGE_SHIFT;
	}
}

const char *map_init(void)
{
	const char *small = "too little memory for the hypervisor itself: give the machine more";

	if (e820_ram_end(&e820_host) > DIRECTMAP_END - DIRECTMAP_START)
		return "more than 5 TiB of memory: not supported";
	if (!make_slots() || !map_whole_image() || !map_all_ram())
		return small;
	tlb_load_cr3(hv_cr3);
	boot_limit = UINT64_MAX;
	if (!make_frame_table())
		return small;
	mark_holes();
	boot_free_rest(0, UINT64_MAX);
	frames_are_there = true;
	return NULL;
}
