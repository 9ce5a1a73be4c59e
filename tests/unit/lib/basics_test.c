// SPDX-License-Identifier: GPL-2.0-only
// sources: lib/log.c
/* Bits, lists, and what is logged about whom. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/bits.h"
#include "lib/list.h"
#include "lib/log.h"

static void an_index_outside_is_clamped_and_refused(void **state)
{
	static const struct {
		uint64_t i, n;
		bool within;
	} cases[] = {
		{ 0, 1, true }, { 63, 64, true }, { 64, 64, false }, { 0, 0, false },
		{ 65, 64, false }, { UINT64_MAX, 64, false }, { 1ul << 63, 64, false },
		{ UINT32_MAX, 64, false }, { 1ul << 32, 64, false },
		{ UINT32_MAX, 1ul << 32, true },
	};
	unsigned int slot;

	(void)state;
	for (size_t c = 0; c < ARRAY_SIZE(cases); c++) {
		slot = 12345;
		assert_int_equal(index_within(cases[c].i, cases[c].n, &slot), cases[c].within);
		assert_int_equal(slot, cases[c].within ? cases[c].i : 0);
	}
}

static void rounding_and_orders(void **state)
{
	uint64_t sum;

	(void)state;
	assert_int_equal(ALIGN_UP(1ul, 4096), 4096);
	assert_int_equal(ALIGN_UP(4096ul, 4096), 4096);
	assert_int_equal(ALIGN_DOWN(4097u, 4096), 4096);
	assert_int_equal(BITS(7, 4), 0xf0);
	assert_int_equal(BITS(63, 63), 1ul << 63);
	assert_int_equal(order_of(0), 0);
	assert_int_equal(order_of(1), 0);
	assert_int_equal(order_of(2), 1);
	assert_int_equal(order_of(3), 2);
	assert_int_equal(order_of(512), 9);
	assert_int_equal(order_of(513), 10);
	assert_true(add_overflows(UINT64_MAX, 1ul, &sum));
	assert_false(add_overflows(UINT64_MAX - 1, 1ul, &sum));
	assert_true(mul_overflows(1ul << 33, 1ul << 31, &sum));
}

struct item {
	int n;
	struct list_node link;
};

static void a_list_keeps_its_order_and_may_shrink_while_walked(void **state)
{
	struct item items[5], *pos, *following;
	struct list l;
	int expected = 0;

	(void)state;
	list_init(&l);
	assert_true(list_empty(&l));
	assert_null(list_first_entry(&l, struct item, link));
	for (int i = 1; i < 5; i++) {
		items[i].n = i;
		list_add_tail(&l, &items[i].link);
	}
	items[0].n = 0;
	list_add(&l, &items[0].link);
	list_for_each_entry(pos, &l, link)
		assert_int_equal(pos->n, expected++);
	assert_int_equal(expected, 5);

	list_for_each_entry_safe(pos, following, &l, link)
		if (pos->n % 2)
			list_del(&pos->link);
	assert_false(list_on(&items[1].link));
	assert_true(list_on(&items[2].link));
	expected = 0;
	list_for_each_entry(pos, &l, link) {
		assert_int_equal(pos->n, expected);
		expected += 2;
	}
	assert_int_equal(list_last_entry(&l, struct item, link)->n, 4);
}

static char last_line[300];
static unsigned int line_count;
static bool last_about_guest;
static uint64_t now_ns;

static void catch_line(enum log_level level, bool about_guest, const char *line)
{
	(void)level;
	last_about_guest = about_guest;
	strncpy(last_line, line, sizeof(last_line) - 1);
	line_count++;
}

static uint64_t fake_now(void)
{
	return now_ns;
}

static int catch_lines(void **state)
{
	(void)state;
	line_count = 0;
	now_ns += 10000000000ul;
	log_set_sink(catch_line);
	log_set_clock(fake_now);
	log_set_levels(LOG_INFO, LOG_WARN);
	return 0;
}

static void levels_decide_what_is_written(void **state)
{
	(void)state;
	log_info("hello %d", 1);
	assert_string_equal(last_line, "hello 1");
	log_debug("not this");
	log_guest(LOG_INFO, "nor this");
	assert_int_equal(line_count, 1);
	log_guest(LOG_WARN, "but this");
	assert_true(last_about_guest);
	assert_int_equal(line_count, 2);
}

static void a_refusal_counts_gives_its_error_and_speaks_when_asked(void **state)
{
	uint64_t before = log_refuse_count();

	(void)state;
	assert_int_equal(refuse(-EPERM, "frame %#x: not yours", 16), -EPERM);
	assert_int_equal(line_count, 0);
	assert_int_equal(log_refuse_count(), before + 1);
	log_set_levels(LOG_INFO, LOG_DEBUG);
	assert_int_equal(refuse(-EINVAL, "frame %#x: not yours", 16), -EINVAL);
	assert_int_equal(line_count, 1);
	assert_non_null(strstr(last_line, "frame 0x10: not yours"));
	assert_non_null(strstr(last_line, "basics_test.c"));
}

static void a_guest_cannot_drown_the_console(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++)
		log_guest(LOG_ERR, "noise");
	assert_in_range(line_count, 10, 100);
	/* The machine's own lines are never held back. */
	line_count = 0;
	log_err("important");
	assert_int_equal(line_count, 1);
	/* A second later it may again, after a line that says how many were left out. */
	now_ns += 1000000000ul;
	log_guest(LOG_ERR, "more");
	assert_int_equal(line_count, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_index_outside_is_clamped_and_refused),
		cmocka_unit_test(rounding_and_orders),
		cmocka_unit_test(a_list_keeps_its_order_and_may_shrink_while_walked),
		cmocka_unit_test_setup(levels_decide_what_is_written, catch_lines),
		cmocka_unit_test_setup(a_refusal_counts_gives_its_error_and_speaks_when_asked,
				       catch_lines),
		cmocka_unit_test_setup(a_guest_cannot_drown_the_console, catch_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
