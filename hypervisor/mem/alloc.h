// SPDX-License-Identifier: GPL-2.0-only
/*
 * Free machine frames: a buddy allocator over all RAM.
 *
 * What is allocated here reads as zero unless the caller asks for FRAMES_UNSCRUBBED, so nothing a
 * former owner left can be read. An allocated frame's struct has owner NULL, no references, no
 * type: mem/frame.c gives it an owner.
 *
 * A free frame says who left it: the serial of the domain that gave it back, which no other domain
 * will ever have, or nobody in particular. Only a domain that gets back what it gave is spared the
 * zeroing, and only on its own behalf (frames_alloc_for()): what it may find there is its own.
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
/*
 * For the domain of this serial (struct domain), which may find in them what it left there itself;
 * 2^order contiguous ones, or up to n single ones into out[] (how many, is the answer).
 */
struct frame *frames_alloc_for(uint64_t serial, unsigned int order, unsigned int address_bits);
unsigned int frames_alloc_each(uint64_t serial, struct frame *out[], unsigned int n,
			       unsigned int address_bits);

#define FRAMES_LEFT_BY_ANY	0ul	/* no domain's serial: for nobody as it is */

/* The caller's frames, their owner and references gone. */
void frames_free(struct frame *f, unsigned int order);
/* Single ones that this domain alone had. */
void frame_free(struct frame *f, uint64_t left_by);
void frames_free_each(struct frame *const f[], unsigned int n, uint64_t left_by);
/* These frames become free for the first time (boot); contents unknown. */
void frames_add(mfn_t first, uint64_t count);

/* For tests that start anew: there are no free frames. */
void frames_forget(void);

uint64_t free_frame_count(void);
uint64_t total_frame_count(void);	/* all RAM of the machine */

/* One zeroed page for ourselves, as a direct-map address; NULL: none. */
void *hv_page_alloc(void);
void hv_page_free(void *page);
void *hv_pages_alloc(unsigned int order);
void hv_pages_free(void *pages, unsigned int order);

/*
 * Which parts of the frame table are there to be looked at: a bit for each 2 MiB of it, that is
 * 32768 frames. (mem/map.c marks; a frame inside such a part may still be no RAM.)
 */
void frame_table_mark(mfn_t first, uint64_t count);
bool frame_table_has(mfn_t m);

/* --- while booting --- */

/* Bytes that are in use: the image, the loader's modules. Never handed out by what follows. */
void boot_reserve(uint64_t start, uint64_t end);
/* Memory taken from the map for good, before there are free frames; from the top down, below
 * `limit`. 0: there is none. Contents unknown. */
uint64_t boot_alloc(uint64_t bytes, uint64_t align, uint64_t limit);
/* All RAM in [start, end) that is not reserved becomes free frames. */
void boot_free_rest(uint64_t start, uint64_t end);
