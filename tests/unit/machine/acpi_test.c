// SPDX-License-Identifier: GPL-2.0-only
// sources: machine/acpi.c
/*
 * ACPI tables: good ones are understood, broken ones refused or ignored, and a table that lies about
 * its size is never read past its end. Tables stand at the very end of an allocation, so that the
 * address sanitizer sees the first byte too many.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "machine/acpi.h"
#include "machine/stop.h"
#include "mem/map.h"

#define PHYS_BYTES	0x100000

static uint8_t phys[PHYS_BYTES];
static jmp_buf stopped;
static char last_words[256];
static void *live[4];		/* mappings not given back; a stop leaves some */

/* Every mapping is a copy of its own, exactly as long as was asked for. */
volatile void *ioremap(uint64_t pa, uint64_t size, enum cacheability how)
{
	uint8_t *p;

	(void)how;
	if (pa + size > PHYS_BYTES)
		return NULL;
	p = malloc(size);
	memcpy(p, phys + pa, size);
	for (unsigned int i = 0; i < 4; i++)
		if (!live[i]) {
			live[i] = p;
			return p;
		}
	abort();
}

void iounmap(volatile void *p, uint64_t size)
{
	(void)size;
	for (unsigned int i = 0; i < 4; i++)
		if (live[i] == (void *)(uintptr_t)p)
			live[i] = NULL;
	free((void *)(uintptr_t)p);
}

void machine_stop(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(last_words, sizeof(last_words), fmt, args);
	va_end(args);
	longjmp(stopped, 1);
}

static void put(uint8_t *p, uint64_t value, unsigned int bytes)
{
	for (unsigned int i = 0; i < bytes; i++)
		p[i] = (uint8_t)(value >> 8 * i);
}

static void seal(uint8_t *table, size_t bytes, unsigned int sum_at)
{
	uint8_t sum = 0;

	table[sum_at] = 0;
	for (size_t i = 0; i < bytes; i++)
		sum = (uint8_t)(sum + table[i]);
	table[sum_at] = (uint8_t)-sum;
}

static void header(uint8_t *table, const char *signature, uint32_t bytes)
{
	memcpy(table, signature, 4);
	put(table + 4, bytes, 4);
	table[8] = 1;
	seal(table, bytes, 9);
}

/* A MADT of these entries, alone on the heap. */
static uint8_t *madt(const uint8_t *entries, size_t bytes)
{
	uint8_t *t = calloc(1, 44 + bytes);

	put(t + 36, 0xfee00000, 4);
	t[40] = 1;
	memcpy(t + 44, entries, bytes);
	header(t, "APIC", (uint32_t)(44 + bytes));
	return t;
}

static const uint8_t good_entries[] = {
	0, 8, 1, 0, 1, 0, 0, 0,				/* CPU 0, enabled */
	0, 8, 2, 4, 0, 0, 0, 0,				/* CPU with APIC id 4, disabled */
	1, 12, 7, 0, 0x00, 0x00, 0xc0, 0xfe, 0, 0, 0, 0,	/* I/O APIC at fec00000 */
	2, 10, 0, 0, 2, 0, 0, 0, 0, 0,			/* ISA 0 is GSI 2 */
	2, 10, 0, 9, 9, 0, 0, 0, 0xf, 0,		/* ISA 9: level, low */
	9, 16, 0, 0, 0x34, 1, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0,	/* x2APIC id 0x134 */
	0x7f, 3, 0xff,					/* something unknown */
};

static void madt_is_understood(void **state)
{
	struct acpi_info info = { 0 };
	uint8_t *t = madt(good_entries, sizeof(good_entries));

	(void)state;
	assert_int_equal(acpi_parse_madt(t, 44 + sizeof(good_entries), &info), 0);
	assert_int_equal(info.lapic_pa, 0xfee00000);
	assert_true(info.has_8259);
	assert_int_equal(info.cpu_count, 3);
	assert_true(info.cpu[0].enabled);
	assert_false(info.cpu[1].enabled);
	assert_int_equal(info.cpu[1].apic_id, 4);
	assert_int_equal(info.cpu[2].apic_id, 0x134);
	assert_int_equal(info.cpu[2].acpi_id, 5);
	assert_int_equal(info.ioapic_count, 1);
	assert_int_equal(info.ioapic[0].pa, 0xfec00000);
	assert_int_equal(info.ioapic[0].id, 7);
	assert_int_equal(info.override_count, 2);
	assert_int_equal(info.override[0].gsi, 2);
	assert_false(info.override[0].level);
	assert_true(info.override[1].level && info.override[1].active_low);
	free(t);
}

