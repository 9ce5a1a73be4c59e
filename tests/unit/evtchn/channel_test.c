// SPDX-License-Identifier: GPL-2.0-only
// sources: guest/world.c guest/domain.c guest/vcpu.c guest/access.c guest/shared.c guest/pvclock.c sched/sched.c evtchn/channel.c evtchn/op.c evtchn/virq.c evtchn/vtimer.c grant/table.c grant/map.c grant/copy.c grant/op.c compat/grant.c paging/type.c paging/table.c paging/pte.c paging/update.c paging/base.c paging/teardown.c paging/segdesc.c paging/m2p.c mem/frame.c
/* Event channels: who may make which port, who hears, and what is left when one end goes. */
#include "guest/world.h"

#define ARG	GUEST_AT(0x100)

static int setup64(void **state)
{
	*state = world_new(false);
	return 0;
}

static int setup32(void **state)
{
	*state = world_new(true);
	return 0;
}

static int teardown(void **state)
{
	world_free(*state);
	return 0;
}

/* --- asking as a guest does --- */

static int64_t ask(unsigned int cmd, void *req, size_t bytes)
{
	int64_t rc;

	memcpy(fake_guest_at(ARG), req, bytes);
	rc = call(hc_event_channel_op, cmd, ARG, 0);
	memcpy(req, fake_guest_at(ARG), bytes);
	return rc;
}

static uint32_t unbound(struct domain *d, domid_t remote)
{
	struct evtchn_alloc_unbound req = { .dom = DOMID_SELF, .remote_dom = remote };

	world_as(d->vcpu[0]);
	assert_int_equal(ask(EVTCHNOP_alloc_unbound, &req, sizeof(req)), 0);
	return req.port;
}

static int64_t bind(struct domain *d, domid_t remote, uint32_t port, uint32_t *mine)
{
	struct evtchn_bind_interdomain req = { .remote_dom = remote, .remote_port = port };
	int64_t rc;

	world_as(d->vcpu[0]);
	rc = ask(EVTCHNOP_bind_interdomain, &req, sizeof(req));
	*mine = req.local_port;
	return rc;
}

static int64_t bind_virq(struct domain *d, uint32_t virq, uint32_t vcpu, uint32_t *port)
{
	struct evtchn_bind_virq req = { .virq = virq, .vcpu = vcpu };
	int64_t rc;

	world_as(d->vcpu[0]);
	rc = ask(EVTCHNOP_bind_virq, &req, sizeof(req));
	*port = req.port;
	return rc;
}

static int64_t send(struct domain *d, uint32_t port)
{
	struct evtchn_send req = { port };

	world_as(d->vcpu[0]);
	return ask(EVTCHNOP_send, &req, sizeof(req));
}

static int64_t close_port(struct domain *d, uint32_t port)
{
	struct evtchn_close req = { port };

	world_as(d->vcpu[0]);
	return ask(EVTCHNOP_close, &req, sizeof(req));
}

static uint32_t state_of(struct domain *d, uint32_t port)
{
	return port_lookup(d, port)->state;
}

/* a and b talk: *pa and *pb are the two ends, nothing pending on either. */
static void connect(struct world *w, uint32_t *pa, uint32_t *pb)
{
	*pa = unbound(w->a, w->b->id);
	assert_int_equal(bind(w->b, w->a->id, *pa, pb), 0);
	assert_true(pending(w->b, *pb));	/* what came too early is not lost */
	take(w->b, w->b->vcpu[0], *pb);
}

/* --- two domains --- */

static void events_go_both_ways(void **state)
{
	struct world *w = *state;
	uint32_t pa, pb;

	connect(w, &pa, &pb);
	assert_int_equal(send(w->a, pa), 0);
	assert_true(pending(w->b, pb));
	assert_true(test_bit(pb / shared_word_bits(w->b), vcpu_pending_sel(w->b->vcpu[0])));
	assert_int_equal(*vcpu_upcall_pending(w->b->vcpu[0]), 1);
	assert_false(pending(w->a, pa));
	assert_int_equal(send(w->b, pb), 0);
	assert_true(pending(w->a, pa));
}

