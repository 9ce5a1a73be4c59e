// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every hypercall number there is, and those there are not.
 *
 * Rule: a number with nothing behind it gives -ENOSYS; one whose service is refused gives an errno
 * of its own; none harms anyone. Numbers 0 to 63 are called with arguments that are zero, then all
 * ones; then numbers around every power of two. Left out are those that end or park the caller by
 * design (iret, sched_op, vcpu_op) and those where zero means "clear it all" (set_trap_table,
 * set_callbacks).
 */
#include "rt.h"

static bool skip(unsigned int nr)
{
	return nr == __HYPERVISOR_iret || nr == __HYPERVISOR_sched_op ||
	       nr == __HYPERVISOR_sched_op_compat || nr == __HYPERVISOR_set_trap_table ||
	       nr == __HYPERVISOR_set_callbacks || nr == __HYPERVISOR_vcpu_op ||
	       nr == __HYPERVISOR_stack_switch;
}

/* Numbers that Xen 4.17's public header does not name. */
static bool unknown(unsigned int nr)
{
	return nr == 11 || (nr > 42 && nr < 48) || nr > 55;
}

static void all_with(word v, const char *what)
{
	for (unsigned int nr = 0; nr < 64; nr++) {
		long rc;

		if (skip(nr))
			continue;
		rc = (long)hcall_direct(nr, v, v, v, v, v, v);
		if (unknown(nr) && rc != -XENOSYS)
			test_fail("hypercall %u (unknown) with %s: %ld, want -ENOSYS", nr, what,
				  rc);
		if (rc < -4095)
			test_fail("hypercall %u with %s: %#lx is neither a result nor an errno", nr,
				  what, rc);
	}
}

void test_main(void)
{
	long version = xen_version(XENVER_version, NULL);

	all_with(0, "zeroes");
	all_with(~0ul, "ones");
	all_with(0x55555555, "fives");
	/* The GDT may have been taken away (set_gdt with 0 entries), the upcall mask opened: still
	 * alive. */
	for (unsigned int bit = 6; bit < 32; bit++)
		for (int d = -1; d <= 1; d++) {
			unsigned int nr = (1u << bit) + d;

			if (nr >= 64)
				expect_eq(hcall0(nr), -XENOSYS, "a number far beyond");
		}
	expect_eq(hcall0(0xffffffff), -XENOSYS, "hypercall 0xffffffff");
	expect_eq(xen_version(XENVER_version, NULL), version, "version, after all that");
	/* Refused by decision, not by accident: an errno, whatever is asked. */
	expect_refused(hcall1(__HYPERVISOR_hvm_op, 0), "hvm_op");
	expect_refused(hcall2(__HYPERVISOR_xsm_op, 0, 0), "xsm_op");
	expect_refused(hcall2(38, 0, 0), "tmem_op");
	expect_refused(hcall2(__HYPERVISOR_xenpmu_op, 99, 0), "xenpmu_op");
}
