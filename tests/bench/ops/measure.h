// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a bench guest calls, counts and reports.
 *
 * A row: a marker, CHUNKS times a chunk of operations between two reads of the TSC, a marker. The best
 * chunk is the figure. lib/rows.py and the plugins know this shape.
 */
#pragma once

#include "rt.h"

#define CHUNKS	10

#ifdef __x86_64__
#define HC(nr, a, b, c, d)						\
	({								\
		word ax_, a_ = (word)(a), b_ = (word)(b), c_ = (word)(c);	\
		register word d_ asm("r10") = (word)(d);		\
									\
		asm volatile("call hypercall_page + %c[at]"		\
			     : "=a"(ax_), "+D"(a_), "+S"(b_), "+d"(c_), "+r"(d_)	\
			     : [at] "i"((nr) * 32) : "rcx", "r11", "r8", "r9", "memory");	\
		(long)ax_;						\
	})
#else
#define HC(nr, a, b, c, d)						\
	({								\
		word ax_, a_ = (word)(a), b_ = (word)(b), c_ = (word)(c), d_ = (word)(d);	\
									\
		asm volatile("call hypercall_page + %c[at]"		\
			     : "=a"(ax_), "+b"(a_), "+c"(b_), "+d"(c_), "+S"(d_)	\
			     : [at] "i"((nr) * 32) : "memory");		\
		(long)ax_;						\
	})
#endif

/* A hypercall that gives 0 when it did what it should; remembered in one instruction. */
static long refused;
#define DO(call)	(refused |= (call))

static inline __attribute__((always_inline)) uint32_t ticks(void)
{
	uint32_t lo;

	asm volatile("rdtsc" : "=a"(lo) : : "edx", "memory");
	return lo;
}

/* Where a row begins and ends, for the plugins: no instruction does less. */
#define MARK(end)	asm volatile(".byte 0x0f, 0x1f, 0x80, %c0, 0x52, 0x54, 0" : : "i"(end))

/* How many operations a chunk has is said too: who counts something else divides by it. */
static inline void row_of(const char *name, uint32_t best, uint32_t ops, const char *kind)
{
	if (refused)
		test_error("%s: refused (%ld)", name, refused);
	bench_report(name, (best + ops / 2) / ops, refused ? "refused" : "insn");
	bench_report(name, ops, kind);
	refused = 0;
}

static inline void row(const char *name, uint32_t best, uint32_t ops)
{
	row_of(name, best, ops, "operations");
}

#define MEASURE(name, ops, ...)						\
	do {								\
		uint32_t best_ = ~0u;					\
									\
		MARK(0);						\
		for (unsigned int chunk_ = 0; chunk_ < CHUNKS; chunk_++) {		\
			uint32_t t_ = ticks();				\
									\
			for (unsigned int i_ = (ops); i_; i_--) {	\
				__VA_ARGS__;				\
				asm volatile("");			\
			}						\
			t_ = ticks() - t_;				\
			if (t_ < best_)					\
				best_ = t_;				\
		}							\
		MARK(1);						\
		row(name, best_, ops);					\
	} while (0)

/* Two that undo each other, each counted for itself. */
#define MEASURE_PAIR(name1, op1, name2, op2, ops)			\
	do {								\
		uint32_t best1_ = ~0u, best2_ = ~0u;			\
		bool bad_;						\
									\
		MARK(0);						\
		for (unsigned int chunk_ = 0; chunk_ < CHUNKS; chunk_++) {		\
			uint32_t sum1_ = 0, sum2_ = 0;			\
									\
			for (unsigned int i_ = (ops); i_; i_--) {	\
				uint32_t t0_ = ticks(), t1_, t2_;	\
									\
				op1;					\
				t1_ = ticks();				\
				op2;					\
				t2_ = ticks();				\
				sum1_ += t1_ - t0_;			\
				sum2_ += t2_ - t1_;			\
			}						\
			best1_ = sum1_ < best1_ ? sum1_ : best1_;	\
			best2_ = sum2_ < best2_ ? sum2_ : best2_;	\
		}							\
		MARK(1);						\
		bad_ = refused;						\
		row(name1, best1_, ops);				\
		refused |= bad_;					\
		row_of(name2, best2_, ops, "operations-of-pair");	\
	} while (0)

extern char fast_event[];
extern volatile unsigned int fast_events;

static inline void callback(unsigned int type, char *entry)
{
	struct callback_register cb = { .type = type };

#ifdef __x86_64__
	cb.address = (word)entry;
#else
	cb.address.cs = KERNEL_CS;
	cb.address.eip = (word)entry;
#endif
	if (hcall2(__HYPERVISOR_callback_op, CALLBACKOP_register, &cb))
		test_error("callback %u refused", type);
}
