// SPDX-License-Identifier: GPL-2.0-only
/*
 * The local APIC: this CPU's door for interrupts, its one-shot timer, and the way to poke others.
 *
 * Used in the mode the firmware left it in: registers in memory (xAPIC) or MSRs (x2APIC). The timer
 * counts TSC ticks to a deadline where the CPU can do that, else bus ticks, whose rate is measured
 * together with the TSC's.
 * Locks: none; every register is this CPU's own and interrupts are off in ring 0.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define LAPIC_DEFAULT_PA	0xfee00000ul

/* Map the registers and see which mode they are in. Before lapic_init_cpu(), once. */
void lapic_init(void);
void lapic_init_cpu(void);

uint32_t lapic_id(void);
void lapic_eoi(void);
uint32_t lapic_error(void);	/* error bits since the last call (Intel SDM vol. 3, 11.5.3) */

/* One interrupt, at vector VECTOR_TIMER, when the TSC has reached this value. */
void lapic_timer_arm(uint64_t tsc_deadline);
void lapic_timer_stop(void);

/*
 * Measuring the timer's rate: let it run free, read how far it got. Only before the first
 * lapic_timer_arm().
 */
void lapic_timer_run_free(void);
uint32_t lapic_timer_passed(void);
void lapic_timer_set_rate(uint64_t ticks, uint64_t tsc_ticks);	/* what passed in the same time */

/* Interrupts to other CPUs. */
void lapic_send_ipi(uint32_t apic_id, uint8_t vector);
void lapic_send_nmi(uint32_t apic_id);
void lapic_send_init(uint32_t apic_id);
void lapic_send_startup(uint32_t apic_id, uint8_t page);

/* Address and data of a message that interrupts one CPU (Intel SDM vol. 3, 11.11). */
uint64_t lapic_msi_address(uint32_t apic_id);
static inline uint32_t lapic_msi_data(uint8_t vector) { return vector; }	/* fixed, edge */
