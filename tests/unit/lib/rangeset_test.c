// SPDX-License-Identifier: GPL-2.0-only
// sources: lib/rangeset.c
/* Range sets: against a plain array of bits, and at the edges of numbers and of room. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/rangeset.h"

#define NUMBERS	64
#define ROUNDS	20000

static int set_up(void **state)
{
	struct rangeset *set = malloc(rangeset_bytes(NUMBERS));

	rangeset_init(set, NUMBERS);
	*state = set;
	return 0;
}

static int tear_down(void **state)
{
	free(*state);
	return 0;
}

static void check_sorted(const struct rangeset *set)
{
	for (unsigned int i = 0; i < set->count; i++) {
		assert_true(set->range[i].first <= set->range[i].last);
		if (i)
			assert_true(set->range[i - 1].last + 1 < set->range[i].first);
	}
}

static void neighbours_become_one(void **state)
{
	struct rangeset *set = *state;

	assert_int_equal(rangeset_add(set, 10, 19), 0);
	assert_int_equal(rangeset_add(set, 30, 39), 0);
	assert_int_equal(set->count, 2);
	assert_int_equal(rangeset_add(set, 20, 29), 0);
	assert_int_equal(set->count, 1);
	assert_true(rangeset_contains(set, 10, 39));
	assert_false(rangeset_contains(set, 9, 39));
	assert_false(rangeset_contains(set, 10, 40));
}

static void a_hole_splits(void **state)
{
	struct rangeset *set = *state;

	assert_int_equal(rangeset_add(set, 0, 100), 0);
	assert_int_equal(rangeset_remove(set, 50, 50), 0);
	assert_int_equal(set->count, 2);
	assert_false(rangeset_contains(set, 49, 51));
	assert_false(rangeset_overlaps(set, 50, 50));
	assert_true(rangeset_overlaps(set, 50, 51));
}

static void the_ends_of_all_numbers_work(void **state)
{
	struct rangeset *set = *state;

	assert_int_equal(rangeset_add(set, UINT64_MAX, UINT64_MAX), 0);
	assert_int_equal(rangeset_add(set, 0, 0), 0);
	assert_int_equal(rangeset_add(set, 0, UINT64_MAX), 0);
	assert_int_equal(set->count, 1);
	assert_int_equal(rangeset_remove(set, 0, UINT64_MAX - 1), 0);
	assert_true(rangeset_contains(set, UINT64_MAX, UINT64_MAX));
	assert_false(rangeset_overlaps(set, 0, UINT64_MAX - 1));
}

static void backwards_is_refused(void **state)
{
	struct rangeset *set = *state;

	assert_int_equal(rangeset_add(set, 5, 4), -EINVAL);
	assert_int_equal(rangeset_remove(set, 5, 4), -EINVAL);
	assert_int_equal(set->count, 0);
	assert_false(rangeset_contains(set, 5, 4));
}

static void a_full_set_says_so_and_keeps_what_it_has(void **state)
{
	struct rangeset *set = *state;

	set->limit = 2;
	assert_int_equal(rangeset_add(set, 0, 9), 0);
	assert_int_equal(rangeset_add(set, 20, 29), 0);
	assert_int_equal(rangeset_add(set, 40, 49), -ENOSPC);
	assert_int_equal(rangeset_remove(set, 5, 5), -ENOSPC);
	assert_int_equal(set->count, 2);
	assert_true(rangeset_contains(set, 0, 9));
	/* What needs no new range still works. */
	assert_int_equal(rangeset_add(set, 10, 19), 0);
	assert_int_equal(set->count, 1);
}

static void it_agrees_with_an_array_of_bits(void **state)
{
	struct rangeset *set = *state;
	bool bits[NUMBERS] = { false };

	srand(1);
	for (int round = 0; round < ROUNDS; round++) {
		uint64_t first = (uint64_t)rand() % NUMBERS;
		uint64_t last = first + (uint64_t)rand() % (NUMBERS - first);
		bool add = rand() & 1, all = true, any = false;

		assert_int_equal(add ? rangeset_add(set, first, last) :
				       rangeset_remove(set, first, last), 0);
		for (uint64_t n = first; n <= last; n++)
			bits[n] = add;
		check_sorted(set);
		first = (uint64_t)rand() % NUMBERS;
		last = first + (uint64_t)rand() % (NUMBERS - first);
		for (uint64_t n = first; n <= last; n++) {
			all &= bits[n];
			any |= bits[n];
		}
		assert_int_equal(rangeset_contains(set, first, last), all);
		assert_int_equal(rangeset_overlaps(set, first, last), any);
	}
}

static int sum_three(uint64_t first, uint64_t last, void *arg)
{
	unsigned int *seen = arg;

	assert_true(last >= first);
	return ++*seen == 3 ? -7 : 0;
}

static void a_walk_stops_when_told(void **state)
{
	struct rangeset *set = *state;
	unsigned int seen = 0;

	for (uint64_t n = 0; n < 10; n += 2)
		assert_int_equal(rangeset_add(set, n, n), 0);
	assert_int_equal(rangeset_walk(set, sum_three, &seen), -7);
	assert_int_equal(seen, 3);
}

#define WITH_SET(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SET(neighbours_become_one),
		WITH_SET(a_hole_splits),
		WITH_SET(the_ends_of_all_numbers_work),
		WITH_SET(backwards_is_refused),
		WITH_SET(a_full_set_says_so_and_keeps_what_it_has),
		WITH_SET(it_agrees_with_an_array_of_bits),
		WITH_SET(a_walk_stops_when_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
