// SPDX-License-Identifier: GPL-2.0-only
/*
 * One-instruction wrappers. Nothing here decides anything.
 *
 * The "memory" clobbers are on those that order memory accesses or change what addresses mean.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cpu/msr.h"

/* All ones if i < n, else 0, by arithmetic that no CPU runs ahead of: `i & mask` stays below n. */
static inline uint64_t mask_below(uint64_t i, uint64_t n)
{
	uint64_t mask;

	__asm__("cmp %2, %1; sbb %0, %0" : "=r" (mask) : "r" (i), "rm" (n) : "cc");
	return mask;
}

/* Is *i < n? If not it becomes 0, which a CPU that runs ahead of the answer sees too. */
static inline bool clamp_below(uint64_t *i, uint64_t n)
{
	uint64_t mask;
	bool below;

	__asm__("cmp %3, %2; sbb %0, %0" : "=r" (mask), "=@ccc" (below) : "r" (*i), "rm" (n));
	*i &= mask;
	return below;
}

/* Zero n words: shorter than any loop. */
static inline void zero_words(void *dst, uint64_t n)
{
	__asm__ volatile("rep stosq" : "+D" (dst), "+c" (n) : "a" (0ul) : "memory");
}

/* Copy n bytes, or n words, upwards: the words as words. */
static inline void copy_bytes(void *dst, const void *src, uint64_t n)
{
	uint64_t words = n / 8;

	__asm__ volatile("rep movsq; mov %3, %%ecx; rep movsb"
			 : "+D" (dst), "+S" (src), "+c" (words) : "r" ((uint32_t)n & 7) : "memory");
}
static inline void copy_words(void *dst, const void *src, uint64_t n)
{
	__asm__ volatile("rep movsq" : "+D" (dst), "+S" (src), "+c" (n) : : "memory");
}

#define READ_REG(name, insn)						\
	static inline uint64_t name(void)				\
	{								\
		uint64_t value;						\
									\
		__asm__ volatile(insn " , %0" : "=r" (value));		\
		return value;						\
	}
#define WRITE_REG(name, insn)						\
	static inline void name(uint64_t value)				\
	{								\
		__asm__ volatile("mov %0, " insn : : "r" (value) : "memory"); \
	}

READ_REG(read_cr0, "mov %%cr0")
READ_REG(read_cr2, "mov %%cr2")
READ_REG(read_cr3, "mov %%cr3")
READ_REG(read_cr4, "mov %%cr4")
READ_REG(read_dr0, "mov %%dr0")
READ_REG(read_dr1, "mov %%dr1")
READ_REG(read_dr2, "mov %%dr2")
READ_REG(read_dr3, "mov %%dr3")
READ_REG(read_dr6, "mov %%dr6")
READ_REG(read_dr7, "mov %%dr7")
WRITE_REG(write_cr0, "%%cr0")
WRITE_REG(write_cr2, "%%cr2")
WRITE_REG(write_cr3, "%%cr3")
WRITE_REG(write_cr4, "%%cr4")
WRITE_REG(write_dr0, "%%dr0")
WRITE_REG(write_dr1, "%%dr1")
WRITE_REG(write_dr2, "%%dr2")
WRITE_REG(write_dr3, "%%dr3")
WRITE_REG(write_dr6, "%%dr6")
WRITE_REG(write_dr7, "%%dr7")

#undef READ_REG
#undef WRITE_REG

#define READ_SEL(name, reg)						\
	static inline uint16_t name(void)				\
	{								\
		uint16_t sel;						\
									\
		__asm__ volatile("mov %%" reg ", %0" : "=rm" (sel));	\
		return sel;						\
	}
READ_SEL(read_ds, "ds")
READ_SEL(read_es, "es")
READ_SEL(read_fs, "fs")
READ_SEL(read_gs, "gs")
READ_SEL(read_ss, "ss")
READ_SEL(read_cs, "cs")
#undef READ_SEL

/* A selector a guest chose may be bad by now: it is then replaced by the null selector (false).
 * cpu/extable.h tells how. Loading GS leaves the guest's kernel GS base in place. */
bool load_ds(uint16_t sel);
bool load_es(uint16_t sel);
bool load_fs(uint16_t sel);
bool load_gs(uint16_t sel);	/* the active base changes, as always */

static inline uint64_t rdmsr(uint32_t msr)
{
	uint32_t low, high;

	__asm__ volatile("rdmsr" : "=a" (low), "=d" (high) : "c" (msr));
	return low | (uint64_t)high << 32;
}

static inline void wrmsr(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr" : : "c" (msr), "a" ((uint32_t)value), "d" ((uint32_t)(value >> 32))
			 : "memory");
}

/* The same for registers this CPU may not have: -EIO if the access faulted. (cpu/extable.c) */
int rdmsr_safe(uint32_t msr, uint64_t *value);
int wrmsr_safe(uint32_t msr, uint64_t value);
/* XSETBV with a value a guest chose: -EINVAL if it faulted. */
int xsetbv_safe(uint32_t index, uint64_t value);

