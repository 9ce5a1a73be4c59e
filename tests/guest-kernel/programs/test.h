/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What every program here shares: it makes checks, says the first that does not hold, and ends
 * with 0 (all held), 1 (one did not) or 77 (this machine cannot show it).
 */
#pragma once

#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#define SKIPPED	77

#define CHECK(what, ...)						\
	do {								\
		if (!(what)) {						\
			printf("%s:%d: %s does not hold: ", __FILE__, __LINE__, #what);	\
			printf(__VA_ARGS__);				\
			printf(" (errno %d)\n", errno);			\
			fflush(stdout);					\
			_exit(1);					\
		}							\
	} while (0)

#define SKIP(...)							\
	do {								\
		printf(__VA_ARGS__);					\
		printf("\n");						\
		exit(SKIPPED);						\
	} while (0)

/* Under a 64-bit kernel a 32-bit program owns nearly all of the four gigabytes. */
static inline bool kernel_is_64(void)
{
	struct utsname name;

	return !uname(&name) && !strcmp(name.machine, "x86_64");
}

static inline uint64_t now_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

/* How often: the first argument, or what is right for a quick run, ROUNDS (environment) times. */
static inline unsigned long rounds(int argc, char **argv, unsigned long usual)
{
	const char *times = getenv("ROUNDS");

	if (argc > 1)
		return strtoul(argv[1], NULL, 0);
	return usual * (times ? strtoul(times, NULL, 0) : 1);
}

static inline void on_signal(int signal, void (*handler)(int, siginfo_t *, void *), int flags)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_sigaction = handler;
	action.sa_flags = SA_SIGINFO | flags;
	CHECK(!sigaction(signal, &action, NULL), "signal %d", signal);
}
