// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 213: iret inside a multicall left the rest of the batch running with the wrong rights
 * and page tables.
 *
 * Rule: a batch with iret in it does not go on as if nothing had happened. Provocation: two
 * entries, iret to ring 3 and then a call only kernels may make (its result tells whether it ran).
 * FAIL if the second ran after the first had taken us to ring 3.
 */
#include "rt.h"

static struct multicall_entry mc[2];
static struct ctx back;

__user static word user_nothing(word arg)
{
	return arg;
}

void test_main(void)
{
	extern char user_crt[];
	extern char *user_stack_page;
	word *args;
	volatile long rc = -1;
	volatile bool entered = false;

	user_init();
	args = (word *)(user_stack_page + PAGE_SIZE - 64);
	args[0] = user_address(user_nothing);
	args[1] = 0;
	mc[0].op = __HYPERVISOR_iret;
	mc[1].op = __HYPERVISOR_xen_version;
	mc[1].args[0] = XENVER_pagesize;
	mc[1].result = 0x55;
	{
		/* The frame iret will find at our stack pointer; ring 3 comes back by int 0x80, to
		 * try_call's exit. */
		word frame[9] = { 0 };
		word sp = USER_STACK + PAGE_SIZE - 64;

		trap_forget();
		if (!ctx_save(&back)) {
			user_landing = &back;
#ifdef __x86_64__
			frame[4] = user_address(user_crt);
			frame[5] = USER_CS | 3;
			frame[6] = 0x202;
			frame[7] = sp;
			frame[8] = USER_SS | 3;
			{
				word ax = __HYPERVISOR_multicall, di = (word)mc, si_ = 2, save = 0;

				asm volatile("mov %%rsp, %[save]; mov %[frame], %%rsp; syscall; "
					     "mov %[save], %%rsp"
					     : "+a"(ax), "+D"(di), "+S"(si_), [save] "+&b"(save)
					     : [frame] "r"(frame)
					     : "rcx", "r11", "rdx", "r8", "r9", "r10", "memory");
				rc = ax;
			}
#else
			frame[1] = user_address(user_crt);
			frame[2] = USER_CS | 3;
			frame[3] = 0x202;
			frame[4] = sp;
			frame[5] = USER_SS | 3;
			{
				word ax = __HYPERVISOR_multicall, dx = (word)frame, cx = 2;

				asm volatile("push %%ebx; push %%ebp; mov %%esp, %%ebp; mov %%esi, "
					     "%%ebx; mov %%edx, %%esp;"
					     "int $0x82; mov %%ebp, %%esp; pop %%ebp; pop %%ebx"
					     : "+a"(ax), "+c"(cx), "+d"(dx)
					     : "S"(mc)
					     : "edi", "memory");
				rc = ax;
			}
#endif
			user_landing = NULL;
		} else {
			entered = true;
		}
	}
	note("multicall gave %ld, ring 3 %s entered, the second entry says %#lx", rc,
	     entered ? "was" : "was not", (word)mc[1].result);
	if (entered)
		expect_eq(mc[1].result, 0x55, "the second entry, after iret had left for ring 3");
	expect_eq(PROBE("ud2", : :), 6, "a trap afterwards");
}
