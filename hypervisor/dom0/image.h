// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest kernel's image: an ELF file and what its notes ask of whoever builds the domain.
 *
 * The loader hands us a file that anyone may have written, so every offset and size is checked
 * against the file before it is used (advisory 55). Nothing here touches a domain: parse answers
 * where the kernel wants to be, the builder (builder.c) puts it there.
 *
 * Notes: xen/elfnote.h. Kernels older than notes carry a section __xen_guest with NAME=value pairs.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/bug.h"

#define IMAGE_SEGMENTS	16	/* loadable ones; kernels have two to six */

struct image_segment {
	uint64_t offset, file_bytes;	/* inside the file */
	uint64_t phys, mem_bytes;	/* guest-physical, relative to the domain's memory */
};

struct guest_image {
	const uint8_t *file;
	size_t bytes;
	bool is_32bit;
	bool supports_pae;		/* 32-bit: anything but PAE is refused */

	uint64_t virt_base;		/* virtual address of pfn 0 */
	uint64_t entry;
	uint64_t hypercall_page;	/* virtual; valid if has_hypercall_page */
	bool has_hypercall_page;
	uint64_t p2m_base;		/* where the p2m list is mapped; valid if has_p2m_base */
	bool has_p2m_base;
	bool initrd_by_pfn;		/* MOD_START_PFN: the initrd need not be mapped */
	uint64_t hv_start_low;		/* 32-bit: how low our 16 MiB may start; 0: not said */

	uint64_t phys_start, phys_end;	/* what the segments cover */
	struct image_segment segment[IMAGE_SEGMENTS];
	unsigned int segment_count;
	char os[16];
};

/*
 * Gives: 0 and *out, which points into the file.
 * Fails: -ENOEXEC with *why a sentence for the operator: the cause and the remedy.
 */
must_check int image_parse(const void *file, size_t bytes, struct guest_image *out,
			   const char **why);
