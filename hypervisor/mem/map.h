// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hypervisor's own page tables: one L4 (hv_l4) whose slots 256-271 every guest's L4 gets a copy
 * of. The L3 tables behind those slots (except slot 258, each domain's own) are all made at boot,
 * so a mapping made later is seen by everyone at once.
 *
 * Nothing of this is ever mapped with PTE_G. All data mappings carry PTE_NX.
 * Locks: map lock (RANK_MAP) inside.
 */
#pragma once

#include <stdint.h>

#include "lib/bug.h"
#include "mem/addr.h"
#include "mem/layout.h"

#define MAP_RW		(PTE_P | PTE_A | PTE_D | PTE_W | PTE_NX)
#define MAP_RO		(PTE_P | PTE_A | PTE_NX)
#define MAP_CODE	(PTE_P | PTE_A)

enum cacheability {
	CACHE_WB,
	CACHE_UC,
	CACHE_WC,
};

extern uint64_t *hv_l4;		/* direct-map address */
extern uint64_t hv_cr3;		/* its physical address: what idle runs on */

/* Map n frames at va (slots 256, 257, 259-271); tables are allocated as needed. Old entries are
 * overwritten; the caller flushes if there were any. -ENOMEM. */
must_check int map_hv(uint64_t va, mfn_t first, uint64_t n, uint64_t flags);
void unmap_hv(uint64_t va, uint64_t n);		/* flushes everywhere */
/* The entry that maps va in our tables at level 1, or at level 2 (*level), or NULL. */
uint64_t *map_hv_lookup(uint64_t va, unsigned int *level);

/* Device memory (or any physical memory, RAM included) at an address of its own; keeps the offset
 * within the page. NULL: out of space or memory. Never for what changes often. */
volatile void *ioremap(uint64_t pa, uint64_t size, enum cacheability how);
void iounmap(volatile void *p, uint64_t size);

/* Put our slots into a guest's L4; perdomain_l3 is the physical address for slot 258, 0 for none. */
void map_fill_hv_slots(uint64_t *l4, uint64_t perdomain_l3);

/*
 * Build everything: our tables with the direct map of all RAM, the image with its rights, the frame
 * table; load them; hand the free RAM to the allocator. Once, after e820_host stands and what is
 * in use has been told to boot_reserve(). NULL, or what was missing, for the operator.
 */
must_check const char *map_init(void);
