// SPDX-License-Identifier: GPL-2.0-only
#include "fakes/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "mem/alloc.h"
#include "mem/e820.h"
#include "mem/frame.h"
#include "mem/heap.h"
#include "mem/map.h"

#define weak __attribute__((weak))

weak uint64_t frame_table_end;	/* mem/frame.c's, where that is linked */
weak uint64_t *hv_l4;
weak uint64_t hv_cr3;

static void map_at(uint64_t at, uint64_t bytes)
{
	void *p = mmap((void *)at, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);

	if (p != (void *)at) {
		perror("fake_memory: mmap");
		abort();
	}
}

void fake_memory(uint64_t frames)
{
	map_at(DIRECTMAP_START, frames * PAGE_SIZE);
	map_at(FRAMETABLE_START, frames * sizeof(struct frame));
	map_at(M2P_RW_START, frames * 8);
	map_at(M2P32_RW_START, frames * 4);
	e820_host.count = 1;
	e820_host.entry[0] = (struct e820_entry){ 0, frames * PAGE_SIZE, E820_RAM };
	frame_table_end = frames;
	frame_table_mark(mfn(0), frames);
	frames_forget();
	heap_forget();
	frames_add(mfn(FRAMES_LOW_COUNT), frames - FRAMES_LOW_COUNT);
}

/* Our own page tables are nobody's business here. */
weak int map_hv(uint64_t va, mfn_t first, uint64_t n, uint64_t flags)
{
	(void)va;
	(void)first;
	(void)n;
	(void)flags;
	return 0;
}

weak void unmap_hv(uint64_t va, uint64_t n)
{
	(void)va;
	(void)n;
}

weak volatile void *ioremap(uint64_t pa, uint64_t size, enum cacheability how)
{
	(void)how;
	return pa + size <= frame_table_end * PAGE_SIZE ? map_pa(pa) : NULL;
}

weak void iounmap(volatile void *p, uint64_t size)
{
	(void)p;
	(void)size;
}

weak void map_fill_hv_slots(uint64_t *l4, uint64_t perdomain_l3)
{
	for (unsigned int slot = HV_SLOT_FIRST; slot <= HV_SLOT_LAST; slot++)
		l4[slot] = 0;
	l4[PERDOMAIN_SLOT] = perdomain_l3;
}
