// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 7: SYSRET to a return address that is not canonical faults in ring 0, on the guest's
 * stack.
 *
 * Rule: the hypervisor never returns that way. Provocation: a SYSCALL in the last two bytes below
 * the hole, as a hypercall of the kernel and as a system call of a program, whose return address is
 * then 0x800000000000. The kernel gets a fault there, and goes on. FAIL is a dead machine. (QEMU
 * does not show the processor's own flaw, so here the test only walks the road.)
 */
#include "rt.h"

#define LAST_PAGE ((word)0x7ffffffff000ull)

static void jump(word at)
{
	word ax = __HYPERVISOR_xen_version;

	asm volatile("call *%2"
		     : "+a"(ax)
		     : "D"(XENVER_version), "r"(at)
		     : "rcx", "r11", "rsi", "memory");
}

void test_main(void)
{
	uint8_t *p = page_alloc();
	uint64_t *root;
	int v;

	p[PAGE_SIZE - 2] = 0x0f;
	p[PAGE_SIZE - 1] = 0x05;
	if (va_map(LAST_PAGE, mfn_of(p) << 12 | (PROT_USER & ~PTE_RW)))
		return;
	v = try_call(jump, LAST_PAGE + PAGE_SIZE - 2);
	expect(v == 13 || v == 14 || v == ENTRY_FAILSAFE, "a hypercall at the edge: vector %d", v);
	note("kernel: vector %d, error %#lx, ip %#lx", v, last.error, last.ip);

	user_init();
	root = mfn_to_va(user_root_mfn);
	expect_eq(mmu_update_one(user_root_mfn << 12 | 255 * 8, *pt_entry(LAST_PAGE, 4)), 0,
		  "show it to programs");
	(void)root;
	v = user_run_at(LAST_PAGE + PAGE_SIZE - 2, USER_STACK + PAGE_SIZE - 64, 0, 0x202,
			USER_CS | 3, USER_SS | 3);
	expect(v == ENTRY_SYSCALL, "a system call at the edge: vector %d", v);
	if (v == ENTRY_SYSCALL)
		expect_eq(last.ip, LAST_PAGE + PAGE_SIZE, "where it would go back to");
	/* And back there by iret. */
	v = user_run_at(LAST_PAGE + PAGE_SIZE, USER_STACK + PAGE_SIZE - 64, 0, 0x202, USER_CS | 3,
			USER_SS | 3);
	note("iret to the hole: vector %d", v);
	expect(v == 13 || v == 14 || v == ENTRY_FAILSAFE, "iret to the hole: vector %d", v);
}
