// SPDX-License-Identifier: GPL-2.0-only
/*
 * The virtual memory map: the sixteen L4 slots (256-271) that the ABI reserves for the hypervisor
 * in every page table of every guest (HYPERVISOR_VIRT_START, xen/arch-x86/xen-x86_64.h).
 *
 *   slot  start               what                                            guests may
 *   256   0xffff800000000000  M2P: machine to pseudo-physical, 8 bytes/frame  read
 *   257   0xffff808000000000  the same frames, writable                       -
 *   258   0xffff810000000000  per-domain area: GDT and LDT windows of vcpus   (by selector)
 *   259   0xffff818000000000  compat M2P (4 bytes/frame), writable            -
 *   260   0xffff820000000000  frame table: one struct frame a machine frame   -
 *   261   0xffff828000000000  ioremap at ..82c000000000, text at ..82d040000000  -
 *   262-  0xffff830000000000  direct map of all RAM (up to 5 TiB), no execute  -
 *
 * A 32-bit guest sees its M2P read-only at 0xf5800000, through the last L2 of its four; nothing of
 * the above can be addressed by 32-bit code.
 */
#pragma once

#include "mem/addr.h"

#define HV_SLOT_FIRST		256
#define HV_SLOT_LAST		271
#define HV_VIRT_START		0xffff800000000000ul
#define HV_VIRT_END		0xffff880000000000ul
#define GUEST_LOW_END		0x0000800000000000ul

#define M2P_RO_START		0xffff800000000000ul
#define M2P_RW_START		0xffff808000000000ul
#define PERDOMAIN_SLOT		258
#define PERDOMAIN_START		0xffff810000000000ul
#define M2P32_RW_START		0xffff818000000000ul
#define FRAMETABLE_START	0xffff820000000000ul
#define IOREMAP_START		0xffff82c000000000ul
#define IOREMAP_END		0xffff82d000000000ul
#define HV_TEXT_START		0xffff82d040000000ul
#define DIRECTMAP_START		0xffff830000000000ul
#define DIRECTMAP_END		0xffff880000000000ul

/* The per-domain area: one window a vcpu, its GDT first, its LDT 64 KiB on. */
#define VCPU_WINDOW_SIZE	0x40000ul
#define VCPU_GDT(vcpu_id)	(PERDOMAIN_START + (vcpu_id) * VCPU_WINDOW_SIZE)
#define VCPU_LDT(vcpu_id)	(VCPU_GDT(vcpu_id) + 0x10000ul)
#define GDT_GUEST_FRAMES	14	/* frames a guest may give for its GDT; frame 14 is ours */
#define GDT_FIRST_RESERVED	(GDT_GUEST_FRAMES * 512)

/* 32-bit guests (xen/arch-x86/xen-x86_32.h). */
#define HV32_VIRT_START		0xf5800000ul
#define M2P32_RO_START		0xf5800000ul
#define M2P32_RO_END		0xf6800000ul
#define HV32_L2_FIRST		428	/* first slot of the last L2 that is ours */
#define HV32_L2_M2P_COUNT	8	/* slots of it that map the compat M2P, 2 MiB each */

/* May a guest's own mapping, stack, handler or buffer lie here? (For 64-bit guests; 32-bit ones
 * cannot say an address above 4 GiB, and ring 1 and 3 are kept from their 16 MiB by page rights.) */
static inline bool guest_range_ok(uint64_t start, uint64_t bytes)
{
	uint64_t end = start + bytes;

	if (end < start)
		return false;
	return end <= GUEST_LOW_END || start >= HV_VIRT_END;
}

/* Ring 0's view of a frame's bytes. */
static inline void *map_pa(uint64_t pa) { return (void *)(DIRECTMAP_START + pa); }
static inline void *map_mfn(mfn_t m) { return (void *)(DIRECTMAP_START + (m.n << PAGE_SHIFT)); }
static inline uint64_t pa_of(const void *direct) { return (uint64_t)direct - DIRECTMAP_START; }
static inline mfn_t mfn_of(const void *direct) { return mfn(pa_of(direct) >> PAGE_SHIFT); }
