// SPDX-License-Identifier: GPL-2.0-only
/*
 * ACPI's static tables: which CPUs, interrupt controllers, timers and configuration windows there
 * are, and how the machine is switched off and reset. The namespace (AML) is the control domain's.
 *
 * The firmware's words are not trusted to be well-formed: every table is copied out of a checked
 * mapping, summed, and read inside its bounds. What is understood is kept here, the tables are not
 * looked at again. A table that we cannot live without stops the machine with one line that names
 * cause and remedy; any other that is broken is ignored with a line.
 *
 * Invariant: after acpi_init() nothing here changes, so there are no locks.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/bug.h"

#define ACPI_MAX_CPUS		512
#define ACPI_MAX_IOAPICS	32
#define ACPI_MAX_OVERRIDES	32
#define ACPI_MAX_MCFG		16

/* ACPI's generic address (ACPI 6.4, 5.2.3.2). */
struct acpi_address {
	uint8_t space;		/* ACPI_SPACE_*; with address 0: none */
	uint8_t bits;
	uint64_t address;
};

#define ACPI_SPACE_MEMORY	0
#define ACPI_SPACE_IO		1
#define ACPI_SPACE_PCI		2

struct acpi_cpu {
	uint32_t apic_id, acpi_id;
	bool enabled;
};

struct acpi_ioapic {
	uint64_t pa;
	uint32_t gsi_base;
	uint8_t id;
};

/* An ISA interrupt that is not what ISA interrupts are. */
struct acpi_override {
	uint8_t irq;
	uint32_t gsi;
	bool level, active_low;
};

/* A window of PCI configuration space. */
struct acpi_mcfg {
	uint64_t pa;		/* of bus 0, even when first_bus is not 0 */
	uint16_t segment;
	uint8_t first_bus, last_bus;
};

struct acpi_info {
	uint64_t rsdp_pa;

	/* MADT */
	uint64_t lapic_pa;
	bool has_8259;
	struct acpi_cpu cpu[ACPI_MAX_CPUS];
	unsigned int cpu_count;
	struct acpi_ioapic ioapic[ACPI_MAX_IOAPICS];
	unsigned int ioapic_count;
	struct acpi_override override[ACPI_MAX_OVERRIDES];
	unsigned int override_count;

	/* FADT */
	bool has_fadt, hw_reduced, pm_timer_32bit, can_reset;
	uint16_t sci_irq;
	struct acpi_address pm1a_control, pm1b_control, pm_timer, reset, sleep_control;
	uint8_t reset_value;

	/* HPET: address 0 when there is none */
	uint64_t hpet_pa;

	/* MCFG */
	struct acpi_mcfg mcfg[ACPI_MAX_MCFG];
	unsigned int mcfg_count;
};

extern struct acpi_info acpi;

/* Read the tables; rsdp_pa is what the loader gave, or 0 to search for it as PC BIOSes leave it. */
void acpi_init(uint64_t rsdp_pa);

/*
 * Put the machine to sleep state S5 with what the control domain read out of \_S5: the whole
 * values of the PM1 control registers (SLP_EN or not). Returns only when it did not work.
 * Fails: -ENODEV no such register; -EIO the machine goes on.
 */
int acpi_enter_sleep(uint16_t pm1a_val, uint16_t pm1b_val);

/* Reset through the register the FADT names. Returns when there is none, or it did nothing. */
void acpi_reset(void);

__attribute__((noreturn)) void machine_reboot(void);
/* By the values of an acpi_enter_sleep() that did not work at first, if there were any. */
__attribute__((noreturn)) void machine_poweroff(void);
__attribute__((noreturn)) void machine_halt(void);

/* --- inside this room (and its tests): one parser a table, over a copy of it --- */

must_check int acpi_check_table(const void *table, size_t bytes, const char *signature);
must_check int acpi_parse_madt(const void *table, size_t bytes, struct acpi_info *info);
must_check int acpi_parse_fadt(const void *table, size_t bytes, struct acpi_info *info);
must_check int acpi_parse_hpet(const void *table, size_t bytes, struct acpi_info *info);
must_check int acpi_parse_mcfg(const void *table, size_t bytes, struct acpi_info *info);
/* Is this an RSDP? Gives the table that lists the others, and the width of its entries. */
must_check int acpi_parse_rsdp(const void *rsdp, size_t bytes, uint64_t *root_pa,
			       unsigned int *entry_bytes);
