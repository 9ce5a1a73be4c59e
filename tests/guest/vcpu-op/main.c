// SPDX-License-Identifier: GPL-2.0-only
/*
 * vcpu_op on ourselves: where vcpu_info lives, who is up, what is refused. (Timers, runstate and a
 * second vcpu have tests of their own.)
 *
 * Rule: is_up of ourselves is 1, of numbers beyond the maximum -ENOENT; vcpu_info can be moved
 * once, keeps what it held, and events arrive there; it may not cross a page.
 */
#include "rt.h"

static char home[PAGE_SIZE] __page;

void test_main(void)
{
	struct vcpu_register_vcpu_info r = { .mfn = mfn_of(home), .offset = PAGE_SIZE - 32 };
	volatile struct vcpu_info *v = (struct vcpu_info *)(home + 128);
	struct vcpu_get_physid id = { 0 };
	unsigned int port = port_bind_ipi(0);
	struct vcpu_guest_context *c;

	expect_eq(vcpu_op(VCPUOP_is_up, 0, NULL), 1, "is_up of 0");
	expect_eq(vcpu_op(VCPUOP_is_up, 1, NULL), 0, "is_up of 1");
	expect_eq(vcpu_op(VCPUOP_is_up, 2, NULL), -XENOENT, "is_up of 2");
	expect_eq(vcpu_op(VCPUOP_is_up, 8191, NULL), -XENOENT, "is_up of 8191");
	expect_eq(vcpu_op(VCPUOP_is_up, ~0u, NULL), -XENOENT, "is_up of ~0");
	expect_refused(vcpu_op(VCPUOP_up, 1, NULL), "up of a vcpu without context");
	expect_refused(vcpu_op(VCPUOP_up, ~0u, NULL), "up of vcpu ~0");
	expect_eq(vcpu_op(VCPUOP_initialise, 1, (void *)8), -XEFAULT, "a context at address 8");
	c = vcpu_context(1, NULL, 0);
	c->ctrlreg[3] = ~0ul;
	expect_refused(vcpu_op(VCPUOP_initialise, 1, c), "a context with a bad cr3");
	c = vcpu_context(1, NULL, 0);
	c->gdt_ents = 512;
	c->gdt_frames[0] = ~0ul;
	expect_refused(vcpu_op(VCPUOP_initialise, 1, c), "a context with a bad GDT");
	expect_eq(vcpu_op(VCPUOP_is_up, 1, NULL), 0, "is_up of 1 afterwards");
	vcpu_op(VCPUOP_get_physid, 0, &id);
	expect_eq(vcpu_op(99, 0, NULL), -XENOSYS, "vcpu_op 99");

	expect_refused(vcpu_op(VCPUOP_register_vcpu_info, 0, &r), "a vcpu_info across a page");
	r.mfn = ~0ull >> 12;
	r.offset = 128;
	expect_refused(vcpu_op(VCPUOP_register_vcpu_info, 0, &r), "a vcpu_info in no frame");
	r.mfn = mfn_of((void *)si->pt_base);
	expect_refused(vcpu_op(VCPUOP_register_vcpu_info, 0, &r), "a vcpu_info in a page table");
	r.mfn = mfn_of(home);
	events_mask();
	expect_eq(vcpu_op(VCPUOP_register_vcpu_info, 0, &r), 0, "register_vcpu_info");
	expect_eq(v->evtchn_upcall_mask, 1, "the mask moved with it");
	port_send(port);
	expect_eq(v->evtchn_upcall_pending, 1, "an event arrives there");
	expect(v->time.version, "so does time");
	expect_refused(vcpu_op(VCPUOP_register_vcpu_info, 0, &r), "moving it again");
}
