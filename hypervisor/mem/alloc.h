// SPDX-License-Identifier: GPL-2.0-only
/*
 * Free machine frames: a buddy allocator over all RAM.
 *
 * What is allocated here reads as zero unless the caller asks for FRAMES_UNSCRUBBED, so nothing a
 * former owner left can be read. Frames that come back are marked and scrubbed when next given
 * out. An allocated frame's struct has owner NULL, no references, no type: mem/frame.c gives it one.
 * Locks: frames lock (RANK_FRAMES) inside; not held while scrubbing.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "mem/addr.h"

struct frame;

#define FRAMES_ORDER_MAX	18	/* 1 GiB */
#define FRAMES_LOW_COUNT	256	/* the first MiB is never given out */

enum frames_flags {
	FRAMES_UNSCRUBBED	= 1 << 0,	/* any contents will do, the owner overwrites them all */
	FRAMES_BELOW_4G		= 1 << 1,	/* the same as 32 address bits */
};

/* 2^order contiguous frames, aligned to their size; NULL: there are none. Address bits of the
 * last byte, at most; 0 or >= 52: any. Prefers high memory, to keep the low for those that ask. */
struct frame *frames_alloc_bits(unsigned int order, unsigned int flags, unsigned int address_bits);
struct frame *frames_alloc(unsigned int order, unsigned int flags);
/* The caller's frames, their owner and references gone. */
void frames_free(struct frame *f, unsigned int order);
/* These frames become free for the first time (boot); contents unknown. */
void frames_add(mfn_t first, uint64_t count);

uint64_t free_frame_count(void);
uint64_t total_frame_count(void);	/* all RAM the allocator ever had, plus what boot kept */

/* One zeroed page for ourselves, as a direct-map address; NULL: none. */
void *hv_page_alloc(void);
void hv_page_free(void *page);
void *hv_pages_alloc(unsigned int order);
void hv_pages_free(void *pages, unsigned int order);

/* Before the frame table stands: memory taken from the map, never given back. Stops the machine
 * with a line if there is none. */
uint64_t boot_alloc(uint64_t bytes, uint64_t align);
