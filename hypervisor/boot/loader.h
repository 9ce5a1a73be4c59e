// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the loader told us, copied out of its memory: command line, modules, memory map, RSDP,
 * framebuffer. One form, whichever multiboot it was.
 *
 * Modules stay where the loader put them (boot reserves them) until the first domain is built.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/bug.h"
#include "machine/framebuffer.h"

#define MODULES_MAX	8
#define CMDLINE_MAX	2048

struct boot_module {
	uint64_t start, end;		/* physical */
	char cmdline[CMDLINE_MAX];
};

struct boot_info {
	char loader[64];
	char cmdline[CMDLINE_MAX];
	unsigned int module_count;
	struct boot_module module[MODULES_MAX];
	uint64_t rsdp;			/* physical address of one, 0: search for it */
	uint64_t efi_system_table;	/* physical address, 0: not started by UEFI */
	struct framebuffer framebuffer;	/* base 0: none */
};

extern struct boot_info boot_info;

/* Fills boot_info and e820_host. NULL, or what is wrong, in words for the operator. */
must_check const char *loader_read(uint32_t magic, uint32_t info_pa);
