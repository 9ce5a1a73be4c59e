// SPDX-License-Identifier: GPL-2.0-only
/*
 * A second vcpu of the domain: brought up, spoken to, taken down, brought up again.
 *
 * Rule: after initialise and up it runs in the kernel's ring from the context given, on the page
 * tables given; events bound to it reach it and its own shared_info; both have time that agrees;
 * down stops it.
 */
#include "rt.h"

static volatile word heard, cs_there, ticks, stop;
static unsigned int port;

static void second(word arg)
{
	cs_there = read_cs();
	heard = arg;
	while (!stop) {
		ticks++;
		if (shared->vcpu_info[1].evtchn_upcall_pending && port_pending(port)) {
			port_clear(port);
			shared->vcpu_info[1].evtchn_upcall_pending = 0;
			heard = 0x99;
		}
		sched_op(SCHEDOP_yield, NULL);
	}
	stop = 2;
}

static bool wait_for(volatile word *what, word value)
{
	uint64_t until = system_time() + 3000000000ull;

	while (*what != value && system_time() < until)
		sched_op(SCHEDOP_yield, NULL);
	return *what == value;
}

static void round_(word mark)
{
	word t;

	stop = 0;
	expect(wait_for(&heard, mark), "vcpu 1 did not start: heard %#lx", heard);
	expect_eq(cs_there & 3, WIDE ? 3 : 1, "its ring");
	expect_eq(vcpu_op(VCPUOP_is_up, 1, NULL), 1, "is_up of 1");
	t = ticks;
	while (ticks == t && heard == mark)
		sched_op(SCHEDOP_yield, NULL);
	expect_eq(port_send(port), 0, "send to the port bound to it");
	expect(wait_for(&heard, 0x99), "the event did not reach vcpu 1");
	stop = 1;
	expect(wait_for(&stop, 2), "vcpu 1 does not stop");
	{
		uint64_t until = system_time() + 3000000000ull;

		while (vcpu_op(VCPUOP_is_up, 1, NULL) && system_time() < until)
			sched_op(SCHEDOP_yield, NULL);
	}
	expect_eq(vcpu_op(VCPUOP_is_up, 1, NULL), 0, "is_up of 1 after down");
}

void test_main(void)
{
	long rc = vcpu_op(VCPUOP_is_up, 1, NULL);
	struct vcpu_runstate_info run = { 0 };

	if (rc == -XENOENT) {
		test_skip("the domain has one vcpu only");
		return;
	}
	port = port_bind_ipi(1);
	expect_eq(vcpu_start(1, second, 0x42), 0, "vcpu_start");
	expect_refused(vcpu_op(VCPUOP_initialise, 1, vcpu_context(1, second, 0x42)),
		       "initialise of a running vcpu");
	round_(0x42);
	expect_eq(vcpu_op(VCPUOP_get_runstate_info, 1, &run), 0, "its runstate");
	expect_eq(run.state, RUNSTATE_offline, "its state");
	expect(run.time[RUNSTATE_running], "it never ran");
	/* A vcpu that went down comes up where it stopped: in second_start's loop, which calls down
	 * again. */
	expect_eq(vcpu_op(VCPUOP_up, 1, NULL), 0, "up again");
	for (int i = 0; i < 100; i++)
		sched_op(SCHEDOP_yield, NULL);
	expect_eq(vcpu_op(VCPUOP_is_up, 1, NULL), 0, "is_up of 1 in the end");
}
