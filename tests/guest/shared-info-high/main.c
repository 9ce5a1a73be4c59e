// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where shared_info is, in a machine with memory beyond 4 GiB.
 *
 * Rule: start_info names shared_info by a machine address, in a word of the guest's. For a guest of
 * 32 bits the page must therefore lie below 4 GiB, however much memory is above.
 *
 * Provocation: a machine of 5 GiB, where the hypervisor's pages come from above 4 GiB. The runtime
 * has mapped the page before we run.
 *
 * Outcomes: "cannot map shared_info" from the runtime means that the address lost its upper half and
 * that frame is somebody else's; what we FAIL here means it was another page of ours.
 */
#include "rt.h"

void test_main(void)
{
	note("shared_info at %#lx", si->shared_info);
	expect(!(si->shared_info & 0xfff), "shared_info at %#lx", si->shared_info);
	expect(shared->wc_version && !(shared->wc_version & 1), "wallclock version %u",
	       shared->wc_version);
	expect(vinfo->time.tsc_to_system_mul, "no clock in vcpu 0's vcpu_info");
	/* Nobody has asked to unmask it, and a page of zeroes would say so. */
	expect_eq(shared->vcpu_info[1].evtchn_upcall_mask, 1, "vcpu 1's upcall mask");
}
