// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 221: operations on ports of which there was no record.
 *
 * Rule: a port number, however large, is a record that exists or an errno. Provocation: every
 * operation that takes a port, with ports at every power of two. FAIL on success.
 */
#include "rt.h"

void test_main(void)
{
	for (unsigned int bit = 10; bit < 33; bit++) {
		evtchn_port_t port = bit == 32 ? ~0u : 1u << bit;
		struct evtchn_status s = { .dom = DOMID_SELF, .port = port };
		struct evtchn_bind_vcpu b = { .port = port };
		struct evtchn_bind_interdomain i = { .remote_dom = 0, .remote_port = port };
		struct evtchn_set_priority p = { .port = port };
		struct sched_poll poll = { .nr_ports = 1, .timeout = 1 };
		evtchn_port_t list[1] = { port };

		expect_refused(port_send(port), "send");
		expect_refused(port_close(port), "close");
		expect_refused(port_unmask(port), "unmask");
		expect_refused(event_op(EVTCHNOP_status, &s), "status");
		expect_refused(event_op(EVTCHNOP_bind_vcpu, &b), "bind_vcpu");
		expect_refused(event_op(EVTCHNOP_bind_interdomain, &i), "bind_interdomain");
		expect_refused(event_op(EVTCHNOP_set_priority, &p), "set_priority");
		set_xen_guest_handle(poll.ports, list);
		if (port >= 4096)
			expect_refused(sched_op(SCHEDOP_poll, &poll), "poll");
		else
			sched_op(SCHEDOP_poll, &poll);
	}
}
