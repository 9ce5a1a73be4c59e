// SPDX-License-Identifier: GPL-2.0-only
// sources: guest/world.c guest/domain.c guest/vcpu.c guest/access.c guest/shared.c guest/pvclock.c sched/sched.c evtchn/channel.c evtchn/op.c evtchn/virq.c evtchn/vtimer.c grant/table.c grant/map.c grant/copy.c grant/op.c compat/grant.c paging/type.c paging/table.c paging/pte.c paging/update.c paging/base.c paging/teardown.c paging/segdesc.c paging/m2p.c mem/frame.c hypercall/sched_op.c compat/sched.c
/* Who runs: turns, sleep and waking, pauses, shutting down, and the accounts of all that. */
#include "guest/world.h"

#include <xen/sched.h>

#include "hypercall/hypercall.h"

#define MS	NS_PER_MS
#define ARG	GUEST_AT(0x100)

static int setup64(void **state)
{
	*state = world_new(false);
	/* Nobody runs yet: the CPU is idle, all are down and their domains paused. */
	world_as(idle_vcpu[0]);
	return 0;
}

static int setup32(void **state)
{
	*state = world_new(true);
	world_as(idle_vcpu[0]);
	return 0;
}

static int teardown(void **state)
{
	world_free(*state);
	return 0;
}

/* Bring vcpu 0 of a domain to life. */
static struct vcpu *start(struct domain *d)
{
	sched_vcpu_up(d->vcpu[0]);
	domain_unpause(d);
	return d->vcpu[0];
}

/* Let time pass until it is this one's turn, at the beginning of its slice. */
static void turn_to(struct vcpu *v)
{
	on_the_way_out();
	for (unsigned int i = 0; i < 100 && current == v; i++)
		pass(1 * MS);
	for (unsigned int i = 0; i < 100 && current != v; i++)
		pass(1 * MS);
	assert_ptr_equal(current, v);
}

static void one_that_is_down_or_paused_does_not_run(void **state)
{
	struct world *w = *state;
	struct vcpu *v = w->a->vcpu[0];

	domain_unpause(w->a);
	on_the_way_out();
	assert_true(current->is_idle);
	sched_vcpu_up(v);
	vcpu_pause_nosync(v);
	vcpu_pause_nosync(v);
	vcpu_unpause(v);
	on_the_way_out();
	assert_true(current->is_idle);
	vcpu_unpause(v);
	on_the_way_out();
	assert_ptr_equal(current, v);
	assert_true(v->running);
	domain_pause_nosync(w->a);
	on_the_way_out();
	assert_true(current->is_idle);
	assert_false(v->running);
}

static void turns_are_taken_in_slices(void **state)
{
	struct world *w = *state;
	struct vcpu *a = start(w->a), *b = start(w->b);
	uint64_t shares[2] = { 0 };

	on_the_way_out();
	for (unsigned int i = 0; i < 200; i++) {
		struct vcpu *ran = current;

		pass(1 * MS);
		shares[ran == b]++;
	}
	assert_in_range(shares[0], 90, 110);
	assert_in_range(vcpu_run_time_ns(a), 90 * MS, 110 * MS);
	assert_int_equal(vcpu_run_time_ns(a) + vcpu_run_time_ns(b), 200 * MS);
}

static void one_alone_goes_on_and_gives_way_to_a_newcomer(void **state)
{
	struct world *w = *state;
	struct vcpu *a = start(w->a), *b;

	on_the_way_out();
	pass(500 * MS);
	assert_ptr_equal(current, a);
	b = start(w->b);
	on_the_way_out();
	assert_ptr_equal(current, b);
	pass(SCHED_SLICE_NS);
	assert_ptr_equal(current, a);
}

static void one_that_waits_for_events_is_served_at_once(void **state)
{
	struct world *w = *state;
	struct vcpu *a = start(w->a), *b = start(w->b);

	turn_to(a);
	pass(1 * MS);
	sched_block(a);
	on_the_way_out();
	assert_ptr_equal(current, b);
	pass(2 * MS);
	evtchn_raise_all(a);
	on_the_way_out();
	assert_ptr_equal(current, a);
	/* What was left of its slice is all it has before the other: then turns again. */
	pass(9 * MS);
	assert_ptr_equal(current, b);
}

