// SPDX-License-Identifier: GPL-2.0-only
/* A set of physical CPUs: one word, since there are at most 64. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/bits.h"

typedef uint64_t cpumask_t;

static inline cpumask_t cpumask_of(unsigned int cpu) { return 1ul << cpu; }
static inline bool cpumask_has(cpumask_t m, unsigned int cpu) { return m >> cpu & 1; }
static inline unsigned int cpumask_first(cpumask_t m) { return lowest_bit(m); }	/* m != 0 */
static inline unsigned int cpumask_count(cpumask_t m) { return (unsigned int)__builtin_popcountl(m); }

extern cpumask_t cpus_online;	/* cpu/percpu.c */

#define for_each_cpu(cpu, mask)							\
	for (cpumask_t left_ = (mask);						\
	     left_ && ((cpu) = cpumask_first(left_), true); left_ &= left_ - 1)
