// SPDX-License-Identifier: GPL-2.0-only
/*
 * Segment descriptors of guests: single ones, GDTs, LDTs.
 *
 * A guest's GDT is up to fourteen frames of its own, checked as PT_SEGDESC and mapped in the
 * vcpu's window of the per-domain area, where LGDT points for good; page 14 is the CPU's own
 * (cpu/descriptor.h). An LDT is a linear range of the guest: its pages are mapped into the window
 * one by one when the CPU first misses them.
 *
 * What a descriptor may be: not present, or code or data whose DPL is not more powerful than the
 * guest's kernel (raised when it is: to 1 for 32-bit guests, to 3 for 64-bit ones). No system
 * descriptors; no 64-bit code for 32-bit guests, so ring 1 never leaves the low 4 GiB.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "guest/domain.h"
#include "guest/hcall.h"

void segdesc_init(void);	/* before the first vcpu */

/* 0 and the descriptor as it may be loaded, or -EINVAL. */
must_check int segdesc_check(const struct domain *d, uint64_t raw, uint64_t *fixed);
/* A whole page of them, in place: the check behind PT_SEGDESC. All or nothing is changed. */
must_check int segdesc_check_page(const struct domain *d, uint64_t *page);

/* The vcpu's GDT: count frames hold `entries` descriptors. The old one is dropped.
 * Fails: -EINVAL too many; a frame's errors. Nothing has changed then. */
must_check int gdt_set(struct vcpu *v, const gfn_t *frames, unsigned int count,
		       unsigned int entries);
void gdt_clear(struct vcpu *v);

/* Fails: -EINVAL misplaced or too many. */
must_check int ldt_set(struct vcpu *v, uint64_t base, unsigned int entries);
/* The CPU missed this offset of current's LDT window: map the page. False: it is the guest's own
 * mistake. */
bool ldt_fault(struct vcpu *v, uint64_t offset);
/* Forget the mapped pages. Says whether there were any (then their translations must go). */
bool ldt_unmap_all(struct vcpu *v);

/* Put a CPU's own page at page 14 of v's window (sched/switch.c, before it loads GDTR). */
void gdt_window_install(struct vcpu *v, mfn_t cpu_page);

/* Selectors a guest gave for its kernel's own code: RPL raised to the ring it runs in. */
static inline uint16_t fix_ring1(uint16_t sel) { return sel & 3 ? sel : sel | 1; }
static inline uint16_t fix_guest_cs(const struct domain *d, uint16_t sel)
{
	return d->is_32bit ? fix_ring1(sel) : sel | 3;
}
static inline uint16_t fix_guest_ss(const struct domain *d, uint16_t sel)
{
	return fix_guest_cs(d, sel);
}
