// SPDX-License-Identifier: GPL-2.0-only
/* Poking CPUs (the story is in ipi.h). */
#include "machine/ipi.h"

#include "cpu/asm.h"
#include "cpu/atomic.h"
#include "cpu/lock.h"
#include "cpu/percpu.h"
#include "cpu/softirq.h"
#include "machine/acpi.h"
#include "machine/irq.h"
#include "machine/lapic.h"

/* The call under way: fn and arg are set before pending, and stay until pending is empty. */
static struct {
	volatile uint32_t busy;
	volatile uint64_t pending;	/* CPUs that have yet to run it */
	void (*fn)(void *arg);
	void *arg;
} call;
static volatile uint32_t stopping;	/* all but this CPU, plus one, are to stop */

static void send_to(cpumask_t cpus, uint8_t vector)
{
	unsigned int cpu;

	for_each_cpu(cpu, cpus)
		lapic_send_ipi(irq_apic_id[cpu], vector);
}

void ipi_poll(void)
{
	cpumask_t me = cpumask_of(this_cpu());

	if (unlikely(stopping && stopping != this_cpu() + 1))
		machine_halt();
	if (!(load_acquire64(&call.pending) & me))
		return;
	call.fn(call.arg);
	atomic_and64(&call.pending, ~me);
}

void ipi_call(cpumask_t cpus, void (*fn)(void *arg), void *arg)
{
	cpumask_t me = cpumask_of(this_cpu()), others = cpus & cpus_online & ~me;

	if (others) {
		while (cmpxchg32(&call.busy, 0, 1) != 0) {
			ipi_poll();
			cpu_relax();
		}
		call.fn = fn;
		call.arg = arg;
		store_release64(&call.pending, others);
		send_to(others, VECTOR_CALL);
	}
	if (cpus & me)
		fn(arg);
	if (others) {
		/* Nobody can be calling us: the turn is ours. But the machine may be stopping. */
		while (load_acquire64(&call.pending)) {
			ipi_poll();
			cpu_relax();
		}
		store_release32(&call.busy, 0);
	}
}

void ipi_reschedule(unsigned int cpu)
{
	if (cpu != this_cpu())
		lapic_send_ipi(irq_apic_id[cpu], VECTOR_RESCHEDULE);
}

void ipi_stop_others(void)
{
	cpumask_t others = cpus_online & ~cpumask_of(this_cpu());

	if (!others || cmpxchg32(&stopping, 0, this_cpu() + 1) != 0)
		return;
	send_to(others, VECTOR_CALL);
}

void ipi_init(void)
{
	lock_spin_hook = ipi_poll;
	softirq_poke = ipi_reschedule;
}
