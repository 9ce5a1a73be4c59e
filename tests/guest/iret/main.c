// SPDX-License-Identifier: GPL-2.0-only
/*
 * The iret hypercall: back to kernel or program, with flags, stack and upcall mask from the frame.
 *
 * Rule: a frame with RPL 3 goes to ring 3, one with the kernel's RPL stays; IF becomes the upcall
 * mask, and what waits is delivered; IOPL and VM never reach the hardware; rax comes from the
 * frame, other registers stay.
 */
#include "rt.h"

__user static word user_flags(word arg)
{
	(void)arg;
	asm volatile("pushf; pop %0" : "=r"(arg));
	return arg;
}

extern char *user_stack_page;

static word flags_in_ring_3(word flags)
{
	word *args;
	extern char user_crt[];

	user_init();
	args = (word *)(user_stack_page + PAGE_SIZE - 64);
	args[0] = user_address(user_flags);
	expect_eq(user_run_at(user_address(user_crt), USER_STACK + PAGE_SIZE - 64,
			      USER_STACK + PAGE_SIZE - 64, flags, USER_CS | 3, USER_SS | 3),
		  VECTOR_USER_DONE, "to ring 3 with odd flags");
	return last.regs.ax;
}

static struct ctx here;
word landed;
extern char land[];
void land_again(void);

/* Flags before any C code changes them. */
asm("land: pushf; pop landed; call land_again");

void land_again(void)
{
	ctx_resume(&here, 1);
}

/* iret to ourselves, with the flags given; yields the flags found there. */
static word flags_in_kernel(word flags)
{
	struct iret_frame f = {
		.ip = (word)land, .cs = KERNEL_CS, .flags = flags, .ss = KERNEL_SS
	};

	if (WIDE)
		f.cs &= ~3ul;		/* kernel mode: RPL 3 would mean a program */
	f.sp = (word)page_alloc() + PAGE_SIZE - 64;
	if (!ctx_save(&here))
		iret_to(&f, 0);
	return read_once(landed);
}

static word after_iret32;

/* 32-bit frames within the ring have no stack pointer: its own way in. */
static word flags_in_kernel_32(word flags)
{
#ifndef __x86_64__
	asm volatile("push %1; push %2; push $1f; push $0; mov $23, %%eax; int $0x82\n"
		     "1: pushf; pop %0"
		     : "=&r"(after_iret32)
		     : "r"(flags), "i"(KERNEL_CS)
		     : "eax", "memory");
#else
	(void)flags;
#endif
	return after_iret32;
}

static void kernel_to_kernel(void)
{
	unsigned int port = port_bind_ipi(0), n = event_count[port];
	word got;

	events_mask();
	got = WIDE ? flags_in_kernel(0x2 | 0x1) : flags_in_kernel_32(0x2 | 0x1);
	expect(got & 1, "carry was not loaded: %#lx", got);
	expect_eq(vinfo->evtchn_upcall_mask, 1, "the mask after iret with IF clear");
	port_send(port);
	expect_eq(event_count[port], n, "no upcall yet");
	got = WIDE ? flags_in_kernel(0x202 | 0x3000) : flags_in_kernel_32(0x202 | 0x3000);
	expect_eq(vinfo->evtchn_upcall_mask, 0, "the mask after iret with IF set");
	expect_eq(event_count[port], n + 1, "upcalls by iret");
	expect(!(got & 0x3000), "IOPL reached the hardware: %#lx", got);
	expect(got & 0x200, "interrupts are off: %#lx", got);
	events_mask();
	port_close(port);
}

void test_main(void)
{
	word got = flags_in_ring_3(0x202);

	expect(got & 0x200, "IF in ring 3: %#lx", got);
	got = flags_in_ring_3(0x2);
	expect(got & 0x200, "IF in ring 3 though the frame had none: %#lx", got);
	got = flags_in_ring_3(0x202 | 0x3000);
	expect(!(got & 0x3000), "IOPL in ring 3: %#lx", got);
	got = flags_in_ring_3(0x202 | 0xcd5);
	expect_eq(got & 0xcd5, 0xcd5, "arithmetic flags in ring 3");
	kernel_to_kernel();
}
