// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 183: with SMAP on, the frame of an exception was written to a guest's stack without
 * leave to touch it.
 *
 * Rule: frames are written whether the stack's page is a program's page or the kernel's own, and
 * hypercalls read arguments from both; on a processor that has SMAP. Provocation: trap frames,
 * upcalls and hypercall arguments on a page mapped with the user bit, SMAP being there. FAIL is a
 * dead machine or a lost frame.
 */
#include "rt.h"

__user static word user_ud2(word arg)
{
	asm volatile("ud2");
	return arg;
}

void test_main(void)
{
	char *p = page_alloc();
	word va = 0x20000000ul;
	extern char trap_stack_top[];
	unsigned int port, n;

	va_map(va, mfn_of(p) << 12 | PROT_USER);
	expect_eq(stack_switch(KERNEL_SS, va + PAGE_SIZE - 64), 0,
		  "a kernel stack on a page with the user bit");
	for (int i = 0; i < 3; i++)
		expect_eq(user_run(user_ud2, 0), 6, "ud2 of ring 3");
	expect_eq(stack_switch(KERNEL_SS, (word)trap_stack_top), 0, "the stack of before");
	expect_eq(xen_version(XENVER_extraversion, (void *)va), 0,
		  "a result to a page with the user bit");
	*(unsigned int *)va = 0;
	port = port_bind_ipi(0);
	*(unsigned int *)va = port;
	n = event_count[port];
	events_unmask();
	expect_eq(event_op(EVTCHNOP_send, (void *)va), 0, "arguments on a page with the user bit");
	expect_eq(event_count[port], n + 1, "the event");
	events_mask();
	/* A trap of the kernel while its stack pointer is on that page. */
	{
		word save;

#ifdef __x86_64__
		asm volatile("mov %%rsp, %0; mov %1, %%rsp; 771: ud2; 772: nop; mov %0, "
			     "%%rsp\n" FIXUP_ENTRY
			     : "=&b"(save)
			     : "r"(va + PAGE_SIZE - 128)
			     : "memory");
#else
		asm volatile("mov %%esp, %0; mov %1, %%esp; 771: ud2; 772: nop; mov %0, "
			     "%%esp\n" FIXUP_ENTRY
			     : "=&b"(save)
			     : "r"(va + PAGE_SIZE - 128)
			     : "memory");
#endif
		expect_eq(last.vector, 6, "ud2 with the stack there");
	}
}
