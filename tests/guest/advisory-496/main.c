// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 496: a bind that failed undid what belonged to the one that held it.
 *
 * Rule: VIRQs are bound once; a second bind, or one to the wrong vcpu, fails and changes nothing.
 * Provocation: bind VIRQ_TIMER, then in every wrong way; global VIRQs twice. FAIL if the first
 * binding stops working.
 */
#include "rt.h"

void test_main(void)
{
	unsigned int port = port_bind_virq(VIRQ_TIMER, 0), n;
	struct evtchn_bind_virq b = { .virq = VIRQ_TIMER };

	vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL);
	for (int i = 0; i < 50; i++) {
		b = (struct evtchn_bind_virq){ .virq = VIRQ_TIMER };
		expect_eq(event_op(EVTCHNOP_bind_virq, &b), -XEEXIST, "bind VIRQ_TIMER again");
		b = (struct evtchn_bind_virq){ .virq = VIRQ_TIMER, .vcpu = 99 };
		expect_eq(event_op(EVTCHNOP_bind_virq, &b), -XENOENT, "bind it to vcpu 99");
		b = (struct evtchn_bind_virq){ .virq = VIRQ_DOM_EXC, .vcpu = 1 };
		expect_eq(event_op(EVTCHNOP_bind_virq, &b), -XEINVAL,
			  "bind a global VIRQ to vcpu 1");
		b = (struct evtchn_bind_virq){ .virq = ~0u };
		expect_eq(event_op(EVTCHNOP_bind_virq, &b), -XEINVAL, "bind VIRQ ~0");
	}
	n = event_count[port];
	expect_eq(set_timer_op(system_time() + 1000000), 0, "set the timer");
	expect(port_wait(port, n, 1000), "the first binding is dead");
	expect_eq(port_close(port), 0, "close");
	port = port_bind_virq(VIRQ_TIMER, 0);
	n = event_count[port];
	set_timer_op(system_time() + 1000000);
	expect(port_wait(port, n, 1000), "the new binding is dead");
}
