// SPDX-License-Identifier: GPL-2.0-only
/*
 * set_segment_base: FS, GS of the kernel and of programs (64-bit guests only: in 32 bits a
 * descriptor has the base).
 *
 * Rule: a base set is used at once; GS_KERNEL and GS_USER are two, exchanged on the way to ring 3;
 * the MSRs give the same; a non-canonical base is refused and changes nothing.
 */
#include "rt.h"

static word cells[2] = { 0x1111, 0x2222 };

__user static word user_gs(word arg)
{
	(void)arg;
	asm volatile("mov %%gs:0, %0" : "=r"(arg));
	return arg;
}

static long base(unsigned int which, word value)
{
	return hcall2(__HYPERVISOR_set_segment_base, which, value);
}

void test_main(void)
{
	word v = 0;
	uint64_t msr;

	expect_eq(base(SEGBASE_FS, (word)&cells[0]), 0, "FS base");
	expect_eq(PROBE("mov %%fs:0, %0", : "=r"(v)), -1, "read through fs");
	expect_eq(v, 0x1111, "what stands there");
	expect_eq(base(SEGBASE_GS_KERNEL, (word)&cells[1]), 0, "GS base of the kernel");
	expect_eq(PROBE("mov %%gs:0, %0", : "=r"(v)), -1, "read through gs");
	expect_eq(v, 0x2222, "what stands there");
	expect_eq(rdmsr_probe(0xc0000101, &msr), -1, "rdmsr GS_BASE");
	expect_eq(msr, (word)&cells[1], "its value");
	expect_eq(rdmsr_probe(0xc0000100, &msr), -1, "rdmsr FS_BASE");
	expect_eq(msr, (word)&cells[0], "its value");

	user_init();
	{
		extern char *user_stack_page;

		*(word *)user_stack_page = 0x3333;
	}
	expect_eq(base(SEGBASE_GS_USER, USER_STACK), 0, "GS base of programs");
	expect_eq(rdmsr_probe(0xc0000102, &msr), -1, "rdmsr KERNEL_GS_BASE");
	expect_eq(msr, USER_STACK, "its value");
	expect_eq(user_run(user_gs, 0), VECTOR_USER_DONE, "a program reads gs:0");
	expect_eq(last.regs.ax, 0x3333, "what it finds");
	expect_eq(PROBE("mov %%gs:0, %0", : "=r"(v)), -1, "the kernel's gs afterwards");
	expect_eq(v, 0x2222, "what stands there");
	expect_eq(wrmsr_probe(0xc0000100, (word)&cells[1]), -1, "wrmsr FS_BASE");
	expect_eq(PROBE("mov %%fs:0, %0", : "=r"(v)), -1, "read through fs");
	expect_eq(v, 0x2222, "what stands there");

	for (unsigned int which = SEGBASE_FS; which <= SEGBASE_GS_KERNEL; which++)
		expect_refused(base(which, 0x800000000000), "a non-canonical base");
	expect_eq(wrmsr_probe(0xc0000100, 0x800000000000), 13, "wrmsr of a non-canonical base");
	expect_eq(wrmsr_probe(0xc0000101, 0x800000000000), 13, "wrmsr of a non-canonical base");
	expect_eq(PROBE("mov %%fs:0, %0", : "=r"(v)), -1, "read through fs");
	expect_eq(v, 0x2222, "what stands there still");
	expect_eq(base(SEGBASE_GS_USER_SEL, 0), 0, "a null selector for programs' gs");
	base(SEGBASE_GS_USER_SEL, 0xe008);
	base(SEGBASE_GS_USER_SEL, 0xfff8);
	expect_eq(base(SEGBASE_GS_USER_SEL, 0), 0, "and null again");
	expect_refused(base(99, 0), "base 99");
}
