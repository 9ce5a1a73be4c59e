// SPDX-License-Identifier: GPL-2.0-only
/*
 * physdev_op: IOPL, port permissions, interrupts and PCI; and the call of older guests (slot 19).
 *
 * Rule: what Linux asks at boot answers; a GSI gets one PIRQ, which binds to one port; garbage
 * numbers get an errno; the old call takes command and argument in one struct.
 */
#include "rt.h"

void test_main(void)
{
	struct physdev_set_iopl iopl = { .iopl = 1 };
	struct physdev_irq_status_query q = { .irq = 8 };
	struct physdev_map_pirq m = {
		.domid = DOMID_SELF, .type = MAP_PIRQ_TYPE_GSI, .index = 8, .pirq = 8
	};
	struct physdev_setup_gsi g = { .gsi = 8, .triggering = 0, .polarity = 0 };
	struct physdev_eoi eoi = { .irq = 8 };
	struct physdev_apic apic = { .apic_physbase = 0xfec00000, .reg = 1 };
	struct physdev_op old = { .cmd = PHYSDEVOP_irq_status_query };
	struct evtchn_bind_pirq b = { .pirq = 8 };
	long rc;

	expect_eq(physdev_op(PHYSDEVOP_set_iopl, &iopl), 0, "set_iopl");
	iopl.iopl = 0;
	expect_eq(physdev_op(PHYSDEVOP_set_iopl, &iopl), 0, "set_iopl");
	rc = physdev_op(PHYSDEVOP_apic_read, &apic);
	expect_eq(rc, 0, "apic_read");
	expect(!rc && (apic.value >> 16 & 0xff) >= 15, "the IOAPIC's last entry: %#x", apic.value);
	apic.apic_physbase = 0x1000;
	expect_refused(physdev_op(PHYSDEVOP_apic_read, &apic), "apic_read of no IOAPIC");
	rc = physdev_op(PHYSDEVOP_setup_gsi, &g);
	expect(rc == 0 || rc == -XEEXIST, "setup_gsi: %ld", rc);
	rc = physdev_op(PHYSDEVOP_map_pirq, &m);
	expect_eq(rc, 0, "map_pirq of GSI 8");
	q.irq = m.pirq;
	expect_eq(physdev_op(PHYSDEVOP_irq_status_query, &q), 0, "irq_status_query");
	b.pirq = m.pirq;
	rc = event_op(EVTCHNOP_bind_pirq, &b);
	expect_eq(rc, 0, "bind_pirq");
	if (!rc) {
		expect_refused(event_op(EVTCHNOP_bind_pirq, &b), "bind_pirq twice");
		expect_eq(port_close(b.port), 0, "close");
	}
	eoi.irq = m.pirq;
	expect_eq(physdev_op(PHYSDEVOP_eoi, &eoi), 0, "eoi");
	old.u.irq_status_query.irq = m.pirq;
	expect_eq(hcall1(__HYPERVISOR_physdev_op_compat, &old), 0, "old irq_status_query");

	eoi.irq = ~0u;
	expect_refused(physdev_op(PHYSDEVOP_eoi, &eoi), "eoi of PIRQ ~0");
	q.irq = ~0u;
	expect_refused(physdev_op(PHYSDEVOP_irq_status_query, &q), "status of PIRQ ~0");
	m.index = 0x7fffffff;
	m.pirq = -1;
	expect_refused(physdev_op(PHYSDEVOP_map_pirq, &m), "map_pirq of GSI 2^31-1");
	m = (struct physdev_map_pirq){ .domid = DOMID_SELF, .type = 99, .index = 8, .pirq = 8 };
	expect_refused(physdev_op(PHYSDEVOP_map_pirq, &m), "map_pirq of type 99");
	b.pirq = ~0u;
	expect_refused(event_op(EVTCHNOP_bind_pirq, &b), "bind_pirq of PIRQ ~0");
	b.pirq = 255;
	rc = event_op(EVTCHNOP_bind_pirq, &b);
	if (!rc)
		port_close(b.port);
	for (unsigned int op = 0; op < 64; op++) {
		rc = physdev_op(op, (void *)8);
		if (rc >= 0 && op != PHYSDEVOP_prepare_msix && rc != 0)
			test_fail("physdev_op %u with arguments at address 8: %ld", op, rc);
	}
	expect_eq(physdev_op(999, NULL), -XENOSYS, "physdev_op 999");
	expect_eq(hcall1(__HYPERVISOR_physdev_op_compat, 8), -XEFAULT, "the old call at address 8");
}
