// SPDX-License-Identifier: GPL-2.0-only
/*
 * String I/O in ring 3: the memory operand is the user's, not the kernel's.
 *
 * Rule: a program that may use ports (IOPL 3) may move bytes between them and its own memory only.
 * Provocation: OUTSB from, and INSB to, a page of the kernel's. The instruction is done by the
 * hypervisor, whose own accesses could reach it. FAIL if it is not refused, or the byte changed.
 */
#include "rt.h"

__user static word user_outsb(word from)
{
	asm volatile("cld; outsb" : "+S"(from) : "d"((uint16_t)0x80) : "memory");
	return from;
}

__user static word user_insb(word to)
{
	asm volatile("cld; insb" : "+D"(to) : "d"((uint16_t)0x80) : "memory");
	return to;
}

/* The stack's lowest word, which nothing else uses. */
__user static word user_own(word at)
{
	asm volatile("cld; outsb" : "+S"(at) : "d"((uint16_t)0x80) : "memory");
	return at;
}

void test_main(void)
{
	struct physdev_set_iopl op = { .iopl = 3 };
	volatile uint8_t *page = page_alloc();

	page[0] = 0x5a;
	expect_eq(physdev_op(PHYSDEVOP_set_iopl, &op), 0, "set_iopl");
	expect(user_run(user_outsb, (word)page) != VECTOR_USER_DONE, "a program read the kernel's page");
	expect(user_run(user_insb, (word)page) != VECTOR_USER_DONE, "a program wrote the kernel's page");
	expect_eq(page[0], 0x5a, "the kernel's byte");
	expect_eq(user_run(user_own, USER_STACK), VECTOR_USER_DONE, "a program read its own page");
}
