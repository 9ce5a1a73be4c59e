// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stores to live page tables are counted.
 *
 * A guest that means to change its tables by hypercalls only wants to know whether it does: debug
 * key q says for each domain how many stores the hypervisor did on its behalf. So many stores, so
 * much more; hypercalls do not count, nor do faults that are the guest's own.
 */
#include "rt.h"

#define WINDOW	0x20000000ul
#define STORES	7

static char said[65536];

static void sysctl(struct xen_sysctl *op)
{
	op->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	expect_eq(hcall1(__HYPERVISOR_sysctl, op), 0, "sysctl");
}

/* The number in what key q said last about us, the only domain. */
static long counted(void)
{
	static const char what[] = " stores to page tables emulated";
	struct xen_sysctl press = { .cmd = XEN_SYSCTL_debug_keys, .u.debug_keys.nr_keys = 1 };
	struct xen_sysctl read = { .cmd = XEN_SYSCTL_readconsole };
	static char key[] = "q";
	char *at = said, *found = NULL;
	long n = 0, scale = 1;

	set_xen_guest_handle(press.u.debug_keys.keys, key);
	sysctl(&press);
	set_xen_guest_handle(read.u.readconsole.buffer, said);
	read.u.readconsole.count = sizeof(said) - 1;
	sysctl(&read);
	said[read.u.readconsole.count] = 0;
	while ((at = strstr(at, what)))
		found = at++;
	if (!found) {
		test_fail("debug key q does not say '%s'", what);
		return -1;
	}
	while (found > said && *--found >= '0' && *found <= '9') {
		n += (*found - '0') * scale;
		scale *= 10;
	}
	return n;
}

void test_main(void)
{
	char *p = page_alloc();
	uint64_t pte = mfn_of(p) << 12 | PROT_KERNEL;
	long before;

	vm_assist(VMASST_CMD_enable, VMASST_TYPE_writable_pagetables);
	va_map(WINDOW, 0);
	before = counted();
	for (int i = 0; i < STORES; i++)
		update_va(WINDOW, i & 1 ? 0 : pte, UVMF_INVLPG);
	probe_write8(0x10, 0);
	expect_eq(counted() - before, 0, "counted for hypercalls and a fault");
	update_va(WINDOW, pte, UVMF_INVLPG);
	for (int i = 0; i < STORES; i++)
		expect_eq(probe_write8((word)pt_entry(WINDOW, 1),
				       (uint8_t)(i & 1 ? pte : pte & ~PTE_RW)), -1, "a store");
	expect_eq(counted() - before, STORES, "counted for stores");
}
