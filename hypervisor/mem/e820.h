// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which memory there is: the loader's map, sorted, without overlaps, and what we took of it.
 *
 * e820_host is the machine's map, as dom0 is told (machine_memory_map); it does not change after
 * boot. What is still free at boot is mem/alloc.c's to know.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/bug.h"

#define E820_MAX	128

enum e820_type {
	E820_RAM = 1,
	E820_RESERVED = 2,
	E820_ACPI = 3,
	E820_NVS = 4,
	E820_UNUSABLE = 5,
};

/* As the ABI's struct e820entry, which dom0 gets copies of. */
struct e820_entry {
	uint64_t addr, size;
	uint32_t type;
} __packed;

struct e820_map {
	unsigned int count;
	struct e820_entry entry[E820_MAX];
};

extern struct e820_map e820_host;

/* Add an entry in any order; -ENOSPC: too many. Sanitise once all are there: sort, cut RAM to
 * whole pages, let every other type win over RAM where they overlap. */
must_check int e820_add(struct e820_map *map, uint64_t addr, uint64_t size, uint32_t type);
void e820_sanitise(struct e820_map *map);
/* Is all of [start, end) of this type? */
bool e820_all(const struct e820_map *map, uint64_t start, uint64_t end, uint32_t type);
/* Is any byte of it? */
bool e820_any(const struct e820_map *map, uint64_t start, uint64_t end, uint32_t type);
uint64_t e820_ram_bytes(const struct e820_map *map);
uint64_t e820_ram_end(const struct e820_map *map);	/* just past the highest RAM */
