/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Disks and network interfaces of a domain: their xenstore nodes and Debian's hotplug scripts.
 */
#pragma once

#include "build/host.h"
#include "lib/config.h"

/* Do the disks' files and the bridges exist?  Before a domain is made. */
int devices_check(const struct domain_config *config);

/* Connect them all.  On failure the caller calls devices_remove(). */
int devices_add(struct host *host, const struct domain_config *config, uint32_t domid);

/* Disconnect whatever xenstore says the domain has; goes on past failures. */
void devices_remove(struct host *host, uint32_t domid);