static void madt_entries_that_lie_are_refused(void **state)
{
	static const uint8_t endless[] = { 0, 0, 0, 0 }, one[] = { 0, 1 }, long_one[] = { 1, 200, 0, 0 },
		short_ioapic[] = { 1, 6, 0, 0, 0, 0 }, half[] = { 0 };
	static const struct { const uint8_t *bytes; size_t n; int rc; } cases[] = {
		{ endless, sizeof(endless), -EINVAL },
		{ one, sizeof(one), -EINVAL },
		{ long_one, sizeof(long_one), -EINVAL },
		{ short_ioapic, sizeof(short_ioapic), 0 },	/* whole, but too short to be used */
		{ half, sizeof(half), 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct acpi_info info = { 0 };
		uint8_t *t = madt(cases[i].bytes, cases[i].n);

		assert_int_equal(acpi_parse_madt(t, 44 + cases[i].n, &info), cases[i].rc);
		assert_int_equal(info.ioapic_count, 0);
		free(t);
	}
}

static void madt_with_too_much_of_everything_fills_no_more_than_there_is(void **state)
{
	struct acpi_info *info = calloc(1, sizeof(*info));
	size_t bytes = 1000 * 8 + 100 * 12 + 100 * 10, at = 0;
	uint8_t *entries = calloc(1, bytes), *t;

	(void)state;
	for (unsigned int i = 0; i < 1000; i++, at += 8) {
		entries[at + 1] = 8;
		entries[at + 4] = 1;
	}
	for (unsigned int i = 0; i < 100; i++, at += 12) {
		entries[at] = 1;
		entries[at + 1] = 12;
		put(entries + at + 4, 0xfec00000 + i * 0x1000, 4);
	}
	for (unsigned int i = 0; i < 100; i++, at += 10) {
		entries[at] = 2;
		entries[at + 1] = 10;
		entries[at + 3] = (uint8_t)i;
	}
	t = madt(entries, bytes);
	assert_int_equal(acpi_parse_madt(t, 44 + bytes, info), 0);
	assert_int_equal(info->cpu_count, ACPI_MAX_CPUS);
	assert_int_equal(info->ioapic_count, ACPI_MAX_IOAPICS);
	assert_int_equal(info->override_count, 16);	/* there are 16 ISA interrupts */
	free(t);
	free(entries);
	free(info);
}

static void tables_with_bad_sums_or_sizes_are_refused(void **state)
{
	static int (*const parsers[])(const void *, size_t, struct acpi_info *) = {
		acpi_parse_madt, acpi_parse_fadt, acpi_parse_hpet, acpi_parse_mcfg
	};
	static const char *const names[] = { "APIC", "FACP", "HPET", "MCFG" };
	struct acpi_info info = { 0 };

	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		uint8_t *t = calloc(1, 300);

		header(t, names[i], 300);
		t[9]++;
		assert_int_equal(parsers[i](t, 300, &info), -EIO);
		header(t, names[i], 300);
		put(t + 4, 301, 4);
		seal(t, 300, 9);
		assert_int_equal(parsers[i](t, 300, &info), -E2BIG);
		put(t + 4, 35, 4);
		assert_int_equal(parsers[i](t, 300, &info), -E2BIG);
		assert_int_equal(parsers[i](t, 20, &info), -EINVAL);
		header(t, "XXXX", 300);
		assert_int_equal(parsers[i](t, 300, &info), -EINVAL);
		free(t);
		/* Long enough for a header only. */
		t = calloc(1, 36);
		header(t, names[i], 36);
		(void)!parsers[i](t, 36, &info);
		free(t);
	}
}

static uint8_t *fadt(size_t bytes)
{
	uint8_t *t = calloc(1, bytes);

	put(t + 46, 9, 2);
	put(t + 64, 0x604, 4);
	put(t + 76, 0x608, 4);
	if (bytes >= 129) {
		put(t + 112, 1u << 10 | 1u << 8, 4);
		t[116] = ACPI_SPACE_IO;
		t[117] = 8;
		put(t + 120, 0xcf9, 8);
		t[128] = 0x0f;
	}
	header(t, "FACP", (uint32_t)bytes);
	return t;
}

