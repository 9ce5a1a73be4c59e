/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest kernel and its ramdisk: opened before a domain exists, laid out in it afterwards.
 */
#pragma once

#include "build/host.h"
#include "lib/config.h"
#include "lib/image.h"

struct xc_dom_image;

struct kernel {
	struct image image;		/* libxenguest reads from here until it is closed */
	struct xc_dom_image *dom;
	uint64_t least_memory_kib;	/* below this it cannot even be loaded */
};

/*
 * Read and check the kernel and the ramdisk that the configuration names.
 * Needs no hypervisor; a dry run ends here.
 */
int kernel_open(const struct domain_config *config, struct kernel *kernel);
void kernel_close(struct kernel *kernel);

/* Would this hypervisor run it? */
int kernel_check_host(struct host *host, const struct kernel *kernel);

/* The two event channels that a domain is born with. */
struct boot_channels {
	unsigned int store_port, console_port;
	unsigned long store_mfn, console_mfn;	/* told by kernel_place() */
};

/*
 * Give the domain its memory and lay out kernel, ramdisk, page tables and start_info in it, so
 * that its first vcpu can start.
 */
int kernel_place(struct host *host, const struct domain_config *config, struct kernel *kernel,
		 uint32_t domid, struct boot_channels *channels);
