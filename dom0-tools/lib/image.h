/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest kernel's file: opened, unpacked to plain ELF, and recognised.
 */
#pragma once

#include "lib/unpack.h"

struct image {
	struct blob elf;
	unsigned int width;		/* 32 or 64 */
	uint64_t loaded_size;		/* bytes of memory the kernel's segments span */
};

/*
 * Read a kernel: ELF, a bzImage, or either of them packed.
 * Fails: -1, and the reason names the file and says what it is instead of a PV kernel.
 */
int image_read(const char *path, struct image *out);
void image_free(struct image *image);

/* The same for a file's contents in memory; takes the contents over. */
int image_recognise(const char *path, struct blob contents, struct image *out);
