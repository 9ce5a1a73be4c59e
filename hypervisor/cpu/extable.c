// SPDX-License-Identifier: GPL-2.0-only
#include "cpu/extable.h"

#include "cpu/asm.h"
#include "lib/errno.h"

struct extable_entry {
	int32_t from, to;	/* distances from the member itself */
};

extern const struct extable_entry extable_start[], extable_end[];

/* A few hundred entries, asked only when something is wrong: no need to sort. */
uint64_t extable_fixup(uint64_t rip)
{
	for (const struct extable_entry *e = extable_start; e < extable_end; e++)
		if ((uint64_t)&e->from + (int64_t)e->from == rip)
			return (uint64_t)&e->to + (int64_t)e->to;
	return 0;
}

int rdmsr_safe(uint32_t msr, uint64_t *value)
{
	uint32_t low = 0, high = 0;
	int rc = -EIO;

	__asm__ volatile("1: rdmsr\n\t"
			 "xor %[rc], %[rc]\n\t"
			 "2:\n\t"
			 _ASM_EXTABLE(1b, 2b)
			 : [rc] "+r" (rc), "+a" (low), "+d" (high) : "c" (msr));
	*value = low | (uint64_t)high << 32;
	return rc;
}

int wrmsr_safe(uint32_t msr, uint64_t value)
{
	int rc = -EIO;

	__asm__ volatile("1: wrmsr\n\t"
			 "xor %[rc], %[rc]\n\t"
			 "2:\n\t"
			 _ASM_EXTABLE(1b, 2b)
			 : [rc] "+r" (rc)
			 : "c" (msr), "a" ((uint32_t)value), "d" ((uint32_t)(value >> 32))
			 : "memory");
	return rc;
}

int xsetbv_safe(uint32_t index, uint64_t value)
{
	int rc = -EINVAL;

	__asm__ volatile("1: xsetbv\n\t"
			 "xor %[rc], %[rc]\n\t"
			 "2:\n\t"
			 _ASM_EXTABLE(1b, 2b)
			 : [rc] "+r" (rc)
			 : "c" (index), "a" ((uint32_t)value), "d" ((uint32_t)(value >> 32))
			 : "memory");
	return rc;
}

#define LOAD_SELECTOR(reg)							\
	bool load_##reg(uint16_t sel)						\
	{									\
		bool ok = true;							\
		uint32_t null = 0;						\
										\
		__asm__ volatile("1: mov %[sel], %%" #reg "\n\t"		\
				 "jmp 3f\n\t"					\
				 "2: mov %[null], %%" #reg "\n\t"		\
				 "movb $0, %[ok]\n\t"				\
				 "3:\n\t"					\
				 _ASM_EXTABLE(1b, 2b)				\
				 : [ok] "+q" (ok)				\
				 : [sel] "r" ((uint32_t)sel), [null] "r" (null) : "memory"); \
		return ok;							\
	}

LOAD_SELECTOR(ds)
LOAD_SELECTOR(es)
LOAD_SELECTOR(fs)
LOAD_SELECTOR(gs)
