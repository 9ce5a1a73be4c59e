/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xenstore, with formatted paths, and the nodes that every domain has.
 */
#pragma once

#include "lib/config.h"
#include "lib/report.h"

#include <stdbool.h>
#include <stdint.h>
#include <xenstore.h>

/* NULL if there is none; malloc'ed, zero-terminated. */
char *store_read(struct xs_handle *xs, xs_transaction_t t, const char *path, ...)
	PRINTF_LIKE(3, 4);

/* The path is printed from the format, the value is given. */
int store_write(struct xs_handle *xs, xs_transaction_t t, const char *value, const char *path, ...)
	PRINTF_LIKE(4, 5);

/*
 * Remove a node, then the nodes above it that are left empty; never "/local/domain/N" or "/tool".
 * A node that is not there is no failure.
 */
int store_remove(struct xs_handle *xs, const char *path, ...) PRINTF_LIKE(2, 3);

/* What the nodes of a new domain are made from. */
struct store_facts {
	uint32_t domid;
	unsigned long store_mfn, console_mfn;
	unsigned int store_port, console_port;
	uint32_t features;		/* that the guest has told before: 1 << enum below */
};

/* What a guest says it can be asked for: control/feature-NAME. */
enum { STORE_FEATURE_POWEROFF, STORE_FEATURE_REBOOT, STORE_FEATURE_SUSPEND, STORE_FEATURES };
extern const char *const store_feature_names[STORE_FEATURES];

/*
 * The first of its nodes: name and permissions, so that it has a name while it is built.
 * What a former domain of this number left behind goes.
 */
int store_name(struct xs_handle *xs, const struct domain_config *config, uint32_t domid);

/*
 * Lay out /local/domain/N, /vm/UUID and /libxl/N as libxl does, in one transaction, and tell
 * xenstored about the domain.
 */
int store_introduce(struct xs_handle *xs, const struct domain_config *config,
		    const struct store_facts *facts);

/* Remove all of them.  The device nodes must be gone or not matter any more. */
void store_forget(struct xs_handle *xs, uint32_t domid);

/* Give a new node to its one reader or writer. */
enum store_access { GUEST_READS, GUEST_OWNS, GUEST_OWNS_DOM0_READS };
int store_allow(struct xs_handle *xs, xs_transaction_t t, uint32_t domid, enum store_access access,
		const char *path, ...) PRINTF_LIKE(5, 6);
