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

#include "cpu/usercopy.h"
#include "guest/domain.h"
#include "lib/bug.h"
#include "lib/errno.h"
#include "mem/addr.h"

/* 0 or -EFAULT. On failure of a read the whole destination is zeroed. */
must_check int guest_read_bytes(void *dst, gva_t src, size_t bytes);
must_check int guest_write_bytes(gva_t dst, const void *src, size_t bytes);
must_check int guest_zero(gva_t dst, size_t bytes);

/* May the current guest name these bytes at all? Whether they are mapped, the copy finds out. */
static inline bool guest_may_name(gva_t at, uint64_t bytes)
{
	const struct cpu_info *info = this_cpu_info();

	if (!__builtin_constant_p(bytes) || bytes > GUEST_SPAN_LEAST)
		if (unlikely(bytes > info->guest_span))
			return false;
	return likely(at.at - info->guest_start <= info->guest_span - bytes);
}

/* One, two or three words, which is what most requests are, go through registers. */
#define GUEST_WORDS_MAX	24u

/* As many as five, where the request is what is done all day: 4 bytes and multiples, a constant. */
must_check static inline __attribute__((always_inline)) int guest_read_words(void *dst, gva_t src, size_t bytes)
{
	uint64_t *to = dst;
	uint64_t half;

	ASSERT(!spin_any_held());
	if (guest_may_name(src, bytes) &&
	    (bytes < 8 || likely(usercopy_load64(&to[0], src.at))) &&
	    (bytes < 16 || likely(usercopy_load64(&to[1], src.at + 8))) &&
	    (bytes < 24 || likely(usercopy_load64(&to[2], src.at + 16))) &&
	    (bytes < 32 || likely(usercopy_load64(&to[3], src.at + 24))) &&
	    (bytes < 40 || likely(usercopy_load64(&to[4], src.at + 32))) &&
	    (bytes % 8 == 0 || likely(usercopy_load32(&half, src.at + bytes / 8 * 8)))) {
		if (bytes % 8)
			((uint32_t *)dst)[bytes / 8 * 2] = (uint32_t)half;
		return 0;
	}
	__builtin_memset(dst, 0, bytes);
	return -EFAULT;
}

must_check static inline int guest_read(void *dst, gva_t src, size_t bytes)
{
	if (!__builtin_constant_p(bytes) || bytes > GUEST_WORDS_MAX || bytes % 4)
		return guest_read_bytes(dst, src, bytes);
	return guest_read_words(dst, src, bytes);
}

/* A status goes alone. */
must_check static inline int guest_write16(gva_t dst, uint16_t value)
{
	ASSERT(!spin_any_held());
	return guest_may_name(dst, 2) && likely(usercopy_store16(dst.at, value)) ? 0 : -EFAULT;
}

must_check static inline int guest_write(gva_t dst, const void *src, size_t bytes)
{
	const uint64_t *from = src;
	const uint32_t *half = (const uint32_t *)src + bytes / 8 * 2;

	if (!__builtin_constant_p(bytes) || bytes > GUEST_WORDS_MAX || bytes % 4)
		return guest_write_bytes(dst, src, bytes);
	ASSERT(!spin_any_held());
	if (guest_may_name(dst, bytes) &&
	    (bytes < 8 || likely(usercopy_store64(dst.at, from[0]))) &&
	    (bytes < 16 || likely(usercopy_store64(dst.at + 8, from[1]))) &&
	    (bytes < 24 || likely(usercopy_store64(dst.at + 16, from[2]))) &&
	    (bytes % 8 == 0 || likely(usercopy_store32(dst.at + bytes / 8 * 8, *half))))
		return 0;
	return -EFAULT;
}

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
