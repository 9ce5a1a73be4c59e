/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A domain's console, on the terminal we were started from.
 */
#pragma once

#include "build/host.h"

/*
 * Pass bytes to and fro until Ctrl-] is typed or the domain is gone; the terminal is then as it
 * was.  Without a terminal, input ends at its end and output goes on until the domain is gone.
 */
int console_attach(struct host *host, uint32_t domid);
