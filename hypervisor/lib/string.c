// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the compiler may call. build.mk compiles this file so that the loops below are not turned
 * into calls of themselves.
 */
#include "lib/string.h"

#include <stdint.h>

typedef uint64_t __attribute__((may_alias, aligned(1))) word_t;

/* Upwards, word by word: right for overlapping ranges too if dst is 8 or more below src. */
static void copy_up(char *d, const char *s, size_t n)
{
	for (; n >= 32; n -= 32, d += 32, s += 32) {
		((word_t *)d)[0] = ((const word_t *)s)[0];
		((word_t *)d)[1] = ((const word_t *)s)[1];
		((word_t *)d)[2] = ((const word_t *)s)[2];
		((word_t *)d)[3] = ((const word_t *)s)[3];
	}
	for (; n >= 8; n -= 8, d += 8, s += 8)
		*(word_t *)d = *(const word_t *)s;
	while (n--)
		*d++ = *s++;
}

void *memcpy(void *restrict dst, const void *restrict src, size_t n)
{
	copy_up(dst, src, n);
	return dst;
}

void *memmove(void *dst, const void *src, size_t n)
{
	char *d = dst;
	const char *s = src;

	if (d + 8 <= s || d >= s + n)
		copy_up(d, s, n);
	else if (d <= s)
		for (size_t i = 0; i < n; i++)
			d[i] = s[i];
	else
		while (n--)
			d[n] = s[n];
	return dst;
}

void *memset(void *dst, int byte, size_t n)
{
	char *d = dst;
	uint64_t word = (uint8_t)byte * 0x0101010101010101ul;

	for (; n >= 32; n -= 32, d += 32) {
		((word_t *)d)[0] = word;
		((word_t *)d)[1] = word;
		((word_t *)d)[2] = word;
		((word_t *)d)[3] = word;
	}
	for (; n >= 8; n -= 8, d += 8)
		*(word_t *)d = word;
	while (n--)
		*d++ = (char)byte;
	return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const uint8_t *x = a, *y = b;

	for (; n; n--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

void *memchr(const void *p, int byte, size_t n)
{
	const uint8_t *s = p;

	for (; n; n--, s++)
		if (*s == (uint8_t)byte)
			return (void *)(uintptr_t)s;
	return NULL;
}

size_t strlen(const char *s)
{
	const char *p = s;

	while (*p)
		p++;
	return (size_t)(p - s);
}

size_t strnlen(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n])
		n++;
	return n;
}

int strcmp(const char *a, const char *b)
{
	for (; *a && *a == *b; a++, b++)
		;
	return (uint8_t)*a - (uint8_t)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n && *a && *a == *b; n--, a++, b++)
		;
	return n ? (uint8_t)*a - (uint8_t)*b : 0;
}

char *strchr(const char *s, int c)
{
	for (;; s++) {
		if (*s == (char)c)
			return (char *)(uintptr_t)s;
		if (!*s)
			return NULL;
	}
}

char *strstr(const char *s, const char *part)
{
	size_t n = strlen(part);

	for (; *s; s++)
		if (!strncmp(s, part, n))
			return (char *)(uintptr_t)s;
	return n ? NULL : (char *)(uintptr_t)s;
}
