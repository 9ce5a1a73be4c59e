/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sizes and times as people write and read them, and what they may have meant to type.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * "512", "512m", "2g", "65536k": an amount of memory.  A bare number is in MiB, as in xl.
 * Fails: EINVAL not such a thing, ERANGE too large to be memory.
 */
int human_read_kib(const char *text, uint64_t *kib);

/* A whole number within bounds.  Fails: EINVAL, ERANGE. */
int human_read_number(const char *text, uint64_t low, uint64_t high, uint64_t *value);

/* "3 days,  4:05:06" or "0:00:12", as xl uptime prints it. */
void human_write_uptime(uint64_t seconds, char *text, size_t size);

/* The word of the list that the misspelt one is nearest to; NULL when none is near. */
const char *human_nearest(const char *misspelt, const char *const *words, size_t count);

/* 16 bytes as 8-4-4-4-12 hexadecimal digits and a zero. */
#define UUID_TEXT_SIZE		37
void human_write_uuid(const uint8_t uuid[16], char text[UUID_TEXT_SIZE]);
int human_read_uuid(const char *text, uint8_t uuid[16]);
