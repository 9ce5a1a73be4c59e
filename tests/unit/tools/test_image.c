// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kernel files, whole, packed, damaged and hostile.  The packed ones are made here by the same
 * libraries' packers, around the smallest ELF file with a Xen note.
 */
#include "test.h"

#include "lib/image.h"
#include "lib/report.h"

#include <elf.h>
#include <errno.h>
#include <lz4.h>
#include <lz4frame.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <xen/elfnote.h>
#include <zlib.h>
#include <zstd.h>

#define NOTE_ENTRY		XEN_ELFNOTE_ENTRY
#define NOTE_PVH		XEN_ELFNOTE_PHYS32_ENTRY

struct tiny64 {
	Elf64_Ehdr header;
	Elf64_Phdr load, note;
	struct {
		uint32_t name_size, size, type;
		char name[4];
		uint64_t value;
	} entry;
	uint8_t text[5000];
};

static struct tiny64 tiny(uint32_t note)
{
	struct tiny64 t = {
		.header = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, 1 },
			    .e_type = ET_EXEC, .e_machine = EM_X86_64,
			    .e_phoff = offsetof(struct tiny64, load),
			    .e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 2 },
		.load = { .p_type = PT_LOAD, .p_offset = offsetof(struct tiny64, text),
			  .p_filesz = 5000, .p_memsz = 8192, .p_paddr = 0x100000 },
		.note = { .p_type = PT_NOTE, .p_offset = offsetof(struct tiny64, entry),
			  .p_filesz = sizeof(t.entry) },
		.entry = { 4, 8, note, "Xen", 0x100000 },
	};
	size_t i;

	for (i = 0; i < sizeof(t.text); i++)
		t.text[i] = i * i >> 5;
	return t;
}

static struct blob copy(const void *data, size_t size)
{
	struct blob blob = { malloc(size + 1), size };

	assert_non_null(blob.data);
	memcpy(blob.data, data, size);
	return blob;
}

static struct blob tiny_blob(uint32_t note)
{
	struct tiny64 t = tiny(note);

	return copy(&t, sizeof(t));
}

static int recognise(struct blob blob, struct image *image)
{
	reason_forget();
	memset(image, 0, sizeof(*image));
	return image_recognise("K", blob, image);
}

static void must_be_tiny(struct blob blob)
{
	struct tiny64 t = tiny(NOTE_ENTRY);
	struct image image;

	if (recognise(blob, &image))
		fail_msg("refused: %s", reason_given());
	assert_int_equal(image.elf.size, sizeof(t));
	assert_memory_equal(image.elf.data, &t, sizeof(t));
	assert_int_equal(image.width, 64);
	assert_int_equal(image.loaded_size, 8192);
	image_free(&image);
}

static void must_be_refused(struct blob blob, const char *named)
{
	struct image image;

	assert_int_equal(recognise(blob, &image), -1);
	assert_null(image.elf.data);
	assert_non_null(reason_given());
	if (!strstr(reason_given(), named))
		fail_msg("'%s' lacks '%s'", reason_given(), named);
}

static struct blob packed_gzip(const void *data, size_t size)
{
	uint8_t out[16384];
	z_stream z = { .next_in = (void *)data, .avail_in = size, .next_out = out,
		       .avail_out = sizeof(out) };

	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 31, 8, 0), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return copy(out, z.total_out);
}

static struct blob packed_xz(const void *data, size_t size)
{
	uint8_t out[16384];
	size_t at = 0;

	assert_int_equal(lzma_easy_buffer_encode(6, LZMA_CHECK_CRC32, NULL, data, size, out, &at,
						 sizeof(out)), LZMA_OK);
	return copy(out, at);
}

static struct blob packed_zstd(const void *data, size_t size)
{
	uint8_t out[16384];
	size_t n = ZSTD_compress(out, sizeof(out), data, size, 3);

	assert_false(ZSTD_isError(n));
	return copy(out, n);
}

static struct blob packed_lz4(const void *data, size_t size)
{
	uint8_t out[16384];
	size_t n = LZ4F_compressFrame(out, sizeof(out), data, size, NULL);

