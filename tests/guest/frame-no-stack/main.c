// SPDX-License-Identifier: GPL-2.0-only
/*
 * A kernel stack whose descriptor has changed since it was named.
 *
 * Rule: what counts is the descriptor at the time of the trap. Provocation: stack_switch names a
 * writable segment of our GDT, a trap of ring 3 works, then the segment becomes one that cannot be
 * written. The next trap must end the domain with a line that says so.
 */
#include "rt.h"

#define SLOT	5

__user static word quiet(word arg)
{
	return arg;
}

void test_main(void)
{
	extern char trap_stack_top[];
	uint64_t *gdt = page_alloc();
	word frame = mfn_of(gdt);

	page_protect(gdt, false);
	expect_eq(set_gdt(&frame, 512), 0, "set_gdt");
	expect_eq(update_descriptor(mfn_of(gdt) << 12 | SLOT * 8, 0x00cfb3000000ffffull), 0,
		  "a writable segment of ring 1");
	expect_eq(stack_switch(SLOT * 8 | 1, (word)trap_stack_top), 0, "stack_switch");
	expect_eq(user_run(quiet, 0), VECTOR_USER_DONE, "a trap on that stack");
	expect_eq(update_descriptor(mfn_of(gdt) << 12 | SLOT * 8, 0x00cfb1000000ffffull), 0,
		  "it can be read only");
	user_run(quiet, 0);
	test_fail("a frame on a stack that cannot be written");
}
