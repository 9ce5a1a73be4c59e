// SPDX-License-Identifier: GPL-2.0-only
/*
 * The first page tables of a domain being built, in its own frames.
 *
 * They are written as plain data, before anything is typed; paging/ checks them like any guest's
 * when the builder makes them the base. So a mistake here is refused there, not obeyed.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "mem/addr.h"

#define BUILD_CHUNKS	1024

/* Stretches of machine frames that follow each other in the domain's own numbering. */
struct build_memory {
	struct build_chunk {
		uint64_t pfn, mfn, count;
	} chunk[BUILD_CHUNKS];
	unsigned int chunk_count;
	uint64_t pages;
};

/* The machine frame of a page the domain has; the caller knows that it has it. */
mfn_t build_mfn(const struct build_memory *m, uint64_t pfn);
void *build_map(const struct build_memory *m, uint64_t pfn);

struct build_tables {
	const struct build_memory *memory;
	bool is_32bit;
	uint64_t root_pfn;		/* L4, or the L3 of a 32-bit guest */
	uint64_t next_pfn, end_pfn;	/* where more tables come from */
};

/* How many tables below the root map [start, end)? All four L2s of a 32-bit guest count. */
uint64_t tables_needed(bool is_32bit, uint64_t start, uint64_t end);

/* Clear the root; for a 32-bit guest also make its four L2s. Takes pages from next_pfn. */
void tables_start(struct build_tables *t);
/* Map one page. Takes new tables from next_pfn; NEVER runs out if tables_needed() was heeded. */
void tables_map(struct build_tables *t, uint64_t va, uint64_t pfn, bool writable);
