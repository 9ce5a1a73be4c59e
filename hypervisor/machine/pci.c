// SPDX-License-Identifier: GPL-2.0-only
/* PCI configuration space (the story is in pci.h). */
#include "machine/pci.h"

#include "cpu/asm.h"
#include "cpu/lock.h"
#include "lib/bits.h"
#include "lib/log.h"
#include "machine/acpi.h"
#include "mem/map.h"

#define CF8_ENABLE	BIT(31)
#define BUS_BYTES	(1ul << 20)	/* of a window, each bus */

static spinlock_t pci_lock = SPINLOCK_INIT(RANK_PCI);
static volatile uint8_t *window[ACPI_MAX_MCFG];	/* mapped from first_bus on */

static bool access_ok(unsigned int reg, unsigned int size)
{
	return (size == 1 || size == 2 || size == 4) && IS_ALIGNED(reg, size) && reg < 4096;
}

/* Where a register lies in a window; NULL: none covers it. */
static volatile uint8_t *window_at(struct pci_address at, unsigned int reg)
{
	for (unsigned int i = 0; i < acpi.mcfg_count; i++) {
		const struct acpi_mcfg *m = &acpi.mcfg[i];

		if (m->segment == at.segment && at.bus >= m->first_bus && at.bus <= m->last_bus &&
		    window[i])
			return window[i] + (at.bus - m->first_bus) * BUS_BYTES +
			       ((unsigned long)at.devfn << 12) + reg;
	}
	return NULL;
}

static uint32_t cf8_of(struct pci_address at, unsigned int reg)
{
	return (uint32_t)(CF8_ENABLE | (uint32_t)at.bus << 16 | (uint32_t)at.devfn << 8 |
			  (reg & 0xfc));
}

static uint32_t port_read(uint32_t cf8, unsigned int offset, unsigned int size)
{
	uint16_t data = (uint16_t)(0xcfc + offset);
	uint32_t value;

	spin_lock(&pci_lock);
	outl(cf8, 0xcf8);
	value = size == 1 ? inb(data) : size == 2 ? inw(data) : inl(data);
	spin_unlock(&pci_lock);
	return value;
}

static void port_write(uint32_t cf8, unsigned int offset, unsigned int size, uint32_t value)
{
	uint16_t data = (uint16_t)(0xcfc + offset);

	spin_lock(&pci_lock);
	outl(cf8, 0xcf8);
	if (size == 1)
		outb((uint8_t)value, data);
	else if (size == 2)
		outw((uint16_t)value, data);
	else
		outl(value, data);
	spin_unlock(&pci_lock);
}

static uint32_t all_ones(unsigned int size)
{
	return size == 1 ? 0xff : size == 2 ? 0xffff : 0xffffffff;
}

uint32_t pci_conf_read(struct pci_address at, unsigned int reg, unsigned int size)
{
	volatile uint8_t *p;

	if (!access_ok(reg, size))
		return all_ones(size);
	if (at.segment == 0 && reg < 256)
		return port_read(cf8_of(at, reg), reg & 3, size);
	p = window_at(at, reg);
	if (!p)
		return all_ones(size);
	return size == 1 ? *p : size == 2 ? *(volatile uint16_t *)p : *(volatile uint32_t *)p;
}

void pci_conf_write(struct pci_address at, unsigned int reg, unsigned int size, uint32_t value)
{
	volatile uint8_t *p;

	if (!access_ok(reg, size))
		return;
	if (at.segment == 0 && reg < 256) {
		port_write(cf8_of(at, reg), reg & 3, size, value);
		return;
	}
	p = window_at(at, reg);
	if (!p)
		return;
	if (size == 1)
		*p = (uint8_t)value;
	else if (size == 2)
		*(volatile uint16_t *)p = (uint16_t)value;
	else
		*(volatile uint32_t *)p = value;
}

bool pci_exists(struct pci_address at)
{
	uint32_t vendor = pci_conf_read(at, 0, 2);

	return vendor != 0xffff && vendor != 0;
}

unsigned int pci_find_capability(struct pci_address at, uint8_t id)
{
	unsigned int reg;

	if (!pci_exists(at) || !(pci_conf_read(at, 6, 2) & BIT(4)))
		return 0;
	reg = pci_conf_read(at, 0x34, 1) & 0xfc;
	/* A broken device may link them in a circle; 48 is all that fit. */
	for (unsigned int i = 0; reg >= 0x40 && i < 48; i++) {
		if (pci_conf_read(at, reg, 1) == id)
			return reg;
		reg = pci_conf_read(at, reg + 1, 1) & 0xfc;
	}
	return 0;
}

bool pci_segment_known(uint16_t segment, uint8_t first_bus, uint8_t last_bus)
{
	for (unsigned int i = 0; i < acpi.mcfg_count; i++)
		if (acpi.mcfg[i].segment == segment && acpi.mcfg[i].first_bus <= first_bus &&
		    acpi.mcfg[i].last_bus >= last_bus)
			return true;
	return false;
}

/* Does the latch name a register, and do the ports lie in its four bytes? */
static bool cf8_ok(uint32_t latch, unsigned int port, unsigned int bytes)
{
	if (port < 0xcfc || port > 0xcff || port + bytes > 0xd00)
		return false;
	return (latch & CF8_ENABLE) && (bytes == 1 || bytes == 2 || bytes == 4) &&
	       IS_ALIGNED(port - 0xcfc, bytes);
}

/*
 * AMD's chips take bits 27..24 of the latch as bits 11..8 of the register; others ignore them, and
 * so do we: extended registers go through the windows.
 */
static uint32_t cf8_clean(uint32_t latch)
{
	return latch & (CF8_ENABLE | 0x00fffffc);
}

uint32_t pci_cf8_read(uint32_t latch, unsigned int port, unsigned int bytes)
{
	if (!cf8_ok(latch, port, bytes))
		return all_ones(bytes);
	return port_read(cf8_clean(latch), port - 0xcfc, bytes);
}

void pci_cf8_write(uint32_t latch, unsigned int port, unsigned int bytes, uint32_t value)
{
	if (cf8_ok(latch, port, bytes))
		port_write(cf8_clean(latch), port - 0xcfc, bytes, value);
}

void pci_init(void)
{
	for (unsigned int i = 0; i < acpi.mcfg_count; i++) {
		const struct acpi_mcfg *m = &acpi.mcfg[i];

		window[i] = ioremap(m->pa + m->first_bus * BUS_BYTES,
				    (m->last_bus - m->first_bus + 1) * BUS_BYTES, CACHE_UC);
		if (!window[i])
			log_warn("pci: no room to map the configuration window of segment %u",
				 m->segment);
	}
}