static void nobody_sleeps_through_an_event(void **state)
{
	struct world *w = *state;
	struct vcpu *a = start(w->a);

	on_the_way_out();
	*vcpu_upcall_mask(a) = 0;
	*vcpu_upcall_pending(a) = 1;
	sched_block(a);
	on_the_way_out();
	assert_ptr_equal(current, a);
	*vcpu_upcall_pending(a) = 0;
	sched_block(a);
	on_the_way_out();
	assert_true(current->is_idle);
	evtchn_raise_all(a);
	on_the_way_out();
	assert_ptr_equal(current, a);
}

static void yield_lets_the_other_go_first(void **state)
{
	struct world *w = *state;
	struct vcpu *a = start(w->a), *b = start(w->b);

	turn_to(a);
	assert_int_equal(call(hc_sched_op, SCHEDOP_yield, 0, 0), 0);
	on_the_way_out();
	assert_ptr_equal(current, b);
	assert_int_equal(call(hc_sched_op_compat, SCHEDOP_yield, 0, 0), 0);
	on_the_way_out();
	assert_ptr_equal(current, a);
}

static void the_states_times_add_up(void **state)
{
	struct world *w = *state;
	struct vcpu *a = start(w->a), *b = start(w->b);
	struct vcpu_runstate_info r;
	uint64_t began, sum = 0;

	vcpu_runstate(a, &r);
	for (unsigned int i = 0; i < 4; i++)
		sum += r.time[i];
	began = now_ns - sum;
	turn_to(a);
	pass(3 * MS);
	sched_block(a);
	on_the_way_out();
	pass(4 * MS);
	evtchn_raise_all(a);
	on_the_way_out();
	pass(20 * MS);
	vcpu_runstate(a, &r);
	assert_int_equal(r.time[RUNSTATE_blocked], 4 * MS);
	sum = 0;
	for (unsigned int i = 0; i < 4; i++)
		sum += r.time[i];
	assert_int_equal(sum, now_ns - began);
	assert_int_equal(r.time[RUNSTATE_running], vcpu_run_time_ns(a));
	(void)b;
}

static unsigned int stops;

static void count_stop(struct domain *d)
{
	(void)d;
	stops++;
}

static void a_shutdown_stops_all_and_is_said_once(void **state)
{
	struct world *w = *state;
	struct vcpu *a = start(w->a);

	stops = 0;
	domain_stopped_hook = count_stop;
	on_the_way_out();
	assert_ptr_equal(current, a);
	assert_int_equal(call(hc_sched_op_compat, SCHEDOP_shutdown, SHUTDOWN_reboot, 0), 0);
	assert_false(w->a->shut_down);		/* it still runs this very call */
	assert_int_equal(stops, 0);
	domain_crash(w->a, "on the way %u", 1u);
	on_the_way_out();
	assert_true(current->is_idle);
	assert_true(w->a->shut_down);
	assert_int_equal(stops, 1);
	assert_int_equal(w->a->shutdown_code, SHUTDOWN_reboot);
	domain_resume(w->a);
	on_the_way_out();
	assert_ptr_equal(current, a);
	domain_stopped_hook = NULL;
}

/* --- poll --- */

static int64_t poll(struct vcpu *v, uint32_t count, uint64_t timeout)
{
	if (v->domain->is_32bit) {
		struct { uint32_t ports, nr; uint64_t timeout; } req = {
			(uint32_t)GUEST_AT(0x200), count, timeout,
		};

		memcpy(fake_guest_at(ARG), &req, 16);
		return call(hc32_sched_op, SCHEDOP_poll, ARG, 0);
	} else {
		struct sched_poll req = { .nr_ports = count, .timeout = timeout };

		req.ports.p = (void *)GUEST_AT(0x200);
		memcpy(fake_guest_at(ARG), &req, sizeof(req));
		return call(hc_sched_op, SCHEDOP_poll, ARG, 0);
	}
}

static void a_poll_ends_with_its_port_or_its_time(void **state)
{
	struct world *w = *state;
	struct vcpu *a = start(w->a);
	uint32_t *ports = fake_guest_at(GUEST_AT(0x200));
	int port = evtchn_alloc_unbound_for(w->a, 0);

	on_the_way_out();
	ports[0] = (uint32_t)port;
	set_bit((unsigned int)port, shared_evtchn_mask(w->a));
	assert_int_equal(poll(a, 1, 0), 0);
	on_the_way_out();
	assert_true(current->is_idle);
	evtchn_set_pending(a, (uint32_t)port);	/* masked, and yet */
	on_the_way_out();
	assert_ptr_equal(current, a);
	assert_int_equal(poll(a, 1, 0), 0);	/* pending already */
	on_the_way_out();
	assert_ptr_equal(current, a);

	clear_bit((unsigned int)port, shared_evtchn_pending(w->a));
	assert_int_equal(poll(a, 1, now_ns + 5 * MS), 0);
	on_the_way_out();
	assert_true(current->is_idle);
	pass(6 * MS);
	assert_ptr_equal(current, a);
	assert_int_equal(a->pause_flags, 0);
}

