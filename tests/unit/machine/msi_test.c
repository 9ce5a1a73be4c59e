// SPDX-License-Identifier: GPL-2.0-only
// sources: machine/msi.c
/*
 * Messages of devices: what is written into a capability, and that no device, and no word of the
 * control domain's, makes us write outside device memory.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "machine/ioapic.h"
#include "machine/lapic.h"
#include "machine/msi.h"
#include "mem/e820.h"
#include "mem/map.h"

#define CAP_MSI		0x50
#define CAP_MSIX	0x70
#define TABLE_PA	0xfeb00000ul

uint32_t irq_apic_id[64] = { 3 };
struct e820_map e820_host;

/* One device, at 00:02.0, and its table. */
static uint8_t config[256];
static uint32_t table[64];
static uint64_t mapped;
static unsigned int mappings;
static struct irq_desc descs[8];
static unsigned int allocated;

static bool ours(struct pci_address at) { return pci_same(at, pci_at(0, 0, 0x10)); }

uint32_t pci_conf_read(struct pci_address at, unsigned int reg, unsigned int size)
{
	uint32_t value = 0xffffffff;

	if (ours(at) && reg + size <= sizeof(config)) {
		value = 0;
		memcpy(&value, config + reg, size);
	}
	return value;
}

void pci_conf_write(struct pci_address at, unsigned int reg, unsigned int size, uint32_t value)
{
	assert_true(ours(at) && reg + size <= sizeof(config));
	memcpy(config + reg, &value, size);
}

unsigned int pci_find_capability(struct pci_address at, uint8_t id)
{
	return !ours(at) ? 0 : id == PCI_CAP_MSI ? CAP_MSI : CAP_MSIX;
}

uint64_t lapic_msi_address(uint32_t apic_id) { return LAPIC_DEFAULT_PA | apic_id << 12; }
bool ioapic_covers(uint64_t pa, uint64_t bytes) { return pa < 0xfec01000 && pa + bytes > 0xfec00000; }

bool e820_any(const struct e820_map *map, uint64_t start, uint64_t end, uint32_t type)
{
	(void)map;
	(void)type;
	return start < 0x40000000 || (end > 0x100000000 && start < 0x140000000);
}

volatile void *ioremap(uint64_t pa, uint64_t size, enum cacheability how)
{
	(void)size;
	(void)how;
	mapped = pa;
	mappings++;
	return &table[(pa - TABLE_PA) / 4 % 60];
}

void iounmap(volatile void *p, uint64_t size)
{
	(void)p;
	(void)size;
	mappings--;
}

struct irq_desc *irq_alloc_msi(unsigned int n, struct msi_source *source)
{
	if (allocated + n > 8)
		return NULL;
	for (unsigned int i = 0; i < n; i++) {
		descs[allocated + i].msi = source;
		descs[allocated + i].vector = (uint8_t)(0x40 + i);
	}
	allocated += n;
	return &descs[allocated - n];
}

void irq_free_msi(struct irq_desc *first, unsigned int n)
{
	(void)first;
	allocated -= n;
}

static void put(unsigned int reg, uint32_t value, unsigned int bytes)
{
	memcpy(config + reg, &value, bytes);
}

static int setup(void **state)
{
	(void)state;
	memset(config, 0, sizeof(config));
	memset(table, 0, sizeof(table));
	memset(descs, 0, sizeof(descs));
	allocated = mappings = 0;
	mapped = 0;
	put(CAP_MSI + 2, 2 << 1 | 1 << 7 | 1 << 8, 2);	/* four messages, 64-bit, maskable */
	put(CAP_MSIX + 2, 7, 2);			/* eight entries */
	put(CAP_MSIX + 4, 0x40 | 1, 4);			/* at 0x40 of BAR 1 */
	put(0x14, TABLE_PA, 4);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return (int)(allocated + mappings);
}

static const struct pci_address device = { 0, 0, 0x10 }, nobody = { 0, 0, 0x18 };

static void a_plain_message_is_written_masked(void **state)
{
	struct irq_desc *first;

	(void)state;
	assert_int_equal(msi_alloc(device, 4, &first), 0);
	assert_int_equal(pci_conf_read(device, CAP_MSI + 4, 4), 0xfee03000);
	assert_int_equal(pci_conf_read(device, CAP_MSI + 8, 4), 0);
	assert_int_equal(pci_conf_read(device, CAP_MSI + 12, 2), 0x40);
	assert_int_equal(pci_conf_read(device, CAP_MSI + 2, 2) >> 4 & 7, 2);
	assert_int_equal(pci_conf_read(device, CAP_MSI + 16, 4), 0xf);
	msi_set_mask(&first[2], false);
	assert_int_equal(pci_conf_read(device, CAP_MSI + 16, 4), 0xb);
	put(CAP_MSI + 2, pci_conf_read(device, CAP_MSI + 2, 2) | 1, 2);	/* dom0 switches it on */
	assert_int_equal(msi_alloc(device, 1, &first), -EBUSY);
	msi_free(&descs[0]);
	assert_false(pci_conf_read(device, CAP_MSI + 2, 2) & 1);
}

