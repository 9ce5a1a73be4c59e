// SPDX-License-Identifier: GPL-2.0-only
/*
 * stack_switch: where the kernel's stack is when ring 3 traps.
 *
 * Rule: the next trap of ring 3 finds the stack given; an RPL 0 selector is raised to the kernel's
 * ring; a stack pointer no kernel may have is refused, or fatal to the domain only when used.
 */
#include "rt.h"

static char other_stack[STACK_SIZE] __page;
static word seen_sp;

static bool look(struct regs *regs)
{
	if (regs->vector == 6)
		seen_sp = (word)regs;
	return false;
}

__user static word user_ud2(word arg)
{
	asm volatile("ud2");
	return arg;
}

void test_main(void)
{
	word top = (word)other_stack + sizeof(other_stack);
	extern char trap_stack_top[];

	trap_hook = look;
	expect_eq(user_run(user_ud2, 0), 6, "ud2 of ring 3");
	expect(seen_sp < (word)trap_stack_top && seen_sp > (word)trap_stack_top - 512,
	       "stack at %#lx", seen_sp);
	expect_eq(stack_switch(KERNEL_SS, top), 0, "stack_switch");
	expect_eq(user_run(user_ud2, 0), 6, "ud2 of ring 3");
	expect(seen_sp < top && seen_sp > top - 512, "stack at %#lx, not below %#lx", seen_sp, top);
	expect_eq(stack_switch(KERNEL_SS & ~3, top - 1024), 0, "stack_switch with RPL 0");
	expect_eq(user_run(user_ud2, 0), 6, "ud2 of ring 3");
	expect(seen_sp < top - 1024 && seen_sp > top - 1536, "stack at %#lx", seen_sp);
	if (WIDE) {
		/* Advisory 193's neighbour: taken or refused, but the hypervisor does not trip over
		 * it now. */
		stack_switch(KERNEL_SS, (word)0x800000000000ull);
		stack_switch(KERNEL_SS, (word)0xffff830000000000ull);
	}
	stack_switch(0xe008, top);
	stack_switch(0xffff, top);
	expect_eq(stack_switch(KERNEL_SS, (word)trap_stack_top), 0, "stack_switch");
	expect_eq(user_run(user_ud2, 0), 6, "ud2 of ring 3");
	trap_hook = NULL;
}
