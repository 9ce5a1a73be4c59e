// SPDX-License-Identifier: GPL-2.0-only
/*
 * The local APIC (the story is in lapic.h). Register numbers: Intel SDM vol. 3, table 11-1; a
 * register at offset o in memory is MSR 0x800 + o / 16 in x2APIC mode.
 */
#include "machine/lapic.h"

#include "cpu/asm.h"
#include "cpu/features.h"
#include "cpu/percpu.h"
#include "lib/bits.h"
#include "machine/acpi.h"
#include "machine/irq.h"
#include "machine/stop.h"
#include "mem/map.h"

#define APIC_ID		0x020
#define APIC_TPR	0x080
#define APIC_EOI	0x0b0
#define APIC_SVR	0x0f0
#define APIC_ISR	0x100
#define APIC_ESR	0x280
#define APIC_ICR	0x300
#define APIC_ICR_HIGH	0x310
#define APIC_LVT_CMCI	0x2f0
#define APIC_LVT_TIMER	0x320
#define APIC_LVT_PERF	0x340
#define APIC_LVT_LINT0	0x350
#define APIC_LVT_LINT1	0x360
#define APIC_LVT_ERROR	0x370
#define APIC_TIMER_INIT	0x380
#define APIC_TIMER_NOW	0x390
#define APIC_TIMER_DIV	0x3e0

#define BASE_X2APIC	BIT(10)
#define BASE_ENABLE	BIT(11)
#define SVR_ENABLE	(1u << 8)
#define LVT_MASKED	(1u << 16)
#define LVT_DEADLINE	(2u << 17)
#define DELIVER_NMI	(4u << 8)
#define DELIVER_INIT	(5u << 8)
#define DELIVER_STARTUP	(6u << 8)
#define ICR_PENDING	(1u << 12)
#define ICR_ASSERT	(1u << 14)
#define DIVIDE_BY_ONE	0xb

static volatile uint32_t *regs;		/* xAPIC mode */
static bool x2apic;
static uint64_t ticks_per_tsc;		/* timer ticks in a TSC tick, 32.32 */

static uint32_t apic_read(unsigned int reg)
{
	return x2apic ? (uint32_t)rdmsr(0x800 + reg / 16) : regs[reg / 4];
}

static void apic_write(unsigned int reg, uint32_t value)
{
	if (x2apic)
		wrmsr(0x800 + reg / 16, value);
	else
		regs[reg / 4] = value;
}

void lapic_init(void)
{
	uint64_t base = rdmsr(MSR_APIC_BASE);

	x2apic = host.x2apic && (base & BASE_ENABLE) && (base & BASE_X2APIC);
	if (x2apic)
		return;
	regs = ioremap(acpi.lapic_pa ? acpi.lapic_pa : LAPIC_DEFAULT_PA, 0x1000, CACHE_UC);
	if (!regs)
		machine_stop("too little memory to map the local APIC: give the machine more");

}

/* Interrupts that were being served when the firmware or a crash handed over are over now. */
static void drop_stale(void)
{
	for (unsigned int word = 0; word < 8; word++)
		for (unsigned int tries = 0; apic_read(APIC_ISR + word * 16) && tries < 32; tries++)
			apic_write(APIC_EOI, 0);
}

void lapic_init_cpu(void)
{
	uint64_t base = rdmsr(MSR_APIC_BASE);

	if (x2apic)
		wrmsr(MSR_APIC_BASE, base | BASE_ENABLE | BASE_X2APIC);
	else if (!(base & BASE_ENABLE))
		wrmsr(MSR_APIC_BASE, base | BASE_ENABLE);

	apic_write(APIC_SVR, SVR_ENABLE | VECTOR_SPURIOUS);
	apic_write(APIC_TPR, 0);
	drop_stale();
	apic_write(APIC_LVT_TIMER, LVT_MASKED | VECTOR_TIMER);
	apic_write(APIC_LVT_PERF, LVT_MASKED | VECTOR_SPURIOUS);
	apic_write(APIC_LVT_LINT0, LVT_MASKED | VECTOR_SPURIOUS);	/* the 8259s: not listened to */
	apic_write(APIC_LVT_LINT1, DELIVER_NMI);
	apic_write(APIC_LVT_ERROR, VECTOR_LAPIC_ERROR);
	apic_write(APIC_ESR, 0);
	if (host.tsc_deadline) {
		apic_write(APIC_LVT_TIMER, LVT_DEADLINE | VECTOR_TIMER);
		mb();		/* the write to memory before a write to the deadline MSR */
	} else {
		apic_write(APIC_TIMER_DIV, DIVIDE_BY_ONE);
		apic_write(APIC_TIMER_INIT, 0);
		apic_write(APIC_LVT_TIMER, VECTOR_TIMER);
	}
	irq_apic_id[this_cpu()] = lapic_id();
}

