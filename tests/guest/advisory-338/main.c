// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 338: a port that had been valid stopped being so, and somebody still held it.
 *
 * Rule: after a reset of all channels old ports are free, not gone: operations on them give an
 * errno, new ones can be had. Provocation: many ports, EVTCHNOP_reset of ourselves, every operation
 * on the old numbers. FAIL on success of one, or if no new port can be had.
 */
#include "rt.h"

void test_main(void)
{
	struct evtchn_reset r = { .dom = DOMID_SELF };
	evtchn_port_t ports[100];
	unsigned int n = 0;
	long rc;

	for (; n < 100; n++) {
		struct evtchn_alloc_unbound a = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF };

		if (event_op(EVTCHNOP_alloc_unbound, &a))
			break;
		ports[n] = a.port;
	}
	expect_eq(n, 100, "ports to be had");
	rc = event_op(EVTCHNOP_reset, &r);
	note("reset: %ld", rc);
	if (!rc) {
		for (unsigned int i = 0; i < n; i++) {
			expect_refused(port_send(ports[i]), "send to an old port");
			expect_refused(port_close(ports[i]), "close of an old port");
		}
	}
	r.dom = 0x1234;
	expect_refused(event_op(EVTCHNOP_reset, &r), "reset of nobody");
	{
		unsigned int port = port_bind_ipi(0), before = event_count[port];

		events_unmask();
		expect_eq(port_send(port), 0, "send to a new port");
		expect_eq(event_count[port], before + 1, "the event");
		events_mask();
	}
}
