// SPDX-License-Identifier: GPL-2.0-only
// sources: lib/format.c
/* Formatted text: each conversion against the C library's own, and what must hold at the edges. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/bits.h"
#include "lib/format.h"
#include "lib/string.h"
#undef snprintf

#define SAME(...)						\
	do {							\
		char ours[64], theirs[64];			\
		int a = trine_snprintf(ours, sizeof(ours), __VA_ARGS__);	\
		int b = snprintf(theirs, sizeof(theirs), __VA_ARGS__);		\
								\
		assert_string_equal(ours, theirs);		\
		assert_int_equal(a, b);				\
	} while (0)

static void numbers_look_as_in_the_c_library(void **state)
{
	(void)state;
	SAME("%d %d %d", 0, -1, 2147483647);
	SAME("%d", (int)0x80000000);
	SAME("%ld", (long)0x8000000000000000ul);
	SAME("%lu %u", ~0ul, ~0u);
	SAME("%x %X %#x %#lx", 0xbeefu, 0xbeefu, 0xbeefu, 0xfffful);
	SAME("%#x", 0u);
	SAME("%o", 0755u);
	SAME("%hhu %hd", (unsigned char)200, (short)-3);
	SAME("%zu", (size_t)12345678901ul);
	SAME("%llx", 0x123456789abcdefull);
	SAME("%p", (void *)0x1234);
}

static void width_and_precision_look_as_in_the_c_library(void **state)
{
	(void)state;
	SAME("%016lx|%5d|%-5d|%05d", 0x1234ul, 42, 42, -42);
	SAME("%#014lx", 0x9fffful);
	SAME("%+d % d %+d", 5, 5, -5);
	SAME("%.3d|%8.3d|%-8.3d|", 7, 7, 7);
	SAME("%*d|%-*d|%.*s", 6, 1, 6, 2, 3, "abcdef");
	SAME("%s|%10s|%-10s|%.2s", "ab", "ab", "ab", "abc");
	SAME("%c%%%3c", 'x', 'y');
	SAME("%.0d", 0);
}

static void a_null_string_is_named(void **state)
{
	const char *volatile nothing = NULL;
	char text[16];

	(void)state;
	trine_snprintf(text, sizeof(text), "%s", nothing);
	assert_string_equal(text, "(null)");
}

static void too_long_a_text_is_cut_and_its_length_told(void **state)
{
	char text[8];

	(void)state;
	memset(text, '#', sizeof(text));
	assert_int_equal(trine_snprintf(text, 5, "%s", "longer"), 6);
	assert_string_equal(text, "long");
	assert_int_equal(text[5], '#');
	assert_int_equal(trine_snprintf(NULL, 0, "%d", 1234), 4);
}

static void a_string_is_copied_as_far_as_it_fits(void **state)
{
	char text[4] = "###";

	(void)state;
	assert_int_equal(string_copy(text, "abcdef", sizeof(text)), 6);
	assert_string_equal(text, "abc");
	assert_int_equal(string_copy(text, "x", sizeof(text)), 1);
	assert_string_equal(text, "x");
	assert_int_equal(string_copy(text, "y", 0), 1);
	assert_string_equal(text, "x");
}

static void numbers_are_read_up_to_what_does_not_belong(void **state)
{
	static const struct {
		const char *text;
		uint64_t value;
		int used;
	} cases[] = {
		{ "123", 123, 3 }, { "0x1F,", 0x1f, 4 }, { "077", 63, 3 }, { "0", 0, 1 },
		{ "512M", 512, 3 }, { "", 0, 0 }, { "x", 0, 0 }, { "0xg", 0, 1 }, { "08", 0, 1 },
	};
	const char *end;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(trine_strtou64(cases[i].text, &end), cases[i].value);
		assert_int_equal(end - cases[i].text, cases[i].used);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_look_as_in_the_c_library),
		cmocka_unit_test(width_and_precision_look_as_in_the_c_library),
		cmocka_unit_test(a_null_string_is_named),
		cmocka_unit_test(too_long_a_text_is_cut_and_its_length_told),
		cmocka_unit_test(a_string_is_copied_as_far_as_it_fits),
		cmocka_unit_test(numbers_are_read_up_to_what_does_not_belong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
