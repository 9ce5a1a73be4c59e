/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ctrl-C while something is half made must not leave the half.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>

#define INTERRUPTS_COUNT	3

struct interrupts {
	struct sigaction before[INTERRUPTS_COUNT];
};

/*
 * From now on SIGINT, SIGTERM and SIGHUP are only noted.  stream: -1, or a descriptor that a library
 * reads or writes at length: when one comes, nothing goes through it any more.
 */
void interrupts_catch(struct interrupts *i, int stream);
void interrupts_restore(struct interrupts *i);

bool interrupted(void);
/* Fails: EINTR, and the reason says it, if there was one. */
int interrupts_check(void);
