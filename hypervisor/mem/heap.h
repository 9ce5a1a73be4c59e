// SPDX-License-Identifier: GPL-2.0-only
/*
 * Small objects of our own: sizes 16 to 2048 in powers of two, each from pages of its size; larger
 * ones are whole pages. Zeroed when allocated; debug builds poison what is freed.
 * Locks: heap lock inside (RANK_HEAP).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "lib/rangeset.h"

/* NULL: out of memory. Up to 1 MiB. Aligned to 16, to 64 from 64 bytes on, to a page from 4096. */
void *heap_alloc(size_t size);
void *heap_alloc_array(size_t count, size_t size);	/* NULL also when the product overflows */
void heap_free(void *p);				/* NULL is fine */

/* Bytes in use now; what a test compares before and after. */
uint64_t heap_used(void);
/* For tests that start anew. */
void heap_forget(void);

struct rangeset *rangeset_create(unsigned int limit);	/* NULL: out of memory */
void rangeset_destroy(struct rangeset *set);
