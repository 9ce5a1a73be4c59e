// SPDX-License-Identifier: GPL-2.0-only
/*
 * Formatted text, a small subset of printf: %d %i %u %x %X %o %c %s %p %% with the flags
 * '-', '0', '#', '+', ' ', a width and a precision (numbers or '*'), and the sizes hh h l ll z.
 * The result always ends with a NUL (if size > 0); the value is the length it would have had.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#if __STDC_HOSTED__
#include <stdio.h>		/* before ours get their names, which tests need beside the system's */
#define snprintf	trine_snprintf
#define vsnprintf	trine_vsnprintf
#define strtou64	trine_strtou64
#endif

int vsnprintf(char *out, size_t size, const char *fmt, va_list args)
	__attribute__((format(printf, 3, 0)));
int snprintf(char *out, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* A number at s: 0x..., 0..., or decimal. *end is the first character that does not belong. */
uint64_t strtou64(const char *s, const char **end);
