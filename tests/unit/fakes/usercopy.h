// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest memory is an array: FAKE_GUEST_BYTES bytes at the guest address FAKE_GUEST_BASE (which
 * 32-bit guests can say too). Everything else faults, and so does the page at fake_guest_hole.
 */
#pragma once

#include <stdint.h>

#define FAKE_GUEST_BASE		0x10000000ul
#define FAKE_GUEST_BYTES	0x40000ul

extern uint8_t fake_guest[FAKE_GUEST_BYTES];
extern uint64_t fake_guest_hole;		/* address of a page that faults; 0: none */
extern unsigned int fake_usercopy_reads;	/* calls of usercopy_from(): "copy once" */

static inline void *fake_guest_at(uint64_t address) { return fake_guest + (address - FAKE_GUEST_BASE); }
