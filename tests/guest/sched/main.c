// SPDX-License-Identifier: GPL-2.0-only
/*
 * sched_op, new and old: yield, block, poll and what is refused. (The timers test has the waiting.)
 *
 * Rule: yield returns 0; block with an event waiting returns at once, with upcalls open; unknown
 * operations give -ENOSYS; the old call takes its argument by value.
 */
#include "rt.h"

void test_main(void)
{
	unsigned int port = port_bind_ipi(0), n = event_count[port];
	struct sched_poll p = { .nr_ports = 2 };
	evtchn_port_t ports[2] = { port, 0xffffffff };
	struct sched_remote_shutdown rs = { .domain_id = 0x1234, .reason = 1 };
	struct sched_watchdog w = { .id = 55, .timeout = 1 };

	expect_eq(sched_op(SCHEDOP_yield, NULL), 0, "yield");
	expect_eq(hcall2(__HYPERVISOR_sched_op_compat, SCHEDOP_yield, 0), 0, "old yield");
	events_mask();
	port_send(port);
	expect_eq(sched_op(SCHEDOP_block, NULL), 0, "block with an event waiting");
	expect_eq(vinfo->evtchn_upcall_mask, 0, "the mask after block");
	expect_eq(event_count[port], n + 1, "upcalls by the time block returned");
	events_mask();
	port_send(port);
	expect_eq(hcall2(__HYPERVISOR_sched_op_compat, SCHEDOP_block, 0), 0,
		  "old block with an event waiting");
	expect_eq(event_count[port], n + 2, "upcalls by the time it returned");
	events_mask();

	set_xen_guest_handle(p.ports, ports);
	expect_refused(sched_op(SCHEDOP_poll, &p), "poll of a port that cannot be");
	p.nr_ports = 0xffffffff;
	expect_refused(sched_op(SCHEDOP_poll, &p), "poll of 2^32-1 ports");
	set_xen_guest_handle(p.ports, (evtchn_port_t *)8);
	p.nr_ports = 1;
	expect_refused(sched_op(SCHEDOP_poll, &p), "poll of a list at address 8");
	expect_eq(sched_op(SCHEDOP_poll, (void *)8), -XEFAULT, "poll with arguments at address 8");
	expect_eq(sched_op(SCHEDOP_shutdown, (void *)8), -XEFAULT,
		  "shutdown with arguments at address 8");
	expect_refused(sched_op(SCHEDOP_remote_shutdown, &rs), "remote shutdown of nobody");
	expect_refused(sched_op(SCHEDOP_watchdog, &w), "watchdog 55");
	expect_eq(sched_op(999, NULL), -XENOSYS, "sched_op 999");
	expect_eq(hcall2(__HYPERVISOR_sched_op_compat, 999, 0), -XENOSYS, "old sched_op 999");
	port_close(port);
}
