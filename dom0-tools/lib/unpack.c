// SPDX-License-Identifier: GPL-2.0-only
/*
 * Five decompressors behind one function.
 *
 * This runs in dom0's user space on purpose: the hypervisor takes plain ELF only.
 * Invariant: out->data never grows beyond UNPACK_MAX, whatever the input says of its size.
 */
#include "lib/unpack.h"

#include "lib/report.h"

#include <errno.h>
#include <lz4.h>
#include <lz4frame.h>
#include <lzma.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <zlib.h>
#include <zstd.h>

/* Uncompressed size of each block of the older lz4 form, but the last. */
#define LZ4_OLD_BLOCK		(8U << 20)

/* Output that grows as it is filled. */
struct sink {
	struct blob blob;
	size_t room;
};

static int sink_grow(struct sink *sink, size_t wanted)
{
	size_t room = sink->room ? sink->room : 64UL << 10;
	uint8_t *data;

	/* The first time exactly what is wanted, if that is much. */
	if (!sink->room && wanted > room)
		room = wanted;
	while (room < sink->blob.size + wanted)
		room *= 2;
	if (room > UNPACK_MAX) {
		errno = EFBIG;
		return because("it expands to more than %lu MiB", UNPACK_MAX >> 20);
	}
	if (room == sink->room)
		return 0;
	data = realloc(sink->blob.data, room);
	if (!data)
		return -1;
	sink->blob.data = data;
	sink->room = room;
	return 0;
}

static int damaged(const char *packing)
{
	errno = EINVAL;
	return because("its %s data are damaged or cut short", packing);
}

static int unpack_gzip(const uint8_t *data, size_t size, struct sink *sink)
{
	z_stream stream = { .next_in = (uint8_t *)data, .avail_in = size };
	int state = Z_OK;

	if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) {
		errno = ENOMEM;
		return -1;
	}
	while (state == Z_OK) {
		if (sink_grow(sink, 1))
			break;
		stream.next_out = sink->blob.data + sink->blob.size;
		stream.avail_out = sink->room - sink->blob.size;
		state = inflate(&stream, Z_NO_FLUSH);
		sink->blob.size = sink->room - stream.avail_out;
	}
	inflateEnd(&stream);
	if (state == Z_STREAM_END)
		return 0;
	return state == Z_OK ? -1 : damaged("gzip");
}

static int unpack_lzma(const uint8_t *data, size_t size, struct sink *sink, bool is_xz)
{
	lzma_stream stream = LZMA_STREAM_INIT;
	lzma_ret state = is_xz ? lzma_stream_decoder(&stream, UINT64_MAX, 0) :
				 lzma_alone_decoder(&stream, UINT64_MAX);

	stream.next_in = data;
	stream.avail_in = size;
	while (state == LZMA_OK) {
		if (sink_grow(sink, 1))
			break;
		stream.next_out = sink->blob.data + sink->blob.size;
		stream.avail_out = sink->room - sink->blob.size;
		state = lzma_code(&stream, LZMA_RUN);
		sink->blob.size = sink->room - stream.avail_out;
	}
	lzma_end(&stream);
	if (state == LZMA_STREAM_END)
		return 0;
	return state == LZMA_OK ? -1 : damaged(is_xz ? "xz" : "lzma");
}

static int unpack_zstd(const uint8_t *data, size_t size, struct sink *sink)
{
	ZSTD_DCtx *context = ZSTD_createDCtx();
	ZSTD_inBuffer in = { data, size, 0 };
	size_t left = 1;

	if (!context)
		return -1;
	/* Kernels are packed with windows that exceed the library's careful default. */
	ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, 30);
	while (left) {
		ZSTD_outBuffer out;

		if (sink_grow(sink, 1)) {
			ZSTD_freeDCtx(context);
			return -1;
		}
		out = (ZSTD_outBuffer){ sink->blob.data, sink->room, sink->blob.size };
		left = ZSTD_decompressStream(context, &out, &in);
		if (ZSTD_isError(left) || (left && in.pos == in.size && out.pos < out.size))
			break;
		sink->blob.size = out.pos;
	}
	ZSTD_freeDCtx(context);
	return left ? damaged("zstd") : 0;
}

static int unpack_lz4_frame(const uint8_t *data, size_t size, struct sink *sink)
{
	LZ4F_dctx *context;
	size_t left = 1;

	if (LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION))) {
		errno = ENOMEM;
		return -1;
	}
	while (left) {
		size_t taken = size, given;

		if (sink_grow(sink, 1)) {
			LZ4F_freeDecompressionContext(context);
			return -1;
		}
		given = sink->room - sink->blob.size;
		left = LZ4F_decompress(context, sink->blob.data + sink->blob.size, &given, data,
				       &taken, NULL);
		if (LZ4F_isError(left) || (left && !taken && !given))
			break;
		sink->blob.size += given;
		data += taken;
		size -= taken;
	}
	LZ4F_freeDecompressionContext(context);
	return left ? damaged("lz4") : 0;
}

