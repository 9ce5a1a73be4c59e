/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The small process that stays behind a domain and acts when it stops.
 */
#pragma once

#include "lib/config.h"

#include <stdint.h>
#include <sys/types.h>

/*
 * Start it.  It keeps watching until the domain is gone for good, and writes what it sees and does
 * to /var/log/trine/NAME.log.  The caller's handles are not used by it.
 */
int monitor_start(struct domain_config *config, uint32_t domid);
