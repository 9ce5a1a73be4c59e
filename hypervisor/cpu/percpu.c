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

void percpu_stack_init(unsigned int cpu, void *block)
{
	stack_base[cpu] = (uint64_t)block;
	*cpu_info_of(cpu) = (struct cpu_info){ .cpu = cpu };
}
