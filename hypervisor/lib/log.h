// SPDX-License-Identifier: GPL-2.0-only
/*
 * Telling the operator, and saying no to a guest.
 *
 * log_info("...") and its kin are about the machine; log_guest(level, "...") about something a
 * guest provokes: it has a threshold of its own (guest_loglvl=) and is rate-limited, so that no
 * guest can drown the console. refuse(err, "...") is where a refusal is born: it counts, writes a
 * line when debug lines of guests are wanted, and yields the errno.
 *
 * Text: lower case, no full stop, no newline, what failed first. Lines leave through the sink,
 * which knows who was running and adds that to a guest's line. Before there is one, they are lost.
 * Locks: none; the sink has its own.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/bug.h"

enum log_level {
	LOG_ERR,
	LOG_WARN,
	LOG_INFO,
	LOG_DEBUG,
};

/* One line, without its newline; about_guest: name the running guest in front. */
typedef void log_sink_fn(enum log_level level, bool about_guest, const char *line);

void log_set_sink(log_sink_fn *sink);
/* Nanoseconds since boot, for the rate limit; without it there is none. */
void log_set_clock(uint64_t (*now)(void));
/* Lines up to and including these levels are written. */
void log_set_levels(enum log_level host, enum log_level guest);
void log_get_levels(enum log_level *host, enum log_level *guest);

void log_host(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_guest(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define log_err(...)	log_host(LOG_ERR, __VA_ARGS__)
#define log_warn(...)	log_host(LOG_WARN, __VA_ARGS__)
#define log_info(...)	log_host(LOG_INFO, __VA_ARGS__)
#define log_debug(...)	log_host(LOG_DEBUG, __VA_ARGS__)

/* return refuse(-EPERM, "frame %#lx: not yours", n); */
#define refuse(err, ...) log_refuse((err), __FILE__, __LINE__, __VA_ARGS__)
int log_refuse(int err, const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 4, 5), cold));
/* How many refusals there have been. */
uint64_t log_refuse_count(void);
