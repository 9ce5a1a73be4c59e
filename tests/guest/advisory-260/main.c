// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisories 260 and 265: a debug trap held back by MOV SS, or raised by ICEBP, came at the
 * hypervisor's first instruction.
 *
 * Rule: wherever #DB strikes, it is the guest's. Provocation: a breakpoint on the word that MOV SS
 * loads, followed by int3, int 0x80, a hypercall and SYSCALL; ICEBP, in kernel and program; single
 * steps over all of these. FAIL is a dead machine, or a guest that never sees its trap again
 * afterwards.
 */
#include "rt.h"

static word selector;

__user static word user_icebp(word arg)
{
	asm volatile(".byte 0xf1");
	return arg;
}

__user static word user_mov_ss_int80(word arg)
{
	asm volatile("mov (%0), %%ss; int $0x80" : : "r"(arg) : "memory");
	return 0;
}

#ifdef __x86_64__
__user static word user_mov_ss_syscall(word arg)
{
	asm volatile("mov (%0), %%ss; syscall" : : "r"(arg) : "rcx", "r11", "memory");
	return 0;
}
#define HCALL "syscall"
#define TF_ON "pushfq; orq $0x100, (%%rsp); popfq; "
#else
#define HCALL "int $0x82"
#define TF_ON "pushfl; orl $0x100, (%%esp); popfl; "
#endif

static void anything(const char *what, int v)
{
	note("%s: vector %d", what, v);
	/* 6: emulators that do not know ICEBP. */
	expect(v == 1 || v == 3 || v == 0x80 || v == ENTRY_SYSCALL || v == -1 || v == 6,
	       "%s: vector %d", what, v);
}

void test_main(void)
{
	extern char *user_stack_page;
	word ax = __HYPERVISOR_xen_version;

	selector = read_ss();
	expect_eq(set_debugreg(0, (word)&selector), 0, "a breakpoint on the selector");
	expect_eq(set_debugreg(7, 0x000f0001 | 0x400), 0, "reads and writes of it");
	anything("mov ss, int3", PROBE("mov %0, %%ss; int3; nop", : : "m"(selector)));
	anything("mov ss, int 0x80", PROBE("mov %0, %%ss; int $0x80; nop", : : "m"(selector)));
	anything("mov ss, a hypercall", PROBE("mov %1, %%ss; " HCALL "; nop",
					      : "+a"(ax)
					      : "m"(selector), "D"(0), "b"(0), "S"(0), "c"(0)
					      : "memory"));
	set_debugreg(7, 0);
	anything("icebp", PROBE(".byte 0xf1; nop", : :));
	expect(last.vector == 1 || last.vector == 6, "icebp: vector %d", last.vector);
	anything("icebp of ring 3", user_run(user_icebp, 0));

	user_init();
	*(word *)user_stack_page = USER_SS | 3;
	set_debugreg(0, USER_STACK);
	set_debugreg(7, 0x000f0001 | 0x400);
	anything("ring 3: mov ss, int 0x80", user_run(user_mov_ss_int80, USER_STACK));
#ifdef __x86_64__
	anything("ring 3: mov ss, syscall", user_run(user_mov_ss_syscall, USER_STACK));
#endif
	set_debugreg(7, 0);

	/* Steps over a hypercall and a trap: the step may come after it, once. */
	ax = __HYPERVISOR_xen_version;
	anything("a step over a hypercall", PROBE(TF_ON HCALL "; nop",
						  : "+a"(ax)
						  : "D"(0), "b"(0), "S"(0), "c"(0)
						  : "memory", "cc"));
	anything("a step over int3", PROBE(TF_ON "int3; nop", : : : "memory", "cc"));
	expect_eq(PROBE("nop; nop", : :), -1, "no step afterwards");
	expect_eq(PROBE("ud2", : :), 6, "a trap afterwards");
}