/*
 * The older form: a magic, then blocks with their packed size in front, and no end mark.  A size
 * that cannot be is not damage but the end: in kernels the unpacked length stands there.
 */
static int unpack_lz4_old(const uint8_t *data, size_t size, struct sink *sink)
{
	size_t at = 4;

	while (at + 4 <= size) {
		uint32_t packed = data[at] | data[at + 1] << 8 | data[at + 2] << 16 |
				  (uint32_t)data[at + 3] << 24;
		int got;

		at += 4;
		if (!packed || packed > size - at)
			break;
		if (sink_grow(sink, LZ4_OLD_BLOCK))
			return -1;
		got = LZ4_decompress_safe((const char *)data + at,
					  (char *)sink->blob.data + sink->blob.size, packed,
					  LZ4_OLD_BLOCK);
		if (got < 0)
			return damaged("lz4");
		sink->blob.size += got;
		at += packed;
	}
	return sink->blob.size ? 0 : damaged("lz4");
}

enum packing { GZIP, XZ, LZMA, ZSTD, LZ4, LZ4_OLD, BZIP2, LZO, PACKINGS_COUNT };

static const struct {
	const char *name;
	uint8_t magic[9];
	size_t length;
} packings[PACKINGS_COUNT] = {
	[GZIP] = { "gzip", { 0x1f, 0x8b }, 2 },
	[XZ] = { "xz", { 0xfd, '7', 'z', 'X', 'Z', 0 }, 6 },
	[LZMA] = { "lzma", { 0x5d, 0, 0 }, 3 },
	[ZSTD] = { "zstd", { 0x28, 0xb5, 0x2f, 0xfd }, 4 },
	[LZ4] = { "lz4", { 0x04, 0x22, 0x4d, 0x18 }, 4 },
	[LZ4_OLD] = { "lz4", { 0x02, 0x21, 0x4c, 0x18 }, 4 },
	[BZIP2] = { "bzip2", { 'B', 'Z', 'h' }, 3 },
	[LZO] = { "lzo", { 0x89, 'L', 'Z', 'O', 0 }, 5 },
};

static enum packing packing_number(const uint8_t *data, size_t size)
{
	int i;

	for (i = 0; i < PACKINGS_COUNT; i++)
		if (size > packings[i].length &&
		    !memcmp(data, packings[i].magic, packings[i].length))
			break;
	return i;
}

const char *packing_of(const uint8_t *data, size_t size)
{
	enum packing packing = packing_number(data, size);

	return packing == PACKINGS_COUNT ? NULL : packings[packing].name;
}

/*
 * All pages at once: in a PV domain 0 each page fault visits the hypervisor, and there would be
 * thousands.  A kernel that cannot do this (before 5.14) faults them in as ever.
 */
static int make_room(struct sink *sink, size_t expected)
{
	const uintptr_t page = 4096;
	uintptr_t start, end;

	if (!expected || expected >= UNPACK_MAX / 2)
		return 0;
	/* A little more, for decoders that want room to find that they are at the end. */
	if (sink_grow(sink, expected + page))
		return -1;
	start = ((uintptr_t)sink->blob.data + page - 1) & ~(page - 1);
	end = ((uintptr_t)sink->blob.data + sink->room) & ~(page - 1);
	if (end > start)
		madvise((void *)start, end - start, MADV_POPULATE_WRITE);
	return 0;
}

int unpack(const uint8_t *data, size_t size, size_t expected, struct blob *out)
{
	struct sink sink = { 0 };
	enum packing packing = packing_number(data, size);
	int rc = -1;

	if (make_room(&sink, expected))
		return -1;
	switch (packing) {
	case GZIP:
		rc = unpack_gzip(data, size, &sink);
		break;
	case XZ:
	case LZMA:
		rc = unpack_lzma(data, size, &sink, packing == XZ);
		break;
	case ZSTD:
		rc = unpack_zstd(data, size, &sink);
		break;
	case LZ4:
		rc = unpack_lz4_frame(data, size, &sink);
		break;
	case LZ4_OLD:
		rc = unpack_lz4_old(data, size, &sink);
		break;
	case BZIP2:
	case LZO:
	case PACKINGS_COUNT:
		errno = ENOTSUP;
		because("it is packed with %s, which trine cannot expand; unpack it first",
			packing == PACKINGS_COUNT ? "something unknown" : packings[packing].name);
		break;
	}
	if (rc)
		free(sink.blob.data);
	else
		*out = sink.blob;
	return rc;
}
