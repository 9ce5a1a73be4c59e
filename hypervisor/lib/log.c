// SPDX-License-Identifier: GPL-2.0-only
#include "lib/log.h"

#include "lib/bits.h"
#include "lib/format.h"

/* A guest's lines: a burst of this many, then as many a second. */
#define LINES_PER_SECOND	50
#define NS_PER_SECOND		1000000000ul

static log_sink_fn *log_sink;
static uint64_t (*log_clock)(void);
static enum log_level host_level = LOG_INFO;
static enum log_level guest_level = LOG_WARN;

static uint64_t refusals;
static uint64_t window_start;
static uint32_t window_lines;
static uint32_t lines_dropped;

void log_set_sink(log_sink_fn *sink)
{
	log_sink = sink;
}

void log_set_clock(uint64_t (*now)(void))
{
	log_clock = now;
}

void log_set_levels(enum log_level host, enum log_level guest)
{
	host_level = host;
	guest_level = guest;
}

void log_get_levels(enum log_level *host, enum log_level *guest)
{
	*host = host_level;
	*guest = guest_level;
}

uint64_t log_refuse_count(void)
{
	return read_once(refusals);
}

static void write_line(enum log_level level, bool about_guest, const char *fmt, va_list args)
{
	char line[256];

	vsnprintf(line, sizeof(line), fmt, args);
	log_sink(level, about_guest, line);
}

static void write_dropped(uint32_t count)
{
	char line[80];

	snprintf(line, sizeof(line), "%u lines about guests left out: too many a second", count);
	log_sink(LOG_WARN, false, line);
}

/*
 * The counters are moved without a lock: CPUs that race may let through or drop a line too many,
 * which harms nobody.
 */
static bool guest_may_write(void)
{
	uint64_t now;

	if (!log_clock)
		return true;
	now = log_clock();
	if (now - window_start >= NS_PER_SECOND) {
		uint32_t dropped = lines_dropped;

		window_start = now;
		window_lines = 0;
		lines_dropped = 0;
		if (dropped)
			write_dropped(dropped);
	}
	if (window_lines >= LINES_PER_SECOND) {
		lines_dropped++;
		return false;
	}
	window_lines++;
	return true;
}

void log_host(enum log_level level, const char *fmt, ...)
{
	va_list args;

	if (!log_sink || level > host_level)
		return;
	va_start(args, fmt);
	write_line(level, false, fmt, args);
	va_end(args);
}

void log_guest(enum log_level level, const char *fmt, ...)
{
	va_list args;

	if (!log_sink || level > guest_level || !guest_may_write())
		return;
	va_start(args, fmt);
	write_line(level, true, fmt, args);
	va_end(args);
}

int log_refuse(int err, const char *file, int line, const char *fmt, ...)
{
	char text[200];
	va_list args;

	__atomic_add_fetch(&refusals, 1, __ATOMIC_RELAXED);
	if (!log_sink || guest_level < LOG_DEBUG || !guest_may_write())
		return err;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	{
		char whole[256];

		snprintf(whole, sizeof(whole), "refused (%d): %s [%s:%d]", err, text, file, line);
		log_sink(LOG_DEBUG, true, whole);
	}
	return err;
}
