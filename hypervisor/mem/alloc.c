// SPDX-License-Identifier: GPL-2.0-only
/*
 * The buddy allocator behind mem/alloc.h.
 *
 * A free block is 2^order frames, aligned to its size. Its first frame carries FRAME_FREE, the
 * order, and the time of its last use by an owner (tlb_stamp); each frame says who left it, and the
 * rest nothing. What is in free memory is whatever was left there: it is zeroed when given out to
 * another. Blocks wait in lists by order and by zone: how many bits a frame number in it needs.
 * Zone z holds frames [2^(z-1), 2^z), so whoever can reach b address bits may have any block of
 * zones up to b - PAGE_SHIFT, whole.
 */
#include "cpu/asm.h"
#include "cpu/lock.h"
#include "cpu/percpu.h"
#include "cpu/tlb.h"
#include "lib/bits.h"
#include "lib/string.h"
#include "mem/alloc.h"
#include "mem/e820.h"
#include "mem/frame.h"

#define ZONE_COUNT	(PADDR_BITS - PAGE_SHIFT + 1)
#define CHUNK_FRAMES	(0x200000ul / sizeof(struct frame))
#define CHUNK_COUNT	((DIRECTMAP_END - DIRECTMAP_START) / PAGE_SIZE / CHUNK_FRAMES)

static spinlock_t frames_lock = SPINLOCK_INIT(RANK_FRAMES);
static struct list blocks[ZONE_COUNT][FRAMES_ORDER_MAX + 1];
static uint32_t orders_there[ZONE_COUNT];	/* bit n: blocks[zone][n] is not empty */
static unsigned int zone_top;			/* no zone above has ever had a frame */
static uint64_t free_count;
static uint64_t chunk_there[DIV_UP(CHUNK_COUNT, 64)];

static unsigned int zone_of(const struct frame *f)
{
	return highest_bit(frame_mfn(f).n) + 1;
}

void frame_table_mark(mfn_t first, uint64_t count)
{
	for (uint64_t c = first.n / CHUNK_FRAMES; c <= (first.n + count - 1) / CHUNK_FRAMES; c++)
		chunk_there[c / 64] |= BIT(c % 64);
}

bool frame_table_has(mfn_t m)
{
	uint64_t c = m.n / CHUNK_FRAMES;

	return c < CHUNK_COUNT && (chunk_there[c / 64] & BIT(c % 64));
}

void frames_forget(void)
{
	memset(blocks, 0, sizeof(blocks));
	memset(orders_there, 0, sizeof(orders_there));
	free_count = 0;
}

uint64_t free_frame_count(void)
{
	return read_once(free_count);
}

uint64_t total_frame_count(void)
{
	return e820_ram_bytes(&e820_host) >> PAGE_SHIFT;
}

static void block_insert(struct frame *f, unsigned int order)
{
	unsigned int zone = zone_of(f);
	struct list *l = &blocks[zone][order];

	if (!l->head.next)
		list_init(l);
	f->flags |= FRAME_FREE;
	f->order = order;
	list_add(l, &f->link);
	orders_there[zone] |= 1u << order;
	zone_top = MAX(zone_top, zone);
}

static void block_remove(struct frame *f)
{
	unsigned int zone = zone_of(f);

	list_del(&f->link);
	if (list_empty(&blocks[zone][f->order]))
		orders_there[zone] &= ~(1u << f->order);
	f->flags &= ~FRAME_FREE;
	f->order = 0;
}

static struct frame *free_buddy_of(struct frame *f, unsigned int order)
{
	mfn_t m = mfn(frame_mfn(f).n ^ BIT(order));
	struct frame *buddy;

	if (!frame_table_has(m))
		return NULL;
	buddy = frame_of(m);
	return (buddy->flags & FRAME_FREE) && buddy->order == order ? buddy : NULL;
}

static uint32_t later(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0 ? a : b;
}

/* The block, with its stamp set, joins its buddies as far as they are free. */
static void block_free(struct frame *f, unsigned int order)
{
	while (order < FRAMES_ORDER_MAX) {
		struct frame *buddy = free_buddy_of(f, order);
		uint32_t stamp;

		if (!buddy)
			break;
		block_remove(buddy);
		stamp = later(f->tlb_stamp, buddy->tlb_stamp);
		if (buddy < f)
			f = buddy;
		f->tlb_stamp = stamp;
		order++;
	}
	block_insert(f, order);
}

/* Take a block of `have` from its list and give back all but the first 2^order frames. */
static struct frame *block_split(struct frame *f, unsigned int have, unsigned int order)
{
	block_remove(f);
	while (have > order) {
		struct frame *upper = f + BIT(--have);

		upper->tlb_stamp = f->tlb_stamp;
		block_insert(upper, have);
	}
	return f;
}

/* From the highest zone allowed, and there from the smallest block that will do. */
static struct frame *block_take(unsigned int order, unsigned int zone_max)
{
	for (unsigned int zone = MIN(zone_max, zone_top); zone > 0; zone--) {
		uint32_t fit = orders_there[zone] >> order << order;
		unsigned int have;

		if (!fit)
			continue;
		have = lowest_bit(fit);
		return block_split(list_first_entry(&blocks[zone][have], struct frame, link),
				   have, order);
	}
	return NULL;
}

/* The highest zone all of whose frames have addresses of this many bits; 0: there is none. */
static unsigned int zone_for(unsigned int address_bits)
{
	if (!address_bits || address_bits > PADDR_BITS)
		address_bits = PADDR_BITS;
	return address_bits > PAGE_SHIFT ? address_bits - PAGE_SHIFT : 0;
}

