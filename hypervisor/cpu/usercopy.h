// SPDX-License-Identifier: GPL-2.0-only
/*
 * The only loads and stores that may fault on guest memory, through whatever page table is loaded.
 * For guest/access.c (and trap/bounce.c's stack frames), which check the address first: nothing
 * here does. A fault at one of these instructions is found by extable_fixup() (cpu/extable.h).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "lib/bug.h"

/* Give the number of bytes NOT copied, 0 on success. */
must_check size_t usercopy_from(void *dst, uint64_t src, size_t n);
must_check size_t usercopy_to(uint64_t dst, const void *src, size_t n);
must_check size_t usercopy_zero(uint64_t dst, size_t n);

/*
 * LOCK CMPXCHG of 1, 2, 4 or 8 bytes. *old goes in as the expected value and comes back as what
 * was there; the exchange took place if that is unchanged. -EFAULT: the address faulted;
 * -EINVAL: no such size.
 */
must_check int usercopy_cmpxchg(uint64_t addr, unsigned int size, uint64_t *old, uint64_t new);
