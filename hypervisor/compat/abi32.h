// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arguments of 32-bit guests whose layout differs from the 64-bit one, and the proof of which need
 * no translation. The public headers describe the guest's own width only; the sizes here are what
 * they give when compiled with -m32 (tests/unit/abi checks that). A pointer is 4 bytes, `unsigned
 * long` too, and 64-bit members are aligned to 4.
 */
#pragma once

#include <stdint.h>

#include "lib/bug.h"

#include <xen/memory.h>
#include <xen/xen.h>

typedef uint64_t __attribute__((aligned(4))) u64_32;	/* i386 aligns 64-bit members to 4 */

/* mmu_update, update_descriptor: the same bytes (64-bit machine addresses in both). */
static_assert(sizeof(struct mmu_update) == 16, "one layout for both widths");

struct mmuext_op32 {
	uint32_t cmd;
	uint32_t arg1;
	uint32_t arg2;
};
static_assert(sizeof(struct mmuext_op32) == 12, "-m32");

struct memory_reservation32 {
	uint32_t extent_start;
	uint32_t nr_extents;
	uint32_t extent_order;
	uint32_t mem_flags;
	uint16_t domid;
};
static_assert(sizeof(struct memory_reservation32) == 20, "-m32");

struct memory_exchange32 {
	struct memory_reservation32 in, out;
	uint32_t nr_exchanged;
};
static_assert(sizeof(struct memory_exchange32) == 44, "-m32");

struct memory_map32 {
	uint32_t nr_entries;
	uint32_t buffer;
};

struct foreign_memory_map32 {
	uint16_t domid;
	struct memory_map32 map;
};
static_assert(sizeof(struct foreign_memory_map32) == 12, "-m32");

struct machphys_mfn_list32 {
	uint32_t max_extents;
	uint32_t extent_start;
	uint32_t nr_extents;
};

struct machphys_mapping32 {
	uint32_t v_start, v_end;
	uint32_t max_mfn;
};

struct mem_acquire_resource32 {
	uint16_t domid;
	uint16_t type;
	uint32_t id;
	uint32_t nr_frames;
	uint32_t pad;
	u64_32 frame;
	uint32_t frame_list;
};
static_assert(sizeof(struct mem_acquire_resource32) == 28, "-m32");
