// SPDX-License-Identifier: GPL-2.0-only
/*
 * set_trap_table: entries come one by one until an address is zero.
 *
 * Rule: an entry takes effect at once; RPL 0 selectors are raised to the kernel's ring; handlers
 * outside the guest's own address space are refused; a pointer to nothing gives -EFAULT; a table
 * without an end stops by itself. Vectors without a handler end the domain only when such a trap
 * comes.
 */
#include "rt.h"

static int seen;

static bool hook(struct regs *regs)
{
	seen = regs->vector;
	return false;
}

static void takes_effect(void)
{
	expect_eq(trap_set_one(6, 0, KERNEL_CS & ~3, entry_table[0x77]), 0,
		  "a handler with an RPL 0 selector");
	trap_hook = hook;
	expect_eq(PROBE("ud2", : :), 0x77, "ud2 to the stub of vector 0x77");
	expect_eq(seen, 0x77, "the stub that ran");
	trap_hook = NULL;
	expect_eq(trap_set_one(6, 0, KERNEL_CS, entry_table[6]), 0, "and back");
	expect_eq(PROBE("ud2", : :), 6, "ud2");
}

static void refused_entries(void)
{
	expect_eq(set_trap_table((void *)8), -XEFAULT, "a table at address 8");
	if (WIDE) {
		expect_eq(set_trap_table((void *)(word)0x800000000000ull), -XEFAULT,
			  "a table at a non-canonical address");
		expect_eq(set_trap_table((void *)(word)0xffff830000000000ull), -XEFAULT,
			  "a table in the hypervisor");
	} else {
		expect_eq(set_trap_table((void *)0xfffff000), -XEFAULT,
			  "a table in the hypervisor");
	}
	expect_eq(PROBE("ud2", : :), 6, "ud2 afterwards");
}

/* 1024 entries without a zero address, ending at a hole: the valid ones are taken, the hole is
 * -EFAULT. */
static void long_table(void)
{
	static struct trap_info many[3 * PAGE_SIZE / sizeof(struct trap_info)] __page;
	word hole = (word)many + 2 * PAGE_SIZE;
	long rc;

	for (size_t i = 0; i < ARRAY_SIZE(many); i++)
		trap_entry_fill(&many[i], i % 32);
	expect_eq(update_va(hole, 0, UVMF_INVLPG), 0, "make a hole");
	rc = set_trap_table(many);
	expect(rc == -XEFAULT || rc == 0 || rc == -XEINVAL, "a table that runs into a hole: %ld",
	       rc);
	expect_eq(PROBE("ud2", : :), 6, "ud2 afterwards");
}

void test_main(void)
{
	takes_effect();
	refused_entries();
	long_table();
	/* The domain clears the table and sets it again. */
	expect_eq(set_trap_table(NULL), 0, "clear the table");
	traps_init();
	expect_eq(PROBE("ud2", : :), 6, "ud2 with the table set again");
}
