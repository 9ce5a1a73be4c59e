// SPDX-License-Identifier: GPL-2.0-only
#include "cpu/descriptor.h"

#include "cpu/asm.h"
#include "lib/bits.h"
#include "lib/string.h"

/*
 * Descriptors as the CPU reads them (AMD64 APM vol. 2, 4.7-4.8): present, DPL, type, and for code
 * the L (64-bit) and D (32-bit) bits. 32-bit segments of guests reach 4 GiB: ring 1 is kept from
 * the hypervisor because it cannot say an address above that, not by limits, which long mode
 * ignores for some segments and emulators for all.
 */
#define CODE64(dpl)	(0x00209b0000000000ul | (uint64_t)(dpl) << 45)
#define CODE32(dpl)	(0x00cf9b000000fffful | (uint64_t)(dpl) << 45)
#define DATA32(dpl)	(0x00cf93000000fffful | (uint64_t)(dpl) << 45)
#define SLOT(selector)	(((selector) - GDT_RESERVED_BASE) >> 3)
#define TYPE_LDT	0x82ul
#define TYPE_TSS	0x89ul

struct descriptor *gdt_native[NR_CPUS];
struct descriptor *gdt_compat[NR_CPUS];
struct tss tss[NR_CPUS] __aligned(128);
struct gate idt[VECTOR_COUNT] __aligned(4096);

static void set_system(struct descriptor *page, unsigned int selector, uint64_t base,
		       uint32_t limit, uint64_t type)
{
	struct descriptor *d = &page[SLOT(selector)];

	d[0].raw = (limit & 0xffff) | (base & 0xffffff) << 16 | type << 40 |
		   (uint64_t)(limit >> 16 & 0xf) << 48 | (base >> 24 & 0xff) << 56;
	d[1].raw = base >> 32;
}

static void fill_page(struct descriptor *page, unsigned int cpu)
{
	page[SLOT(HYPERVISOR_CS)].raw = CODE64(0);
	page[SLOT(HYPERVISOR_DS)].raw = DATA32(0);
	set_system(page, TSS_SELECTOR, (uint64_t)&tss[cpu], sizeof(struct tss) - 1, TYPE_TSS);
	/* A data segment nobody loads, whose limit tells user code its CPU by LSL. */
	page[SLOT(PERCPU_SELECTOR)].raw = 0x0040f10000000000ul | cpu;
}

static void fill_tss(unsigned int cpu)
{
	struct tss *t = &tss[cpu];

	memset(t, 0, sizeof(*t));
	t->rsp0 = (uint64_t)(&cpu_info_of(cpu)->regs + 1);
	for (unsigned int i = 1; i <= IST_COUNT; i++)
		t->ist[i - 1] = stack_base[cpu] + i * IST_STACK_SIZE;
	t->iomap = sizeof(*t);
}

void descriptor_cpu_init(unsigned int cpu, void *native, void *compat)
{
	gdt_native[cpu] = native;
	gdt_compat[cpu] = compat;
	memset(native, 0, 4096);
	memset(compat, 0, 4096);

	fill_page(native, cpu);
	gdt_native[cpu][SLOT(NATIVE_RING3_CS32)].raw = CODE32(3);
	gdt_native[cpu][SLOT(NATIVE_RING3_DS)].raw = DATA32(3);
	gdt_native[cpu][SLOT(NATIVE_RING3_CS64)].raw = CODE64(3);

	fill_page(compat, cpu);
	gdt_compat[cpu][SLOT(COMPAT_RING1_CS)].raw = CODE32(1);
	gdt_compat[cpu][SLOT(COMPAT_RING1_DS)].raw = DATA32(1);
	gdt_compat[cpu][SLOT(COMPAT_RING3_CS)].raw = CODE32(3);
	gdt_compat[cpu][SLOT(COMPAT_RING3_DS)].raw = DATA32(3);

	fill_tss(cpu);
}

void descriptor_load(uint64_t gdt_base)
{
	struct table_pointer p = { .limit = GDT_LIMIT, .base = gdt_base };

	lgdt(&p);
}

void descriptor_load_idle(void)
{
	descriptor_load((uint64_t)gdt_native[this_cpu()] - GDT_RESERVED_BASE);
}

void descriptor_load_cpu(void)
{
	struct table_pointer p = { .limit = sizeof(idt) - 1, .base = (uint64_t)idt };

	descriptor_load_idle();
	__asm__ volatile("pushq %[cs]\n\t"
			 "leaq 1f(%%rip), %%rax\n\t"
			 "pushq %%rax\n\t"
			 "lretq\n\t"
			 "1: mov %[ds], %%ss\n\t"
			 "mov %[null], %%ds\n\t"
			 "mov %[null], %%es\n\t"
			 "mov %[null], %%fs\n\t"
			 "mov %[null], %%gs"
			 : : [cs] "i" (HYPERVISOR_CS), [ds] "r" (HYPERVISOR_DS), [null] "r" (0)
			 : "rax", "memory");
	lidt(&p);
	/* A descriptor that was loaded before is marked busy, and LTR refuses it. */
	set_system(gdt_native[this_cpu()], TSS_SELECTOR, (uint64_t)&tss[this_cpu()],
		   sizeof(struct tss) - 1, TYPE_TSS);
	ltr(TSS_SELECTOR);
	lldt(0);
}

void descriptor_load_ldt(uint64_t base, unsigned int entries)
{
	unsigned int cpu = this_cpu();

	if (!entries) {
		lldt(0);
		return;
	}
	set_system(gdt_native[cpu], LDT_SELECTOR, base, entries * 8 - 1, TYPE_LDT);
	set_system(gdt_compat[cpu], LDT_SELECTOR, base, entries * 8 - 1, TYPE_LDT);
	lldt(LDT_SELECTOR);
}

void idt_set_gate(unsigned int vector, const void *handler, unsigned int dpl, enum ist ist)
{
	uint64_t at = (uint64_t)handler;

	ASSERT(vector < VECTOR_COUNT && dpl <= 3);
	idt[vector].high = at >> 32;
	/* Present, DPL, interrupt gate (0xe), IST; the low half last, it makes the gate valid. */
	write_once(idt[vector].low, (at & 0xffff) | (uint64_t)HYPERVISOR_CS << 16 |
				    (uint64_t)ist << 32 | (0x8e00ul | (uint64_t)dpl << 13) << 32 |
				    (at >> 16 & 0xffff) << 48);
}

void idt_clear_gate(unsigned int vector)
{
	write_once(idt[vector].low, 0);
}
