/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Command-line options from a table, and the usage text from the same table.
 */
#pragma once

#include <stdbool.h>

struct option_row {
	char letter;		/* 0: the word alone */
	const char *word;	/* NULL: the letter alone */
	const char *value;	/* name of its value in the usage text; NULL: a flag */
	const char *help;
	union {
		bool *flag;		/* set to true */
		const char **text;	/* set to the value */
	} into;
};

/* Every table ends with this. */
#define OPTIONS_END		{ 0 }

enum options_outcome {
	OPTIONS_BAD = -1,	/* the reason says which */
	OPTIONS_OK = 0,
	OPTIONS_HELP = 1,	/* --help was among them */
};

/*
 * Take the options out of argv[0..*count), which begins after the command's name.
 * The words that are no options move to the front, in their order; *count becomes their number.
 * Options and words may be mixed; "--" ends the options.
 */
enum options_outcome options_parse(const struct option_row *table, int *count, char **argv);

/* One line per option, for --help. */
void options_print(const struct option_row *table);
