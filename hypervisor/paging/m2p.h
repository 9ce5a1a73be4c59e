// SPDX-License-Identifier: GPL-2.0-only
/*
 * M2P: which pseudo-physical page of its owner each machine frame is. Guests read it in place
 * (8 bytes a frame at M2P_RO_START; 4 bytes at M2P32_RO_START for 32-bit guests) and write it only
 * by MMU_MACHPHYS_UPDATE. To us the contents mean nothing: they are the guest's word about its own.
 */
#pragma once

#include <stdint.h>

#include "lib/bits.h"
#include "lib/bug.h"
#include "mem/addr.h"
#include "mem/frame.h"

#define M2P_INVALID	(~0ul)

void m2p_init(void);
extern uint64_t m2p32_count;		/* m2p32_frames() */
/* Both widths. The frame is RAM, so it has its entries. */
static inline void m2p_set(const struct frame *f, uint64_t pfn)
{
	uint64_t n = frame_mfn(f).n;

	write_once(((uint64_t *)M2P_RW_START)[n], pfn);
	if (likely(n < m2p32_count))
		write_once(((uint32_t *)M2P32_RW_START)[n], (uint32_t)pfn);
}
uint64_t m2p_get(mfn_t m);		/* M2P_INVALID: none */

/* Frames with numbers below this have entries. */
uint64_t m2p_frames(void);
/* Frames below this can be looked up by a 32-bit guest. */
uint64_t m2p32_frames(void);
/* First machine frame of the i-th 2 MiB of the table (of compat: the 4-byte one); of a hole: that
 * of the part before it, so that a tool can map the whole list. False: past the end. */
bool m2p_chunk(unsigned int i, bool compat, mfn_t *first);
/* Our eight entries of a 32-bit guest's last L2. */
void m2p32_fill_l2(pte_t *l2);
