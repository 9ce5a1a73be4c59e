// SPDX-License-Identifier: GPL-2.0-only
/*
 * A second domain, made by the first through domctl: never run, only something with frames of its
 * own.
 */
#include "rt.h"

long domctl(struct xen_domctl *op)
{
	op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	return hcall1(__HYPERVISOR_domctl, op);
}

int other_create(unsigned int pages, xen_pfn_t *frames)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_createdomain };
	struct xen_memory_reservation res = { .nr_extents = pages };
	domid_t dom;
	long rc;

	op.u.createdomain.max_vcpus = 1;
	op.u.createdomain.max_evtchn_port = 1023;
	op.u.createdomain.max_grant_frames = 4;
	op.u.createdomain.max_maptrack_frames = 4;
	op.u.createdomain.grant_opts = XEN_DOMCTL_GRANT_version(1);
	rc = domctl(&op);
	if (rc) {
		test_error("createdomain: %ld", rc);
		return -1;
	}
	dom = op.domain;
	op = (struct xen_domctl){ .cmd = XEN_DOMCTL_max_mem, .domain = dom };
	op.u.max_mem.max_memkb = 4 * pages + 1024;
	rc = domctl(&op);
	if (rc)
		test_error("max_mem: %ld", rc);
	for (unsigned int i = 0; i < pages; i++)
		frames[i] = i;
	set_xen_guest_handle(res.extent_start, frames);
	res.domid = dom;
	rc = memory_op(XENMEM_populate_physmap, &res);
	if (rc != (long)pages) {
		test_error("populate_physmap of the other domain: %ld", rc);
		return -1;
	}
	return dom;
}

long other_destroy(int dom)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_destroydomain, .domain = dom };
	long rc;

	do
		rc = domctl(&op);
	while (rc == -XERESTART || rc == -XEAGAIN || rc == -XEBUSY);
	return rc;
}

uint64_t machine_free_pages(void)
{
	struct xen_sysctl op = { .cmd = XEN_SYSCTL_physinfo,
				 .interface_version = XEN_SYSCTL_INTERFACE_VERSION };

	if (hcall1(__HYPERVISOR_sysctl, &op))
		test_error("physinfo refused");
	return op.u.physinfo.free_pages;
}

long frame_give_back(uint64_t mfn)
{
	xen_pfn_t list[1] = { mfn };
	struct xen_memory_reservation res = { .nr_extents = 1, .domid = DOMID_SELF };

	set_xen_guest_handle(res.extent_start, list);
	return memory_op(XENMEM_decrease_reservation, &res);
}

uint64_t frame_ask(word pfn)
{
	xen_pfn_t list[1] = { pfn };
	struct xen_memory_reservation res = { .nr_extents = 1, .domid = DOMID_SELF };

	set_xen_guest_handle(res.extent_start, list);
	if (memory_op(XENMEM_populate_physmap, &res) != 1)
		return INVALID_MFN;
	((word *)si->mfn_list)[pfn] = list[0];
	return list[0];
}
