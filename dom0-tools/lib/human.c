// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers, sizes, times and misspelt words: the border between people and integers.
 */
#include "lib/human.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Longer words than this are not misspelt keys. */
#define WORD_MAX		64

static int fail(int error)
{
	errno = error;
	return -1;
}

/* Digits at the start of the text; *rest is what follows them. */
static int read_digits(const char *text, uint64_t *value, const char **rest)
{
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return fail(EINVAL);
	errno = 0;
	*value = strtoull(text, &end, 10);
	if (errno)
		return fail(ERANGE);
	*rest = end;
	return 0;
}

int human_read_kib(const char *text, uint64_t *kib)
{
	const char *unit;
	uint64_t value;
	unsigned int shift;

	if (read_digits(text, &value, &unit))
		return -1;
	if (unit[0] && unit[1])
		return fail(EINVAL);
	switch (tolower((unsigned char)unit[0])) {
	case 'b':
		*kib = value >> 10;
		return 0;
	case 'k':
		shift = 0;
		break;
	case '\0':
	case 'm':
		shift = 10;
		break;
	case 'g':
		shift = 20;
		break;
	case 't':
		shift = 30;
		break;
	default:
		return fail(EINVAL);
	}
	/* Physical addresses have 52 bits at most: 42 in KiB. */
	if (value > (1ULL << 42) >> shift)
		return fail(ERANGE);
	*kib = value << shift;
	return 0;
}

int human_read_number(const char *text, uint64_t low, uint64_t high, uint64_t *value)
{
	const char *rest;
	uint64_t number;

	if (read_digits(text, &number, &rest))
		return -1;
	if (*rest)
		return fail(EINVAL);
	if (number < low || number > high)
		return fail(ERANGE);
	*value = number;
	return 0;
}

void human_write_uptime(uint64_t seconds, char *text, size_t size)
{
	unsigned long long days = seconds / 86400;
	unsigned int hours = seconds / 3600 % 24;
	unsigned int minutes = seconds / 60 % 60;
	unsigned int rest = seconds % 60;

	if (days > 1)
		snprintf(text, size, "%llu days, %2u:%02u:%02u", days, hours, minutes, rest);
	else if (days == 1)
		snprintf(text, size, "1 day,  %2u:%02u:%02u", hours, minutes, rest);
	else
		snprintf(text, size, "%2u:%02u:%02u", hours, minutes, rest);
}

/* How many letters must be put in, left out or changed to make one word of the other. */
static size_t distance(const char *a, const char *b)
{
	size_t row[WORD_MAX + 1];
	size_t la = strlen(a), lb = strlen(b);
	size_t i, j;

	if (la > WORD_MAX || lb > WORD_MAX)
		return SIZE_MAX;
	for (j = 0; j <= lb; j++)
		row[j] = j;
	for (i = 1; i <= la; i++) {
		size_t corner = row[0];

		row[0] = i;
		for (j = 1; j <= lb; j++) {
			size_t best = corner + (tolower((unsigned char)a[i - 1]) !=
						tolower((unsigned char)b[j - 1]));

			corner = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[lb];
}

const char *human_nearest(const char *misspelt, const char *const *words, size_t count)
{
	const char *nearest = NULL;
	size_t least = strlen(misspelt) / 3 + 1;	/* as far off, and it is another word */
	size_t i;

	for (i = 0; i < count; i++) {
		size_t d = distance(misspelt, words[i]);

		if (d < least) {
			least = d;
			nearest = words[i];
		}
	}
	return nearest;
}

void human_write_uuid(const uint8_t uuid[16], char text[UUID_TEXT_SIZE])
{
	int i, n = 0;

	for (i = 0; i < 16; i++)
		n += snprintf(text + n, UUID_TEXT_SIZE - n, "%s%02x",
			      i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", uuid[i]);
}

int human_read_uuid(const char *text, uint8_t uuid[16])
{
	int i;

	for (i = 0; i < 16; i++) {
		unsigned int byte;

		if (*text == '-')
			text++;
		if (!isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1]))
			return fail(EINVAL);
		if (sscanf(text, "%2x", &byte) != 1)
			return fail(EINVAL);
		uuid[i] = byte;
		text += 2;
	}
	return *text ? fail(EINVAL) : 0;
}
