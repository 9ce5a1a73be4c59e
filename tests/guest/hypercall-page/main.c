// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hypercall page: a page of our own image, named in a note, that the builder fills with one
 * stub of 32 bytes for each number.
 *
 * Rule: a call of stub n does what the bare instruction does with n, keeps every register the ABI
 * keeps, and the stub of iret needs a frame and no call. Also: multicall and a 5-argument call by
 * stub.
 */
#include "rt.h"

static void same_answers(void)
{
	static char one[1024], two[1024];

	expect_eq(hcall_page(__HYPERVISOR_xen_version, XENVER_version, 0, 0, 0, 0, 0),
		  (long)hcall_direct(__HYPERVISOR_xen_version, XENVER_version, 0, 0, 0, 0, 0),
		  "version, both ways");
	expect_eq(hcall_page(__HYPERVISOR_xen_version, XENVER_extraversion, (word)one, 0, 0, 0, 0),
		  0, "extraversion");
	expect_eq(
		hcall_direct(__HYPERVISOR_xen_version, XENVER_extraversion, (word)two, 0, 0, 0, 0),
		0, "extraversion");
	expect(!strcmp(one, two), "extraversion '%s' and '%s'", one, two);
	expect_eq((long)hcall_page(63, 0, 0, 0, 0, 0, 0), -XENOSYS, "stub 63");
	expect_eq((long)hcall_page(127, 0, 0, 0, 0, 0, 0), -XENOSYS, "stub 127");
	expect_eq((long)hcall_page(__HYPERVISOR_event_channel_op, 999, 0, 0, 0, 0, 0), -XENOSYS,
		  "event op 999");
}

/* Registers a hypercall has no business with. */
static void registers_kept(void)
{
	word a = 0x11111111, b = 0x22222222;

#ifdef __x86_64__
	register word r12 asm("r12") = 0x12121212, r15 asm("r15") = 0x15151515;
	register word rbx asm("rbx") = b;
	word ax = (word)hypercall_page + 32 * __HYPERVISOR_xen_version;

	asm volatile("push %%rbp; mov %1, %%rbp; xor %%edi, %%edi; xor %%esi, %%esi; call *%0; mov "
		     "%%rbp, %1; pop %%rbp"
		     : "+a"(ax), "+d"(a), "+r"(rbx), "+r"(r12), "+r"(r15)
		     :
		     : "rcx", "r11", "rdi", "rsi", "r8", "r9", "r10", "memory");
	expect_eq(r12, 0x12121212, "r12 after a hypercall");
	expect_eq(r15, 0x15151515, "r15 after a hypercall");
	expect_eq(rbx, 0x22222222, "rbx after a hypercall");
#else
	(void)a;
	(void)b;
	{
		word bp = 0, ax = (word)hypercall_page + 32 * __HYPERVISOR_xen_version;

		asm volatile("push %%ebp; push %%ebx; mov $0x15151515, %%ebp; xor %%ebx, %%ebx; "
			     "xor %%ecx, %%ecx;"
			     "call *%%eax; mov %%ebp, %1; pop %%ebx; pop %%ebp"
			     : "+a"(ax), "=&S"(bp)
			     :
			     : "ecx", "edx", "edi", "memory");
		expect_eq(bp, 0x15151515, "ebp after a hypercall");
		expect(ax >= 0x40000, "version by a bare call: %#lx", ax);
	}
#endif
}

/* The stub of iret pushes what it must itself: jump there with the frame on the stack. */
static void iret_stub(void)
{
	word flag = 0;

#ifdef __x86_64__
	asm volatile("mov %%rsp, %%rdx\n\t"
		     "pushq %[ss]\n\t"
		     "push %%rdx\n\t"
		     "pushq $0x202\n\t"
		     "pushq %[cs]\n\t"
		     "lea 1f(%%rip), %%rax\n\t"
		     "push %%rax\n\t"
		     "pushq $0\n\t" /* flags; the stub pushes r11, rcx and rax above it */
		     "jmp *%[stub]\n"
		     "1: movq $1, %[flag]"
		     : [flag] "=m"(flag)
		     : [ss] "i"(KERNEL_SS), [cs] "i"(KERNEL_CS & ~3),
		       [stub] "b"((word)hypercall_page + 32 * __HYPERVISOR_iret)
		     : "rax", "rcx", "rdx", "r11", "memory");
#else
	asm volatile(
		"pushl $0x202\n\t"
		"pushl %[cs]\n\t"
		"pushl $1f\n\t"
		"jmp *%[stub]\n" /* the stub pushes eax */
		"1: movl $1, %[flag]"
		: [flag] "=m"(flag)
		: [cs] "i"(KERNEL_CS), [stub] "r"((word)hypercall_page + 32 * __HYPERVISOR_iret)
		: "eax", "memory");
#endif
	expect_eq(flag, 1, "through the stub of iret");
}

void test_main(void)
{
	events_mask();
	same_answers();
	registers_kept();
	iret_stub();
	events_mask();
}
