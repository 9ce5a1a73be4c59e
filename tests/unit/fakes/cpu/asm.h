// SPDX-License-Identifier: GPL-2.0-only
/*
 * A CPU made of variables: the same functions as hypervisor/cpu/asm.h. Tests set and look at `fake`.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cpu/msr.h"

#define FAKE_MSRS	64

struct fake {
	uint64_t cr0, cr2, cr3, cr4, dr[8], rflags, tsc, xcr0;
	uint16_t ds, es, fs, gs, ss, cs;
	uint64_t fs_base, gs_base;
	struct { uint32_t msr; uint64_t value; } msr[FAKE_MSRS];
	unsigned int msr_count;
	unsigned int cr3_loads, invlpgs;	/* flushes seen */
	uint64_t last_invlpg;
	bool wrmsr_fails, selector_fails;
	uint8_t io[65536];			/* what IN reads and OUT writes */
	uint64_t out_count;
	uint16_t last_port;
	uint32_t last_out;
	void (*window)(void);			/* called when interrupts are let in */
};

extern struct fake fake;
void fake_reset(void);

#define FAKE_REG(name)								\
	static inline uint64_t read_##name(void) { return fake.name; }		\
	static inline void write_##name(uint64_t value) { fake.name = value; }
FAKE_REG(cr0)
FAKE_REG(cr2)
FAKE_REG(cr4)
#undef FAKE_REG
static inline uint64_t mask_below(uint64_t i, uint64_t n) { return i < n ? ~0ul : 0; }
static inline bool clamp_below(uint64_t *i, uint64_t n) { return *i < n ? true : (*i = 0, false); }
static inline void copy_words(void *dst, const void *src, uint64_t n) { __builtin_memmove(dst, src, n * 8); }
static inline void copy_bytes(void *dst, const void *src, uint64_t n) { __builtin_memmove(dst, src, n); }
static inline void zero_words(void *dst, uint64_t n) { __builtin_memset(dst, 0, n * 8); }
static inline uint64_t read_cr3(void) { return fake.cr3; }
static inline void write_cr3(uint64_t value) { fake.cr3 = value; fake.cr3_loads++; }

#define FAKE_DR(n)								\
	static inline uint64_t read_dr##n(void) { return fake.dr[n]; }		\
	static inline void write_dr##n(uint64_t value) { fake.dr[n] = value; }
FAKE_DR(0)
FAKE_DR(1)
FAKE_DR(2)
FAKE_DR(3)
FAKE_DR(6)
FAKE_DR(7)
#undef FAKE_DR

#define FAKE_SEL(name)								\
	static inline uint16_t read_##name(void) { return fake.name; }		\
	static inline bool load_##name(uint16_t sel)				\
	{									\
		fake.name = fake.selector_fails ? 0 : sel;			\
		return !fake.selector_fails;					\
	}
FAKE_SEL(ds)
FAKE_SEL(es)
FAKE_SEL(fs)
FAKE_SEL(gs)
#undef FAKE_SEL
static inline uint16_t read_ss(void) { return fake.ss; }
static inline uint16_t read_cs(void) { return fake.cs; }

uint64_t rdmsr(uint32_t msr);
void wrmsr(uint32_t msr, uint64_t value);
int rdmsr_safe(uint32_t msr, uint64_t *value);
int wrmsr_safe(uint32_t msr, uint64_t value);

static inline int xsetbv_safe(uint32_t index, uint64_t value)
{
	(void)index;
	fake.xcr0 = value;
	return 0;
}
static inline void xsetbv(uint32_t index, uint64_t value) { (void)xsetbv_safe(index, value); }
static inline uint64_t xgetbv(uint32_t index) { (void)index; return fake.xcr0; }

static inline uint64_t rdfsbase(void) { return fake.fs_base; }
static inline uint64_t rdgsbase(void) { return fake.gs_base; }
static inline void wrfsbase(uint64_t base) { fake.fs_base = base; }
static inline void wrgsbase(uint64_t base) { fake.gs_base = base; }
static inline void swapgs(void) { }

struct cpuid_regs {
	uint32_t eax, ebx, ecx, edx;
};

/* The test's table of leaves; zeros beyond it. */
extern struct fake_cpuid { uint32_t leaf, subleaf; struct cpuid_regs regs; } fake_cpuid[32];
struct cpuid_regs cpuid_count(uint32_t leaf, uint32_t subleaf);
static inline struct cpuid_regs cpuid(uint32_t leaf) { return cpuid_count(leaf, 0); }

static inline uint64_t rdtsc(void) { return fake.tsc++; }
static inline uint64_t rdtsc_ordered(void) { return fake.tsc++; }
static inline void invlpg(uint64_t va) { fake.last_invlpg = va; fake.invlpgs++; }
static inline void wbinvd(void) { }
static inline void clts(void) { fake.cr0 &= ~CR0_TS; }

static inline uint8_t inb(uint16_t port) { fake.last_port = port; return fake.io[port]; }
static inline uint16_t inw(uint16_t port)
{
	fake.last_port = port;
	return (uint16_t)(fake.io[port] | fake.io[(uint16_t)(port + 1)] << 8);
}
static inline uint32_t inl(uint16_t port)
{
	fake.last_port = port;
	return (uint32_t)fake.io[port] | (uint32_t)fake.io[(uint16_t)(port + 1)] << 8 |
	       (uint32_t)fake.io[(uint16_t)(port + 2)] << 16 |
	       (uint32_t)fake.io[(uint16_t)(port + 3)] << 24;
}
static inline void fake_out(uint32_t value, uint16_t port, unsigned int bytes)
{
	fake.last_port = port;
	fake.last_out = value;
	fake.out_count++;
	for (unsigned int i = 0; i < bytes; i++)
		fake.io[(uint16_t)(port + i)] = (uint8_t)(value >> 8 * i);
}
static inline void outb(uint8_t value, uint16_t port) { fake_out(value, port, 1); }
static inline void outw(uint16_t value, uint16_t port) { fake_out(value, port, 2); }
static inline void outl(uint32_t value, uint16_t port) { fake_out(value, port, 4); }

struct table_pointer {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

static inline void lgdt(const struct table_pointer *p) { (void)p; }
static inline void lidt(const struct table_pointer *p) { (void)p; }
static inline void lldt(uint16_t sel) { (void)sel; }
static inline void ltr(uint16_t sel) { (void)sel; }

static inline void cpu_relax(void) { }
static inline void cli(void) { fake.rflags &= ~0x200ul; }
static inline void sti(void) { fake.rflags |= 0x200ul; }
static inline void hlt(void) { }
static inline void sti_hlt_cli(void) { if (fake.window) fake.window(); }
static inline void sti_nop_cli(void) { if (fake.window) fake.window(); }
static inline void barrier(void) { __asm__ volatile("" : : : "memory"); }
static inline void mb(void) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
static inline uint64_t read_rflags(void) { return fake.rflags; }
