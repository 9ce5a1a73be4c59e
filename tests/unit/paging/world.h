// SPDX-License-Identifier: GPL-2.0-only
/*
 * A tiny world for the tests of paging and of frames: 16 MiB of RAM, two guests, and a clock that
 * lets a long operation run for `budget` steps before it is asked to make room.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fakes/memory.h"
#include "cpu/asm.h"
#include "cpu/tlb.h"
#include "lib/string.h"
#include "mem/alloc.h"
#include "mem/heap.h"
#include "paging/paging.h"

#define WORLD_FRAMES	4096u

struct world {
	struct domain *mine, *theirs;
	struct hcall h;
	uint64_t free_before;
};

/* Steps until hcall_should_yield() says yes; 0: never. */
extern unsigned int budget;
/* What another CPU does at each of them. */
extern void (*meanwhile)(void);

struct world *world_new(bool is_32bit);
void world_free(struct world *w);	/* proves that nothing has leaked */

struct frame *frame_new(struct domain *d);
uint64_t *words(struct frame *f);
uint64_t entry_of(const struct frame *f, uint64_t flags);

static inline uint32_t refs(const struct frame *f) { return f->refs; }
static inline uint64_t type_refs(const struct frame *f) { return f->type & TYPE_COUNT; }

/* Any frame of the world's as it was when it was new: the owner's reference and no type. */
#define assert_untouched(f)					\
	do {							\
		assert_int_equal(refs(f), 1);			\
		assert_int_equal(type_refs(f), 0);		\
		assert_false((f)->type & (TYPE_PARTIAL | TYPE_VALIDATED | TYPE_PINNED)); \
	} while (0)

#define RW (PTE_P | PTE_W | PTE_U | PTE_A)
#define RO (PTE_P | PTE_U | PTE_A)
#define TBL (PTE_P | PTE_W | PTE_U | PTE_A)
