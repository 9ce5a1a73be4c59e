// SPDX-License-Identifier: GPL-2.0-only
/*
 * The event channel call of older guests (slot 16): the command stands in the struct, before the
 * union.
 *
 * Rule: it does what the new call does and gives its results in the union.
 */
#include "rt.h"

static long old_op(struct evtchn_op *op)
{
	return hcall1(__HYPERVISOR_event_channel_op_compat, op);
}

void test_main(void)
{
	struct evtchn_op op = { .cmd = EVTCHNOP_bind_ipi };
	unsigned int port, n;

	expect_eq(old_op(&op), 0, "old bind_ipi");
	port = op.u.bind_ipi.port;
	expect(port && port < 1024, "port %u", port);
	port_unmask_local(port);
	n = event_count[port];
	events_unmask();
	op = (struct evtchn_op){ .cmd = EVTCHNOP_send };
	op.u.send.port = port;
	expect_eq(old_op(&op), 0, "old send");
	expect_eq(event_count[port], n + 1, "upcalls");
	events_mask();
	op = (struct evtchn_op){ .cmd = EVTCHNOP_status };
	op.u.status.dom = DOMID_SELF;
	op.u.status.port = port;
	expect_eq(old_op(&op), 0, "old status");
	expect_eq(op.u.status.status, EVTCHNSTAT_ipi, "its status");
	op = (struct evtchn_op){ .cmd = EVTCHNOP_bind_virq };
	op.u.bind_virq.virq = VIRQ_TIMER;
	expect_eq(old_op(&op), 0, "old bind_virq");
	expect_eq(port_close(op.u.bind_virq.port), 0, "close");
	op = (struct evtchn_op){ .cmd = EVTCHNOP_close };
	op.u.close.port = port;
	expect_eq(old_op(&op), 0, "old close");
	expect_refused(old_op(&op), "old close twice");
	op.cmd = 999;
	expect_refused(old_op(&op), "old operation 999");
	expect_eq(old_op((void *)8), -XEFAULT, "the old call at address 8");
}
