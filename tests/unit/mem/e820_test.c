// SPDX-License-Identifier: GPL-2.0-only
// sources: mem/e820.c mem/boot_alloc.c
/* The loader's memory map, however torn, and memory taken from it before there is an allocator. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/bits.h"
#include "mem/alloc.h"
#include "mem/e820.h"

#define MIB	0x100000ul

static void add(uint64_t addr, uint64_t size, uint32_t type)
{
	assert_int_equal(e820_add(&e820_host, addr, size, type), 0);
}

static int set_up(void **state)
{
	(void)state;
	e820_host.count = 0;
	return 0;
}

static void check(unsigned int i, uint64_t start, uint64_t end, uint32_t type)
{
	assert_true(i < e820_host.count);
	assert_int_equal(e820_host.entry[i].addr, start);
	assert_int_equal(e820_host.entry[i].addr + e820_host.entry[i].size, end);
	assert_int_equal(e820_host.entry[i].type, type);
}

static void a_map_is_sorted_and_neighbours_join(void **state)
{
	(void)state;
	add(4 * MIB, 4 * MIB, E820_RAM);
	add(0, MIB, E820_RAM);
	add(2 * MIB, 2 * MIB, E820_RAM);
	e820_sanitise(&e820_host);
	assert_int_equal(e820_host.count, 2);
	check(0, 0, MIB, E820_RAM);
	check(1, 2 * MIB, 8 * MIB, E820_RAM);
	assert_int_equal(e820_ram_bytes(&e820_host), 7 * MIB);
	assert_int_equal(e820_ram_end(&e820_host), 8 * MIB);
}

static void where_entries_overlap_ram_loses(void **state)
{
	(void)state;
	add(0, 16 * MIB, E820_RAM);
	add(4 * MIB, 4 * MIB, E820_RESERVED);
	add(6 * MIB, 4 * MIB, E820_ACPI);
	e820_sanitise(&e820_host);
	assert_int_equal(e820_host.count, 4);
	check(0, 0, 4 * MIB, E820_RAM);
	check(1, 4 * MIB, 8 * MIB, E820_RESERVED);
	check(2, 8 * MIB, 10 * MIB, E820_ACPI);
	check(3, 10 * MIB, 16 * MIB, E820_RAM);
}

static void ram_is_cut_to_whole_pages(void **state)
{
	(void)state;
	add(0, 0x9fc00, E820_RAM);
	add(0x9fc00, 0x400, E820_RESERVED);
	add(MIB + 1, 4096, E820_RAM);
	e820_sanitise(&e820_host);
	assert_int_equal(e820_host.count, 2);
	check(0, 0, 0x9f000, E820_RAM);
	check(1, 0x9fc00, 0xa0000, E820_RESERVED);
}

static void an_entry_past_the_end_of_addresses_is_cut(void **state)
{
	(void)state;
	add(-4096ul, 1ul << 40, E820_RESERVED);
	e820_sanitise(&e820_host);
	assert_true(e820_host.count <= 1);
}

static void questions_about_ranges(void **state)
{
	(void)state;
	add(0, 4 * MIB, E820_RAM);
	add(8 * MIB, 4 * MIB, E820_RAM);
	e820_sanitise(&e820_host);
	assert_true(e820_all(&e820_host, 0, 4 * MIB, E820_RAM));
	assert_false(e820_all(&e820_host, 0, 4 * MIB + 1, E820_RAM));
	assert_false(e820_all(&e820_host, 3 * MIB, 9 * MIB, E820_RAM));
	assert_true(e820_any(&e820_host, 3 * MIB, 9 * MIB, E820_RAM));
	assert_false(e820_any(&e820_host, 4 * MIB, 8 * MIB, E820_RAM));
}

static void a_full_map_says_so(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < E820_MAX; i++)
		add(i * 2 * MIB, MIB, E820_RAM);
	assert_int_equal(e820_add(&e820_host, 0, MIB, E820_RAM), -ENOSPC);
}

/* What boot_reserve() was told stays told, so this is one test. */
static void early_memory_avoids_what_is_in_use(void **state)
{
	uint64_t a, b;

	(void)state;
	add(0, 16 * MIB, E820_RAM);
	add(64 * MIB, 8 * MIB, E820_RAM);
	e820_sanitise(&e820_host);
	boot_reserve(2 * MIB, 6 * MIB);
	boot_reserve(15 * MIB, 16 * MIB);

	a = boot_alloc(MIB, MIB, UINT64_MAX);
	assert_int_equal(a, 71 * MIB);
	b = boot_alloc(MIB, MIB, 32 * MIB);
	assert_int_equal(b, 14 * MIB);
	b = boot_alloc(4096, 4096, 32 * MIB);
	assert_int_equal(b, 14 * MIB - 4096);
	/* Aligned, below what was just taken. */
	b = boot_alloc(2 * MIB, 2 * MIB, 16 * MIB);
	assert_int_equal(b, 10 * MIB);
	b = boot_alloc(4 * MIB, 4096, 16 * MIB);
	assert_int_equal(b, 6 * MIB);
	assert_int_equal(boot_alloc(32 * MIB, 4096, UINT64_MAX), 0);
	/* The first MiB is never given. */
	assert_int_equal(boot_alloc(MIB, 4096, 3 * MIB), MIB);
	assert_int_equal(boot_alloc(MIB, 4096, 3 * MIB), 0);
}

#define TEST(f) cmocka_unit_test_setup(f, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_map_is_sorted_and_neighbours_join),
		TEST(where_entries_overlap_ram_loses),
		TEST(ram_is_cut_to_whole_pages),
		TEST(an_entry_past_the_end_of_addresses_is_cut),
		TEST(questions_about_ranges),
		TEST(a_full_map_says_so),
		TEST(early_memory_avoids_what_is_in_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
