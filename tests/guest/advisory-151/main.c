// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisories 149 and 151: what a domain had was not all freed at its death.
 *
 * Rule: frames, event channels, grants, vcpus: all gone. Provocation: domains that are half made,
 * at every stage, and destroyed: with vcpus, memory, an event channel, a mapping of ours. FAIL if
 * the machine's free pages go down.
 */
#include "rt.h"

#define WINDOW 0x20000000ul

static void one(unsigned int stage)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_createdomain };
	xen_pfn_t frames[8];
	domid_t dom;

	op.u.createdomain.max_vcpus = 2;
	op.u.createdomain.max_evtchn_port = 1023;
	op.u.createdomain.max_grant_frames = 4;
	op.u.createdomain.max_maptrack_frames = 4;
	op.u.createdomain.grant_opts = XEN_DOMCTL_GRANT_version(1);
	if (domctl(&op)) {
		test_error("createdomain");
		return;
	}
	dom = op.domain;
	if (stage >= 1) {
		op = (struct xen_domctl){ .cmd = XEN_DOMCTL_max_vcpus, .domain = dom };
		op.u.max_vcpus.max = 2;
		expect_eq(domctl(&op), 0, "max_vcpus");
	}
	if (stage >= 2) {
		struct xen_memory_reservation res = { .nr_extents = 8, .domid = dom };

		op = (struct xen_domctl){ .cmd = XEN_DOMCTL_max_mem, .domain = dom };
		op.u.max_mem.max_memkb = 4096;
		expect_eq(domctl(&op), 0, "max_mem");
		for (int i = 0; i < 8; i++)
			frames[i] = i;
		set_xen_guest_handle(res.extent_start, frames);
		expect_eq(memory_op(XENMEM_populate_physmap, &res), 8, "populate_physmap");
	}
	if (stage >= 3) {
		struct evtchn_alloc_unbound a = { .dom = dom, .remote_dom = 0 };
		struct evtchn_bind_interdomain b = { .remote_dom = dom };

		expect_eq(event_op(EVTCHNOP_alloc_unbound, &a), 0, "alloc_unbound for it");
		b.remote_port = a.port;
		expect_eq(event_op(EVTCHNOP_bind_interdomain, &b), 0, "bind to it");
		if (stage >= 4) {
			struct mmu_update req = {
				.ptr = pt_entry_maddr(WINDOW, 1),
				.val = (uint64_t)frames[3] << 12 | PROT_KERNEL,
			};

			expect_eq(mmu_update_many(&req, 1, NULL, dom), 0, "map a frame of its");
		}
		expect_eq(other_destroy(dom), 0, "destroy");
		port_close(b.local_port);
	} else {
		expect_eq(other_destroy(dom), 0, "destroy");
	}
	update_va(WINDOW, 0, UVMF_INVLPG);
}

static uint64_t settled(uint64_t want)
{
	uint64_t until = system_time() + 300000000, now;

	do {
		sched_op(SCHEDOP_yield, NULL);
		now = machine_free_pages();
	} while (now < want && system_time() < until);
	return now;
}

void test_main(void)
{
	va_map(WINDOW, 0);
	for (unsigned int stage = 0; stage < 5; stage++) {
		uint64_t before, after;

		one(stage);	/* the first may bring caches to life */
		before = settled(~0ull);
		for (int i = 0; i < 5; i++)
			one(stage);
		after = settled(before);
		expect(after >= before, "stage %u: %llu pages free, were %llu", stage,
		       (unsigned long long)after, (unsigned long long)before);
	}
}
