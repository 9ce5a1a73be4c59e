/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The small process that stays behind a domain and acts when it stops.
 */
#pragma once

#include "build/host.h"
#include "lib/config.h"

#include <stdint.h>
#include <sys/types.h>

/*
 * Start it.  It keeps watching until the domain is gone for good, and writes what it sees and does
 * to /var/log/trine/NAME.log.  The caller's handles are not used by it.
 */
int monitor_start(struct domain_config *config, uint32_t domid);

/*
 * Let a domain that was built run: with that process, unless no_monitor, and now, unless paused.
 * Fails: the domain is removed; the reason is what failed first.
 */
int monitor_let_go(struct host *host, struct domain_config *config, uint32_t domid,
		   bool no_monitor, bool paused);
