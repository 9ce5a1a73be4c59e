// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 240: linear page tables, stacked, made taking them down recurse without end.
 *
 * Rule: a table in the place of one of its own level is refused, or allowed one deep and taken down
 * flat. Provocation: a chain of 100 tables of each level, each naming the one before in the place
 * of a lower table; then all are unpinned and dropped. FAIL if any is left a table; the machine
 * must stand.
 */
#include "rt.h"

#define N 100

static uint64_t *chain[N];

static void at_level(int level)
{
	unsigned int pin = MMUEXT_PIN_L1_TABLE + level - 1, slot = WIDE ? 300 : 100, made = 0;

	for (unsigned int i = 0; i < N; i++) {
		if (!chain[i])
			chain[i] = page_alloc();
		memset(chain[i], 0, PAGE_SIZE);
		if (i)
			chain[i][slot] = mfn_of(chain[i - 1]) << 12 | PTE_P | PTE_US | PTE_A;
		page_protect(chain[i], false);
		if (mmuext(pin, mfn_of(chain[i]), 0))
			break;
		made++;
	}
	note("level %d: a chain of %u", level, made);
	for (unsigned int i = 0; i < made; i++)
		expect_eq(mmuext(MMUEXT_UNPIN_TABLE, mfn_of(chain[i]), 0), 0, "unpin");
	for (unsigned int i = N; i--; )
		if (chain[i] && page_protect(chain[i], true))
			test_fail("level %d: table %u is still a table", level, i);
}

void test_main(void)
{
	for (int level = 2; level <= (WIDE ? 4 : 2); level++)
		at_level(level);
}
