// SPDX-License-Identifier: GPL-2.0-only
// sources: cpu/lock.c cpu/softirq.c cpu/tlb.c
/* Locks in their order, work owed, and when a flush may be skipped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cpu/asm.h"
#include "cpu/lock.h"
#include "cpu/percpu.h"
#include "cpu/softirq.h"
#include "cpu/tlb.h"

static jmp_buf stopped;

static void note_stop(const char *line)
{
	(void)line;
	longjmp(stopped, 1);
}

#define assert_stops(statement)				\
	do {						\
		bug_set_hook(note_stop);		\
		if (!setjmp(stopped)) {			\
			statement;			\
			fail_msg("it went on");		\
		}					\
		bug_set_hook(NULL);			\
	} while (0)

static spinlock_t domain_a = SPINLOCK_INIT(RANK_DOMAIN), domain_b = SPINLOCK_INIT(RANK_DOMAIN);
static spinlock_t heap = SPINLOCK_INIT(RANK_HEAP);

static void locks_are_taken_in_order_only(void **state)
{
	(void)state;
	spin_lock(&domain_a);
	spin_lock(&heap);
	assert_true(spin_is_locked(&heap));
	assert_true(spin_any_held());
	spin_unlock(&domain_a);		/* in any order back */
	spin_unlock(&heap);
	assert_false(spin_any_held());

	spin_lock(&heap);
	assert_stops(spin_lock(&domain_a));
	spin_unlock(&heap);
	assert_false(spin_is_locked(&domain_a));
}

static void two_of_a_rank_only_together(void **state)
{
	(void)state;
	spin_lock(&domain_a);
	assert_stops(spin_lock(&domain_b));
	spin_unlock(&domain_a);

	spin_lock_both(&domain_b, &domain_a);
	assert_true(spin_is_locked(&domain_a) && spin_is_locked(&domain_b));
	spin_unlock_both(&domain_a, &domain_b);
	spin_lock_both(&domain_a, &domain_a);
	spin_unlock_both(&domain_a, &domain_a);
	assert_false(spin_is_locked(&domain_a));
}

static void trying_does_not_wait(void **state)
{
	(void)state;
	assert_true(spin_trylock(&heap));
	assert_false(spin_trylock(&heap));
	spin_unlock(&heap);
	assert_true(spin_trylock(&heap));
	spin_unlock(&heap);
}

static void tickets_survive_their_wrap(void **state)
{
	(void)state;
	for (int i = 0; i < 70000; i++) {
		spin_lock(&heap);
		spin_unlock(&heap);
	}
	assert_false(spin_is_locked(&heap));
}

static void giving_back_what_is_not_held_stops(void **state)
{
	(void)state;
	assert_stops(spin_unlock(&domain_b));
}

static unsigned int spins;

static void other_lets_go(void)
{
	/* As if the CPU that holds it had gone on. */
	if (++spins == 3) {
		fake_cpu = 1;
		spin_unlock(&heap);
		fake_cpu = 0;
	}
}

static void who_spins_answers_others(void **state)
{
	(void)state;
	fake_cpu = 1;
	spin_lock(&heap);
	fake_cpu = 0;
	lock_spin_hook = other_lets_go;
	spin_lock(&heap);
	lock_spin_hook = NULL;
	assert_int_equal(spins, 3);
	spin_unlock(&heap);
}

static unsigned int timers_run, sched_run_count;

static void on_timer(void)
{
	timers_run++;
	if (timers_run == 1)
		softirq_raise(SOFTIRQ_SCHED);
}

static void on_sched(void)
{
	sched_run_count++;
}

static unsigned int poked = 99;

static void note_poke(unsigned int cpu)
{
	poked = cpu;
}

static void softirqs_run_until_none_is_left(void **state)
{
	(void)state;
	softirq_set_handler(SOFTIRQ_TIMER, on_timer);
	softirq_set_handler(SOFTIRQ_SCHED, on_sched);
	softirq_raise(SOFTIRQ_TIMER);
	assert_true(softirq_pending());
	softirq_run();
	assert_int_equal(timers_run, 1);
	assert_int_equal(sched_run_count, 1);
	assert_false(softirq_pending());
}

static void another_cpu_is_poked_once(void **state)
{
	(void)state;
	softirq_poke = note_poke;
	softirq_raise_on(3, SOFTIRQ_SCHED);
	assert_int_equal(poked, 3);
	poked = 99;
	softirq_raise_on(3, SOFTIRQ_SCHED);
	assert_int_equal(poked, 99);
	assert_true(cpu_info_of(3)->softirqs);
	assert_false(softirq_pending());
	softirq_poke = NULL;
}

static void window_raises(void)
{
	softirq_raise(SOFTIRQ_SCHED);
}

static void the_window_lets_interrupts_in(void **state)
{
	(void)state;
	assert_false(irq_window());
	fake.window = window_raises;
	assert_true(irq_window());
	fake.window = NULL;
	softirq_run();
	spin_lock(&heap);
	assert_stops((void)irq_window());
	spin_unlock(&heap);
}

static void a_flush_clears_what_was_before_it(void **state)
{
	uint32_t before, after;

	(void)state;
	fake_cpu = 0;
	cpus_online = 3;
	before = tlb_now();
	assert_int_equal(tlb_filter(3, before), 3);
	tlb_flush_local();
	after = tlb_now();
	assert_int_equal(tlb_filter(3, before), 2);
	assert_int_equal(tlb_filter(1, after), 1);
	fake_cpu = 1;
	tlb_flush_local();
	fake_cpu = 0;
	assert_int_equal(tlb_filter(3, before), 0);
	assert_int_equal(tlb_filter(3, after), 1);
	cpus_online = 1;
}

static cpumask_t remote_mask;
static uint64_t remote_va;

static void note_remote(cpumask_t mask, uint64_t va)
{
	remote_mask = mask;
	remote_va = va;
}

static void only_running_cpus_are_asked_to_flush(void **state)
{
	unsigned int loads = fake.cr3_loads;

	(void)state;
	cpus_online = 7;
	tlb_remote_hook = note_remote;
	tlb_flush_mask(0xff);
	assert_int_equal(remote_mask, 6);
	assert_int_equal(remote_va, TLB_ALL);
	assert_int_equal(fake.cr3_loads, loads + 1);
	tlb_flush_one_mask(2, 0x1000);
	assert_int_equal(remote_mask, 2);
	assert_int_equal(remote_va, 0x1000);
	assert_int_equal(fake.invlpgs, 0);
	tlb_remote_hook = NULL;
	cpus_online = 1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(locks_are_taken_in_order_only),
		cmocka_unit_test(two_of_a_rank_only_together),
		cmocka_unit_test(trying_does_not_wait),
		cmocka_unit_test(tickets_survive_their_wrap),
		cmocka_unit_test(giving_back_what_is_not_held_stops),
		cmocka_unit_test(who_spins_answers_others),
		cmocka_unit_test(softirqs_run_until_none_is_left),
		cmocka_unit_test(another_cpu_is_poked_once),
		cmocka_unit_test(the_window_lets_interrupts_in),
		cmocka_unit_test(a_flush_clears_what_was_before_it),
		cmocka_unit_test(only_running_cpus_are_asked_to_flush),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
