// SPDX-License-Identifier: GPL-2.0-only
/* The end: one line for the operator, cause and remedy, then nothing more runs on this machine. */
#pragma once

#include <stdbool.h>

extern bool machine_noreboot;	/* the operator wants to read the screen (noreboot) */

__attribute__((noreturn, cold, format(printf, 1, 2))) void machine_stop(const char *fmt, ...);
