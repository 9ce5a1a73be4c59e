// SPDX-License-Identifier: GPL-2.0-only
/*
 * platform_op: what the first domain asks of the machine.
 *
 * Rule: a wrong interface version gives -EACCES; processors and time answer; firmware questions
 * answer or are refused with an errno; garbage commands and contents harm nobody. (Sleep is not
 * asked for: it would work.)
 */
#include "rt.h"

static long platform(struct xen_platform_op *op)
{
	op->interface_version = XENPF_INTERFACE_VERSION;
	return hcall1(__HYPERVISOR_platform_op, op);
}

/* Both widths have two pointers in this request, and what comes back lies behind them. */
static void idle_times(void)
{
	static uint64_t idle[64];
	static uint8_t wanted[8];
	struct xen_platform_op op = { .cmd = XENPF_getidletime };

	memset(wanted, 0xff, sizeof(wanted));
	memset(idle, 0xff, sizeof(idle));
	set_xen_guest_handle(op.u.getidletime.cpumap_bitmap, wanted);
	set_xen_guest_handle(op.u.getidletime.idletime, idle);
	op.u.getidletime.cpumap_nr_cpus = 64;
	expect_eq(platform(&op), 0, "getidletime");
	expect(wanted[0] & 1 && !(wanted[7] & 0x80), "there are processors %#x..%#x", wanted[0],
	       wanted[7]);
	expect(op.u.getidletime.now && op.u.getidletime.now <= system_time(), "it is now %#llx",
	       (unsigned long long)op.u.getidletime.now);
	expect(idle[0] <= op.u.getidletime.now && !idle[63], "processor 0 was idle for %#llx",
	       (unsigned long long)idle[0]);
	set_xen_guest_handle(op.u.getidletime.idletime, (uint64_t *)8);
	expect_eq(platform(&op), -XEFAULT, "getidletime to address 8");
}

void test_main(void)
{
	struct xen_platform_op op = { .cmd = XENPF_get_cpuinfo, .interface_version = 1 };
	static const uint8_t fills[] = { 0, 0xff, 0x08 };

	expect_eq(hcall1(__HYPERVISOR_platform_op, &op), -XEACCES, "version 1");
	expect_eq(hcall1(__HYPERVISOR_platform_op, 8), -XEFAULT, "at address 8");
	op = (struct xen_platform_op){ .cmd = XENPF_get_cpuinfo };
	expect_eq(platform(&op), 0, "get_cpuinfo of 0");
	expect(op.u.pcpu_info.flags & XEN_PCPU_FLAGS_ONLINE, "flags %#x", op.u.pcpu_info.flags);
	op = (struct xen_platform_op){ .cmd = XENPF_get_cpuinfo };
	op.u.pcpu_info.xen_cpuid = 0x7fffffff;
	/* An errno, or an answer that says there is none. */
	expect(platform(&op) || op.u.pcpu_info.flags & XEN_PCPU_FLAGS_INVALID,
	       "get_cpuinfo of 2^31-1: flags %#x", op.u.pcpu_info.flags);
	op = (struct xen_platform_op){ .cmd = XENPF_settime64 };
	op.u.settime64.secs = 1700000000;
	op.u.settime64.system_time = system_time();
	expect_eq(platform(&op), 0, "settime64");
	expect(shared->wc_sec > 1600000000u && shared->wc_sec < 1800000000u,
	       "the wall clock says %u", shared->wc_sec);
	idle_times();
	for (uint32_t cmd = 0; cmd < 80; cmd++) {
		if (cmd == XENPF_enter_acpi_sleep || cmd == XENPF_cpu_offline ||
		    cmd == XENPF_settime64 || cmd == XENPF_settime32)
			continue;
		for (size_t f = 0; f < ARRAY_SIZE(fills); f++) {
			memset(&op, fills[f], sizeof(op));
			op.cmd = cmd;
			platform(&op);
		}
	}
	op = (struct xen_platform_op){ .cmd = 999 };
	expect_refused(platform(&op), "platform_op 999");
	op = (struct xen_platform_op){ .cmd = XENPF_get_cpuinfo };
	expect_eq(platform(&op), 0, "get_cpuinfo of 0, after all that");
}
