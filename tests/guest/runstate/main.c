// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runstate: how long a vcpu ran, waited and slept.
 *
 * Rule: the four times never shrink and add up to the time since the vcpu began; sleeping counts as
 * blocked, not as running; a registered area is kept up to date, with the update flag while it is
 * being written.
 */
#include "rt.h"

static struct vcpu_runstate_info area;

static uint64_t sum(const struct vcpu_runstate_info *r)
{
	return r->time[0] + r->time[1] + r->time[2] + r->time[3];
}

void test_main(void)
{
	struct vcpu_runstate_info a, b;
	struct vcpu_register_runstate_memory_area reg;
	unsigned int port = port_bind_virq(VIRQ_TIMER, 0);
	uint64_t slept = 0;

	vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL);
	memset(&reg, 0, sizeof(reg));
	set_xen_guest_handle(reg.addr.h, &area);
	expect_eq(vcpu_op(VCPUOP_get_runstate_info, 0, &a), 0, "get_runstate_info");
	expect_eq(a.state, RUNSTATE_running, "state");
	expect_eq(vcpu_op(VCPUOP_register_runstate_memory_area, 0, &reg), 0, "register an area");
	expect_eq(area.state, RUNSTATE_running, "state in the area");

	/* A busy host may take the processor away before we sleep: try until it was sleep. */
	for (int i = 0; i < 20; i++) {
		vcpu_op(VCPUOP_get_runstate_info, 0, &a);
		slept = system_time();
		set_timer_op(slept + 20000000);
		sched_op(SCHEDOP_block, NULL);
		slept = system_time() - slept;
		events_mask();
		expect_eq(vcpu_op(VCPUOP_get_runstate_info, 0, &b), 0, "get_runstate_info");
		if (b.time[RUNSTATE_blocked] - a.time[RUNSTATE_blocked] > slept / 2)
			break;
	}
	for (int i = 0; i < 4; i++)
		expect(b.time[i] >= a.time[i], "time %d shrank", i);
	expect(b.time[RUNSTATE_blocked] - a.time[RUNSTATE_blocked] > slept / 2,
	       "slept %llu ns, blocked for %llu", (unsigned long long)slept,
	       (unsigned long long)(b.time[RUNSTATE_blocked] - a.time[RUNSTATE_blocked]));
	expect(area.time[RUNSTATE_blocked] >= b.time[RUNSTATE_blocked] - 1000000,
	       "the area was not updated");
	expect(sum(&b) - sum(&a) >= slept, "the sum grew by %llu in %llu ns",
	       (unsigned long long)(sum(&b) - sum(&a)), (unsigned long long)slept);
	a = b;
	spin_ns(20000000);
	expect_eq(vcpu_op(VCPUOP_get_runstate_info, 0, &b), 0, "get_runstate_info");
	expect(b.time[RUNSTATE_running] - a.time[RUNSTATE_running] > 2000000,
	       "ran 20 ms, counted %llu ns",
	       (unsigned long long)(b.time[RUNSTATE_running] - a.time[RUNSTATE_running]));
	expect_refused(vcpu_op(VCPUOP_get_runstate_info, 99, &b), "the runstate of vcpu 99");
	expect_eq(vcpu_op(VCPUOP_get_runstate_info, 0, (void *)8), -XEFAULT,
		  "runstate at address 8");
	memset(&reg, 0, sizeof(reg));
	vcpu_op(VCPUOP_register_runstate_memory_area, 0, &reg);
	port_close(port);
}