/* A CPU may still hold the last owner's mapping, which ended without a flush. */
static void flush_since(uint32_t stamp)
{
	cpumask_t mask = tlb_filter(cpus_online, stamp);

	if (mask)
		tlb_flush_mask(mask);
}

/* Zero what another than the reader left. */
static void clean(struct frame *f, uint64_t n, uint64_t reader)
{
	for (uint64_t i = 0; i < n; i++)
		if (f[i].left_by != reader || reader == FRAMES_LEFT_BY_ANY)
			zero_words(frame_map(f + i), PAGE_SIZE / 8);
}

static struct frame *take(unsigned int order, unsigned int zone)
{
	struct frame *f;

	spin_lock(&frames_lock);
	f = block_take(order, zone);
	if (f)
		free_count -= BIT(order);
	spin_unlock(&frames_lock);
	if (f)
		flush_since(f->tlb_stamp);
	return f;
}

struct frame *frames_alloc_bits(unsigned int order, unsigned int flags, unsigned int address_bits)
{
	struct frame *f;

	if (flags & FRAMES_BELOW_4G && (!address_bits || address_bits > 32))
		address_bits = 32;
	f = order > FRAMES_ORDER_MAX ? NULL : take(order, zone_for(address_bits));
	if (f && !(flags & FRAMES_UNSCRUBBED))
		clean(f, BIT(order), FRAMES_LEFT_BY_ANY);
	return f;
}

struct frame *frames_alloc(unsigned int order, unsigned int flags)
{
	return frames_alloc_bits(order, flags, 0);
}

struct frame *frames_alloc_for(uint64_t serial, unsigned int order, unsigned int address_bits)
{
	struct frame *f = order > FRAMES_ORDER_MAX ? NULL : take(order, zone_for(address_bits));

	if (f)
		clean(f, BIT(order), serial);
	return f;
}

unsigned int frames_alloc_each(uint64_t serial, struct frame *out[], unsigned int n,
			       unsigned int address_bits)
{
	unsigned int zone = zone_for(address_bits), count = 0;
	uint32_t stamp = 0;

	spin_lock(&frames_lock);
	while (count < n) {
		/* As large as is wanted and there, so that neighbours stay neighbours. */
		unsigned int order = highest_bit(n - count);
		struct frame *f = block_take(order, zone);

		while (!f && order)
			f = block_take(--order, zone);
		if (!f)
			break;
		stamp = count ? later(stamp, f->tlb_stamp) : f->tlb_stamp;
		for (unsigned int i = 0; i < BIT(order); i++)
			out[count++] = f + i;
	}
	free_count -= count;
	spin_unlock(&frames_lock);
	if (count)
		flush_since(stamp);
	for (unsigned int i = 0; i < count; i++)
		clean(out[i], 1, serial);
	return count;
}

/* Nobody's any more. In use, or free already, and somebody would get what is another's. */
static inline void vacate(struct frame *f, uint64_t left_by)
{
	BUG_ON(f->refs || f->type || (f->flags & FRAME_FREE));
	f->hold = 0;
	f->owner = NULL;
	f->flags = 0;
	f->left_by = left_by;
}

void frames_free(struct frame *f, unsigned int order)
{
	BUG_ON(!IS_ALIGNED(frame_mfn(f).n, BIT(order)));
	for (uint64_t i = 0; i < BIT(order); i++)
		vacate(f + i, FRAMES_LEFT_BY_ANY);
	f->tlb_stamp = tlb_now();

	spin_lock(&frames_lock);
	free_count += BIT(order);
	block_free(f, order);
	spin_unlock(&frames_lock);
}

void frame_free(struct frame *f, uint64_t left_by)
{
	vacate(f, left_by);
	f->tlb_stamp = tlb_now();
	spin_lock(&frames_lock);
	free_count++;
	block_free(f, 0);
	spin_unlock(&frames_lock);
}

/* Neighbours become free as the blocks they make together. */
static void run_free(struct frame *f, uint64_t n, uint32_t stamp)
{
	while (n) {
		unsigned int order = highest_bit(n), aligned = lowest_bit(frame_mfn(f).n);

		order = MIN(order, aligned);
		f->tlb_stamp = stamp;
		block_free(f, order);
		f += BIT(order);
		n -= BIT(order);
	}
}

void frames_free_each(struct frame *const f[], unsigned int n, uint64_t left_by)
{
	uint32_t stamp = tlb_now();
	unsigned int first = 0;

	if (!n)
		return;
	for (unsigned int i = 0; i < n; i++)
		vacate(f[i], left_by);
	spin_lock(&frames_lock);
	free_count += n;
	for (unsigned int i = 1; i <= n; i++) {
		if (i < n && f[i] == f[i - 1] + 1)
			continue;
		run_free(f[first], i - first, stamp);
		first = i;
	}
	spin_unlock(&frames_lock);
}

void frames_add(mfn_t first, uint64_t count)
{
	while (count) {
		unsigned int order = MIN(highest_bit(count), (unsigned int)FRAMES_ORDER_MAX);

		order = MIN(order, lowest_bit(first.n));
		frames_free(frame_of(first), order);
		first.n += BIT(order);
		count -= BIT(order);
	}
}

void *hv_pages_alloc(unsigned int order)
{
	struct frame *f = frames_alloc(order, 0);

	return f ? frame_map(f) : NULL;
}

void hv_pages_free(void *pages, unsigned int order)
{
	if (pages)
		frames_free(frame_of(mfn_of(pages)), order);
}

void *hv_page_alloc(void)
{
	return hv_pages_alloc(0);
}

void hv_page_free(void *page)
{
	hv_pages_free(page, 0);
}