static void fadt_gives_power_and_reset(void **state)
{
	struct acpi_info info = { 0 };
	uint8_t *t = fadt(244);

	(void)state;
	assert_int_equal(acpi_parse_fadt(t, 244, &info), 0);
	assert_true(info.has_fadt && info.can_reset && info.pm_timer_32bit);
	assert_int_equal(info.sci_irq, 9);
	assert_int_equal(info.pm1a_control.address, 0x604);
	assert_int_equal(info.pm1b_control.address, 0);
	assert_int_equal(info.pm_timer.address, 0x608);
	assert_int_equal(info.reset.address, 0xcf9);
	assert_int_equal(info.reset_value, 0x0f);
	free(t);
}

static void fadt_of_the_first_version_has_no_reset(void **state)
{
	struct acpi_info info = { 0 };
	uint8_t *t = fadt(116);

	(void)state;
	assert_int_equal(acpi_parse_fadt(t, 116, &info), 0);
	assert_false(info.can_reset);
	assert_int_equal(info.pm1a_control.address, 0x604);
	free(t);
}

static void fadt_addresses_we_cannot_reach_are_none(void **state)
{
	struct acpi_info info = { 0 };
	uint8_t *t = fadt(244);

	(void)state;
	put(t + 64, 0x10604, 4);		/* no such port */
	t[172] = 0x7f;				/* extended: an unknown space */
	put(t + 176, 0x604, 8);
	put(t + 120, 0x12345678, 8);		/* reset at port 0x12345678 */
	header(t, "FACP", 244);
	assert_int_equal(acpi_parse_fadt(t, 244, &info), 0);
	assert_int_equal(info.pm1a_control.address, 0);
	assert_false(info.can_reset);
	free(t);
}

static void hpet_and_mcfg_are_checked(void **state)
{
	struct acpi_info info = { 0 };
	uint8_t *t = calloc(1, 56);

	(void)state;
	t[40] = ACPI_SPACE_MEMORY;
	put(t + 44, 0xfed00000, 8);
	header(t, "HPET", 56);
	assert_int_equal(acpi_parse_hpet(t, 56, &info), 0);
	assert_int_equal(info.hpet_pa, 0xfed00000);
	t[40] = ACPI_SPACE_IO;
	header(t, "HPET", 56);
	assert_int_equal(acpi_parse_hpet(t, 56, &info), -EINVAL);
	free(t);

	t = calloc(1, 44 + 16 * 40 + 7);	/* more windows than we keep, and a torn one */
	for (unsigned int i = 0; i < 40; i++) {
		put(t + 44 + 16 * i, 0xe0000000, 8);
		t[44 + 16 * i + 11] = 0xff;
	}
	put(t + 44, 0xe0000123, 8);		/* not aligned: ignored */
	t[44 + 16 + 10] = 9;			/* buses 9 to 3: ignored */
	t[44 + 16 + 11] = 3;
	header(t, "MCFG", 44 + 16 * 40 + 7);
	assert_int_equal(acpi_parse_mcfg(t, 44 + 16 * 40 + 7, &info), 0);
	assert_int_equal(info.mcfg_count, ACPI_MAX_MCFG);
	assert_int_equal(info.mcfg[0].pa, 0xe0000000);
	free(t);
}

/* --- a whole firmware in phys[] --- */

#define RSDP_AT	0xf1230
#define XSDT_AT	0x80000
#define MADT_AT	0x81000
#define FADT_AT	0x82000

static void make_firmware(void)
{
	uint8_t *t;

	memset(phys, 0, sizeof(phys));
	memset(&acpi, 0, sizeof(acpi));
	memcpy(phys + RSDP_AT, "RSD PTR ", 8);
	phys[RSDP_AT + 15] = 2;
	put(phys + RSDP_AT + 20, 36, 4);
	put(phys + RSDP_AT + 24, XSDT_AT, 8);
	seal(phys + RSDP_AT, 20, 8);
	seal(phys + RSDP_AT, 36, 32);
	put(phys + XSDT_AT + 36, MADT_AT, 8);
	put(phys + XSDT_AT + 44, FADT_AT, 8);
	put(phys + XSDT_AT + 52, 0xffffffffffff0000ul, 8);	/* beyond everything */
	header(phys + XSDT_AT, "XSDT", 60);
	t = madt(good_entries, sizeof(good_entries));
	memcpy(phys + MADT_AT, t, 44 + sizeof(good_entries));
	free(t);
	t = fadt(244);
	memcpy(phys + FADT_AT, t, 244);
	free(t);
}