static void a_masked_event_waits_for_unmask(void **state)
{
	struct world *w = *state;
	struct evtchn_unmask req;
	uint32_t pa, pb;

	connect(w, &pa, &pb);
	set_bit(pb, shared_evtchn_mask(w->b));
	assert_int_equal(send(w->a, pa), 0);
	assert_true(pending(w->b, pb));
	assert_int_equal(*vcpu_upcall_pending(w->b->vcpu[0]), 0);
	world_as(w->b->vcpu[0]);
	req.port = pb;
	assert_int_equal(ask(EVTCHNOP_unmask, &req, sizeof(req)), 0);
	assert_false(test_bit(pb, shared_evtchn_mask(w->b)));
	assert_int_equal(*vcpu_upcall_pending(w->b->vcpu[0]), 1);
}

static void only_the_named_domain_may_bind(void **state)
{
	struct world *w = *state;
	uint32_t pa = unbound(w->a, w->dom0->id), mine;

	assert_int_equal(bind(w->b, w->a->id, pa, &mine), -EINVAL);
	assert_int_equal(state_of(w->a, pa), EVTCHNSTAT_unbound);
	assert_int_equal(bind(w->b, w->a->id, 999, &mine), -EINVAL);
	assert_int_equal(bind(w->b, 77, pa, &mine), -ESRCH);
	assert_int_equal(w->b->evtchn->count, 0);
	/* A pair is a pair: a third cannot join. */
	assert_int_equal(bind(w->dom0, w->a->id, pa, &mine), 0);
	assert_int_equal(bind(w->dom0, w->a->id, pa, &mine), -EINVAL);
}

static void a_closed_end_leaves_the_other_waiting(void **state)
{
	struct world *w = *state;
	uint32_t pa, pb, again;

	connect(w, &pa, &pb);
	assert_int_equal(close_port(w->a, pa), 0);
	assert_int_equal(state_of(w->a, pa), EVTCHNSTAT_closed);
	assert_int_equal(state_of(w->b, pb), EVTCHNSTAT_unbound);
	assert_true(pending(w->b, pb));		/* it is told */
	assert_int_equal(send(w->b, pb), 0);	/* to nobody */
	assert_int_equal(bind(w->a, w->b->id, pb, &again), 0);
	assert_int_equal(close_port(w->a, pa == again ? pa : again), 0);
	assert_int_equal(close_port(w->a, again), -EINVAL);
}

static void a_domain_can_talk_to_itself(void **state)
{
	struct world *w = *state;
	uint32_t one = unbound(w->a, DOMID_SELF), two;

	assert_int_equal(bind(w->a, DOMID_SELF, one, &two), 0);
	assert_int_equal(send(w->a, one), 0);
	assert_true(pending(w->a, two));
	assert_int_equal(close_port(w->a, two), 0);
	assert_int_equal(state_of(w->a, one), EVTCHNSTAT_unbound);
}

static void a_dying_domain_cannot_be_bound(void **state)
{
	struct world *w = *state;
	uint32_t pa = unbound(w->a, w->b->id), mine;

	w->a->life = DOMAIN_DYING;
	assert_int_equal(bind(w->b, w->a->id, pa, &mine), -ESRCH);
	assert_int_equal(w->b->evtchn->count, 0);
	w->a->life = DOMAIN_ALIVE;
}

static void death_closes_everything_and_can_be_interrupted(void **state)
{
	struct world *w = *state;
	struct hcall h = { .d = w->dom0, .v = w->dom0->vcpu[0] };
	uint32_t pa[5], pb[5];
	unsigned int rounds = 0;

	for (unsigned int i = 0; i < 5; i++)
		connect(w, &pa[i], &pb[i]);
	w->a->life = DOMAIN_DYING;
	budget = 1;
	while (evtchn_relinquish(w->a, &h) == HC_RESTART)
		rounds++;
	budget = 0;
	assert_true(rounds >= 4);
	assert_int_equal(w->a->evtchn->count, 0);
	for (unsigned int i = 0; i < 5; i++)
		assert_int_equal(state_of(w->b, pb[i]), EVTCHNSTAT_unbound);
}

/* --- ports --- */

static void ports_end_where_the_width_says(void **state)
{
	struct world *w = *state;
	uint32_t limit = shared_max_ports(w->a);
	struct evtchn_alloc_unbound req = { .dom = DOMID_SELF, .remote_dom = 0 };

	assert_int_equal(limit, w->a->is_32bit ? 1024 : 4096);
	for (uint32_t port = 1; port < limit; port++)
		assert_int_equal(unbound(w->a, 0), port);
	assert_int_equal(ask(EVTCHNOP_alloc_unbound, &req, sizeof(req)), -ENOSPC);
	assert_int_equal(close_port(w->a, 77), 0);
	assert_int_equal(unbound(w->a, 0), 77);
	assert_null(port_lookup(w->a, EVTCHN_MAX_PORTS));
	assert_null(port_lookup(w->a, UINT32_MAX));
	assert_int_equal(evtchn_send(w->a, 0), -EINVAL);
	assert_int_equal(evtchn_unmask(w->a, 0), -EINVAL);
	assert_int_equal(close_port(w->a, 0), -EINVAL);
	assert_int_equal(evtchn_is_pending(w->a, 0), -EINVAL);
}

