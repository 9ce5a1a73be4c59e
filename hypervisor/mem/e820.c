// SPDX-License-Identifier: GPL-2.0-only
#include "mem/e820.h"

#include "lib/bits.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mem/addr.h"

struct e820_map e820_host;

int e820_add(struct e820_map *map, uint64_t addr, uint64_t size, uint32_t type)
{
	if (!size)
		return 0;
	if (addr + size < addr)
		size = -addr;
	if (map->count == E820_MAX)
		return -ENOSPC;
	map->entry[map->count++] = (struct e820_entry){ addr, size, type };
	return 0;
}

/* Which of two types a doubly claimed byte has: the one that forbids more. */
static uint32_t stronger(uint32_t a, uint32_t b)
{
	if (a == 0 || b == 0)
		return a | b;
	if (a == E820_RAM || b == E820_RAM)
		return a == E820_RAM ? b : a;
	return a == E820_RESERVED || b == E820_RESERVED ? E820_RESERVED : MAX(a, b);
}

static uint32_t type_at(const struct e820_map *map, uint64_t at)
{
	uint32_t type = 0;

	for (unsigned int i = 0; i < map->count; i++)
		if (at >= map->entry[i].addr && at - map->entry[i].addr < map->entry[i].size)
			type = stronger(type, map->entry[i].type);
	return type;
}

/* The nearest place after `at` where some entry begins or ends; UINT64_MAX: none. */
static uint64_t next_edge(const struct e820_map *map, uint64_t at)
{
	uint64_t next = UINT64_MAX;

	for (unsigned int i = 0; i < map->count; i++) {
		uint64_t start = map->entry[i].addr, end = start + map->entry[i].size;

		if (start > at && start < next)
			next = start;
		if (end > at && end < next)
			next = end;
	}
	return next;
}

/* What it is from `from` on becomes one entry more, or part of the last. */
static void append(struct e820_map *map, uint64_t from, uint64_t to, uint32_t type)
{
	struct e820_entry *last = map->count ? &map->entry[map->count - 1] : NULL;

	if (type == E820_RAM) {
		from = ALIGN_UP(from, PAGE_SIZE);
		to = ALIGN_DOWN(to, PAGE_SIZE);
	}
	if (!type || from >= to)
		return;
	if (last && last->type == type && last->addr + last->size == from) {
		last->size += to - from;
		return;
	}
	/* A map so torn that it does not fit loses its upper end. */
	if (map->count < E820_MAX)
		map->entry[map->count++] = (struct e820_entry){ from, to - from, type };
}

void e820_sanitise(struct e820_map *map)
{
	static struct e820_map told;
	uint64_t at = 0;

	told = *map;
	map->count = 0;
	while (at != UINT64_MAX) {
		uint64_t to = next_edge(&told, at);

		append(map, at, to, type_at(&told, at));
		at = to;
	}
}

bool e820_all(const struct e820_map *map, uint64_t start, uint64_t end, uint32_t type)
{
	for (unsigned int i = 0; i < map->count; i++) {
		const struct e820_entry *e = &map->entry[i];

		if (e->type == type && start >= e->addr && start < e->addr + e->size)
			start = e->addr + e->size;
		if (start >= end)
			return true;
	}
	return false;
}

bool e820_any(const struct e820_map *map, uint64_t start, uint64_t end, uint32_t type)
{
	for (unsigned int i = 0; i < map->count; i++) {
		const struct e820_entry *e = &map->entry[i];

		if (e->type == type && e->addr < end && e->addr + e->size > start)
			return true;
	}
	return false;
}

uint64_t e820_ram_bytes(const struct e820_map *map)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < map->count; i++)
		if (map->entry[i].type == E820_RAM)
			sum += map->entry[i].size;
	return sum;
}

uint64_t e820_ram_end(const struct e820_map *map)
{
	uint64_t end = 0;

	for (unsigned int i = 0; i < map->count; i++)
		if (map->entry[i].type == E820_RAM)
			end = MAX(end, map->entry[i].addr + map->entry[i].size);
	return end;
}
