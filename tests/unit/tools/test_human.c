// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"

#include "lib/human.h"

#include <errno.h>
#include <string.h>

static void a_bare_number_is_mebibytes(void **state)
{
	static const struct {
		const char *text;
		uint64_t kib;
	} cases[] = { { "0", 0 }, { "1", 1024 }, { "512", 524288 }, { "512m", 524288 },
		      { "512M", 524288 }, { "2g", 2097152 }, { "1t", 1073741824 }, { "64k", 64 },
		      { "65536b", 64 }, { "4294967296", 1ULL << 42 } };
	uint64_t kib;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		assert_int_equal(human_read_kib(cases[i].text, &kib), 0);
		assert_int_equal(kib, cases[i].kib);
	}
}

static void what_is_no_size_is_refused_and_changes_nothing(void **state)
{
	static const char *const cases[] = { "", "m", "-1", " 1", "1 ", "1mm", "1x", "0x10", "1.5g",
					     "+1", "1kb" };
	uint64_t kib = 77;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		assert_int_equal(human_read_kib(cases[i], &kib), -1);
		assert_int_equal(errno, EINVAL);
	}
	assert_int_equal(kib, 77);
}

static void a_size_beyond_all_memory_is_out_of_range(void **state)
{
	static const char *const cases[] = { "4294967297", "99999999999999999999", "4398046511105k",
					     "18446744073709551615", "4097t" };
	uint64_t kib = 77;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		assert_int_equal(human_read_kib(cases[i], &kib), -1);
		assert_int_equal(errno, ERANGE);
	}
	assert_int_equal(kib, 77);
}

static void numbers_stay_within_their_bounds(void **state)
{
	uint64_t value = 77;

	(void)state;
	assert_int_equal(human_read_number("5", 5, 6, &value), 0);
	assert_int_equal(value, 5);
	assert_int_equal(human_read_number("7", 5, 6, &value), -1);
	assert_int_equal(errno, ERANGE);
	assert_int_equal(human_read_number("6a", 5, 6, &value), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(value, 5);
}

static void uptimes_look_as_xl_prints_them(void **state)
{
	static const struct {
		uint64_t seconds;
		const char *text;
	} cases[] = { { 0, " 0:00:00" }, { 59, " 0:00:59" }, { 3661, " 1:01:01" },
		      { 86399, "23:59:59" }, { 86400, "1 day,   0:00:00" },
		      { 3 * 86400 + 5, "3 days,  0:00:05" } };
	char text[64];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		human_write_uptime(cases[i].seconds, text, sizeof(text));
		assert_string_equal(text, cases[i].text);
	}
}

static void a_misspelt_word_finds_the_nearest(void **state)
{
	static const char *const words[] = { "kernel", "memory", "vcpus", "name" };
	char giant[300];

	(void)state;
	memset(giant, 'k', sizeof(giant) - 1);
	giant[sizeof(giant) - 1] = '\0';
	assert_string_equal(human_nearest("krenel", words, COUNT(words)), "kernel");
	assert_string_equal(human_nearest("memroy", words, COUNT(words)), "memory");
	assert_string_equal(human_nearest("Memory", words, COUNT(words)), "memory");
	assert_string_equal(human_nearest("vcpu", words, COUNT(words)), "vcpus");
	assert_null(human_nearest("disk", words, COUNT(words)));
	assert_null(human_nearest("", words, COUNT(words)));
	assert_null(human_nearest(giant, words, COUNT(words)));
}

static void a_uuid_survives_writing_and_reading(void **state)
{
	const uint8_t uuid[16] = { 0x6c, 0xb0, 0xd2, 0x8d, 0, 0x5e, 0x49, 0xe5,
				   0x8b, 0x49, 0x34, 0x84, 0xe3, 0x13, 0x3d, 0xee };
	char text[UUID_TEXT_SIZE];
	uint8_t back[16];

	(void)state;
	human_write_uuid(uuid, text);
	assert_string_equal(text, "6cb0d28d-005e-49e5-8b49-3484e3133dee");
	assert_int_equal(human_read_uuid(text, back), 0);
	assert_memory_equal(uuid, back, sizeof(uuid));
	assert_int_equal(human_read_uuid("6cb0d28d-005e", back), -1);
	assert_int_equal(human_read_uuid("6cb0d28d-005e-49e5-8b49-3484e3133deeff", back), -1);
	assert_int_equal(human_read_uuid("6cb0d28d-005e-49e5-8b49-3484e3133dxx", back), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bare_number_is_mebibytes),
		cmocka_unit_test(what_is_no_size_is_refused_and_changes_nothing),
		cmocka_unit_test(a_size_beyond_all_memory_is_out_of_range),
		cmocka_unit_test(numbers_stay_within_their_bounds),
		cmocka_unit_test(uptimes_look_as_xl_prints_them),
		cmocka_unit_test(a_misspelt_word_finds_the_nearest),
		cmocka_unit_test(a_uuid_survives_writing_and_reading),
	};

	return cmocka_run_group_tests_name("tools/human", tests, NULL, NULL);
}
