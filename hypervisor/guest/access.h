// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest memory: the only way to read or write what a gva_t points at.
 *
 * All copies go through the current vcpu's page tables, in ring 0 with CR0.WP set, after a check that
 * the range is the guest's to name; a fault in the middle ends the copy with -EFAULT. Nothing here
 * may be called with a lock held. Copy once: two copies of the same place may differ.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "guest/domain.h"
#include "lib/bug.h"
#include "lib/errno.h"
#include "mem/addr.h"

/* 0 or -EFAULT. On failure of a read the whole destination is zeroed. */
must_check int guest_read(void *dst, gva_t src, size_t bytes);
must_check int guest_write(gva_t dst, const void *src, size_t bytes);
must_check int guest_zero(gva_t dst, size_t bytes);

#define copy_from_guest(dst, src)	guest_read(dst, src, sizeof(*(dst)))
#define copy_to_guest(dst, src)		guest_write(dst, src, sizeof(*(src)))
/* Element i of a guest array whose elements are of *dst's type. */
#define copy_from_guest_at(dst, base, i) \
	guest_read(dst, gva_add(base, (uint64_t)(i) * sizeof(*(dst))), sizeof(*(dst)))
#define copy_to_guest_at(base, i, src) \
	guest_write(gva_add(base, (uint64_t)(i) * sizeof(*(src))), src, sizeof(*(src)))

/*
 * Is [start, start + count * size) addressable for the current guest at all? Refuses overflow, the
 * hypervisor's area and non-canonical addresses (advisories 29, 212: the whole range, before use).
 */
bool guest_array_ok(gva_t start, uint64_t count, size_t size);

/* The guest pointer inside a public XEN_GUEST_HANDLE (64-bit layout). */
#define handle_gva(h)	gva((uint64_t)(h).p)
