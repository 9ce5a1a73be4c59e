// SPDX-License-Identifier: GPL-2.0-only
/*
 * Poking CPUs: run a function there, or just make one look up.
 *
 * Ring 0 keeps interrupts off, so a CPU that waits for another must answer calls itself while it
 * waits: ipi_poll() does that, and lock_spin_hook is pointed at it, or two CPUs would wait for each
 * other for ever. A called function therefore runs at any point where its CPU spins: it takes no
 * locks but leaves of its own, and never calls others.
 *
 * Locks: none of lock.h's kind. One call is under way at a time; waiting for the turn polls too.
 */
#pragma once

#include "cpu/cpumask.h"

void ipi_init(void);

/* Run fn(arg) on all CPUs of the mask (this one included, if it is in it), and wait until all have. */
void ipi_call(cpumask_t cpus, void (*fn)(void *arg), void *arg);
/* Make a CPU go through before_guest() soon; nothing more. */
void ipi_reschedule(unsigned int cpu);
/* All other CPUs stop for good. For reboot, power-off and panics: takes no lock. */
void ipi_stop_others(void);

/* Answer calls that wait for this CPU (VECTOR_CALL, and everything that spins). */
void ipi_poll(void);
