// SPDX-License-Identifier: GPL-2.0-only
// sources: time/timer.c
/* Timers: the heap keeps its order whatever is done to it, and the LAPIC waits for the first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cpu/asm.h"
#include "cpu/percpu.h"
#include "cpu/softirq.h"
#include "machine/ipi.h"
#include "machine/lapic.h"
#include "time/clock.h"
#include "time/timer.h"

static uint64_t now, armed;
static unsigned int arms;

uint64_t clock_now_ns(void) { return now; }
uint64_t clock_ns_to_tsc(uint64_t ns) { return ns; }
void lapic_timer_arm(uint64_t tsc) { armed = tsc; arms++; }
void lapic_timer_stop(void) { armed = TIMER_NEVER; }
void ipi_poll(void) { }

#define TIMERS	200

static struct timer timers[TIMERS];
static unsigned int fired[TIMERS], fired_count;
static uint64_t last_deadline;

static void note(void *arg)
{
	struct timer *t = arg;

	assert_true(t->deadline_ns <= now);
	assert_true(t->deadline_ns >= last_deadline);
	assert_false(t->queued);
	last_deadline = t->deadline_ns;
	fired[t - timers]++;
	fired_count++;
}

static int setup(void **state)
{
	(void)state;
	fake_cpu = 0;
	for (unsigned int cpu = 0; cpu < 2; cpu++) {
		fake_cpu = cpu;
		timer_init_cpu();
	}
	fake_cpu = 0;
	now = 1000;
	armed = TIMER_NEVER;
	arms = 0;
	fired_count = 0;
	last_deadline = 0;
	memset(fired, 0, sizeof(fired));
	for (unsigned int i = 0; i < TIMERS; i++)
		timer_setup(&timers[i], note, &timers[i]);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < TIMERS; i++)
		timer_stop(&timers[i]);
	return (int)timer_count(0) + (int)timer_count(1);
}

/* The interrupt comes when it was asked for. */
static void run_until(uint64_t end)
{
	while (armed <= end || softirq_pending()) {
		if (armed <= end) {
			now = armed > now ? armed : now;
			armed = TIMER_NEVER;	/* one shot */
		}
		softirq_raise(SOFTIRQ_TIMER);
		softirq_run();
	}
	now = end;
}

static void the_earliest_is_armed(void **state)
{
	(void)state;
	timer_set(&timers[0], 5000);
	assert_int_equal(armed, 5000);
	timer_set(&timers[1], 7000);
	assert_int_equal(armed, 5000);
	timer_set(&timers[2], 3000);
	assert_int_equal(armed, 3000);
	assert_int_equal(timer_count(0), 3);
	run_until(10000);
	assert_int_equal(fired_count, 3);
	assert_int_equal(timer_count(0), 0);
	assert_int_equal(armed, TIMER_NEVER);
}

static void a_past_deadline_is_due_from_the_softirq(void **state)
{
	(void)state;
	timer_set(&timers[0], 10);
	assert_int_equal(fired_count, 0);
	assert_true(softirq_pending());
	softirq_run();
	assert_int_equal(fired_count, 1);
}

static void setting_again_moves_it(void **state)
{
	(void)state;
	timer_set(&timers[0], 2000);
	timer_set(&timers[0], 9000);
	run_until(5000);
	assert_int_equal(fired_count, 0);
	run_until(9000);
	assert_int_equal(fired_count, 1);
}

static void stopped_ones_do_not_fire(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 10; i++)
		timer_set(&timers[i], 2000 + i);
	timer_stop(&timers[0]);
	timer_stop(&timers[0]);
	timer_kill(&timers[5]);
	timer_set(&timers[7], TIMER_NEVER);
	run_until(5000);
	assert_int_equal(fired_count, 7);
	assert_int_equal(fired[0] + fired[5] + fired[7], 0);
}

static unsigned int rounds;

static void again(void *arg)
{
	struct timer *t = arg;

	if (++rounds < 5)
		timer_set(t, t->deadline_ns + 100);
}

static void a_function_may_set_its_own_timer(void **state)
{
	(void)state;
	rounds = 0;
	timer_setup(&timers[0], again, &timers[0]);
	timer_set(&timers[0], 2000);
	run_until(2399);
	assert_int_equal(rounds, 4);
	run_until(9000);
	assert_int_equal(rounds, 5);
}

static void a_timer_set_on_another_cpu_moves_there(void **state)
{
	(void)state;
	timer_set(&timers[0], 5000);
	assert_int_equal(timer_count(0), 1);
	fake_cpu = 1;
	timer_set(&timers[0], 6000);
	assert_int_equal(timer_count(0), 0);
	assert_int_equal(timer_count(1), 1);
	fake_cpu = 0;
	timer_stop(&timers[0]);		/* from afar */
	assert_int_equal(timer_count(1), 0);
}

static void any_mixture_fires_in_order_and_once(void **state)
{
	unsigned int expected = 0;

	(void)state;
	srand(7);
	for (unsigned int round = 0; round < 200; round++) {
		for (unsigned int n = 0; n < 100; n++) {
			struct timer *t = &timers[rand() % TIMERS];

			if (rand() % 4)
				timer_set(t, now + 1 + (uint64_t)(rand() % 1000));
			else
				timer_stop(t);
		}
		expected = 0;
		for (unsigned int i = 0; i < TIMERS; i++)
			expected += timers[i].queued && timers[i].deadline_ns <= now + 500;
		fired_count = 0;
		run_until(now + 500);
		assert_int_equal(fired_count, expected);
		for (unsigned int i = 0; i < TIMERS; i++)
			if (timers[i].queued)
				assert_true(timers[i].deadline_ns > now);
	}
}

int main(void)
{
#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(the_earliest_is_armed),
		TEST(a_past_deadline_is_due_from_the_softirq),
		TEST(setting_again_moves_it),
		TEST(stopped_ones_do_not_fire),
		TEST(a_function_may_set_its_own_timer),
		TEST(a_timer_set_on_another_cpu_moves_there),
		TEST(any_mixture_fires_in_order_and_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
