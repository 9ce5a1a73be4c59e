// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options from a table: short ones may be bundled (-cp), long ones may be written --word=value.
 *
 * Invariant: the usage text cannot differ from what is accepted, for both come from one table.
 */
#include "lib/options.h"

#include "lib/report.h"

#include <stdio.h>
#include <string.h>

static const struct option_row *row_by_letter(const struct option_row *table, char letter)
{
	for (; table->letter || table->word; table++)
		if (table->letter == letter)
			return table;
	return NULL;
}

static const struct option_row *row_by_word(const struct option_row *table, const char *word,
					    size_t length)
{
	for (; table->letter || table->word; table++)
		if (table->word && strlen(table->word) == length &&
		    !memcmp(table->word, word, length))
			return table;
	return NULL;
}

/* Takes one value for the row: what stands behind "=" or in the bundle, else the next argument. */
static int take_value(const struct option_row *row, const char *attached, int *at, int count,
		      char **argv)
{
	if (attached) {
		*row->into.text = attached;
		return 0;
	}
	if (*at + 1 >= count)
		return because("option '%s' needs a value: %s", argv[*at], row->value);
	*row->into.text = argv[++*at];
	return 0;
}

static enum options_outcome parse_long(const struct option_row *table, int *at, int count,
				       char **argv)
{
	const char *word = argv[*at] + 2;
	const char *equals = strchr(word, '=');
	size_t length = equals ? (size_t)(equals - word) : strlen(word);
	const struct option_row *row;

	if (length == 4 && !memcmp(word, "help", 4))
		return OPTIONS_HELP;
	row = row_by_word(table, word, length);
	if (!row)
		return because("unknown option '--%.*s'; --help lists the options", (int)length,
			       word);
	if (row->value)
		return take_value(row, equals ? equals + 1 : NULL, at, count, argv);
	if (equals)
		return because("option '--%s' takes no value", row->word);
	*row->into.flag = true;
	return OPTIONS_OK;
}

static enum options_outcome parse_letters(const struct option_row *table, int *at, int count,
					  char **argv)
{
	const char *letter;

	for (letter = argv[*at] + 1; *letter; letter++) {
		const struct option_row *row;

		if (*letter == 'h' && !row_by_letter(table, 'h'))
			return OPTIONS_HELP;
		row = row_by_letter(table, *letter);
		if (!row)
			return because("unknown option '-%c'; --help lists the options", *letter);
		if (row->value)
			return take_value(row, letter[1] ? letter + 1 : NULL, at, count, argv);
		*row->into.flag = true;
	}
	return OPTIONS_OK;
}

void options_print(const struct option_row *table)
{
	for (; table->letter || table->word; table++) {
		char left[64];
		int n = 0;

		if (table->letter)
			n = snprintf(left, sizeof(left), "-%c%s", table->letter,
				     table->word ? ", " : "");
		else
			n = snprintf(left, sizeof(left), "    ");
		if (table->word)
			n += snprintf(left + n, sizeof(left) - n, "--%s", table->word);
		if (table->value)
			snprintf(left + n, sizeof(left) - n, " %s", table->value);
		printf("  %-24s %s\n", left, table->help);
	}
	printf("  %-24s %s\n", "-h, --help", "this text");
}

enum options_outcome options_parse(const struct option_row *table, int *count, char **argv)
{
	enum options_outcome outcome;
	int words = 0;
	int at;

	for (at = 0; at < *count; at++) {
		if (argv[at][0] != '-' || !argv[at][1]) {
			argv[words++] = argv[at];
			continue;
		}
		if (!strcmp(argv[at], "--")) {
			at++;
			break;
		}
		if (argv[at][1] == '-')
			outcome = parse_long(table, &at, *count, argv);
		else
			outcome = parse_letters(table, &at, *count, argv);
		if (outcome != OPTIONS_OK)
			return outcome;
	}
	for (; at < *count; at++)
		argv[words++] = argv[at];
	*count = words;
	return OPTIONS_OK;
}