static inline void xsetbv(uint32_t index, uint64_t value)
{
	__asm__ volatile("xsetbv" : : "c" (index), "a" ((uint32_t)value),
			 "d" ((uint32_t)(value >> 32)) : "memory");
}

static inline uint64_t xgetbv(uint32_t index)
{
	uint32_t low, high;

	__asm__ volatile("xgetbv" : "=a" (low), "=d" (high) : "c" (index));
	return low | (uint64_t)high << 32;
}

/* Only with CR4.FSGSBASE set. */
static inline uint64_t rdfsbase(void)
{
	uint64_t base;

	__asm__ volatile("rdfsbase %0" : "=r" (base));
	return base;
}

static inline uint64_t rdgsbase(void)
{
	uint64_t base;

	__asm__ volatile("rdgsbase %0" : "=r" (base));
	return base;
}

static inline void wrfsbase(uint64_t base) { __asm__ volatile("wrfsbase %0" : : "r" (base)); }
static inline void wrgsbase(uint64_t base) { __asm__ volatile("wrgsbase %0" : : "r" (base)); }
static inline void swapgs(void) { __asm__ volatile("swapgs"); }

struct cpuid_regs {
	uint32_t eax, ebx, ecx, edx;
};

static inline struct cpuid_regs cpuid_count(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid_regs r;

	__asm__ volatile("cpuid" : "=a" (r.eax), "=b" (r.ebx), "=c" (r.ecx), "=d" (r.edx)
			 : "a" (leaf), "c" (subleaf));
	return r;
}

static inline struct cpuid_regs cpuid(uint32_t leaf) { return cpuid_count(leaf, 0); }

static inline uint64_t rdtsc(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a" (low), "=d" (high));
	return low | (uint64_t)high << 32;
}

/* Not before all earlier loads are done. */
static inline uint64_t rdtsc_ordered(void)
{
	__asm__ volatile("lfence" : : : "memory");
	return rdtsc();
}

static inline void invlpg(uint64_t va)
{
	__asm__ volatile("invlpg (%0)" : : "r" (va) : "memory");
}

static inline void wbinvd(void) { __asm__ volatile("wbinvd" : : : "memory"); }
static inline void clts(void) { __asm__ volatile("clts"); }

static inline uint8_t inb(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a" (value) : "Nd" (port) : "memory");
	return value;
}

static inline uint16_t inw(uint16_t port)
{
	uint16_t value;

	__asm__ volatile("inw %1, %0" : "=a" (value) : "Nd" (port) : "memory");
	return value;
}

static inline uint32_t inl(uint16_t port)
{
	uint32_t value;

	__asm__ volatile("inl %1, %0" : "=a" (value) : "Nd" (port) : "memory");
	return value;
}

static inline void outb(uint8_t value, uint16_t port)
{
	__asm__ volatile("outb %0, %1" : : "a" (value), "Nd" (port) : "memory");
}

static inline void outw(uint16_t value, uint16_t port)
{
	__asm__ volatile("outw %0, %1" : : "a" (value), "Nd" (port) : "memory");
}

static inline void outl(uint32_t value, uint16_t port)
{
	__asm__ volatile("outl %0, %1" : : "a" (value), "Nd" (port) : "memory");
}

struct table_pointer {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

static inline void lgdt(const struct table_pointer *p) { __asm__ volatile("lgdt %0" : : "m" (*p)); }
static inline void lidt(const struct table_pointer *p) { __asm__ volatile("lidt %0" : : "m" (*p)); }
static inline void lldt(uint16_t sel) { __asm__ volatile("lldt %0" : : "rm" (sel) : "memory"); }
static inline void ltr(uint16_t sel) { __asm__ volatile("ltr %0" : : "rm" (sel) : "memory"); }

static inline void cpu_relax(void) { __asm__ volatile("pause" : : : "memory"); }
static inline void cli(void) { __asm__ volatile("cli" : : : "memory"); }
static inline void sti(void) { __asm__ volatile("sti" : : : "memory"); }
static inline void hlt(void) { __asm__ volatile("hlt" : : : "memory"); }
/* Sleep until an interrupt; it is taken before this returns, with interrupts off again. */
static inline void sti_hlt_cli(void) { __asm__ volatile("sti; hlt; cli" : : : "memory"); }
/* Let a pending interrupt in. */
static inline void sti_nop_cli(void) { __asm__ volatile("sti; nop; cli" : : : "memory"); }

/* Order for memory that devices or other CPUs read (x86 orders ordinary memory by itself). */
static inline void barrier(void) { __asm__ volatile("" : : : "memory"); }
static inline void mb(void) { __asm__ volatile("lock; addl $0, -4(%%rsp)" : : : "memory", "cc"); }

static inline uint64_t read_rflags(void)
{
	uint64_t flags;

	__asm__ volatile("pushf; pop %0" : "=r" (flags));
	return flags;
}
