// SPDX-License-Identifier: GPL-2.0-only
/* I/O APICs (the story is in ioapic.h). Registers: Intel 82093AA data sheet, chapter 3. */
#include "machine/ioapic.h"

#include "cpu/lock.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "lib/log.h"
#include "machine/acpi.h"
#include "machine/irq.h"
#include "machine/stop.h"
#include "mem/map.h"

#define REG_ID		0
#define REG_VERSION	1
#define REG_ARBITRATION	2
#define REG_PIN(n)	(0x10 + 2 * (n))

#define PIN_LOW		BIT(13)		/* active low */
#define PIN_LEVEL	BIT(15)
#define PIN_MASKED	BIT(16)

static struct chip {
	spinlock_t lock;
	volatile uint32_t *window;	/* [0]: which register, [4]: its contents */
	unsigned int gsi_base, pin_count;
} chips[ACPI_MAX_IOAPICS];
static unsigned int gsi_count;

static uint32_t chip_read(struct chip *c, unsigned int reg)
{
	uint32_t value;

	spin_lock(&c->lock);
	c->window[0] = reg;
	value = c->window[4];
	spin_unlock(&c->lock);
	return value;
}

static void chip_write(struct chip *c, unsigned int reg, uint32_t value)
{
	spin_lock(&c->lock);
	c->window[0] = reg;
	c->window[4] = value;
	spin_unlock(&c->lock);
}

static struct chip *chip_of(unsigned int gsi, unsigned int *pin)
{
	for (unsigned int i = 0; i < acpi.ioapic_count; i++) {
		struct chip *c = &chips[i];

		if (gsi >= c->gsi_base && gsi - c->gsi_base < c->pin_count) {
			*pin = gsi - c->gsi_base;
			return c;
		}
	}
	return NULL;
}

unsigned int ioapic_gsi_count(void)
{
	return gsi_count;
}

bool ioapic_gsi_exists(unsigned int gsi)
{
	unsigned int pin;

	return chip_of(gsi, &pin) != NULL;
}

void ioapic_set_route(unsigned int gsi, const struct ioapic_route *route)
{
	unsigned int pin;
	struct chip *c = chip_of(gsi, &pin);
	uint32_t low;

	if (!c)
		return;
	low = route->vector;
	if (route->active_low)
		low |= PIN_LOW;
	if (route->level)
		low |= PIN_LEVEL;
	/* Never half a route: masked while the halves differ. */
	chip_write(c, REG_PIN(pin), low | PIN_MASKED);
	chip_write(c, REG_PIN(pin) + 1, route->apic_id << 24);
	if (!route->masked)
		chip_write(c, REG_PIN(pin), low);
}

static void set_masked(unsigned int gsi, bool masked)
{
	unsigned int pin;
	struct chip *c = chip_of(gsi, &pin);
	uint32_t low;

	if (!c)
		return;
	low = chip_read(c, REG_PIN(pin));
	low = masked ? low | PIN_MASKED : low & ~(uint32_t)PIN_MASKED;
	chip_write(c, REG_PIN(pin), low);
	if (masked)
		chip_read(c, REG_PIN(pin));	/* it has arrived when this is answered */
}

void ioapic_mask(unsigned int gsi)
{
	set_masked(gsi, true);
}

void ioapic_unmask(unsigned int gsi)
{
	set_masked(gsi, false);
}

int ioapic_read_register(uint64_t pa, uint32_t reg, uint32_t *value)
{
	for (unsigned int i = 0; i < acpi.ioapic_count; i++) {
		if (acpi.ioapic[i].pa != pa || !chips[i].window)
			continue;
		if (reg > REG_ARBITRATION && (reg < REG_PIN(0) || reg >= REG_PIN(chips[i].pin_count)))
			return -EINVAL;
		*value = chip_read(&chips[i], reg);
		return 0;
	}
	return -ENODEV;
}

bool ioapic_covers(uint64_t pa, uint64_t bytes)
{
	for (unsigned int i = 0; i < acpi.ioapic_count; i++) {
		uint64_t page = ALIGN_DOWN(acpi.ioapic[i].pa, 4096);

		if (pa < page + 4096 && pa + bytes > page)
			return true;
	}
	return false;
}

static void init_chip(unsigned int i)
{
	const struct acpi_ioapic *told = &acpi.ioapic[i];
	struct chip *c = &chips[i];
	unsigned int pins;

	spin_lock_init(&c->lock, RANK_IOAPIC);
	c->window = ioremap(told->pa, 0x20, CACHE_UC);
	if (!c->window)
		return;
	pins = (chip_read(c, REG_VERSION) >> 16 & 0xff) + 1;
	if (chip_read(c, REG_VERSION) == 0xffffffff || told->gsi_base >= IRQ_GSI_MAX ||
	    pins > IRQ_GSI_MAX - told->gsi_base) {
		log_warn("ioapic: the chip at %#lx with interrupts from %u on is not usable",
			 (unsigned long)told->pa, told->gsi_base);
		return;
	}
	c->gsi_base = told->gsi_base;
	c->pin_count = pins;
	gsi_count = MAX(gsi_count, c->gsi_base + pins);
	for (unsigned int pin = 0; pin < pins; pin++) {
		chip_write(c, REG_PIN(pin), PIN_MASKED);
		chip_write(c, REG_PIN(pin) + 1, 0);
	}
}

void ioapic_init(void)
{
	for (unsigned int i = 0; i < acpi.ioapic_count; i++)
		init_chip(i);
	if (!gsi_count)
		machine_stop("none of the I/O APICs in the MADT table answers: "
			     "update the machine's firmware");
}
