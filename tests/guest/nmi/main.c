// SPDX-License-Identifier: GPL-2.0-only
/*
 * nmi_op: an NMI handler of the first domain's first vcpu.
 *
 * Rule: it can be registered and taken away; others get an errno; send_trigger through domctl is
 * not needed for that.
 */
#include "rt.h"

static volatile unsigned int nmis;

static bool hook(struct regs *regs)
{
	if (regs->vector != 2)
		return false;
	nmis++;
	return true;
}

void test_main(void)
{
	struct xennmi_callback cb = { .handler_address = entry_table[2] };
	struct xen_domctl op = { .cmd = XEN_DOMCTL_sendtrigger, .domain = DOMID_SELF };
	long rc;

	trap_hook = hook;
	expect_eq(hcall2(__HYPERVISOR_nmi_op, XENNMI_register_callback, &cb), 0, "register");
	/* A real one, if the hypervisor offers to make it. */
	op.u.sendtrigger.trigger = XEN_DOMCTL_SENDTRIGGER_NMI;
	rc = domctl(&op);
	xen_version(XENVER_version, NULL);
	note("sendtrigger: %ld, NMIs seen: %u", rc, nmis);
	expect_eq(hcall2(__HYPERVISOR_nmi_op, XENNMI_unregister_callback, NULL), 0, "unregister");
	expect_eq(hcall2(__HYPERVISOR_nmi_op, XENNMI_register_callback, 8), -XEFAULT,
		  "register from address 8");
	expect_refused(hcall2(__HYPERVISOR_nmi_op, 99, NULL), "nmi_op 99");
	trap_hook = NULL;
}
