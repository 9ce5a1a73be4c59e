// SPDX-License-Identifier: GPL-2.0-only
/*
 * The only loads and stores that may fault on guest memory, through whatever page table is loaded.
 * For guest/access.c (and trap/bounce.c's stack frames), which check the address first: nothing
 * here does. A fault at one of these instructions is found by extable_fixup() (cpu/extable.h).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cpu/extable.h"
#include "lib/bug.h"

/* Give the number of bytes NOT copied, 0 on success. */
must_check size_t usercopy_from(void *dst, uint64_t src, size_t n);
must_check size_t usercopy_to(uint64_t dst, const void *src, size_t n);
must_check size_t usercopy_zero(uint64_t dst, size_t n);

/* One word, widened with zeros. false: the address faulted, *value is not to be used. */
#define USER_WORD(bits, reg)								\
	static inline bool usercopy_load##bits(uint64_t *value, uint64_t at)		\
	{										\
		uint64_t got;								\
											\
		__asm__ goto volatile("1: mov %[from], %" reg "[got]\n\t"		\
				      _ASM_EXTABLE(1b, %l[fault])			\
				      : [got] "=r" (got)				\
				      : [from] "m" (*(const uint##bits##_t *)at)	\
				      : : fault);					\
		*value = got;								\
		return true;								\
	fault:										\
		return false;								\
	}										\
	static inline bool usercopy_store##bits(uint64_t at, uint##bits##_t value)	\
	{										\
		__asm__ goto volatile("1: mov %[value], %[to]\n\t"			\
				      _ASM_EXTABLE(1b, %l[fault])			\
				      : /* the compiler is told by "memory" */		\
				      : [value] "r" (value),				\
					[to] "m" (*(uint##bits##_t *)at)		\
				      : "memory" : fault);				\
		return true;								\
	fault:										\
		return false;								\
	}

USER_WORD(16, "w")
USER_WORD(32, "k")
USER_WORD(64, "")
#undef USER_WORD

/*
 * LOCK CMPXCHG of 1, 2, 4 or 8 bytes. *old goes in as the expected value and comes back as what
 * was there; the exchange took place if that is unchanged. -EFAULT: the address faulted;
 * -EINVAL: no such size.
 */
must_check int usercopy_cmpxchg(uint64_t addr, unsigned int size, uint64_t *old, uint64_t new);

/*
 * One word at addr + offset (a constant), in one instruction: for frames on stacks. Goes to the
 * label `fault` if the address faults.
 */
#define USERCOPY_PUT_(insn, addr, offset, value, fault)					\
	__asm__ goto("1: " insn " %[v], %c[off](%[at])\n\t" _ASM_EXTABLE(1b, %l[fault])	\
		     : : [at] "r" (addr), [off] "i" (offset), [v] "er" (value) : "memory" : fault)
#define USERCOPY_GET_(insn, type, out, addr, offset, fault)				\
	do {										\
		type got_;								\
											\
		__asm__ goto("1: " insn " %c[off](%[at]), %[v]\n\t"			\
			     _ASM_EXTABLE(1b, %l[fault])				\
			     : [v] "=r" (got_) : [at] "r" (addr), [off] "i" (offset)	\
			     : "memory" : fault);					\
		*(out) = got_;								\
	} while (0)

#define USERCOPY_PUT32(addr, offset, value, fault) \
	USERCOPY_PUT_("movl", addr, offset, (uint32_t)(value), fault)
#define USERCOPY_PUT64(addr, offset, value, fault) \
	USERCOPY_PUT_("movq", addr, offset, (uint64_t)(value), fault)
#define USERCOPY_GET32(out, addr, offset, fault) \
	USERCOPY_GET_("movl", uint32_t, out, addr, offset, fault)
#define USERCOPY_GET64(out, addr, offset, fault) \
	USERCOPY_GET_("movq", uint64_t, out, addr, offset, fault)
