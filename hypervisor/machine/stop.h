// SPDX-License-Identifier: GPL-2.0-only
/* The end: one line for the operator, cause and remedy, then nothing more runs on this machine. */
#pragma once

__attribute__((noreturn, cold, format(printf, 1, 2))) void machine_stop(const char *fmt, ...);