uint32_t lapic_id(void)
{
	uint32_t id = apic_read(APIC_ID);

	return x2apic ? id : id >> 24;
}

void lapic_eoi(void)
{
	apic_write(APIC_EOI, 0);
}

uint32_t lapic_error(void)
{
	apic_write(APIC_ESR, 0);	/* latches what happened since the last time */
	return apic_read(APIC_ESR);
}

void lapic_timer_run_free(void)
{
	if (host.tsc_deadline)
		return;
	apic_write(APIC_LVT_TIMER, LVT_MASKED | VECTOR_TIMER);
	apic_write(APIC_TIMER_INIT, 0xffffffff);
}

uint32_t lapic_timer_passed(void)
{
	return host.tsc_deadline ? 0 : 0xffffffff - apic_read(APIC_TIMER_NOW);
}

void lapic_timer_set_rate(uint64_t ticks, uint64_t tsc_ticks)
{
	if (host.tsc_deadline)
		return;
	apic_write(APIC_TIMER_INIT, 0);
	apic_write(APIC_LVT_TIMER, VECTOR_TIMER);
	ticks_per_tsc = tsc_ticks ? (ticks << 32) / tsc_ticks : 0;
	if (!ticks_per_tsc)
		machine_stop("the local APIC's timer does not count: "
			     "switch the APIC on in the firmware setup (or the emulator)");

}

void lapic_timer_arm(uint64_t tsc_deadline)
{
	uint64_t now, ticks = 1;

	if (host.tsc_deadline) {
		wrmsr(MSR_TSC_DEADLINE, tsc_deadline ? tsc_deadline : 1);
		return;
	}
	now = rdtsc();
	if (tsc_deadline > now)	/* a longer wait than it can count ends early: then it is set again */
		ticks = (uint64_t)((unsigned __int128)(tsc_deadline - now) * ticks_per_tsc >> 32) + 1;
	apic_write(APIC_TIMER_INIT, (uint32_t)MIN(ticks, 0xfffffffful));
}

void lapic_timer_stop(void)
{
	if (host.tsc_deadline)
		wrmsr(MSR_TSC_DEADLINE, 0);
	else
		apic_write(APIC_TIMER_INIT, 0);
}

static void send(uint32_t apic_id, uint32_t command)
{
	if (x2apic) {
		mb();		/* what the other CPU is to see comes before the message */
		wrmsr(0x800 + APIC_ICR / 16, (uint64_t)apic_id << 32 | command);
		return;
	}
	while (apic_read(APIC_ICR) & ICR_PENDING)
		cpu_relax();
	apic_write(APIC_ICR_HIGH, apic_id << 24);
	apic_write(APIC_ICR, command);
}

void lapic_send_ipi(uint32_t apic_id, uint8_t vector)
{
	send(apic_id, ICR_ASSERT | vector);
}

void lapic_send_nmi(uint32_t apic_id)
{
	send(apic_id, ICR_ASSERT | DELIVER_NMI);
}

void lapic_send_init(uint32_t apic_id)
{
	send(apic_id, ICR_ASSERT | DELIVER_INIT);
}

void lapic_send_startup(uint32_t apic_id, uint8_t page)
{
	send(apic_id, ICR_ASSERT | DELIVER_STARTUP | page);
}

uint64_t lapic_msi_address(uint32_t apic_id)
{
	return LAPIC_DEFAULT_PA | (uint64_t)(apic_id & 0xff) << 12;
}
