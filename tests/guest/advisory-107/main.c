// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 107: FIFO event channels with no control block to keep them in.
 *
 * Rule: FIFO operations before, after and without init_control are refused or work; two-level
 * delivery goes on. Provocation: expand_array and set_priority with no control block, init_control
 * with bad frames, offsets and vcpus; then an event. FAIL if the event is lost without FIFO having
 * been accepted.
 */
#include "rt.h"

void test_main(void)
{
	struct evtchn_init_control init = { .control_gfn = ~0ull >> 12, .offset = 0, .vcpu = 0 };
	struct evtchn_expand_array expand = { .array_gfn = mfn_of(page_alloc()) };
	struct evtchn_set_priority prio = { .port = 1, .priority = 3 };
	unsigned int port = port_bind_ipi(0), n;

	expect_refused(event_op(EVTCHNOP_expand_array, &expand),
		       "expand_array without a control block");
	event_op(EVTCHNOP_set_priority, &prio);
	prio.port = ~0u;
	expect_refused(event_op(EVTCHNOP_set_priority, &prio), "the priority of port ~0");
	prio.port = port;
	prio.priority = 99;
	event_op(EVTCHNOP_set_priority, &prio);
	expect_refused(event_op(EVTCHNOP_init_control, &init), "a control block in no frame");
	init.control_gfn = mfn_of((void *)si->pt_base);
	expect_refused(event_op(EVTCHNOP_init_control, &init), "a control block in a page table");
	init.control_gfn = mfn_of(page_alloc());
	init.offset = 4095;
	expect_refused(event_op(EVTCHNOP_init_control, &init), "a control block across a page");
	init.offset = 4;
	expect_refused(event_op(EVTCHNOP_init_control, &init), "a control block not aligned");
	init.offset = 0;
	init.vcpu = 99;
	expect_refused(event_op(EVTCHNOP_init_control, &init), "a control block of vcpu 99");
	n = event_count[port];
	events_unmask();
	expect_eq(port_send(port), 0, "send");
	expect_eq(event_count[port], n + 1, "the event");
	events_mask();
}
