// SPDX-License-Identifier: GPL-2.0-only
#include "lib/bug.h"

#include "lib/format.h"

static void (*stop_hook)(const char *line);

void bug_set_hook(void (*stop)(const char *line))
{
	stop_hook = stop;
}

void bug(const char *file, int line, const char *what)
{
	char text[200];

	snprintf(text, sizeof(text), "BUG at %s:%d: %s", file, line, what);
	if (stop_hook)
		stop_hook(text);
	__builtin_trap();
}
