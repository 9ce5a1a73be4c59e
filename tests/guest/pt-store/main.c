// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stores to live page tables: the hypervisor takes the fault and does the update, checked.
 *
 * Rule: mov of 1, 4 and 8 bytes, xchg, lock cmpxchg, lock and, or, btr, bts, and lock cmpxchg8b all
 * work on an entry of a live level 1 table; flags and registers come out as the instruction would
 * leave them; an entry that would be refused by mmu_update is not written, and the store faults or
 * the entry stays.
 */
#include "rt.h"

#define WINDOW	0x20000000ul

static volatile uint64_t *e;
static uint64_t pte;

static void set(uint64_t v)
{
	update_va(WINDOW, v, UVMF_INVLPG);
}

#define SOFT	(PTE_A | PTE_D | 0x7ff0000000000000ull | PTE_US | PTE_G)

static void holds(const char *what, uint64_t want)
{
	uint64_t got = *e;

	if ((got & ~SOFT) != (want & ~SOFT))
		test_fail("%s: the entry is %#llx, want %#llx", what, (unsigned long long)got,
			  (unsigned long long)want);
}

static void plain_stores(void)
{
	set(0);
	expect_eq(probe_write64((word)e, pte), -1, "8 bytes");
	holds("8 bytes", pte);
	expect_eq(probe_write8((word)e, pte & 0xff & ~PTE_RW), -1, "1 byte");
	holds("1 byte", pte & ~PTE_RW);
	expect_eq(PROBE("movl %1, (%0)",
			:
			: "r"(e), "r"((uint32_t)pte | 0x200)
			: "memory"),
		  -1, "4 bytes");
	holds("4 bytes", pte | 0x200);
	expect_eq(PROBE("movl $0, (%0)", : : "r"(e) : "memory"), -1, "4 bytes, immediate");
	expect_eq(PROBE("movl $0, 4(%0)", : : "r"(e) : "memory"), -1, "the upper 4 bytes");
	holds("cleared by halves", 0);
}

static void read_modify_write(void)
{
	uint32_t v;
	word flags = 0;

	set(pte);
	v = 0;
	expect_eq(PROBE("xchgl %0, (%1)", : "+r"(v) : "r"(e) : "memory"), -1, "xchg");
	expect((v & ~(uint32_t)SOFT) == ((uint32_t)pte & ~(uint32_t)SOFT), "xchg brought %#x", v);
	holds("xchg", pte >> 32 << 32);
	set(pte);
	expect_eq(PROBE("lock andb $0xfd, (%0)",
			:
			: "r"(e)
			: "memory", "cc"),
		  -1, "lock and of a byte");
	holds("lock and", pte & ~PTE_RW);
	expect_eq(PROBE("lock orl $2, (%0)", : : "r"(e) : "memory", "cc"), -1, "lock or");
	holds("lock or", pte);
	expect_eq(PROBE("lock btrl $1, (%1); pushf; pop %0",
			: "=r"(flags)
			: "r"(e)
			: "memory", "cc"),
		  -1, "lock btr");
	expect(flags & 1, "lock btr left carry clear");
	holds("lock btr", pte & ~PTE_RW);
	expect_eq(PROBE("lock btsl $1, (%1); pushf; pop %0",
			: "=r"(flags)
			: "r"(e)
			: "memory", "cc"),
		  -1, "lock bts");
	expect(!(flags & 1), "lock bts left carry set");
	holds("lock bts", pte);
}

