// SPDX-License-Identifier: GPL-2.0-only
/*
 * Atomic operations on ordinary memory and on pages shared with a guest. All are full barriers
 * where they read and write; read_once()/write_once() (lib/bits.h) are the plain accesses.
 *
 * cmpxchgN() gives what was there: the exchange took place if that equals `expected`.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define ATOMIC_OPS(bits)								\
	static inline uint##bits##_t cmpxchg##bits(volatile uint##bits##_t *p,		\
						   uint##bits##_t expected,		\
						   uint##bits##_t desired)		\
	{										\
		__atomic_compare_exchange_n(p, &expected, desired, false,		\
					    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);	\
		return expected;							\
	}										\
	static inline uint##bits##_t xchg##bits(volatile uint##bits##_t *p,		\
						uint##bits##_t value)			\
	{										\
		return __atomic_exchange_n(p, value, __ATOMIC_SEQ_CST);			\
	}										\
	static inline uint##bits##_t load_acquire##bits(const volatile uint##bits##_t *p)	\
	{										\
		return __atomic_load_n(p, __ATOMIC_ACQUIRE);				\
	}										\
	static inline void store_release##bits(volatile uint##bits##_t *p, uint##bits##_t value) \
	{										\
		__atomic_store_n(p, value, __ATOMIC_RELEASE);				\
	}										\
	/* These give the value after the change. */					\
	static inline uint##bits##_t atomic_add##bits(volatile uint##bits##_t *p,	\
						      uint##bits##_t n)			\
	{										\
		return __atomic_add_fetch(p, n, __ATOMIC_SEQ_CST);			\
	}										\
	static inline uint##bits##_t atomic_sub##bits(volatile uint##bits##_t *p,	\
						      uint##bits##_t n)			\
	{										\
		return __atomic_sub_fetch(p, n, __ATOMIC_SEQ_CST);			\
	}										\
	static inline uint##bits##_t atomic_or##bits(volatile uint##bits##_t *p,	\
						     uint##bits##_t mask)		\
	{										\
		return __atomic_or_fetch(p, mask, __ATOMIC_SEQ_CST);			\
	}										\
	static inline uint##bits##_t atomic_and##bits(volatile uint##bits##_t *p,	\
						      uint##bits##_t mask)		\
	{										\
		return __atomic_and_fetch(p, mask, __ATOMIC_SEQ_CST);			\
	}

ATOMIC_OPS(8)
ATOMIC_OPS(16)
ATOMIC_OPS(32)
ATOMIC_OPS(64)
#undef ATOMIC_OPS

/* One less; are none left (or were there none)? In two instructions. */
static inline bool atomic_dec32_last(volatile uint32_t *p)
{
	bool last;

	__asm__ volatile("lock decl %0" : "+m" (*p), "=@ccle" (last) : : "memory");
	return last;
}

static inline void smp_mb(void) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
static inline void smp_rmb(void) { __atomic_thread_fence(__ATOMIC_ACQUIRE); }
static inline void smp_wmb(void) { __atomic_thread_fence(__ATOMIC_RELEASE); }

/*
 * Bit nr of a bitmap, counted through little-endian memory: the same bit whether the guest sees
 * 32- or 64-bit words. The bitmap must be 4-byte aligned. test_and_X() give what was there.
 */
static inline volatile uint32_t *bitmap_word(volatile void *bitmap, unsigned int nr)
{
	return (volatile uint32_t *)bitmap + nr / 32;
}

static inline bool test_bit(unsigned int nr, const volatile void *bitmap)
{
	return ((const volatile uint32_t *)bitmap)[nr / 32] >> (nr % 32) & 1;
}

static inline void set_bit(unsigned int nr, volatile void *bitmap)
{
	__atomic_or_fetch(bitmap_word(bitmap, nr), 1u << (nr % 32), __ATOMIC_SEQ_CST);
}

static inline void clear_bit(unsigned int nr, volatile void *bitmap)
{
	__atomic_and_fetch(bitmap_word(bitmap, nr), ~(1u << (nr % 32)), __ATOMIC_SEQ_CST);
}

static inline bool test_and_set_bit(unsigned int nr, volatile void *bitmap)
{
	uint32_t bit = 1u << (nr % 32);	/* in this form it becomes one instruction */

	return __atomic_fetch_or(bitmap_word(bitmap, nr), bit, __ATOMIC_SEQ_CST) & bit;
}

static inline bool test_and_clear_bit(unsigned int nr, volatile void *bitmap)
{
	uint32_t bit = 1u << (nr % 32);

	return __atomic_fetch_and(bitmap_word(bitmap, nr), ~bit, __ATOMIC_SEQ_CST) & bit;
}