	assert_false(LZ4F_isError(n));
	return copy(out, n);
}

static struct blob packed_lz4_old(const void *data, size_t size)
{
	uint8_t out[16384] = { 0x02, 0x21, 0x4c, 0x18 };
	uint32_t n = LZ4_compress_default(data, (char *)out + 8, size, sizeof(out) - 8);

	assert_true(n > 0);
	memcpy(out + 4, &n, 4);
	return copy(out, 8 + n);
}

static const struct {
	const char *name;
	struct blob (*pack)(const void *data, size_t size);
} packers[] = { { "gzip", packed_gzip }, { "xz", packed_xz }, { "zstd", packed_zstd },
		{ "lz4", packed_lz4 }, { "lz4", packed_lz4_old } };

static struct blob packed_tiny(size_t packer)
{
	struct tiny64 t = tiny(NOTE_ENTRY);

	return packers[packer].pack(&t, sizeof(t));
}

/* A bzImage around a packed kernel: its length follows it, as Linux' build leaves it. */
static struct blob bzimage(struct blob payload)
{
	size_t size = 1024 + 100 + payload.size + 4;
	struct blob image = { calloc(1, size), size };
	uint32_t at = 100, length = payload.size + 4, whole = sizeof(struct tiny64);

	assert_non_null(image.data);
	image.data[0x1f1] = 1;
	memcpy(image.data + 0x202, "HdrS", 4);
	memcpy(image.data + 0x206, "\x0f\x02", 2);
	memcpy(image.data + 0x248, &at, 4);
	memcpy(image.data + 0x24c, &length, 4);
	memcpy(image.data + 1124, payload.data, payload.size);
	memcpy(image.data + 1124 + payload.size, &whole, 4);
	free(payload.data);
	return image;
}

static void a_plain_elf_kernel_is_taken(void **state)
{
	(void)state;
	must_be_tiny(tiny_blob(NOTE_ENTRY));
}

static void every_packing_is_undone(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(packers); i++) {
		struct blob blob = packed_tiny(i);

		assert_string_equal(packing_of(blob.data, blob.size), packers[i].name);
		must_be_tiny(blob);
	}
}

static void every_packing_is_undone_in_a_bzimage(void **state)
{
	struct blob packed;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(packers); i++)
		must_be_tiny(bzimage(packed_tiny(i)));
	/* and once more around all of it */
	packed = bzimage(packed_tiny(0));
	must_be_tiny(packed_gzip(packed.data, packed.size));
	free(packed.data);
}

static void packed_data_cut_anywhere_are_refused(void **state)
{
	size_t i, size;

	(void)state;
	for (i = 0; i < COUNT(packers); i++) {
		struct blob whole = packed_tiny(i);

		for (size = 0; size < whole.size; size += 97)
			must_be_refused(copy(whole.data, size), "K");
		free(whole.data);
	}
}

static void damaged_data_never_do_harm(void **state)
{
	unsigned int seed = 1;
	size_t i, round;

	(void)state;
	for (i = 0; i < COUNT(packers); i++) {
		for (round = 0; round < 200; round++) {
			struct blob blob = packed_tiny(i);
			struct image image;

			seed = seed * 1103515245 + 12345;
			blob.data[(seed >> 8) % blob.size] ^= 1 << (seed >> 5) % 8;
			if (!recognise(blob, &image))
				image_free(&image);
		}
	}
}

static void damaged_headers_never_do_harm(void **state)
{
	const size_t size = offsetof(struct tiny64, text);
	unsigned int seed = 7;
	int round;

	(void)state;
	for (round = 0; round < 20000; round++) {
		struct blob blob = tiny_blob(NOTE_ENTRY);
		struct image image;
		int flips;

		for (flips = 0; flips < 3; flips++) {
			seed = seed * 1103515245 + 12345;
			blob.data[(seed >> 8) % size] = seed >> 20;
		}
		if (!recognise(blob, &image))
			image_free(&image);
	}
}