static void a_short_capability_is_written_at_its_own_places(void **state)
{
	struct irq_desc *first;

	(void)state;
	put(CAP_MSI + 2, 0, 2);			/* one message, 32-bit, not maskable */
	put(CAP_MSI + 10, 0xaaaa, 2);
	put(CAP_MSI + 12, 0x55555555, 4);
	assert_int_equal(msi_alloc(device, 1, &first), 0);
	assert_int_equal(pci_conf_read(device, CAP_MSI + 8, 2), 0x40);
	msi_set_mask(first, false);
	assert_int_equal(pci_conf_read(device, CAP_MSI + 10, 2), 0xaaaa);	/* not ours */
	assert_int_equal(pci_conf_read(device, CAP_MSI + 12, 4), 0x55555555);
	msi_free(first);
}

static void an_entry_is_written_masked_where_the_device_says(void **state)
{
	struct irq_desc *desc;

	(void)state;
	assert_int_equal(msix_alloc(device, 2, TABLE_PA, &desc), 0);
	assert_int_equal(mapped, TABLE_PA + 0x40 + 2 * 16);
	assert_int_equal(table[24], 0xfee03000);
	assert_int_equal(table[25], 0);
	assert_int_equal(table[26], 0x40);
	assert_int_equal(table[27], 1);
	msi_set_mask(desc, false);
	assert_int_equal(table[27], 0);
	assert_int_equal(msix_alloc(device, 2, TABLE_PA, &desc), -EBUSY);
	assert_int_equal(msi_alloc(device, 1, &desc), -EBUSY);	/* one way or the other */
	/* It was reset: all is written again. */
	descs[0].live = true;
	memset(table, 0xff, sizeof(table));
	assert_int_equal(msi_restore(device), 0);
	assert_int_equal(table[24], 0xfee03000);
	assert_int_equal(table[27] & 1, 0);
	assert_int_equal(msi_restore(nobody), -ENODEV);
	msi_free(&descs[0]);
}

static void impossible_wishes_are_refused(void **state)
{
	struct irq_desc *desc;

	(void)state;
	assert_int_equal(msi_alloc(nobody, 1, &desc), -ENODEV);
	assert_int_equal(msix_alloc(nobody, 0, TABLE_PA, &desc), -ENODEV);
	assert_int_equal(msi_alloc(device, 0, &desc), -EINVAL);
	assert_int_equal(msi_alloc(device, 3, &desc), -EINVAL);
	assert_int_equal(msi_alloc(device, 8, &desc), -EINVAL);	/* it knows four */
	assert_int_equal(msix_alloc(device, 8, TABLE_PA, &desc), -EINVAL);
	assert_int_equal(msix_alloc(device, 0xffffffff, TABLE_PA, &desc), -EINVAL);
	assert_int_equal(msix_alloc(device, 0, TABLE_PA + 0x1000, &desc), -EINVAL);
}

static void a_table_in_ram_or_an_interrupt_controller_is_refused(void **state)
{
	static const uint64_t bad[] = { 0x1000000, 0xfee00000, 0xfec00000, 0x3fffffc0 };
	struct irq_desc *desc;

	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		put(0x14, (uint32_t)bad[i] & ~0xfu, 4);
		assert_int_equal(msix_alloc(device, 0, bad[i] & ~0xful, &desc), -EINVAL);
		/* A virtual function's BAR reads zero: then the control domain's word is looked at. */
		put(0x14, 0, 4);
		put(CAP_MSIX + 4, 1, 4);
		assert_int_equal(msix_alloc(device, 0, bad[i] & ~0xful, &desc), -EINVAL);
	}
	assert_int_equal(msix_alloc(device, 0, 0, &desc), -EINVAL);
	assert_int_equal(msix_alloc(device, 0, UINT64_MAX & ~0xful, &desc), -EINVAL);
	put(0x14, 4, 4);			/* 64 bits, in RAM above 4 GiB */
	put(0x18, 1, 4);
	assert_int_equal(msix_alloc(device, 0, 0x100000000, &desc), -EINVAL);
	put(0x14, 0xc001, 4);			/* I/O ports */
	assert_int_equal(msix_alloc(device, 0, 0xc000, &desc), -EINVAL);
	put(CAP_MSIX + 4, 7, 4);		/* no such BAR */
	assert_int_equal(msix_alloc(device, 0, 0x1000, &desc), -EINVAL);
	assert_int_equal(mapped, 0);		/* nothing was even mapped */
}

int main(void)
{
#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_plain_message_is_written_masked),
		TEST(a_short_capability_is_written_at_its_own_places),
		TEST(an_entry_is_written_masked_where_the_device_says),
		TEST(impossible_wishes_are_refused),
		TEST(a_table_in_ram_or_an_interrupt_controller_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
