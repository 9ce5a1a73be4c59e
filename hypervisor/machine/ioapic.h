// SPDX-License-Identifier: GPL-2.0-only
/*
 * I/O APICs: from the wire of a device (a GSI, global system interrupt) to a vector of a CPU.
 *
 * Each chip covers a run of GSIs, told by the MADT and the chip itself. All pins start masked.
 * Locks: one per chip (RANK_IOAPIC), because a register takes two accesses; callers hold the
 * descriptor's (machine/irq.h), which guards what a pin is set to.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/bug.h"

struct ioapic_route {
	uint32_t apic_id;	/* CPU the interrupt goes to */
	uint8_t vector;
	bool level, active_low, masked;
};

void ioapic_init(void);

/* GSIs are numbers below this; not every one of them need have a pin. */
unsigned int ioapic_gsi_count(void);
bool ioapic_gsi_exists(unsigned int gsi);

void ioapic_set_route(unsigned int gsi, const struct ioapic_route *route);
void ioapic_mask(unsigned int gsi);
void ioapic_unmask(unsigned int gsi);

/*
 * One register of the chip at this address, for the control domain, which reads ids and versions.
 * Fails: -ENODEV no such chip; -EINVAL no such register.
 */
must_check int ioapic_read_register(uint64_t pa, uint32_t reg, uint32_t *value);
/* Does one of the chips answer in this range? Nobody but us may map or write it. */
bool ioapic_covers(uint64_t pa, uint64_t bytes);
