// SPDX-License-Identifier: GPL-2.0-only
#include "cpu/softirq.h"

#include "cpu/asm.h"
#include "cpu/lock.h"
#include "cpu/percpu.h"

static void (*handlers[SOFTIRQ_COUNT])(void);

void (*softirq_poke)(unsigned int cpu);

void softirq_set_handler(enum softirq nr, void (*fn)(void))
{
	handlers[nr] = fn;
}

void softirq_raise(enum softirq nr)
{
	__atomic_or_fetch(&this_cpu_info()->softirqs, 1u << nr, __ATOMIC_SEQ_CST);
}

void softirq_leave_on(unsigned int cpu, enum softirq nr)
{
	__atomic_or_fetch(&cpu_info_of(cpu)->softirqs, 1u << nr, __ATOMIC_SEQ_CST);
}

void softirq_raise_on(unsigned int cpu, enum softirq nr)
{
	uint32_t before = __atomic_fetch_or(&cpu_info_of(cpu)->softirqs, 1u << nr,
					    __ATOMIC_SEQ_CST);

	if (!(before & 1u << nr) && cpu != this_cpu() && softirq_poke)
		softirq_poke(cpu);
}

void softirq_run(void)
{
	uint32_t *bits = &this_cpu_info()->softirqs;

	ASSERT(!spin_any_held());
	BUG_ON(!percpu_stack_ok());
	while (read_once(*bits)) {
		unsigned int nr = lowest_bit(*bits);

		__atomic_and_fetch(bits, ~(1u << nr), __ATOMIC_SEQ_CST);
		if (handlers[nr])
			handlers[nr]();
	}
}

bool irq_window(void)
{
	ASSERT(!spin_any_held());
	sti_nop_cli();
	return softirq_pending();
}
