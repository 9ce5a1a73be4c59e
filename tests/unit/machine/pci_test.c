// SPDX-License-Identifier: GPL-2.0-only
// sources: machine/pci.c
/* Configuration space: what of a guest's accesses reaches the ports, and devices that lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cpu/asm.h"
#include "machine/acpi.h"
#include "machine/pci.h"
#include "mem/map.h"

struct acpi_info acpi;
static uint8_t window[1 << 20];

volatile void *ioremap(uint64_t pa, uint64_t size, enum cacheability how)
{
	(void)pa;
	(void)how;
	return size <= sizeof(window) ? window : NULL;
}

static void only_whole_registers_of_an_enabled_latch_are_passed_on(void **state)
{
	static const struct { uint32_t latch; unsigned int port, bytes; } bad[] = {
		{ 0x00001000, 0xcfc, 4 }, { 0x80001000, 0xcfd, 4 }, { 0x80001000, 0xcff, 2 },
		{ 0x80001000, 0xcfb, 4 }, { 0x80001000, 0xcf8, 4 }, { 0x80001000, 0xcfc, 3 },
		{ 0x80001000, 0xcfd, 2 }, { 0x80001000, 0xd00, 1 }, { 0x80001000, 0xcfc, 0 },
	};

	(void)state;
	fake_reset();
	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint32_t ones = bad[i].bytes == 1 ? 0xff : bad[i].bytes == 2 ? 0xffff : 0xffffffff;

		pci_cf8_write(bad[i].latch, bad[i].port, bad[i].bytes, 0x1234);
		assert_int_equal(pci_cf8_read(bad[i].latch, bad[i].port, bad[i].bytes), ones);
	}
	assert_int_equal(fake.out_count, 0);

	pci_cf8_write(0x8f001013, 0xcfe, 2, 0xbeef);
	assert_int_equal(fake.out_count, 2);
	assert_int_equal(inl(0xcf8), 0x80001010);	/* extended and low bits gone */
	assert_int_equal(inw(0xcfe), 0xbeef);
	assert_int_equal(pci_cf8_read(0x80001010, 0xcff, 1), 0xbe);
}

static void what_cannot_be_reached_reads_all_ones(void **state)
{
	(void)state;
	fake_reset();
	assert_int_equal(pci_conf_read(pci_at(0, 0, 0), 4096, 1), 0xff);
	assert_int_equal(pci_conf_read(pci_at(0, 0, 0), 2, 4), 0xffffffff);
	assert_int_equal(pci_conf_read(pci_at(0, 0, 0), 256, 2), 0xffff);
	assert_int_equal(pci_conf_read(pci_at(1, 0, 0), 0, 4), 0xffffffff);
	pci_conf_write(pci_at(1, 0, 0), 0, 4, 0);
	pci_conf_write(pci_at(0, 0, 0), 1, 2, 0);
	assert_int_equal(fake.out_count, 0);
	assert_false(pci_exists(pci_at(1, 2, 3)));
}

static void windows_cover_their_buses_only(void **state)
{
	(void)state;
	fake_reset();
	acpi.mcfg_count = 1;
	acpi.mcfg[0] = (struct acpi_mcfg){ .pa = 0xe0000000, .segment = 1, .first_bus = 5, .last_bus = 5 };
	pci_init();
	pci_conf_write(pci_at(1, 5, 0x0a), 0x104, 4, 0x12345678);
	assert_int_equal(*(uint32_t *)(window + (0x0a << 12) + 0x104), 0x12345678);
	assert_int_equal(pci_conf_read(pci_at(1, 5, 0x0a), 0x106, 2), 0x1234);
	assert_int_equal(pci_conf_read(pci_at(1, 4, 0x0a), 0x104, 4), 0xffffffff);
	assert_int_equal(pci_conf_read(pci_at(1, 6, 0x0a), 0x104, 4), 0xffffffff);
	assert_true(pci_segment_known(1, 5, 5));
	assert_false(pci_segment_known(1, 4, 5));
	assert_false(pci_segment_known(0, 5, 5));
}

static void a_circle_of_capabilities_ends(void **state)
{
	uint8_t *device = window + (0x0b << 12);

	(void)state;
	acpi.mcfg_count = 1;
	acpi.mcfg[0] = (struct acpi_mcfg){ .pa = 0xe0000000, .segment = 1, .first_bus = 5, .last_bus = 5 };
	pci_init();
	device[0] = 1;
	device[6] = 1 << 4;
	device[0x34] = 0x40;
	device[0x40] = 1;
	device[0x41] = 0x50;
	device[0x50] = 0x11;
	device[0x51] = 0x40;
	assert_int_equal(pci_find_capability(pci_at(1, 5, 0x0b), PCI_CAP_MSI), 0);
	assert_int_equal(pci_find_capability(pci_at(1, 5, 0x0b), PCI_CAP_MSIX), 0x50);
	device[0x41] = 0x3c;			/* into the header */
	assert_int_equal(pci_find_capability(pci_at(1, 5, 0x0b), PCI_CAP_MSIX), 0);
	device[6] = 0;
	assert_int_equal(pci_find_capability(pci_at(1, 5, 0x0b), 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_whole_registers_of_an_enabled_latch_are_passed_on),
		cmocka_unit_test(what_cannot_be_reached_reads_all_ones),
		cmocka_unit_test(windows_cover_their_buses_only),
		cmocka_unit_test(a_circle_of_capabilities_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