static void the_tools_limit_counts(void **state)
{
	struct world *w = *state;
	struct evtchn_alloc_unbound req = { .dom = DOMID_SELF, .remote_dom = 0 };

	w->a->max_evtchn_port = 3;
	for (uint32_t port = 1; port <= 3; port++)
		assert_int_equal(unbound(w->a, 0), port);
	assert_int_equal(ask(EVTCHNOP_alloc_unbound, &req, sizeof(req)), -ENOSPC);
}

static void a_new_port_has_no_old_event(void **state)
{
	struct world *w = *state;
	uint32_t pa, pb;

	connect(w, &pa, &pb);
	assert_int_equal(send(w->a, pa), 0);
	assert_int_equal(close_port(w->b, pb), 0);
	assert_int_equal(unbound(w->b, 0), pb);
	assert_false(pending(w->b, pb));
}

static void others_tables_are_the_control_domains_only(void **state)
{
	struct world *w = *state;
	struct evtchn_alloc_unbound req = { .dom = w->b->id, .remote_dom = w->a->id };
	struct evtchn_status st = { .dom = w->b->id, .port = 1 };

	world_as(w->a->vcpu[0]);
	assert_int_equal(ask(EVTCHNOP_alloc_unbound, &req, sizeof(req)), -EPERM);
	assert_int_equal(ask(EVTCHNOP_status, &st, sizeof(st)), -EPERM);
	assert_int_equal(w->b->evtchn->count, 0);
	world_as(w->dom0->vcpu[0]);
	assert_int_equal(ask(EVTCHNOP_alloc_unbound, &req, sizeof(req)), 0);
	assert_int_equal(ask(EVTCHNOP_status, &st, sizeof(st)), 0);
	assert_int_equal(st.status, EVTCHNSTAT_unbound);
	assert_int_equal(st.u.unbound.dom, w->a->id);
}

static void an_answer_that_cannot_be_written_leaves_no_port(void **state)
{
	struct world *w = *state;
	struct evtchn_bind_ipi req = { .vcpu = 0 };

	world_as(w->a->vcpu[0]);
	assert_int_equal(call(hc_event_channel_op, EVTCHNOP_bind_ipi, 0x1000, 0), -EFAULT);
	assert_int_equal(w->a->evtchn->count, 0);
	assert_int_equal(ask(EVTCHNOP_bind_ipi, &req, sizeof(req)), 0);
	assert_int_equal(w->a->evtchn->count, 1);
}

/* --- vcpus --- */

static void an_ipi_reaches_its_vcpu(void **state)
{
	struct world *w = *state;
	struct evtchn_bind_ipi req = { .vcpu = 1 };
	struct evtchn_bind_vcpu move = { .vcpu = 0 };

	assert_int_equal(ask(EVTCHNOP_bind_ipi, &req, sizeof(req)), 0);
	assert_int_equal(send(w->a, req.port), 0);
	assert_int_equal(*vcpu_upcall_pending(w->a->vcpu[1]), 1);
	assert_int_equal(*vcpu_upcall_pending(w->a->vcpu[0]), 0);
	move.port = req.port;
	assert_int_equal(ask(EVTCHNOP_bind_vcpu, &move, sizeof(move)), -EINVAL);
	req.vcpu = 2;
	assert_int_equal(ask(EVTCHNOP_bind_ipi, &req, sizeof(req)), -ENOENT);
}

static void a_moved_port_is_heard_elsewhere(void **state)
{
	struct world *w = *state;
	struct evtchn_bind_vcpu move = { .vcpu = 1 };
	uint32_t pa, pb;

	connect(w, &pa, &pb);
	world_as(w->b->vcpu[0]);
	move.port = pb;
	assert_int_equal(ask(EVTCHNOP_bind_vcpu, &move, sizeof(move)), 0);
	assert_int_equal(send(w->a, pa), 0);
	assert_int_equal(*vcpu_upcall_pending(w->b->vcpu[1]), 1);
	assert_int_equal(*vcpu_upcall_pending(w->b->vcpu[0]), 0);
	move.vcpu = 7;
	world_as(w->b->vcpu[0]);
	assert_int_equal(ask(EVTCHNOP_bind_vcpu, &move, sizeof(move)), -ENOENT);
}