static void what_is_no_kernel_is_called_so(void **state)
{
	struct tiny64 t = tiny(NOTE_ENTRY);
	struct blob twice;
	int i;

	(void)state;
	must_be_refused(copy("root:x:0:0", 10), "neither ELF nor bzImage");
	must_be_refused(copy("", 0), "neither ELF nor bzImage");
	must_be_refused(copy("BZh91AY", 7), "bzip2");
	must_be_refused(copy(&t, 40), "damaged");
	t.header.e_machine = EM_AARCH64;
	must_be_refused(copy(&t, sizeof(t)), "another machine");
	t = tiny(NOTE_ENTRY);
	t.header.e_phnum = 0;
	must_be_refused(copy(&t, sizeof(t)), "nothing to load");
	t = tiny(NOTE_ENTRY);
	t.load.p_filesz = 1 << 20;
	must_be_refused(copy(&t, sizeof(t)), "cut short");
	t = tiny(NOTE_ENTRY);
	t.note.p_type = PT_NULL;
	must_be_refused(copy(&t, sizeof(t)), "no Xen notes");
	must_be_refused(tiny_blob(NOTE_PVH), "PVH");
	twice = tiny_blob(NOTE_ENTRY);
	for (i = 0; i < 5; i++) {
		struct blob inner = twice;

		twice = packed_gzip(inner.data, inner.size);
		free(inner.data);
	}
	must_be_refused(twice, "again and again");
}

static void a_bzimage_that_points_outside_is_refused(void **state)
{
	struct blob image = bzimage(packed_tiny(0));

	(void)state;
	memset(image.data + 0x248, 0xff, 4);
	must_be_refused(image, "damaged bzImage");
	image = bzimage(packed_tiny(0));
	memset(image.data + 0x24c, 0xff, 4);
	must_be_refused(image, "damaged bzImage");
	image = bzimage(packed_tiny(0));
	memcpy(image.data + 0x206, "\x00\x02", 2);
	must_be_refused(image, "2.6.26");
}

static void what_expands_without_end_is_refused(void **state)
{
	/* Zeros, a megabyte more than is allowed, in a zstd file of a few kilobytes. */
	const size_t piece = 1 << 20, pieces = (UNPACK_MAX >> 20) + 1;
	uint8_t *zeros = calloc(1, piece);
	size_t room = ZSTD_compressBound(piece) * 2, at = 0, i;
	uint8_t *packed = malloc(room);
	ZSTD_CCtx *context = ZSTD_createCCtx();
	struct blob out = { NULL, 0 };

	(void)state;
	for (i = 0; i < pieces; i++) {
		ZSTD_inBuffer in = { zeros, piece, 0 };
		ZSTD_outBuffer to = { packed, room, at };

		ZSTD_compressStream2(context, &to, &in,
				     i == pieces - 1 ? ZSTD_e_end : ZSTD_e_continue);
		at = to.pos;
	}
	reason_forget();
	assert_int_equal(unpack(packed, at, 0, &out), -1);
	assert_int_equal(errno, EFBIG);
	assert_null(out.data);
	ZSTD_freeCCtx(context);
	free(zeros);
	free(packed);
}

static void a_missing_file_is_named(void **state)
{
	struct image image;

	(void)state;
	reason_forget();
	assert_int_equal(image_read("/nonexistent", &image), -1);
	assert_non_null(strstr(reason_given(), "/nonexistent"));
	reason_forget();
	assert_int_equal(image_read("/", &image), -1);
	assert_non_null(strstr(reason_given(), "no regular file"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_elf_kernel_is_taken),
		cmocka_unit_test(every_packing_is_undone),
		cmocka_unit_test(every_packing_is_undone_in_a_bzimage),
		cmocka_unit_test(packed_data_cut_anywhere_are_refused),
		cmocka_unit_test(damaged_data_never_do_harm),
		cmocka_unit_test(damaged_headers_never_do_harm),
		cmocka_unit_test(what_is_no_kernel_is_called_so),
		cmocka_unit_test(a_bzimage_that_points_outside_is_refused),
		cmocka_unit_test(what_expands_without_end_is_refused),
		cmocka_unit_test(a_missing_file_is_named),
	};

	return cmocka_run_group_tests_name("tools/image", tests, NULL, NULL);
}
