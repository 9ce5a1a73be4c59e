// SPDX-License-Identifier: GPL-2.0-only
// sources: time/clock.c
/* The clock's arithmetic: scales of any rate, dates, and what may be set. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cpu/asm.h"
#include "machine/acpi.h"
#include "machine/lapic.h"
#include "machine/stop.h"
#include "mem/map.h"
#include "time/clock.h"

struct acpi_info acpi;

void lapic_timer_run_free(void) { }
uint32_t lapic_timer_passed(void) { return 0; }
void lapic_timer_set_rate(uint64_t ticks, uint64_t tsc_ticks) { (void)ticks; (void)tsc_ticks; }
volatile void *ioremap(uint64_t pa, uint64_t size, enum cacheability how)
{
	(void)pa;
	(void)size;
	(void)how;
	return NULL;
}
void machine_stop(const char *fmt, ...) { (void)fmt; abort(); }

static void a_second_of_any_rate_is_a_second(void **state)
{
	static const uint64_t rates[] = { 1000000, 3579545, 100000000, 999999999, 1000000000, 1000000001,
		1999999999, 2000000000, 2000000001, 2596134000, 3000000000, 4294967296, 5100000000,
		9000000000 };

	(void)state;
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		struct clock_scale s = clock_scale_for(rates[i]);
		uint64_t ns = clock_scale_apply(s, rates[i]);

		assert_true(s.mul_frac >> 31);		/* no precision thrown away */
		assert_in_range(ns, 1000000000 - 3, 1000000000 + 3);
		/* A hundred days: off by less than a millisecond. */
		ns = clock_scale_apply(s, rates[i] * 8640000);
		assert_in_range(ns, 8640000ull * 1000000000 - 20000000, 8640000ull * 1000000000 + 20000000);
	}
}

static void dates_are_counted_right(void **state)
{
	(void)state;
	assert_int_equal(clock_date_to_sec(1970, 1, 1, 0, 0, 0), 0);
	assert_int_equal(clock_date_to_sec(2000, 2, 28, 23, 59, 59), 951782399);
	assert_int_equal(clock_date_to_sec(2000, 2, 29, 0, 0, 0), 951782400);
	assert_int_equal(clock_date_to_sec(2000, 3, 1, 0, 0, 0), 951868800);
	assert_int_equal(clock_date_to_sec(2026, 11, 23, 4, 47, 0), 1795409220);
	assert_int_equal(clock_date_to_sec(2038, 1, 19, 3, 14, 8), 1ul << 31);
	assert_int_equal(clock_date_to_sec(2099, 12, 31, 23, 59, 59), 4102444799);
}

static void the_wall_clock_takes_only_what_makes_sense(void **state)
{
	uint64_t sec;
	uint32_t nsec;

	(void)state;
	assert_int_equal(clock_set_wall(1000, 500, 0), 0);
	assert_int_equal(clock_set_wall(1001, 250000000, 750000000), 0);
	clock_wall(&sec, &nsec);
	assert_int_equal(sec, 1000);
	assert_int_equal(nsec, 500000000);
	assert_int_equal(clock_set_wall(1, 1000000000, 0), -EINVAL);
	assert_int_equal(clock_set_wall(UINT64_MAX, 0, 0), -EINVAL);
	assert_int_equal(clock_set_wall(1, 0, 1000000001), -EINVAL);
	assert_int_equal(clock_wall_sec(), 1000);	/* refusals change nothing */
	assert_int_equal(clock_wall_nsec(), 500000000);
}

static void deadlines_and_now_agree(void **state)
{
	(void)state;
	fake.tsc = 1000;
	tsc_base = 1000;
	tsc_scale = clock_scale_for(2000000000);
	assert_int_equal(clock_tsc_to_ns(1000), 0);
	assert_int_equal(clock_tsc_to_ns(10), 0);		/* before the beginning */
	assert_int_equal(clock_tsc_to_ns(3000), 1000);
	fake.tsc = 5000;
	assert_int_equal(clock_now_ns(), 2000);
	assert_int_equal(clock_ns_to_tsc(100), 5001);		/* past: now */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_second_of_any_rate_is_a_second),
		cmocka_unit_test(dates_are_counted_right),
		cmocka_unit_test(the_wall_clock_takes_only_what_makes_sense),
		cmocka_unit_test(deadlines_and_now_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
