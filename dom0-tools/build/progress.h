/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How far a file has been written or read, shown on a terminal while a library is at it.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

/* 0: standard error is no terminal, nothing is shown.  total: bytes, as far as is known. */
pid_t progress_start(const char *doing, int fd, uint64_t total);
void progress_end(pid_t shower);
