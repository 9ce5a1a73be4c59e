// SPDX-License-Identifier: GPL-2.0-only
/*
 * sysctl and domctl with garbage: the levers of the tools, pulled by a blind hand.
 *
 * Rule: a wrong interface version gives -EACCES before anything else; every command with domain ids
 * and contents that make no sense gives an errno or a harmless answer; a domain cannot destroy,
 * pause or reset itself this way. What must work here is in the system tests.
 */
#include "rt.h"

static long sysctl(struct xen_sysctl *op)
{
	op->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	return hcall1(__HYPERVISOR_sysctl, op);
}

static void versions(void)
{
	struct xen_domctl d = { .cmd = XEN_DOMCTL_getdomaininfo, .interface_version = 1 };
	struct xen_sysctl s = { .cmd = XEN_SYSCTL_physinfo, .interface_version = 1 };

	expect_eq(hcall1(__HYPERVISOR_domctl, &d), -XEACCES, "domctl of version 1");
	expect_eq(hcall1(__HYPERVISOR_sysctl, &s), -XEACCES, "sysctl of version 1");
	expect_eq(hcall1(__HYPERVISOR_domctl, 8), -XEFAULT, "domctl at address 8");
	expect_eq(hcall1(__HYPERVISOR_sysctl, 8), -XEFAULT, "sysctl at address 8");
}

static void ask_rightly(void)
{
	struct xen_domctl d = { .cmd = XEN_DOMCTL_getdomaininfo };
	struct xen_sysctl s = { .cmd = XEN_SYSCTL_physinfo };

	expect_eq(domctl(&d), 0, "getdomaininfo of 0");
	expect_eq(d.domain, 0, "its domain");
	expect(d.u.getdomaininfo.tot_pages >= 256, "%llu pages",
	       (unsigned long long)d.u.getdomaininfo.tot_pages);
	expect(d.u.getdomaininfo.flags & XEN_DOMINF_running, "flags %#x: it does not run",
	       d.u.getdomaininfo.flags);
	d = (struct xen_domctl){ .cmd = XEN_DOMCTL_getdomaininfo, .domain = 1 };
	expect_eq(domctl(&d), -XESRCH, "getdomaininfo of 1 and up");
	expect_eq(sysctl(&s), 0, "physinfo");
	expect(s.u.physinfo.nr_cpus >= 1, "%u processors", s.u.physinfo.nr_cpus);
	expect(s.u.physinfo.total_pages > s.u.physinfo.free_pages, "pages");
}

/* Commands that would rightly end or stop the caller if they took it for their target. */
static bool dangerous(uint32_t cmd)
{
	return cmd == XEN_DOMCTL_setvcpucontext || cmd == XEN_DOMCTL_soft_reset ||
	       cmd == XEN_DOMCTL_set_address_size || cmd == XEN_DOMCTL_gdbsx_pausevcpu ||
	       cmd == XEN_DOMCTL_hypercall_init || cmd == XEN_DOMCTL_ioport_permission ||
	       cmd == XEN_DOMCTL_setdebugging;
}

static void garbage(void)
{
	static union {
		struct xen_domctl d;
		struct xen_sysctl s;
		uint8_t bytes[256];
	} u;
	static const uint8_t fills[] = { 0x00, 0xff, 0x55, 0x08 };
	static const domid_t doms[] = { 0x1234,	  DOMID_SELF,	 DOMID_XEN,
					DOMID_IO, DOMID_INVALID, 0xffff };

	for (uint32_t cmd = 0; cmd < 100; cmd++) {
		for (size_t f = 0; f < ARRAY_SIZE(fills); f++) {
			for (size_t i = 0; i < ARRAY_SIZE(doms); i++) {
				if (dangerous(cmd) && doms[i] == DOMID_SELF)
					continue;
				memset(&u, fills[f], sizeof(u));
				u.d.cmd = cmd;
				u.d.domain = doms[i];
				if (domctl(&u.d) == 0 && cmd == XEN_DOMCTL_createdomain)
					other_destroy(u.d.domain);
			}
			memset(&u, fills[f], sizeof(u));
			u.s.cmd = cmd;
			if (cmd == XEN_SYSCTL_debug_keys)
				continue;	/* may print pages and pages */
			sysctl(&u.s);
		}
	}
	u.d = (struct xen_domctl){ .cmd = XEN_DOMCTL_destroydomain, .domain = 0 };
	expect_refused(domctl(&u.d), "destroying oneself");
	u.d = (struct xen_domctl){ .cmd = XEN_DOMCTL_pausedomain, .domain = 0 };
	expect_refused(domctl(&u.d), "pausing oneself");
	u.d = (struct xen_domctl){ .cmd = 5000 };
	expect_refused(domctl(&u.d), "domctl 5000");
	u.s = (struct xen_sysctl){ .cmd = 5000 };
	expect_refused(sysctl(&u.s), "sysctl 5000");
}

/* A domain that is only made and unmade: nothing may be left. */
static uint64_t free_pages(void)
{
	struct xen_sysctl s = { .cmd = XEN_SYSCTL_physinfo };

	sysctl(&s);
	return s.u.physinfo.free_pages;
}

static void make_and_unmake(void)
{
	xen_pfn_t frames[32];
	uint64_t before = 0, after = 0;
	uint64_t until;

	for (int i = 0; i < 6; i++) {
		int dom = other_create(32, frames);

		if (dom < 0)
			return;
		expect_eq(other_destroy(dom), 0, "destroy");
		for (until = system_time() + 200000000;
		     system_time() < until && free_pages() < before;)
			sched_op(SCHEDOP_yield, NULL);
		after = free_pages();
		if (i == 2)
			before = after;
	}
	expect(after >= before,
	       "%llu pages are free, were %llu before three more domains came and went",
	       (unsigned long long)after, (unsigned long long)before);
}

void test_main(void)
{
	versions();
	ask_rightly();
	garbage();
	make_and_unmake();
	ask_rightly();
}
