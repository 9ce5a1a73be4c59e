// SPDX-License-Identifier: GPL-2.0-only
#include "paging/m2p.h"

#include "guest/domain.h"
#include "lib/bits.h"
#include "lib/log.h"
#include "lib/string.h"
#include "mem/alloc.h"
#include "mem/e820.h"
#include "mem/frame.h"
#include "mem/map.h"

#define CHUNK_ORDER	9
#define CHUNK_BYTES	(PAGE_SIZE << CHUNK_ORDER)
#define CHUNKS_MAX	2560u	/* 5 TiB, the direct map's reach, is 10 GiB of the table */
#define CHUNKS32_MAX	HV32_L2_M2P_COUNT

static uint64_t frame_count;
uint64_t m2p32_count;
static mfn_t chunk[CHUNKS_MAX], chunk32[CHUNKS32_MAX];
static unsigned int chunk_count, chunk32_count;

#define m2p_rw		((uint64_t *)M2P_RW_START)

/*
 * 2 MiB of a table: contiguous, so that a tool can map it by its first frame, and given to dom_xen,
 * read-only, so that a tool may.
 */
static mfn_t chunk_make(void)
{
	struct frame *f = frames_alloc(CHUNK_ORDER, FRAMES_UNSCRUBBED);
	mfn_t first;

	if (!f) {
		log_err("no memory for the machine-to-physical table: give this machine more");
		BUG();
	}
	first = frame_mfn(f);
	memset(map_mfn(first), 0xff, CHUNK_BYTES);
	for (unsigned int i = 0; i < 1u << CHUNK_ORDER; i++)
		frame_share(f + i, dom_xen, false);
	return first;
}

static void chunk_map(uint64_t va, mfn_t first, uint64_t flags)
{
	BUG_ON(map_hv(va, first, 1ul << CHUNK_ORDER, flags));
}

/* Is there RAM among the frames that this chunk speaks of? */
static bool chunk_needed(unsigned int i, size_t entry)
{
	uint64_t frames = CHUNK_BYTES / entry;

	return e820_any(&e820_host, i * frames << PAGE_SHIFT, (i + 1) * frames << PAGE_SHIFT,
			E820_RAM);
}

void m2p_init(void)
{
	frame_count = frame_table_end;
	m2p32_count = MIN(frame_count, CHUNKS32_MAX * CHUNK_BYTES / sizeof(uint32_t));
	chunk_count = (unsigned int)DIV_UP(frame_count * sizeof(uint64_t), CHUNK_BYTES);
	chunk32_count = (unsigned int)DIV_UP(m2p32_count * sizeof(uint32_t), CHUNK_BYTES);
	BUG_ON(chunk_count > CHUNKS_MAX);

	for (unsigned int i = 0; i < chunk_count; i++) {
		if (!chunk_needed(i, sizeof(uint64_t)))
			continue;
		chunk[i] = chunk_make();
		chunk_map(M2P_RW_START + i * CHUNK_BYTES, chunk[i], MAP_RW);
		chunk_map(M2P_RO_START + i * CHUNK_BYTES, chunk[i], MAP_RO | PTE_U);
	}
	for (unsigned int i = 0; i < chunk32_count; i++) {
		if (!chunk_needed(i, sizeof(uint32_t)))
			continue;
		chunk32[i] = chunk_make();
		chunk_map(M2P32_RW_START + i * CHUNK_BYTES, chunk32[i], MAP_RW);
	}
}

uint64_t m2p_get(mfn_t m)
{
	return mfn_valid(m) ? read_once(m2p_rw[m.n]) : M2P_INVALID;
}

uint64_t m2p_frames(void)
{
	return frame_count;
}

uint64_t m2p32_frames(void)
{
	return m2p32_count;
}

bool m2p_chunk(unsigned int i, bool compat, mfn_t *first)
{
	const mfn_t *list = compat ? chunk32 : chunk;
	unsigned int slot;

	if (!index_within(i, compat ? chunk32_count : chunk_count, &slot))
		return false;
	while (slot && !list[slot].n)
		slot--;
	*first = list[slot];
	return true;
}

void m2p32_fill_l2(pte_t *l2)
{
	for (unsigned int i = 0; i < PT_ENTRIES - HV32_L2_FIRST; i++) {
		uint64_t raw = 0;

		if (i < chunk32_count && chunk32[i].n)
			raw = chunk32[i].n << PAGE_SHIFT | MAP_RO | PTE_PS;
		l2[HV32_L2_FIRST + i].raw = raw;
	}
}
