// SPDX-License-Identifier: GPL-2.0-only
/*
 * Our part of the descriptor tables.
 *
 * A guest's GDT is up to 14 pages of its own; page 14 (entries 7168 on) is ours, one per physical
 * CPU and guest width: gdt_native[cpu] for 64-bit guests and idle, gdt_compat[cpu] for 32-bit
 * ones. Both begin with the selectors the ABI promises (xen/arch-x86/xen-x86_64.h, xen-x86_32.h)
 * and hold our code segment and TSS, so whichever is loaded, an interrupt finds its way in.
 *
 * LGDT's base is the running vcpu's GDT window (mem/layout.h), whose page 14 sched/switch.c points
 * at this CPU's page. The idle vcpu and boot use descriptor_load_idle(): a base 14 pages below
 * this CPU's page, where the pages between are never referred to.
 */
#pragma once

#include "cpu/percpu.h"

#define HYPERVISOR_CS		0xe008
#define HYPERVISOR_DS		0xe010
#define NATIVE_RING3_CS32	0xe023
#define NATIVE_RING3_DS		0xe02b
#define NATIVE_RING3_CS64	0xe033
#define COMPAT_RING1_CS		0xe019
#define COMPAT_RING1_DS		0xe021
#define COMPAT_RING3_CS		0xe02b
#define COMPAT_RING3_DS		0xe033
#define TSS_SELECTOR		0xe040	/* 16 bytes */
#define LDT_SELECTOR		0xe050	/* 16 bytes */
#define PERCPU_SELECTOR		0xe060	/* its limit is the CPU's number */
#define GDT_RESERVED_BASE	0xe000	/* first selector of page 14 */
#define GDT_LIMIT		0xefff	/* what LGDT gets: 15 pages */

#ifndef __ASSEMBLER__

#include <stdint.h>

#define VECTOR_COUNT		256

struct descriptor {
	uint64_t raw;
};

struct tss {
	uint32_t reserved0;
	uint64_t rsp0, rsp1, rsp2;
	uint64_t reserved1;
	uint64_t ist[7];
	uint64_t reserved2;
	uint16_t reserved3;
	uint16_t iomap;		/* beyond the limit: no port is allowed, IN and OUT trap */
} __packed;

struct gate {
	uint64_t low, high;
};

extern struct descriptor *gdt_native[NR_CPUS];	/* a page each; direct-map addresses */
extern struct descriptor *gdt_compat[NR_CPUS];
extern struct tss tss[NR_CPUS];
extern struct gate idt[VECTOR_COUNT];		/* one for all CPUs */

/* Make a CPU's two pages (of the caller's, zeroed or not) and its TSS. stack_base[cpu] stands. */
void descriptor_cpu_init(unsigned int cpu, void *native, void *compat);
/* Load the idle GDT, the IDT, TR, CS and null data segments; on the CPU itself. */
void descriptor_load_cpu(void);
/* GDT bases: a vcpu's window (VCPU_GDT(id)), or our own page. After a window's page 14 or the
 * kind of page behind it changed, load again. */
void descriptor_load(uint64_t gdt_base);
void descriptor_load_idle(void);
/* LDT: 0 entries loads the null selector; the descriptor goes into both pages of this CPU. */
void descriptor_load_ldt(uint64_t base, unsigned int entries);

/* Interrupt gates only (interrupts off on entry). Gates of vectors that a guest's own INT may
 * reach (3, 4, 0x80, 0x82) need dpl 3 or 1. */
void idt_set_gate(unsigned int vector, const void *handler, unsigned int dpl, enum ist ist);
void idt_clear_gate(unsigned int vector);	/* not present: #NP */

static_assert(sizeof(struct tss) == 104, "the CPU's layout");

#endif
