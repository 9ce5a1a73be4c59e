/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a row is measured: see main.c.
 *
 * An operation is a function that does it n times. One tick of the TSC is one executed instruction.
 */
#pragma once

#include <stdint.h>

/*
 * The best of so many chunks of n rounds each, after one that does not count: ticks a chunk. `per` is how
 * many of the row's operations a round is. A name that ends in - is taken off by the row, one in + is added.
 */
uint64_t best(const char *name, void (*op)(unsigned int n), unsigned int n, unsigned int chunks,
	      unsigned int per);

/* Says `ticks` of `n` operations as one row's figure. */
void report(const char *name, uint64_t ticks, unsigned int n);

/* Both; most rows need no more. */
void measure(const char *name, void (*op)(unsigned int n), unsigned int n, unsigned int chunks);

/* Whether a row, or one of those that begin like this, is wanted. */
int wanted(const char *name);

/* What must not fail: a negative result ends the bench with a word on why. */
long must(long result, const char *what);

/* A file of so many bytes, open, not of zeroes; its name is gone already. */
int file_of(unsigned int bytes);

/*
 * What a handler's run costs, the sending of its signal taken off: best ticks of n, as lmbench has it.
 * The names are of the two parts.
 */
uint64_t signal_handling(const char *all, const char *sending, unsigned int n);

static inline uint64_t ticks(void)
{
	uint32_t lo, hi;

	asm volatile("rdtsc" : "=a"(lo), "=d"(hi) : : "memory");
	return (uint64_t)hi << 32 | lo;
}

/* For tests/bench/plugin/where.c: what is counted for the ROW said last. Rows of one name are one. */
#define MARK(end)	asm volatile(".byte 0x0f, 0x1f, 0x80, %c0, 0x52, 0x54, 0" : : "i"(end) : "memory")

/* The families of rows. */
void calls_rows(void);
void processes_rows(void);
void switch_rows(void);
void files_rows(void);
void memory_rows(void);
