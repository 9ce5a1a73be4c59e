// SPDX-License-Identifier: GPL-2.0-only
/*
 * Timers: the one-shot of set_timer_op and of vcpu_op, the periodic one, and time itself.
 *
 * Rule: VIRQ_TIMER comes at or after the time asked for, never before; a time in the past comes at
 * once; a stopped timer does not come; a vcpu that blocks wakes for it; time never runs backwards.
 */
#include "rt.h"

#define MS	1000000ull

static unsigned int port;

static void fires(const char *what, long rc, uint64_t when)
{
	unsigned int before = event_count[port];

	expect_eq(rc, 0, what);
	if (!port_wait(port, before, 2000)) {
		test_fail("%s: no event within two seconds", what);
		return;
	}
	expect(system_time() >= when, "%s: %lld ns early", what, (long long)(when - system_time()));
}

static void one_shots(void)
{
	struct vcpu_set_singleshot_timer t = { 0 };
	unsigned int n;

	t.timeout_abs_ns = system_time() + 5 * MS;
	fires("set_timer_op", set_timer_op(t.timeout_abs_ns), t.timeout_abs_ns);
	t.timeout_abs_ns = system_time() + 5 * MS;
	fires("set_singleshot_timer", vcpu_op(VCPUOP_set_singleshot_timer, 0, &t),
	      t.timeout_abs_ns);
	t.timeout_abs_ns = system_time() - 5 * MS;
	fires("a time in the past", vcpu_op(VCPUOP_set_singleshot_timer, 0, &t), 0);
	t.timeout_abs_ns = system_time() - 5 * MS;
	t.flags = VCPU_SSHOTTMR_future;
	n = vcpu_op(VCPUOP_set_singleshot_timer, 0, &t);
	if (n)
		expect_eq((int)n, -XETIME, "a time in the past, with the future flag");
	else
		port_wait(port, event_count[port], 100);	/* the flag may be ignored */
	t.flags = 0;
	t.timeout_abs_ns = system_time() + 5 * MS;
	expect_eq(vcpu_op(VCPUOP_set_singleshot_timer, 0, &t), 0, "set");
	expect_eq(vcpu_op(VCPUOP_stop_singleshot_timer, 0, NULL), 0, "stop");
	n = event_count[port];
	expect(!port_wait(port, n, 20), "a stopped timer came (%lld)",
	       (long long)(system_time() - t.timeout_abs_ns));
	expect_refused(vcpu_op(VCPUOP_set_singleshot_timer, 99, &t), "the timer of vcpu 99");
}

static void periodic(void)
{
	struct vcpu_set_periodic_timer t = { .period_ns = 2 * MS };
	unsigned int n = event_count[port];
	uint64_t start = system_time();

	expect_refused(vcpu_op(VCPUOP_set_periodic_timer, 0,
			       &(struct vcpu_set_periodic_timer){ .period_ns = 1000 }),
		       "a period of a microsecond");
	expect_eq(vcpu_op(VCPUOP_set_periodic_timer, 0, &t), 0, "set_periodic_timer");
	while (event_count[port] < n + 4 && system_time() - start < 2000 * MS)
		port_wait(port, event_count[port], 500);
	expect(event_count[port] >= n + 4, "%u ticks of 2 ms in two seconds",
	       event_count[port] - n);
	expect(system_time() - start >= 6 * MS, "four ticks of 2 ms in %llu ns",
	       (unsigned long long)(system_time() - start));
	expect_eq(vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL), 0, "stop");
	port_wait(port, event_count[port], 5);
	n = event_count[port];
	expect(!port_wait(port, n, 20), "a stopped periodic timer came");
}

static void block_until(void)
{
	uint64_t when = system_time() + 10 * MS;
	unsigned int n = event_count[port];

	expect_eq(set_timer_op(when), 0, "set");
	expect_eq(sched_op(SCHEDOP_block, NULL), 0, "block");
	expect(system_time() >= when, "woken early");
	/* block opens the mask as it goes to sleep */
	expect_eq(vinfo->evtchn_upcall_mask, 0, "mask after block");
	expect_eq(event_count[port], n + 1, "upcalls by the time block returned");
	events_mask();
}

static void poll(void)
{
	struct sched_poll p = { .nr_ports = 1, .timeout = system_time() + 10 * MS };
	evtchn_port_t ports[1] = { port_bind_ipi(0) };

	port_mask(ports[0]);
	set_xen_guest_handle(p.ports, ports);
	expect_eq(sched_op(SCHEDOP_poll, &p), 0, "poll");
	expect(system_time() >= p.timeout, "poll returned before its time, with nothing pending");
	port_send(ports[0]);
	p.timeout = system_time() + 60000 * MS;
	expect_eq(sched_op(SCHEDOP_poll, &p), 0, "poll of a pending port");
	expect(system_time() < p.timeout, "poll of a pending port slept");
	port_close(ports[0]);
	p.nr_ports = 1000;
	expect_refused(sched_op(SCHEDOP_poll, &p), "poll of 1000 ports");
}

static void time_itself(void)
{
	uint64_t then = system_time(), now, tsc = rdtsc();

	for (int i = 0; i < 20000; i++) {
		now = system_time();
		if (now < then) {
			test_fail("time ran back from %llu to %llu", (unsigned long long)then,
				  (unsigned long long)now);
			break;
		}
		then = now;
		if (!(i % 1000))
			sched_op(SCHEDOP_yield, NULL);
	}
	expect(rdtsc() > tsc, "the time stamp counter stands");
	expect(shared->wc_sec > 1000000000u, "the wall clock says %u", shared->wc_sec);
	expect(!(shared->wc_version & 1), "wc_version is odd");
	expect(!(vinfo->time.version & 1), "time.version is odd");
}

void test_main(void)
{
	port = port_bind_virq(VIRQ_TIMER, 0);
	vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL);
	port_wait(port, event_count[port], 20); /* a tick that had come already */
	time_itself();
	one_shots();
	periodic();
	block_until();
	poll();
}
