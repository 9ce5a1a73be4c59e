// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory before there is an allocator: taken from the loader's map, from the top down. What was
 * taken or is in use is one set of byte ranges; the rest becomes free frames in the end.
 */
#include "lib/bits.h"
#include "mem/alloc.h"
#include "mem/e820.h"

#include "lib/rangeset.h"

#define RESERVED_MAX	128

static struct {
	struct rangeset set;
	struct range room[RESERVED_MAX];
} reserved = { .set = { .limit = RESERVED_MAX } };

void boot_reserve(uint64_t start, uint64_t end)
{
	if (start < end)
		BUG_ON(rangeset_add(&reserved.set, start, end - 1));
}

/* The highest place for it in [start, end): 0 if there is none. */
static uint64_t find_place(uint64_t start, uint64_t end, uint64_t bytes, uint64_t align)
{
	while (end > start && end - start >= bytes) {
		uint64_t at = ALIGN_DOWN(end - bytes, align);
		unsigned int i = reserved.set.count;

		if (at < start)
			return 0;
		while (i && reserved.set.range[i - 1].first > at + bytes - 1)
			i--;
		if (!i || reserved.set.range[i - 1].last < at)
			return at;
		end = reserved.set.range[i - 1].first;
	}
	return 0;
}

uint64_t boot_alloc(uint64_t bytes, uint64_t align, uint64_t limit)
{
	for (unsigned int i = e820_host.count; i--;) {
		const struct e820_entry *e = &e820_host.entry[i];
		uint64_t start = MAX(e->addr, FRAMES_LOW_COUNT * PAGE_SIZE);
		uint64_t end = MIN(e->addr + e->size, limit);
		uint64_t at;

		if (e->type != E820_RAM)
			continue;
		at = find_place(start, end, bytes, align);
		if (at) {
			boot_reserve(at, at + bytes);
			return at;
		}
	}
	return 0;
}

static void free_between(uint64_t start, uint64_t end)
{
	start = ALIGN_UP(start, PAGE_SIZE);
	end = ALIGN_DOWN(end, PAGE_SIZE);
	if (start < end)
		frames_add(mfn(start >> PAGE_SHIFT), (end - start) >> PAGE_SHIFT);
}

/* The parts of one stretch of RAM that are not reserved. */
static void free_stretch(uint64_t start, uint64_t end)
{
	for (unsigned int i = 0; i < reserved.set.count && start < end; i++) {
		const struct range *r = &reserved.set.range[i];

		if (r->last < start)
			continue;
		if (r->first >= end)
			break;
		if (r->first > start)
			free_between(start, r->first);
		start = r->last + 1;
	}
	if (start < end)
		free_between(start, end);
}

void boot_free_rest(uint64_t start, uint64_t end)
{
	for (unsigned int i = 0; i < e820_host.count; i++) {
		const struct e820_entry *e = &e820_host.entry[i];
		uint64_t low = MAX(start, FRAMES_LOW_COUNT * PAGE_SIZE);
		uint64_t from = MAX(e->addr, low);
		uint64_t to = MIN(e->addr + e->size, end);

		if (e->type == E820_RAM && from < to)
			free_stretch(from, to);
	}
}
