// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hypercalls, by the instruction and by the page.  A hypervisor may destroy the argument registers,
 * so each is an output too.
 */
#include "rt.h"

#ifdef __x86_64__
word hcall_direct(unsigned int nr, word a, word b, word c, word d, word e, word f)
{
	word ax = nr;
	register word r10 asm("r10") = d;
	register word r8 asm("r8") = e;
	register word r9 asm("r9") = f;

	asm volatile("syscall"
		     : "+a"(ax), "+D"(a), "+S"(b), "+d"(c), "+r"(r10), "+r"(r8), "+r"(r9)
		     : : "rcx", "r11", "memory");
	return ax;
}

word hcall_page(unsigned int nr, word a, word b, word c, word d, word e, word f)
{
	word ax = (word)hypercall_page + nr * 32;
	register word r10 asm("r10") = d;
	register word r8 asm("r8") = e;
	register word r9 asm("r9") = f;

	asm volatile("call *%%rax"
		     : "+a"(ax), "+D"(a), "+S"(b), "+d"(c), "+r"(r10), "+r"(r8), "+r"(r9)
		     : : "rcx", "r11", "memory");
	return ax;
}

long update_descriptor(uint64_t maddr, uint64_t desc)
{
	return hcall2(__HYPERVISOR_update_descriptor, maddr, desc);
}

long set_timer_op(uint64_t when)
{
	return hcall1(__HYPERVISOR_set_timer_op, when);
}
#else
/* ebp carries the sixth argument, and gcc wants ebp and ebx for itself: load from memory. */
#define HCALL32(insn)							\
	word args[7] = { nr, a, b, c, d, e, f };			\
	word ax = (word)args, si_ = d, di_ = e, dx = c, cx = b;		\
	asm volatile("push %%ebp\n\t"					\
		     "push %%ebx\n\t"					\
		     "mov 4(%%eax), %%ebx\n\t"				\
		     "mov 24(%%eax), %%ebp\n\t"				\
		     "mov (%%eax), %%eax\n\t"				\
		     insn "\n\t"					\
		     "pop %%ebx\n\t"					\
		     "pop %%ebp"					\
		     : "+a"(ax), "+c"(cx), "+d"(dx), "+S"(si_), "+D"(di_) : : "memory");	\
	return ax

word hcall_direct(unsigned int nr, word a, word b, word c, word d, word e, word f)
{
	HCALL32("int $0x82");
}

word hcall_page(unsigned int nr, word a, word b, word c, word d, word e, word f)
{
	HCALL32("shl $5, %%eax\n\t"
		"add $hypercall_page, %%eax\n\t"
		"call *%%eax");
}

long update_descriptor(uint64_t maddr, uint64_t desc)
{
	return hcall4(__HYPERVISOR_update_descriptor, maddr, maddr >> 32, desc, desc >> 32);
}

long set_timer_op(uint64_t when)
{
	return hcall2(__HYPERVISOR_set_timer_op, when, when >> 32);
}
#endif
