// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sets of numbers kept as ranges [first, last], both inclusive: the I/O ports, MMIO frames and
 * IRQs that a domain may touch.
 *
 * Invariant: ranges are sorted, do not overlap and do not touch. A set holds at most as many
 * ranges as it was made for, so a guest cannot make us allocate by punching holes.
 * Locks: none; the owner of the set has one (a domain's).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/bug.h"

struct range {
	uint64_t first, last;
};

struct rangeset {
	unsigned int count, limit;
	struct range range[];
};

#define RANGESET_LIMIT	64	/* ranges that rangeset_bytes() makes room for by default */

/* The caller gives the memory, lib knows no allocator: rangeset_create() is in mem/heap.h. */
static inline size_t rangeset_bytes(unsigned int limit)
{
	return sizeof(struct rangeset) + limit * sizeof(struct range);
}
void rangeset_init(struct rangeset *set, unsigned int limit);

/* -EINVAL first > last; -ENOSPC the set is full. Adding what is there is fine, so is removing
 * what is not. */
must_check int rangeset_add(struct rangeset *set, uint64_t first, uint64_t last);
must_check int rangeset_remove(struct rangeset *set, uint64_t first, uint64_t last);
/* Is every number of the range in the set? */
bool rangeset_contains(const struct rangeset *set, uint64_t first, uint64_t last);
/* Is any? */
bool rangeset_overlaps(const struct rangeset *set, uint64_t first, uint64_t last);
void rangeset_clear(struct rangeset *set);
/* Calls fn for each range in order until it gives something other than 0; gives that. */
int rangeset_walk(const struct rangeset *set, int (*fn)(uint64_t first, uint64_t last, void *arg),
		  void *arg);
