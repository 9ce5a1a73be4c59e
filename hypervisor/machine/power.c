// SPDX-License-Identifier: GPL-2.0-only
/*
 * Leaving: power off, reset, or stop for good.
 *
 * The way into S5 is two values that only the namespace (\_S5) knows, so the control domain, which
 * reads it, gives them. Resetting needs nobody: the FADT's register, the keyboard controller, the
 * chipset's reset port, and a triple fault, in that order, until one works.
 */
#include "machine/acpi.h"

#include "cpu/asm.h"
#include "lib/errno.h"
#include "lib/log.h"
#include "machine/ipi.h"
#include "machine/pci.h"
#include "mem/map.h"
#include "time/clock.h"

#define PM1_SLP_TYP	(7u << 10)
#define PM1_SLP_EN	(1u << 13)

static struct { bool known; uint16_t a, b; } s5;

/* ACPI 6.4, 4.8.3.2.1: the control registers are 16 bits wide. */
static uint16_t pm1_read(struct acpi_address a)
{
	volatile uint16_t *p;

	if (a.space == ACPI_SPACE_IO)
		return inw((uint16_t)a.address);
	p = ioremap(a.address, 2, CACHE_UC);
	return p ? *p : 0;
}

static void pm1_write(struct acpi_address a, uint16_t value)
{
	volatile uint16_t *p;

	if (a.space == ACPI_SPACE_IO) {
		outw(value, (uint16_t)a.address);
		return;
	}
	p = ioremap(a.address, 2, CACHE_UC);
	if (p)
		*p = value;
}

int acpi_enter_sleep(uint16_t pm1a_val, uint16_t pm1b_val)
{
	uint16_t a, b = 0;

	if (!acpi.pm1a_control.address)
		return -ENODEV;
	s5.known = true;
	s5.a = pm1a_val;
	s5.b = pm1b_val;

	ipi_stop_others();
	a = (uint16_t)((pm1_read(acpi.pm1a_control) & ~(PM1_SLP_TYP | PM1_SLP_EN)) |
		       (pm1a_val & PM1_SLP_TYP));
	if (acpi.pm1b_control.address)
		b = (uint16_t)((pm1_read(acpi.pm1b_control) & ~(PM1_SLP_TYP | PM1_SLP_EN)) |
			       (pm1b_val & PM1_SLP_TYP));
	wbinvd();
	/* Some chips want to see the type before the order to go. */
	pm1_write(acpi.pm1a_control, a);
	if (acpi.pm1b_control.address)
		pm1_write(acpi.pm1b_control, b);
	pm1_write(acpi.pm1a_control, (uint16_t)(a | PM1_SLP_EN));
	if (acpi.pm1b_control.address)
		pm1_write(acpi.pm1b_control, (uint16_t)(b | PM1_SLP_EN));
	clock_delay_us(500 * 1000);
	return -EIO;
}

void acpi_reset(void)
{
	volatile uint8_t *p;

	if (!acpi.can_reset)
		return;
	switch (acpi.reset.space) {
	case ACPI_SPACE_IO:
		outb(acpi.reset_value, (uint16_t)acpi.reset.address);
		break;
	case ACPI_SPACE_MEMORY:
		p = ioremap(acpi.reset.address, 1, CACHE_UC);
		if (p)
			*p = acpi.reset_value;
		break;
	case ACPI_SPACE_PCI:	/* device in bits 32.., function in 16.., register in 0.. */
		pci_conf_write(pci_at(0, 0, (uint8_t)((acpi.reset.address >> 32 & 31) << 3 |
						      (acpi.reset.address >> 16 & 7))),
			       acpi.reset.address & 0xff, 1, acpi.reset_value);
		break;
	}
	clock_delay_us(50 * 1000);
}

void machine_halt(void)
{
	cli();
	for (;;)
		hlt();
}

void machine_reboot(void)
{
	static const struct table_pointer no_idt;

	cli();
	ipi_stop_others();
	acpi_reset();

	for (unsigned int i = 0; i < 0x10000 && (inb(0x64) & 2); i++)
		cpu_relax();		/* its input buffer is full */
	outb(0xfe, 0x64);		/* 8042: pulse the reset line */
	clock_delay_us(50 * 1000);

	outb(0x02, 0xcf9);		/* PCI chipsets: hard reset, on the second write */
	outb(0x06, 0xcf9);
	clock_delay_us(50 * 1000);

	lidt(&no_idt);
	__asm__ volatile("int3");
	machine_halt();
}

void machine_poweroff(void)
{
	cli();
	if (s5.known)
		acpi_enter_sleep(s5.a, s5.b);
	log_err("power off: the control domain has not said how; the machine is halted, switch it off");
	ipi_stop_others();
	machine_halt();
}
