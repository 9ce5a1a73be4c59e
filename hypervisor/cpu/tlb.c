// SPDX-License-Identifier: GPL-2.0-only
#include "cpu/tlb.h"

#include "cpu/asm.h"
#include "cpu/percpu.h"

/*
 * The clock ticks at every full flush of any CPU; each CPU remembers the tick of its last. A CPU
 * whose last flush is later than a stamp has nothing cached from before it. Stamps are the low half
 * of the clock: tlb_filter() takes one for the latest time it can mean, so at worst it asks for a
 * flush too many.
 */
static volatile uint64_t flush_clock = 1;
static struct {
	volatile uint64_t at;
} __aligned(64) flushed[NR_CPUS];

void (*tlb_remote_hook)(cpumask_t mask, uint64_t va);

static void note_flush(void)
{
	uint64_t now = __atomic_add_fetch(&flush_clock, 1, __ATOMIC_SEQ_CST);

	flushed[this_cpu()].at = now;
}

void tlb_load_cr3(uint64_t cr3)
{
	note_flush();
	write_cr3(cr3);
}

void tlb_flush_local(void)
{
	tlb_load_cr3(read_cr3());
}

void tlb_flush_one_local(uint64_t va)
{
	invlpg(va);
}

static void flush(cpumask_t mask, uint64_t va)
{
	cpumask_t me = cpumask_of(this_cpu());

	mask &= cpus_online;
	if (mask & ~me && tlb_remote_hook)
		tlb_remote_hook(mask & ~me, va);
	if (!(mask & me))
		return;
	if (va == TLB_ALL)
		tlb_flush_local();
	else
		invlpg(va);
}

void tlb_flush_mask(cpumask_t mask)
{
	flush(mask, TLB_ALL);
}

void tlb_flush_one_mask(cpumask_t mask, uint64_t va)
{
	flush(mask, va);
}

uint32_t tlb_now(void)
{
	return (uint32_t)__atomic_load_n(&flush_clock, __ATOMIC_SEQ_CST);
}

cpumask_t tlb_filter(cpumask_t mask, uint32_t stamp)
{
	uint64_t now = __atomic_load_n(&flush_clock, __ATOMIC_SEQ_CST);
	uint64_t when = now - (uint32_t)((uint32_t)now - stamp);
	cpumask_t left = 0;
	unsigned int cpu;

	for_each_cpu(cpu, mask)
		if (flushed[cpu].at <= when)
			left |= cpumask_of(cpu);
	return left;
}
