// SPDX-License-Identifier: GPL-2.0-only
/*
 * The one error line of a command, and where its reason comes from.
 *
 * Invariant: nothing below the commands prints; each failing command prints exactly one line.
 */
#include "lib/report.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static char reason[1024];
static bool reason_is_set;

int because(const char *format, ...)
{
	int saved = errno;
	char text[sizeof(reason)];
	va_list args;

	/* Through a second buffer: a caller may quote the reason it replaces. */
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	memcpy(reason, text, sizeof(reason));
	reason_is_set = true;
	errno = saved;
	return -1;
}

const char *reason_given(void)
{
	return reason_is_set ? reason : NULL;
}

void reason_forget(void)
{
	reason_is_set = false;
}

int report_failure(const char *what, ...)
{
	const char *why = reason_is_set ? reason : strerror(errno);
	va_list args;

	/* What was printed so far comes first, also when both end in one file. */
	fflush(stdout);
	fputs("error: ", stderr);
	va_start(args, what);
	vfprintf(stderr, what, args);
	va_end(args);
	fprintf(stderr, ": %s\n", why);
	reason_forget();
	return -1;
}

void report_warning(const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fputs("warning: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}
