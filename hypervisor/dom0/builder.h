// SPDX-License-Identifier: GPL-2.0-only
/*
 * Building the first domain: memory, image, page tables, start_info, one vcpu ready to run.
 *
 * What stands where at the start is the contract of xen.h ("Start-of-day memory layout"): kernel,
 * initrd, list of frames (p2m), start_info, page tables, stack, all in one stretch from virt_base;
 * a kernel may ask by notes that p2m and initrd lie elsewhere. One builder serves both widths.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "lib/bug.h"

struct dom0_request {
	const void *kernel;		/* direct-map addresses of the loader's modules */
	size_t kernel_bytes;
	const void *initrd;		/* NULL: none */
	size_t initrd_bytes;
	const char *cmdline;
	uint64_t pages;			/* 0: all there is, less a reserve for the hypervisor */
	uint64_t min_pages, max_pages;	/* of dom0_mem=; 0: not said */
	unsigned int vcpus;
};

/* Build it, paused. Stops the machine with one line (cause, remedy) if that cannot be done. */
void dom0_build(const struct dom0_request *request);
/* Let it go. */
void dom0_start(void);