static bool init_stops(uint64_t rsdp)
{
	last_words[0] = 0;
	if (setjmp(stopped)) {
		for (unsigned int i = 0; i < 4; i++) {
			free(live[i]);
			live[i] = NULL;
		}
		return true;
	}
	acpi_init(rsdp);
	for (unsigned int i = 0; i < 4; i++)
		assert_null(live[i]);
	return false;
}

static void everything_is_found_from_the_root(void **state)
{
	(void)state;
	make_firmware();
	assert_false(init_stops(RSDP_AT));
	assert_int_equal(acpi.ioapic_count, 1);
	assert_true(acpi.has_fadt);
	/* The same by search. */
	make_firmware();
	assert_false(init_stops(0));
	assert_int_equal(acpi.rsdp_pa, RSDP_AT);
	assert_int_equal(acpi.ioapic_count, 1);
}

static void what_we_cannot_live_without_stops_with_a_remedy(void **state)
{
	(void)state;
	make_firmware();
	phys[RSDP_AT] = 'X';
	assert_true(init_stops(0));
	assert_non_null(strstr(last_words, "no tables"));

	make_firmware();
	assert_true(init_stops(RSDP_AT + 16));
	assert_non_null(strstr(last_words, "RSDP"));

	make_firmware();
	phys[XSDT_AT + 9]++;
	assert_true(init_stops(RSDP_AT));
	assert_non_null(strstr(last_words, "XSDT"));

	make_firmware();
	put(phys + XSDT_AT + 4, 0xffffffff, 4);
	assert_true(init_stops(RSDP_AT));

	make_firmware();
	phys[MADT_AT + 9]++;
	assert_true(init_stops(RSDP_AT));
	assert_non_null(strstr(last_words, "MADT"));
	assert_non_null(strstr(last_words, "firmware setup"));
}

static void other_broken_tables_are_ignored(void **state)
{
	(void)state;
	make_firmware();
	phys[FADT_AT + 9]++;
	assert_false(init_stops(RSDP_AT));
	assert_false(acpi.has_fadt);
	assert_int_equal(acpi.ioapic_count, 1);
}

static void an_extended_root_that_is_torn_falls_back_to_the_old_one(void **state)
{
	uint64_t root;
	unsigned int width;

	(void)state;
	make_firmware();
	put(phys + RSDP_AT + 16, 0x1234, 4);
	seal(phys + RSDP_AT, 20, 8);
	phys[RSDP_AT + 33]++;
	assert_int_equal(acpi_parse_rsdp(phys + RSDP_AT, 36, &root, &width), 0);
	assert_int_equal(root, 0x1234);
	assert_int_equal(width, 4);
}

/* Only the sanitizers can object here. */
static void random_damage_is_survived(void **state)
{
	(void)state;
	srand(1);
	for (unsigned int round = 0; round < 3000; round++) {
		static const unsigned int at[] = { RSDP_AT, XSDT_AT, MADT_AT, FADT_AT };

		make_firmware();
		for (unsigned int i = 0; i < 4; i++) {
			uint8_t *t = phys + at[rand() % 4];

			t[rand() % 64] = (uint8_t)rand();
		}
		seal(phys + RSDP_AT, 20, 8);
		seal(phys + XSDT_AT, 60, 9);
		seal(phys + MADT_AT, 44 + sizeof(good_entries), 9);
		init_stops(RSDP_AT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(madt_is_understood),
		cmocka_unit_test(madt_entries_that_lie_are_refused),
		cmocka_unit_test(madt_with_too_much_of_everything_fills_no_more_than_there_is),
		cmocka_unit_test(tables_with_bad_sums_or_sizes_are_refused),
		cmocka_unit_test(fadt_gives_power_and_reset),
		cmocka_unit_test(fadt_of_the_first_version_has_no_reset),
		cmocka_unit_test(fadt_addresses_we_cannot_reach_are_none),
		cmocka_unit_test(hpet_and_mcfg_are_checked),
		cmocka_unit_test(everything_is_found_from_the_root),
		cmocka_unit_test(what_we_cannot_live_without_stops_with_a_remedy),
		cmocka_unit_test(other_broken_tables_are_ignored),
		cmocka_unit_test(an_extended_root_that_is_torn_falls_back_to_the_old_one),
		cmocka_unit_test(random_damage_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
