// SPDX-License-Identifier: GPL-2.0-only
/*
 * Leaving one vcpu and entering another.
 *
 * Only values kept in struct vcpu are loaded; the rooms above, which write them, have checked them.
 * Called by sched_run() alone, on the return path: the guest's registers are at the stack top.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "guest/domain.h"

/* Save all of prev's state that is in this CPU and load next's. next becomes current. */
void switch_to(struct vcpu *prev, struct vcpu *next);

/* This CPU's CR4 for v: ours, and what v asked for and may have. Load it if v is current. */
uint64_t vcpu_real_cr4(const struct vcpu *v);
void vcpu_load_cr4(struct vcpu *v);
/* The same for TSC_AUX, where there is one. */
void vcpu_load_tsc_aux(const struct vcpu *v);
/* v is current and its debug registers changed. */
void vcpu_load_debugregs(struct vcpu *v);

/* Selectors that could not be loaded for the current vcpu at the last switch: it has to be told.
 * (entry/return.c turns it into the failsafe callback.) true once. */
extern bool bad_selectors[NR_CPUS];	/* by CPU */
bool switch_bad_selectors(struct vcpu *v, uint16_t wanted[4]);
