// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"

#include "lib/options.h"
#include "lib/report.h"

#include <string.h>

static bool console, paused;
static const char *file;

static const struct option_row table[] = {
	{ 'c', "console", NULL, "", { .flag = &console } },
	{ 'p', "paused", NULL, "", { .flag = &paused } },
	{ 'f', "file", "FILE", "", { .text = &file } },
	OPTIONS_END
};

static int count;
static char *words[16];

static enum options_outcome parse(const char *first, ...)
{
	va_list args;
	const char *word;

	console = paused = false;
	file = NULL;
	count = 0;
	va_start(args, first);
	for (word = first; word; word = va_arg(args, const char *))
		words[count++] = (char *)word;
	va_end(args);
	reason_forget();
	return options_parse(table, &count, words);
}

static void words_and_options_may_be_mixed(void **state)
{
	(void)state;
	assert_int_equal(parse("a", "-c", "b", "--paused", NULL), OPTIONS_OK);
	assert_true(console && paused);
	assert_int_equal(count, 2);
	assert_string_equal(words[0], "a");
	assert_string_equal(words[1], "b");
}

static void letters_may_be_bundled_and_end_with_a_value(void **state)
{
	(void)state;
	assert_int_equal(parse("-cpfx.cfg", NULL), OPTIONS_OK);
	assert_true(console && paused);
	assert_string_equal(file, "x.cfg");
	assert_int_equal(parse("-cf", "x.cfg", NULL), OPTIONS_OK);
	assert_string_equal(file, "x.cfg");
	assert_int_equal(count, 0);
}

static void a_long_value_stands_behind_the_sign_or_next(void **state)
{
	(void)state;
	assert_int_equal(parse("--file=a=b", NULL), OPTIONS_OK);
	assert_string_equal(file, "a=b");
	assert_int_equal(parse("--file", "-c", NULL), OPTIONS_OK);
	assert_string_equal(file, "-c");
	assert_false(console);
}

static void two_dashes_end_the_options(void **state)
{
	(void)state;
	assert_int_equal(parse("--", "-c", NULL), OPTIONS_OK);
	assert_false(console);
	assert_int_equal(count, 1);
	assert_string_equal(words[0], "-c");
}

static void a_lone_dash_is_a_word(void **state)
{
	(void)state;
	assert_int_equal(parse("-", NULL), OPTIONS_OK);
	assert_int_equal(count, 1);
}

static void help_wins_over_what_follows(void **state)
{
	(void)state;
	assert_int_equal(parse("--help", "--nonsense", NULL), OPTIONS_HELP);
	assert_int_equal(parse("-h", NULL), OPTIONS_HELP);
}

static void what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *words[2];
		const char *named;
	} cases[] = { { { "--nonsense", NULL }, "'--nonsense'" }, { { "-cx", NULL }, "'-x'" },
		      { { "--file", NULL }, "'--file'" }, { { "-f", NULL }, "'-f'" },
		      { { "--console=yes", NULL }, "'--console'" },
		      { { "--consol", NULL }, "'--consol'" } };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		assert_int_equal(parse(cases[i].words[0], NULL), OPTIONS_BAD);
		assert_non_null(reason_given());
		assert_non_null(strstr(reason_given(), cases[i].named));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_and_options_may_be_mixed),
		cmocka_unit_test(letters_may_be_bundled_and_end_with_a_value),
		cmocka_unit_test(a_long_value_stands_behind_the_sign_or_next),
		cmocka_unit_test(two_dashes_end_the_options),
		cmocka_unit_test(a_lone_dash_is_a_word),
		cmocka_unit_test(help_wins_over_what_follows),
		cmocka_unit_test(what_is_wrong_is_named),
	};

	return cmocka_run_group_tests_name("tools/options", tests, NULL, NULL);
}
