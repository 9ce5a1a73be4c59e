// SPDX-License-Identifier: GPL-2.0-only
#include "machine/stop.h"

#include <stdarg.h>

#include "cpu/asm.h"
#include "lib/format.h"
#include "lib/log.h"
#include "machine/ipi.h"

bool machine_noreboot;

void machine_stop(const char *fmt, ...)
{
	char line[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	log_err("stopped: %s", line);
	ipi_stop_others();
	for (;;) {
		cli();
		hlt();
	}
}
