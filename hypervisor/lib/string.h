// SPDX-License-Identifier: GPL-2.0-only
/* Memory and strings: what the compiler may call, and little more. */
#pragma once

#include <stddef.h>

#if __STDC_HOSTED__
#include <string.h>
#else
void *memcpy(void *restrict dst, const void *restrict src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *p, int byte, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strstr(const char *s, const char *part);
#endif

/* Copy as much as fits, always end with a NUL; gives the length of src. (lib/format.c) */
size_t string_copy(char *dst, const char *src, size_t size);
