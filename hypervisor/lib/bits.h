// SPDX-License-Identifier: GPL-2.0-only
/*
 * Masks, rounding, sums that say when they overflow, and the way from a guest's index to a slot.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BIT(n)			(1ul << (n))
#define BITS(high, low)		((~0ul >> (63 - (high))) & (~0ul << (low)))
#define ALIGN_UP(x, a)		(((x) + ((__typeof__(x))(a) - 1)) & ~((__typeof__(x))(a) - 1))
#define ALIGN_DOWN(x, a)	((x) & ~((__typeof__(x))(a) - 1))
#define IS_ALIGNED(x, a)	(((x) & ((__typeof__(x))(a) - 1)) == 0)
#define DIV_UP(x, n)		(((x) + (n) - 1) / (n))
#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)		({ __typeof__(a) min_a_ = (a); __typeof__(b) min_b_ = (b); \
				   min_a_ < min_b_ ? min_a_ : min_b_; })
#define MAX(a, b)		({ __typeof__(a) max_a_ = (a); __typeof__(b) max_b_ = (b); \
				   max_a_ > max_b_ ? max_a_ : max_b_; })
#define container_of(p, type, member)	((type *)((char *)(p) - offsetof(type, member)))

/* Read or write memory that others change, once and whole. */
#define read_once(x)		(*(const volatile __typeof__(x) *)&(x))
#define write_once(x, value)	(*(volatile __typeof__(x) *)&(x) = (value))

/* Does the operation overflow 64 bits (or the type of *out)? *out gets the wrapped result. */
#define add_overflows(a, b, out)	__builtin_add_overflow(a, b, out)
#define sub_overflows(a, b, out)	__builtin_sub_overflow(a, b, out)
#define mul_overflows(a, b, out)	__builtin_mul_overflow(a, b, out)

/*
 * A guest's index to a slot of an array of n: false when it is outside; *slot is then 0. Even a
 * CPU that runs ahead of the answer sees a slot inside the array. In assembly: where the compiler
 * sees that the clamp follows a check of the same, it takes the clamp away.
 */
static inline bool index_within(uint64_t i, uint64_t n, unsigned int *slot)
{
	uint64_t mask;		/* all ones if i < n: the borrow of i - n */

	__asm__("cmp %[n], %[i]\n\tsbb %[mask], %[mask]"
		: [mask] "=r" (mask) : [i] "r" (i), [n] "re" (n) : "cc");
	*slot = (unsigned int)(i & mask);
	return mask != 0;
}

/* Position of the lowest / highest set bit; x must not be 0. */
static inline unsigned int lowest_bit(uint64_t x) { return (unsigned int)__builtin_ctzl(x); }
static inline unsigned int highest_bit(uint64_t x) { return 63 - (unsigned int)__builtin_clzl(x); }

/* The smallest order so that 2^order >= n. */
static inline unsigned int order_of(uint64_t n) { return n <= 1 ? 0 : highest_bit(n - 1) + 1; }
