// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random arguments to every hypercall: numbers from a fixed seed, so that a failure comes again.
 *
 * Rule: whatever is asked, the answer is a result or an errno, and the hypervisor stands: a trap, a
 * send to ourselves and a page mapping still work afterwards. Left out are only calls that end or
 * stop the caller by design. Arguments are drawn from numbers that have hurt before: small ones,
 * powers of two, pointers to pages of random bytes, frames of ours, addresses of the hypervisor.
 */
#include "rt.h"

#define ROUNDS 6000

static char junk[4][PAGE_SIZE] __page;
static word frames[4];

static word pick(void)
{
	uint64_t r = rng();
	word n = r >> 8;

	switch (r & 15) {
	case 0: return 0;
	case 1: return ~0ul;
	case 2: return 1ul << (n % (8 * sizeof(word)));
	case 3: return (1ul << (n % (8 * sizeof(word)))) - 1;
	case 4: case 5: return n % 64;
	case 6: return n % 1024;
	case 7: case 8: case 9: case 10: return (word)junk[n % 4] + (r >> 40) % 64 * 8;
	case 11: return (word)junk[n % 4] + PAGE_SIZE - (r >> 40) % 64;
	case 12: return frames[n & 3];
	case 13:
		return WIDE ? (word)0xffff830000000000ull + (n & 0xfffff)
			    : m2p_start + (n & 0xfffff);
	case 14: return DOMID_SELF - 1 + n % 6;
	default: return n;
	}
}

static void fill(void)
{
	for (int i = 0; i < 4; i++)
		for (size_t j = 0; j < PAGE_SIZE / sizeof(word); j++)
			((word *)junk[i])[j] = pick();
}

/* What ends, stops or unmaps the caller by design. */
static bool skip(unsigned int nr, word *a)
{
	switch (nr) {
	case __HYPERVISOR_iret:
	case __HYPERVISOR_sched_op:
	case __HYPERVISOR_sched_op_compat:
	case __HYPERVISOR_set_trap_table:
	case __HYPERVISOR_set_callbacks:
	case __HYPERVISOR_callback_op:
	case __HYPERVISOR_multicall:
	case __HYPERVISOR_kexec_op:
	case __HYPERVISOR_console_io:
		return true;
	case __HYPERVISOR_vcpu_op:
		return a[0] == VCPUOP_down || a[0] == VCPUOP_register_runstate_memory_area ||
		       a[0] == VCPUOP_register_vcpu_info ||
		       a[0] == VCPUOP_register_vcpu_time_memory_area;
	case __HYPERVISOR_update_va_mapping:
	case __HYPERVISOR_update_va_mapping_otherdomain:
		return a[0] >= VIRT_BASE && a[0] < VIRT_BASE + (64ul << 20);
	case __HYPERVISOR_mmu_update:
		return false;
	case __HYPERVISOR_platform_op:
	case __HYPERVISOR_sysctl:
	case __HYPERVISOR_domctl:
		return false;
	default:
		return false;
	}
}

static void still_standing(unsigned int round)
{
	extern char trap_stack_top[];
	unsigned int port, n;

	stack_switch(KERNEL_SS, (word)trap_stack_top);
	set_debugreg(7, 0);
	fpu_taskswitch(0);
	set_gdt(NULL, 0);
	events_mask();
	expect_eq(PROBE("ud2", : :), 6, "a trap");
	port = port_bind_ipi(0);
	if (!port)
		return;
	n = event_count[port];
	events_unmask();
	port_send(port);
	expect_eq(event_count[port], n + 1, "an event");
	events_mask();
	port_close(port);
	if (round % 1000 == 0)
		note("round %u", round);
}

void test_main(void)
{
	for (int i = 0; i < 4; i++)
		frames[i] = mfn_of(junk[i]);
	rng_seed(0x7472696e65);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		word a[6];
		unsigned int nr = (unsigned int)rng() % 57;
		long rc;

		if (round % 50 == 0)
			fill();
		for (int i = 0; i < 6; i++)
			a[i] = pick();
		/* Operations are small numbers; most of the time ask for one that exists. */
		if (rng() & 1)
			a[0] = (unsigned int)rng() % 40;
		if (nr == __HYPERVISOR_grant_table_op && a[2] > 8)
			a[2] %= 8;
		if (skip(nr, a))
			continue;
		rc = (long)hcall_direct(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
		if (rc < -4095 && nr != __HYPERVISOR_get_debugreg)
			test_fail("round %u: hypercall %u gave %#lx", round, nr, rc);
		if (round % 100 == 0)
			still_standing(round);
	}
	still_standing(0);
	for (word pfn = va_to_pfn(junk); pfn < va_to_pfn(junk) + 4; pfn++)
		expect_eq(update_va(VIRT_BASE + pfn * PAGE_SIZE,
				    pfn_to_mfn(pfn) << 12 | PROT_KERNEL, UVMF_INVLPG),
			  0, "map one of our pages");
}
