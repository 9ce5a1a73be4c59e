// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 127: a domain that asked for an operation which pauses its target named itself.
 *
 * Rule: such operations refuse the caller's own domain, or need no pause. Provocation: every domctl
 * that stops, rewrites or reads vcpus, for DOMID_SELF and for 0. FAIL if we do not come back.
 */
#include "rt.h"

void test_main(void)
{
	static const uint32_t cmds[] = {
		XEN_DOMCTL_pausedomain,
		XEN_DOMCTL_unpausedomain,
		XEN_DOMCTL_destroydomain,
		XEN_DOMCTL_setvcpuaffinity,
		XEN_DOMCTL_max_vcpus,
		XEN_DOMCTL_getvcpucontext,
		XEN_DOMCTL_settscinfo,
		XEN_DOMCTL_gettscinfo,
		XEN_DOMCTL_set_ext_vcpucontext,
		XEN_DOMCTL_get_ext_vcpucontext,
		XEN_DOMCTL_getvcpuextstate,
		XEN_DOMCTL_setvcpuextstate,
		XEN_DOMCTL_resumedomain,
		XEN_DOMCTL_soft_reset,
		XEN_DOMCTL_debug_op,
		XEN_DOMCTL_get_cpu_policy,
		XEN_DOMCTL_set_cpu_policy,
		XEN_DOMCTL_get_vcpu_msrs,
		XEN_DOMCTL_set_vcpu_msrs,
		XEN_DOMCTL_getpageframeinfo3,
		XEN_DOMCTL_shadow_op,
		XEN_DOMCTL_set_address_size,
	};
	static struct vcpu_guest_context room;

	for (size_t i = 0; i < ARRAY_SIZE(cmds); i++) {
		for (int self = 0; self < 2; self++) {
			struct xen_domctl op = { .cmd = cmds[i], .domain = self ? DOMID_SELF : 0 };
			long rc;

			if (cmds[i] == XEN_DOMCTL_getvcpucontext)
				set_xen_guest_handle(op.u.vcpucontext.ctxt, &room);
			rc = domctl(&op);
			if (cmds[i] == XEN_DOMCTL_pausedomain ||
			    cmds[i] == XEN_DOMCTL_destroydomain)
				expect_refused(rc, "pause or destroy of oneself");
		}
	}
	expect_eq(PROBE("ud2", : :), 6, "a trap");
}
