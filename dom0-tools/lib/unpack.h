/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Compressed files in memory, made plain.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct blob {
	uint8_t *data;		/* malloc'ed */
	size_t size;
};

/* More than any kernel; what expands beyond is an attack or a mistake.  Tests use a smaller one. */
#ifndef UNPACK_MAX
#define UNPACK_MAX		(1UL << 30)
#endif

/* The name of the compression the data begin with ("gzip", "xz", ...), or NULL: none known. */
const char *packing_of(const uint8_t *data, size_t size);

/*
 * Expand gzip, xz, lzma, zstd or lz4 (frames, and the older form that Linux uses).
 * What follows the compressed stream is ignored: kernels have their length there.
 * expected is the size it should come to, or 0: room made at once is not copied again and again.
 * Fails: EINVAL damaged or cut short, ENOTSUP no expander for it, EFBIG larger than UNPACK_MAX.
 */
int unpack(const uint8_t *data, size_t size, size_t expected, struct blob *out);
