// SPDX-License-Identifier: GPL-2.0-only
/*
 * The processor's own IRET, executed by the kernel.
 *
 * Rule: within its ring it works, as Linux uses it to serialise (64-bit) and to leave early exception
 * handlers (32-bit); a 32-bit kernel may also go to ring 3 with it; to ring 0 it may not; IOPL and
 * IF of the flags it loads are the hardware's to ignore there.
 */
#include "rt.h"

static word within(word cs, word flags)
{
	word got = 0;

#ifdef __x86_64__
	asm volatile("mov %%rsp, %%rax; push %2; push %%rax; push %3; push %1;"
		     "lea 1f(%%rip), %%rax; push %%rax; iretq\n"
		     "1: pushf; pop %0"
		     : "=&b"(got)
		     : "r"(cs), "r"((word)KERNEL_SS), "r"(flags)
		     : "rax", "memory", "cc");
#else
	asm volatile("push %2; push %1; push $1f; iret\n"
		     "1: pushf; pop %0"
		     : "=&b"(got)
		     : "r"(cs), "r"(flags)
		     : "memory", "cc");
#endif
	return got;
}

#ifndef __x86_64__
static void to_ring_0(word cs)
{
	asm volatile("push $0x202; push %0; push $1f; iret; 1:" : : "r"(cs) : "memory");
}

__user static word user_flags(word arg)
{
	asm volatile("pushf; pop %0" : "=r"(arg));
	return arg;
}

extern char user_crt[];
extern char *user_stack_page;
static struct ctx back;

static void to_ring_3(void)
{
	word *args, sp = USER_STACK + PAGE_SIZE - 64;

	user_init();
	args = (word *)(user_stack_page + PAGE_SIZE - 64);
	args[0] = user_address(user_flags);
	trap_forget();
	if (!ctx_save(&back)) {
		user_landing = &back;
		asm volatile("push %0; push %1; push $0x202; push %2; push %3; mov %1, %%edi; iret"
			     :
			     : "r"((word)USER_SS | 3), "r"(sp), "i"(USER_CS | 3),
			       "r"(user_address(user_crt))
			     : "edi", "memory");
	}
	user_landing = NULL;
	expect_eq(last.vector, VECTOR_USER_DONE, "to ring 3 by iret, and back");
	expect(last.from_user, "it was ring %lu", last.cs & 3);
}
#endif

void test_main(void)
{
	word got = within(KERNEL_CS, 0x202 | 1);

	expect(got & 1, "carry was not loaded: %#lx", got);
	got = within(KERNEL_CS, 0x3002);
	expect(got & 0x200 && !(got & 0x3000), "iret loaded IF and IOPL: %#lx", got);
#ifndef __x86_64__
	{
		int v = try_call(to_ring_0, KERNEL_CS & ~3);

		expect(v == 13, "iret to ring 0: vector %d", v);
	}
	to_ring_3();
#endif
}
