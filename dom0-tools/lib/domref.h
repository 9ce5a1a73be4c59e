/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a user calls a domain, name or number, to its number.
 */
#pragma once

#include <stdint.h>
#include <xenstore.h>

/*
 * A number stands for itself; nobody asks here whether such a domain exists.
 * Fails: ESRCH no domain has this name.
 */
int domref_resolve(struct xs_handle *xs, const char *ref, uint32_t *id);