static void everything_pending_is_raised_again_after_a_move(void **state)
{
	struct world *w = *state;
	struct vcpu *v = w->a->vcpu[0];
	struct frame *f = frame_new(w->a);

	assert_int_equal(vcpu_info_register(v, gfn(frame_mfn(f).n), 0x40), 0);
	evtchn_raise_all(v);
	assert_int_equal(*vcpu_upcall_pending(v), 1);
	for (unsigned int i = 0; i < shared_word_bits(w->a); i++)
		assert_true(test_bit(i, vcpu_pending_sel(v)));
	assert_ptr_equal((void *)v->info, (uint8_t *)frame_map(f) + 0x40);
}

/* --- virtual interrupts --- */

static void a_virq_is_bound_once(void **state)
{
	struct world *w = *state;
	uint32_t port, other;

	assert_int_equal(bind_virq(w->a, VIRQ_TIMER, 1, &port), 0);
	assert_int_equal(bind_virq(w->a, VIRQ_TIMER, 1, &other), -EEXIST);
	virq_send_vcpu(w->a->vcpu[1], VIRQ_TIMER);
	assert_true(pending(w->a, port));
	assert_int_equal(*vcpu_upcall_pending(w->a->vcpu[1]), 1);
	assert_int_equal(send(w->a, port), -EINVAL);
	assert_int_equal(close_port(w->a, port), 0);
	virq_send_vcpu(w->a->vcpu[1], VIRQ_TIMER);
	assert_false(pending(w->a, port));
	assert_int_equal(bind_virq(w->a, VIRQ_TIMER, 1, &other), 0);
}

static void the_machines_virqs_are_the_control_domains(void **state)
{
	struct world *w = *state;
	struct evtchn_bind_vcpu move = { .vcpu = 0 };
	uint32_t port;

	assert_int_equal(bind_virq(w->a, VIRQ_DOM_EXC, 0, &port), -EPERM);
	assert_int_equal(bind_virq(w->a, NR_VIRQS, 0, &port), -EINVAL);
	assert_int_equal(bind_virq(w->a, VIRQ_TIMER, 2, &port), -ENOENT);
	assert_int_equal(w->a->evtchn->count, 0);
	assert_int_equal(bind_virq(w->dom0, VIRQ_DOM_EXC, 0, &port), 0);
	virq_send_global(VIRQ_DOM_EXC);
	assert_true(pending(w->dom0, port));
	move.port = port;
	assert_int_equal(ask(EVTCHNOP_bind_vcpu, &move, sizeof(move)), 0);
}

static void a_pirq_that_cannot_be_had_leaves_no_port(void **state)
{
	struct world *w = *state;
	struct evtchn_bind_pirq req = { .pirq = 5 };

	world_as(w->dom0->vcpu[0]);
	pirq_answer = -EBUSY;
	assert_int_equal(ask(EVTCHNOP_bind_pirq, &req, sizeof(req)), -EBUSY);
	assert_int_equal(w->dom0->evtchn->count, 0);
	pirq_answer = 0;
	assert_int_equal(ask(EVTCHNOP_bind_pirq, &req, sizeof(req)), 0);
	assert_int_equal(pirq_port[5], req.port);
	evtchn_pirq_pending(w->dom0, req.port);
	assert_true(pending(w->dom0, req.port));
	assert_int_equal(close_port(w->dom0, req.port), 0);
	assert_int_equal(pirq_port[5], 0);
}

/* --- the doors --- */

static void the_fifo_interface_is_refused(void **state)
{
	static const unsigned int ops[] = { EVTCHNOP_init_control, EVTCHNOP_expand_array,
					    EVTCHNOP_set_priority, 14, 99, UINT32_MAX };

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(ops); i++)
		assert_int_equal(call(hc_event_channel_op, ops[i], ARG, 0), -ENOSYS);
}

