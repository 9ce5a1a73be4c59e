// SPDX-License-Identifier: GPL-2.0-only
/*
 * What time it is.
 *
 * System time is nanoseconds since clock_init(), computed from the TSC with the same arithmetic
 * that guests do with their vcpu_time_info:
 *
 *	ns = (((tsc - tsc_base) << shift) * mul_frac) >> 32
 *
 * The TSC's rate is measured once against the best counter the board has (HPET, ACPI PM timer,
 * PIT), or told exactly by CPUID. All CPUs share one scale: their TSCs are taken to run in step, as
 * all that we support do.
 * Wall-clock time is the moment, in UTC since 1970, at which system time was zero; first from the
 * CMOS clock (whole seconds), then from what the control domain sets.
 * Locks: clock_wall_lock (a leaf) for the wall clock; the scale never changes after clock_init().
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/bug.h"

#define NS_PER_SEC	1000000000ull
#define NS_PER_MS	1000000ull
#define NS_PER_US	1000ull

/* Multiplier and shift, as in struct vcpu_time_info. */
struct clock_scale {
	uint32_t mul_frac;
	int8_t shift;
};

extern uint32_t tsc_khz;
extern struct clock_scale tsc_scale;	/* TSC ticks to nanoseconds */
extern uint64_t tsc_base;		/* TSC value at system time zero */

/* Measure the TSC and read the CMOS clock. Needs acpi_init(). Takes about ten milliseconds. */
void clock_init(void);

uint64_t clock_now_ns(void);
/* The system time at which the TSC had, or will have, this value. */
uint64_t clock_tsc_to_ns(uint64_t tsc);
/* The first TSC value that is not before this system time. */
uint64_t clock_ns_to_tsc(uint64_t ns);
/* Busy waiting, for hardware that needs it. Works from clock_init() on. */
void clock_delay_us(uint64_t us);

/* The scale that makes ticks of this rate nanoseconds. */
struct clock_scale clock_scale_for(uint64_t hz);
uint64_t clock_scale_apply(struct clock_scale s, uint64_t ticks);

/* Seconds and nanoseconds since 1970 of the moment when system time was zero. */
void clock_wall(uint64_t *sec, uint32_t *nsec);
uint64_t clock_wall_sec(void);
uint32_t clock_wall_nsec(void);
/*
 * It is sec.nsec when system time is at_ns (XENPF_settime64). The caller publishes it to guests.
 * Fails: -EINVAL nsec is not below one second, or the moment of zero would lie before 1970.
 */
must_check int clock_set_wall(uint64_t sec, uint32_t nsec, uint64_t at_ns);

/* Seconds since 1970 of a date in UTC; month and day from 1. For years from 1970 on. */
uint64_t clock_date_to_sec(unsigned int year, unsigned int month, unsigned int day,
			   unsigned int hour, unsigned int minute, unsigned int second);