static void compare_and_exchange(void)
{
	uint32_t was, lo;
	bool same = false;

	set(pte);
	was = (uint32_t)*e;
	lo = was & ~PTE_RW;
	expect_eq(PROBE("lock cmpxchgl %3, (%2); setz %1",
			: "+a"(was), "=q"(same)
			: "r"(e), "r"(lo)
			: "memory", "cc"),
		  -1, "lock cmpxchg");
	expect(same, "lock cmpxchg says it differed");
	holds("lock cmpxchg", pte & ~PTE_RW);
	was = 0x1234;
	expect_eq(PROBE("lock cmpxchgl %3, (%2); setz %1",
			: "+a"(was), "=q"(same)
			: "r"(e), "r"(lo)
			: "memory", "cc"),
		  -1, "lock cmpxchg of another value");
	expect(!same, "lock cmpxchg says it matched");
	expect_eq(was, (uint32_t)*e, "what lock cmpxchg brought");
	holds("lock cmpxchg of another value", pte & ~PTE_RW);

#ifdef __x86_64__
	uint64_t now;

	set(pte);
	now = *e;
	expect_eq(PROBE("lock cmpxchg %3, (%2); setz %1",
			: "+a"(now), "=q"(same)
			: "r"(e), "r"(pte & ~PTE_RW)
			: "memory", "cc"),
		  -1, "lock cmpxchg of 8 bytes");
	expect(same, "lock cmpxchg of 8 bytes says it differed");
	now = 0;
	set(pte);
	expect_eq(PROBE("xchg %0, (%1)", : "+r"(now) : "r"(e) : "memory"), -1, "xchg of 8 bytes");
	expect((now & ~SOFT) == (pte & ~SOFT), "xchg of 8 bytes brought %#llx",
	       (unsigned long long)now);
	holds("xchg of 8 bytes", 0);
#endif
}

static void compare_8_bytes(void)
{
#ifndef __x86_64__
	uint64_t now;

	set(pte);
	now = *e;
	expect_eq(PROBE("lock cmpxchg8b (%1)", : "+A"(now) : "S"(e), "b"((uint32_t)(pte & ~PTE_RW)),
			"c"((uint32_t)(pte >> 32)) : "memory", "cc"), -1, "lock cmpxchg8b");
	holds("lock cmpxchg8b", pte & ~PTE_RW);
	now = 0x123456789abcdefull;
	expect_eq(PROBE("lock cmpxchg8b (%1)",
			: "+A"(now)
			: "S"(e), "b"(0), "c"(0)
			: "memory", "cc"),
		  -1, "lock cmpxchg8b of another value");
	expect(now == *e, "what lock cmpxchg8b brought");
	holds("lock cmpxchg8b of another value", pte & ~PTE_RW);
#endif
}

static void refused_stores(void)
{
	uint64_t bad = mfn_of((void *)si->pt_base) << 12 | PROT_KERNEL;	/* our root, writable */
	int v;

	set(0);
	v = probe_write64((word)e, bad);
	expect(!(*e & PTE_P) || !(*e & PTE_RW), "a refused entry stands there: %#llx (vector %d)",
	       (unsigned long long)*e, v);
	set(0);
	v = probe_write64((word)e, PTE_P | PTE_RW | 0x000ffffffffff000ull);
	expect(!(*e & PTE_P), "an entry beyond memory stands there: %#llx (vector %d)",
	       (unsigned long long)*e, v);
	set(0);
}

/* Level 2 and up are not emulated by every hypervisor: done rightly, or a fault; never done
 * unchecked. */
static void higher_levels(void)
{
	volatile uint64_t *l2 = pt_entry(WINDOW + (1ul << 21), 2);
	uint64_t bad = mfn_of(page_alloc()) << 12 | PROT_TABLE;	/* mapped writable: no table */
	int v = probe_write64((word)l2, bad);

	expect(!(*l2 & PTE_P), "a writable page became a table by a store: %#llx (vector %d)",
	       (unsigned long long)*l2, v);
}

void test_main(void)
{
	char *p = page_alloc();

	vm_assist(VMASST_CMD_enable, VMASST_TYPE_writable_pagetables);
	va_map(WINDOW, 0);
	e = pt_entry(WINDOW, 1);
	pte = mfn_of(p) << 12 | PROT_KERNEL;
	plain_stores();
	read_modify_write();
	compare_and_exchange();
	compare_8_bytes();
	refused_stores();
	higher_levels();
}
