// SPDX-License-Identifier: GPL-2.0-only
#include "cpu/percpu.h"

#include "cpu/cpumask.h"

uint64_t stack_base[NR_CPUS];
unsigned int cpu_count = 1;
cpumask_t cpus_online = 1;

struct cpu_info *cpu_info_of(unsigned int cpu)
{
	return (struct cpu_info *)(stack_base[cpu] + STACK_SIZE) - 1;
}

/* The lowest word of the stack proper; nothing that behaves ever gets there. */
#define CANARY	0x7472696e65213a29ul

static volatile uint64_t *canary_of(unsigned int cpu)
{
	return (volatile uint64_t *)(stack_base[cpu] + IST_COUNT * IST_STACK_SIZE);
}

bool percpu_stack_ok(void)
{
	return *canary_of(this_cpu()) == CANARY;
}

void percpu_stack_init(unsigned int cpu, void *block)
{
	stack_base[cpu] = (uint64_t)block;
	*canary_of(cpu) = CANARY;
	*cpu_info_of(cpu) = (struct cpu_info){ .cpu = cpu };
}
