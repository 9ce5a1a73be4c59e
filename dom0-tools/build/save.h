/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A domain into a file, and its memory and vcpus out of it again.
 */
#pragma once

#include "build/host.h"
#include "build/kernel.h"
#include "lib/savefile.h"

/*
 * Suspend the domain and write it to the file; then remove it, or, for a checkpoint, let it go on.
 * What stood in the file before is replaced at the end.
 * Fails: -1; the domain then runs on, and no file is left.
 */
int domain_save(struct host *host, const struct domain *d, const char *path, bool checkpoint);

/*
 * Fill a new domain from the stream at fd, in place of kernel_place(): memory, page tables, vcpus.
 */
int stream_place(struct host *host, int fd, uint32_t domid, struct boot_channels *channels);
