// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 136: the 32-bit iret copied its frame in the wrong direction when a fault came in
 * between, and went on for 2^33 faults.
 *
 * Rule: an iret hypercall whose frame cannot be read ends the domain (there is no one to tell), at
 * once, and with it nobody else. Provocation: iret with the stack pointer at the edge of a hole.
 * FAIL if the hypervisor does not say that the domain crashed; here that is what is waited for.
 */
#include "rt.h"

void test_main(void)
{
	char *p = page_alloc(), *hole = page_alloc();
	word sp;

	if (hole > p)
		hole = p;
	/* Frame words up to the edge, then nothing. */
	sp = (word)hole + PAGE_SIZE;
	expect_eq(update_va(sp, 0, UVMF_INVLPG), 0, "make the hole");
	((word *)sp)[-1] = 0;
	asm volatile("mov %0, %%esp; mov $23, %%eax; int $0x82" : : "r"(sp - 4));
	test_fail("iret with half a frame came back");
}
