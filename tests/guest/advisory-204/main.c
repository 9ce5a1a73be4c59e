// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 204: SYSCALL was emulated with the flags of the wrong moment, and single-stepped into
 * the kernel.
 *
 * Rule: a program that single-steps into SYSCALL has TF in the frame's flags, and the kernel runs
 * without. Provocation: SYSCALL and int 0x80 with TF set. FAIL if the kernel gets a #DB of its own,
 * or loses the program's TF.
 */
#include "rt.h"

#ifdef __x86_64__
#define TF "pushfq; orq $0x100, (%%rsp); popfq; "
#else
#define TF "pushfl; orl $0x100, (%%esp); popfl; "
#endif

__user static word user_int80(word arg)
{
	asm volatile(TF "int $0x80" : : : "memory", "cc");
	return arg;
}

#ifdef __x86_64__
__user static word user_syscall(word arg)
{
	asm volatile(TF "syscall" : : : "rcx", "r11", "memory", "cc");
	return arg;
}
#endif

static void one(const char *what, word (*fn)(word), int way)
{
	int v = user_run(fn, 0);

	/* The trap after popf is due first on some processors; then the call itself never ran. */
	expect(v == way || v == 1, "%s with TF: vector %d", what, v);
	expect(last.flags & 0x100, "%s: TF is not in the frame", what);
	expect(!(read_flags() & 0x100), "%s: the kernel runs with TF", what);
	expect_eq(PROBE("nop; nop", : :), -1, "a step of the kernel");
}

void test_main(void)
{
	one("int 0x80", user_int80, 0x80);
#ifdef __x86_64__
	one("syscall", user_syscall, ENTRY_SYSCALL);
#endif
}
