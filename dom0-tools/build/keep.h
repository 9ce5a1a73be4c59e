/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The configurations of the domains there are: kept while they live, for who saves them.
 */
#pragma once

#include "lib/config.h"

/* Keep it, or what it has become.  Fails: -1, the reason names the file. */
int keep_config(const struct domain_config *config);

/* Fails: ENOENT, and the reason says that trine did not make that domain. */
int keep_read(const uint8_t uuid[16], struct domain_config **out);
void keep_forget(const uint8_t uuid[16]);
