/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Making a domain from its configuration, and taking one away.
 */
#pragma once

#include "build/host.h"
#include "lib/config.h"
#include "lib/savefile.h"

/* What is known of domains while the machine runs; only one domain is made at a time. */
#define STATE_DIR		"/run/trine"

/*
 * Build the domain, paused.
 * Fails: -1; the reason says why, and nothing is left: no domain, no memory, no xenstore node.
 */
int domain_build(struct host *host, const struct domain_config *config, uint32_t *domid);

/*
 * The same from a saved domain's stream, which begins where fd stands.
 */
int domain_restore(struct host *host, const struct domain_config *config,
		   const struct savefile_head *saved, int fd, uint32_t *domid);

/*
 * The same in the place of a domain that stopped: that one is removed once its successor's kernel
 * is read, so that the name is missing for a moment only.  It is removed even on failure.
 */
int domain_replace(struct host *host, const struct domain_config *config, uint32_t *domid);

/*
 * Stop the domain, wherever it is, and remove it with its devices and xenstore nodes.
 * Returns when its memory is free again.
 */
int domain_remove(struct host *host, uint32_t domid);

/*
 * Give a domain another name.  Fails: EEXIST, and the reason names who has it.
 */
int domain_rename(struct host *host, uint32_t domid, const char *name);
