// SPDX-License-Identifier: GPL-2.0-only
/*
 * Proof that the numbers in entry/offsets.h are what the compiler sees.
 */
#include "entry/offsets.h"

#include <stddef.h>

#include "cpu/percpu.h"
#include "cpu/regs.h"

static_assert(REGS_ERROR_CODE == offsetof(struct guest_regs, error_code), "offsets.h");
static_assert(REGS_ENTRY_VECTOR == offsetof(struct guest_regs, entry_vector), "offsets.h");
static_assert(REGS_RIP == offsetof(struct guest_regs, rip), "offsets.h");
static_assert(REGS_CS == offsetof(struct guest_regs, cs), "offsets.h");
static_assert(REGS_RFLAGS == offsetof(struct guest_regs, rflags), "offsets.h");
static_assert(REGS_RSP == offsetof(struct guest_regs, rsp), "offsets.h");
static_assert(REGS_SS == offsetof(struct guest_regs, ss), "offsets.h");
static_assert(REGS_WORDS * 8 == sizeof(struct guest_regs), "offsets.h");
static_assert(CPU_INFO_SIZE == sizeof(struct cpu_info), "offsets.h");
static_assert(offsetof(struct cpu_info, regs) == 0, "the registers come first");