static void a_bad_poll_does_not_sleep(void **state)
{
	struct world *w = *state;
	struct vcpu *a = start(w->a);
	uint32_t *ports = fake_guest_at(GUEST_AT(0x200));

	on_the_way_out();
	ports[0] = 3000000;
	assert_int_equal(poll(a, 1, 0), -EINVAL);
	assert_int_equal(poll(a, 129, 0), -EINVAL);
	fake_guest_hole = GUEST_AT(0);
	assert_int_equal(call(hc_sched_op, SCHEDOP_poll, ARG, 0), -EFAULT);
	assert_int_equal(a->pause_flags, 0);
	on_the_way_out();
	assert_ptr_equal(current, a);
}

/* --- watchdogs and others --- */

static int64_t watchdog(uint32_t id, uint32_t seconds)
{
	struct sched_watchdog req = { id, seconds };

	memcpy(fake_guest_at(ARG), &req, sizeof(req));
	return call(hc_sched_op, SCHEDOP_watchdog, ARG, 0);
}

static void a_watchdog_bites_unless_fed(void **state)
{
	struct world *w = *state;

	start(w->a);
	on_the_way_out();
	assert_int_equal(watchdog(0, 0), -EINVAL);
	assert_int_equal(watchdog(1, 5), -EINVAL);
	assert_int_equal(watchdog(0, 2), 1);
	assert_int_equal(watchdog(0, 3), 2);
	assert_int_equal(watchdog(0, 3), -ENOSPC);
	assert_int_equal(watchdog(3, 3), -EINVAL);
	assert_int_equal(watchdog(2, 0), 0);
	pass(1500 * MS);
	assert_int_equal(watchdog(1, 2), 0);
	pass(1500 * MS);
	assert_false(w->a->shutting_down);
	pass(1500 * MS);
	assert_true(w->a->shut_down);
	assert_int_equal(w->a->shutdown_code, SHUTDOWN_watchdog);
}

static void what_is_not_for_guests_is_refused(void **state)
{
	struct world *w = *state;
	struct sched_remote_shutdown req = { 2, SHUTDOWN_crash };

	start(w->a);
	on_the_way_out();
	memcpy(fake_guest_at(ARG), &req, sizeof(req));
	assert_int_equal(call(hc_sched_op, SCHEDOP_remote_shutdown, ARG, 0), -EPERM);
	assert_int_equal(call(hc_sched_op, SCHEDOP_pin_override, ARG, 0), -EPERM);
	assert_int_equal(call(hc_sched_op, 99, ARG, 0), -ENOSYS);
	assert_int_equal(call(hc_sched_op_compat, 3, ARG, 0), -ENOSYS);
	assert_int_equal(call(hc_sched_op, SCHEDOP_shutdown, 0x10, 0), -EFAULT);
	assert_false(w->b->shutting_down);
	assert_false(w->a->shutting_down);
	assert_int_equal(sched_set_affinity(w->a->vcpu[0], 1ul << 40, ~0ul), -EINVAL);
	assert_int_equal(sched_set_affinity(w->a->vcpu[0], 1, ~0ul), 0);
}

#define both(f)	cmocka_unit_test_setup_teardown(f, setup64, teardown), \
		cmocka_unit_test_setup_teardown(f, setup32, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		both(one_that_is_down_or_paused_does_not_run),
		both(turns_are_taken_in_slices),
		both(one_alone_goes_on_and_gives_way_to_a_newcomer),
		both(one_that_waits_for_events_is_served_at_once),
		both(nobody_sleeps_through_an_event),
		both(yield_lets_the_other_go_first),
		both(the_states_times_add_up),
		both(a_shutdown_stops_all_and_is_said_once),
		both(a_poll_ends_with_its_port_or_its_time),
		both(a_bad_poll_does_not_sleep),
		both(a_watchdog_bites_unless_fed),
		both(what_is_not_for_guests_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
