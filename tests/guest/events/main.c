// SPDX-License-Identifier: GPL-2.0-only
/*
 * Event channels by the two-level bitmaps: sending to oneself, the port's mask, the vcpu's mask,
 * the unmask operation, and what an upcall finds.
 *
 * Rule: a send sets pending; if the port is not masked and upcalls are open, the upcall comes
 * before the hypercall returns; a masked port keeps pending until EVTCHNOP_unmask; inside the
 * upcall upcalls are masked, after it they are as before.
 */
#include "rt.h"

static uint8_t mask_inside = 77;

static void look_inside(struct regs *regs)
{
	(void)regs;
	mask_inside = vinfo->evtchn_upcall_mask;
}

static void ipi_to_self(void)
{
	unsigned int port = port_bind_ipi(0), n;

	expect(port, "no port");
	upcall_hook = look_inside;
	events_unmask();
	n = event_count[port];
	expect_eq(port_send(port), 0, "send");
	expect_eq(event_count[port], n + 1, "upcalls by the time the send returned");
	expect_eq(mask_inside, 1, "the mask inside the upcall");
	expect_eq(vinfo->evtchn_upcall_mask, 0, "the mask after the upcall");

	/* The vcpu's mask holds it back; opening and any hypercall lets it through. */
	events_mask();
	expect_eq(port_send(port), 0, "send while masked");
	expect(port_pending(port), "not pending");
	expect_eq(vinfo->evtchn_upcall_pending, 1, "upcall pending");
	expect_eq(event_count[port], n + 1, "no upcall yet");
	events_unmask();
	expect_eq(event_count[port], n + 2, "the upcall after unmasking");

	/* The port's mask holds it back without upcall_pending; unmask delivers. */
	port_mask(port);
	expect_eq(port_send(port), 0, "send to a masked port");
	expect(port_pending(port), "a masked port is not pending after a send");
	xen_version(XENVER_version, NULL);
	expect_eq(event_count[port], n + 2, "no upcall for a masked port");
	expect_eq(port_unmask(port), 0, "unmask");
	expect_eq(event_count[port], n + 3, "the upcall after EVTCHNOP_unmask");
	expect(!port_masked(port), "still masked");

	/* Two sends, one event. */
	events_mask();
	port_send(port);
	port_send(port);
	events_unmask();
	expect_eq(event_count[port], n + 4, "two sends while masked make one event");
	upcall_hook = NULL;
	events_mask();
	expect_eq(port_close(port), 0, "close");
	expect_refused(port_send(port), "send to a closed port");
	expect_refused(port_close(port), "close of a closed port");
}

static void interdomain_with_oneself(void)
{
	struct evtchn_alloc_unbound a = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF };
	struct evtchn_bind_interdomain b = { .remote_dom = DOMID_SELF };
	struct evtchn_status s = { .dom = DOMID_SELF };
	unsigned int n;

	expect_eq(event_op(EVTCHNOP_alloc_unbound, &a), 0, "alloc_unbound");
	s.port = a.port;
	expect_eq(event_op(EVTCHNOP_status, &s), 0, "status");
	expect_eq(s.status, EVTCHNSTAT_unbound, "status of an unbound port");
	b.remote_port = a.port;
	expect_eq(event_op(EVTCHNOP_bind_interdomain, &b), 0, "bind_interdomain");
	expect_eq(event_op(EVTCHNOP_status, &s), 0, "status");
	expect_eq(s.status, EVTCHNSTAT_interdomain, "status of a bound port");
	expect_eq(s.u.interdomain.port, b.local_port, "its other end");
	port_unmask_local(a.port);
	port_unmask_local(b.local_port);
	events_unmask();
	n = event_count[a.port];
	expect_eq(port_send(b.local_port), 0, "send");
	expect_eq(event_count[a.port], n + 1, "arrives at the other end");
	events_mask();
	expect_eq(port_close(a.port), 0, "close one end");
	expect_eq(event_op(EVTCHNOP_status,
			   &(struct evtchn_status){ .dom = DOMID_SELF, .port = b.local_port }),
		  0, "status of the end left alone");
	expect_eq(port_close(b.local_port), 0, "close the other");
}

/* An event that waits is delivered by the iret hypercall that opens the mask, too. */
static void by_iret(void)
{
	unsigned int port = port_bind_ipi(0), n = event_count[port];

	events_mask();
	port_send(port);
	expect_eq(event_count[port], n, "masked");
	write_once(vinfo->evtchn_upcall_mask, 0);
	PROBE("ud2", : :);
	expect_eq(event_count[port], n + 1, "delivered on the way through a trap");
	events_mask();
	port_close(port);
}

static void refusals(void)
{
	struct evtchn_bind_vcpu to = { .port = 4000, .vcpu = 0 };

	expect_refused(port_send(0), "send to port 0");
	expect_refused(port_send(~0u), "send to port ~0");
	expect_refused(port_unmask(~0u), "unmask of port ~0");
	expect_refused(event_op(EVTCHNOP_bind_vcpu, &to), "bind_vcpu of a free port");
	expect_refused(event_op(99, &to), "an unknown operation");
	expect_eq(event_op(EVTCHNOP_send, NULL), -XEFAULT, "a null argument");
	expect_eq(event_op(EVTCHNOP_bind_virq, &(struct evtchn_bind_virq){ .virq = 24 }), -XEINVAL,
		  "virq 24");
	expect_eq(event_op(EVTCHNOP_bind_ipi, &(struct evtchn_bind_ipi){ .vcpu = 999 }), -XENOENT,
		  "vcpu 999");
}

void test_main(void)
{
	ipi_to_self();
	interdomain_with_oneself();
	by_iret();
	refusals();
}