static void early_kernels_ask_with_one_structure(void **state)
{
	struct world *w = *state;
	struct evtchn_op op = { .cmd = EVTCHNOP_bind_virq };

	op.u.bind_virq.virq = VIRQ_TIMER;
	memcpy(fake_guest_at(ARG), &op, sizeof(op));
	assert_int_equal(call(hc_event_channel_op_compat, ARG, 0, 0), 0);
	memcpy(&op, fake_guest_at(ARG), sizeof(op));
	assert_int_equal(state_of(w->a, op.u.bind_virq.port), EVTCHNSTAT_virq);
}

static void reset_closes_all_in_steps(void **state)
{
	struct world *w = *state;
	struct evtchn_reset req = { DOMID_SELF };
	uint32_t pa, pb;

	for (unsigned int i = 0; i < 4; i++)
		connect(w, &pa, &pb);
	world_as(w->a->vcpu[0]);
	budget = 1;
	assert_int_equal(ask(EVTCHNOP_reset, &req, sizeof(req)), 0);
	assert_true(restarts >= 3);
	assert_int_equal(w->a->evtchn->count, 0);
	req.dom = w->b->id;
	assert_int_equal(ask(EVTCHNOP_reset, &req, sizeof(req)), -EPERM);
	assert_int_equal(w->b->evtchn->count, 4);
}

/* A reset that its guest never takes up again must not hide ports from the end of the domain. */
static void death_finds_what_was_opened_behind_a_reset(void **state)
{
	struct world *w = *state;
	struct hcall guest = { .d = w->a, .v = w->a->vcpu[0] };
	struct hcall h = { .d = w->dom0, .v = w->dom0->vcpu[0] };
	uint32_t pa[3], pb[3], late_a, late_b;

	for (unsigned int i = 0; i < 3; i++)
		connect(w, &pa[i], &pb[i]);
	world_as(w->a->vcpu[0]);
	budget = 1;
	assert_int_equal(evtchn_reset(w->a, &guest), HC_RESTART);
	assert_int_equal(evtchn_reset(w->a, &guest), HC_RESTART);
	budget = 0;
	connect(w, &late_a, &late_b);
	assert_int_equal(late_a, pa[0]);

	w->a->life = DOMAIN_DYING;
	assert_int_equal(evtchn_relinquish(w->a, &h), 0);
	assert_int_equal(w->a->evtchn->count, 0);
	assert_int_equal(state_of(w->b, late_b), EVTCHNSTAT_unbound);
}

/* --- timers --- */

static void timers_end_as_events(void **state)
{
	struct world *w = *state;
	struct vcpu *v = w->a->vcpu[0];
	uint32_t port;

	assert_int_equal(bind_virq(w->a, VIRQ_TIMER, 0, &port), 0);
	vtimer_set_singleshot(v, now_ns + 500);
	pass(400);
	assert_false(pending(w->a, port));
	pass(200);
	assert_true(pending(w->a, port));
	take(w->a, v, port);
	pass(10000);
	assert_false(pending(w->a, port));

	vtimer_periodic(v, 2000000);
	for (unsigned int i = 0; i < 3; i++) {
		pass(2000000);
		assert_true(pending(w->a, port));
		take(w->a, v, port);
	}
	vtimer_periodic(v, 0);
	pass(9000000);
	assert_false(pending(w->a, port));
}

#define both(f)	cmocka_unit_test_setup_teardown(f, setup64, teardown), \
		cmocka_unit_test_setup_teardown(f, setup32, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		both(events_go_both_ways),
		both(a_masked_event_waits_for_unmask),
		both(only_the_named_domain_may_bind),
		both(a_closed_end_leaves_the_other_waiting),
		both(a_domain_can_talk_to_itself),
		both(a_dying_domain_cannot_be_bound),
		both(death_closes_everything_and_can_be_interrupted),
		both(ports_end_where_the_width_says),
		both(the_tools_limit_counts),
		both(a_new_port_has_no_old_event),
		both(others_tables_are_the_control_domains_only),
		both(an_answer_that_cannot_be_written_leaves_no_port),
		both(an_ipi_reaches_its_vcpu),
		both(a_moved_port_is_heard_elsewhere),
		both(everything_pending_is_raised_again_after_a_move),
		both(a_virq_is_bound_once),
		both(the_machines_virqs_are_the_control_domains),
		both(a_pirq_that_cannot_be_had_leaves_no_port),
		both(the_fifo_interface_is_refused),
		both(early_kernels_ask_with_one_structure),
		both(reset_closes_all_in_steps),
		both(death_finds_what_was_opened_behind_a_reset),
		both(timers_end_as_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
