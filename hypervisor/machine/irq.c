// SPDX-License-Identifier: GPL-2.0-only
/* Interrupts of devices (the story is in irq.h). */
#include "machine/irq.h"

#include "cpu/asm.h"
#include "cpu/atomic.h"
#include "cpu/cpumask.h"
#include "cpu/percpu.h"
#include "cpu/softirq.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "lib/log.h"
#include "machine/acpi.h"
#include "machine/ioapic.h"
#include "machine/ipi.h"
#include "machine/lapic.h"
#include "machine/msi.h"

#define SOFT_INT80	0x80	/* guests' system calls ... */
#define SOFT_HYPERCALL	0x82	/* ... and 32-bit guests' hypercalls */

uint32_t irq_apic_id[NR_CPUS];

static struct irq_desc descs[IRQ_MAX];
static struct irq_desc *vectors[NR_CPUS][256];
static unsigned int vectors_used[NR_CPUS];
static spinlock_t irq_vector_lock = SPINLOCK_INIT(RANK_VECTOR);
static uint64_t strays;

static bool is_gsi(const struct irq_desc *desc)
{
	return desc->number < IRQ_GSI_MAX;
}

/* --- vectors --- */

static bool vector_free(unsigned int cpu, unsigned int vector)
{
	return vector != SOFT_INT80 && vector != SOFT_HYPERCALL && !vectors[cpu][vector];
}

/* The CPU with the fewest vectors taken. */
static unsigned int quietest_cpu(void)
{
	unsigned int cpu, best = this_cpu();

	for_each_cpu(cpu, cpus_online)
		if (vectors_used[cpu] < vectors_used[best])
			best = cpu;
	return best;
}

/* Vectors in a row, aligned, on one CPU, for n descriptors in a row. */
static int vectors_take(struct irq_desc *first, unsigned int n)
{
	unsigned int cpu, vector, i;

	spin_lock(&irq_vector_lock);
	cpu = quietest_cpu();
	for (vector = ALIGN_UP(VECTOR_DEVICE_FIRST, n); vector + n - 1 <= VECTOR_DEVICE_LAST;
	     vector += n) {
		for (i = 0; i < n && vector_free(cpu, vector + i); i++)
			;
		if (i == n)
			break;
	}
	if (vector + n - 1 > VECTOR_DEVICE_LAST) {
		spin_unlock(&irq_vector_lock);
		return -ENOSPC;
	}
	for (i = 0; i < n; i++) {
		first[i].cpu = cpu;
		first[i].vector = (uint8_t)(vector + i);
		vectors[cpu][vector + i] = &first[i];
	}
	vectors_used[cpu] += n;
	spin_unlock(&irq_vector_lock);
	return 0;
}

static void vector_give_back(struct irq_desc *desc)
{
	spin_lock(&irq_vector_lock);
	if (desc->vector) {
		vectors[desc->cpu][desc->vector] = NULL;
		vectors_used[desc->cpu]--;
		desc->vector = 0;
	}
	spin_unlock(&irq_vector_lock);
}

/* --- sources --- */

static void source_mask(struct irq_desc *desc)
{
	if (is_gsi(desc))
		ioapic_mask(desc->number);
	else
		msi_set_mask(desc, true);
}

static void route_pin(struct irq_desc *desc, bool masked)
{
	struct ioapic_route route = {
		.apic_id = irq_apic_id[desc->cpu],
		.vector = desc->vector,
		.level = desc->level,
		.active_low = desc->active_low,
		.masked = masked,
	};

	ioapic_set_route(desc->number, &route);
}

struct irq_desc *irq_of_gsi(unsigned int gsi)
{
	unsigned int slot;

	if (!index_within(gsi, IRQ_GSI_MAX, &slot) || !descs[slot].exists)
		return NULL;
	return &descs[slot];
}

int irq_claim(struct irq_desc *desc, void (*deliver)(struct irq_desc *), void *owner)
{
	int rc = -EBUSY;

	spin_lock(&desc->lock);
	if (!desc->deliver) {
		desc->deliver = deliver;
		desc->owner = owner;
		desc->ours = false;
		rc = 0;
	}
	spin_unlock(&desc->lock);
	return rc;
}

int irq_start(struct irq_desc *desc)
{
	int rc = 0;

	spin_lock(&desc->lock);
	if (!desc->vector)
		rc = vectors_take(desc, 1);
	if (!rc) {
		desc->live = true;
		if (is_gsi(desc))
			route_pin(desc, desc->in_flight);
		else
			msi_set_mask(desc, false);
	}
	spin_unlock(&desc->lock);
	return rc;
}

void irq_stop(struct irq_desc *desc)
{
	spin_lock(&desc->lock);
	source_mask(desc);
	desc->live = false;
	desc->in_flight = false;
	spin_unlock(&desc->lock);
}

void irq_release(struct irq_desc *desc)
{
	irq_stop(desc);
	spin_lock(&desc->lock);
	desc->deliver = NULL;
	desc->owner = NULL;
	if (is_gsi(desc))
		vector_give_back(desc);
	spin_unlock(&desc->lock);
	while (load_acquire32(&desc->delivering)) {
		ipi_poll();
		cpu_relax();
	}
}

void irq_eoi(struct irq_desc *desc)
{
	spin_lock(&desc->lock);
	if (desc->in_flight) {
		desc->in_flight = false;
		if (desc->live)
			ioapic_unmask(desc->number);
	}
	spin_unlock(&desc->lock);
}

int irq_set_trigger(struct irq_desc *desc, bool level, bool active_low)
{
	int rc = 0;

	spin_lock(&desc->lock);
	if (desc->level != level || desc->active_low != active_low) {
		if (!is_gsi(desc) || desc->live)
			rc = -EBUSY;
		else {
			desc->level = level;
			desc->active_low = active_low;
		}
	}
	spin_unlock(&desc->lock);
	return rc;
}

int irq_request_gsi(unsigned int gsi, void (*deliver)(struct irq_desc *), void *owner)
{
	struct irq_desc *desc = irq_of_gsi(gsi);
	int rc;

	if (!desc)
		return -ENODEV;
	rc = irq_claim(desc, deliver, owner);
	if (rc)
		return rc;
	desc->ours = true;
	rc = irq_start(desc);
	if (rc)
		irq_release(desc);
	return rc;
}

unsigned int irq_isa_gsi(unsigned int irq)
{
	for (unsigned int i = 0; i < acpi.override_count; i++)
		if (acpi.override[i].irq == irq)
			return acpi.override[i].gsi;
	return irq;
}

/* --- messages --- */

struct irq_desc *irq_alloc_msi(unsigned int n, struct msi_source *source)
{
	struct irq_desc *first = NULL;
	unsigned int i, at;

	spin_lock(&irq_vector_lock);
	for (at = IRQ_GSI_MAX; at + n <= IRQ_MAX && !first; at += n) {
		for (i = 0; i < n && !descs[at + i].exists; i++)
			;
		if (i == n)
			first = &descs[at];
	}
	for (i = 0; first && i < n; i++)
		first[i].exists = true;
	spin_unlock(&irq_vector_lock);
	if (!first)
		return NULL;

	for (i = 0; i < n; i++) {
		first[i].msi = source;
		first[i].count = 0;
	}
	if (vectors_take(first, n)) {
		irq_free_msi(first, n);
		return NULL;
	}
	return first;
}

void irq_free_msi(struct irq_desc *first, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		ASSERT(!first[i].deliver);
		vector_give_back(&first[i]);
		first[i].msi = NULL;
		store_release8((volatile uint8_t *)&first[i].exists, false);
	}
}

void irq_dump(void)
{
	for (unsigned int i = 0; i < IRQ_MAX; i++) {
		const struct irq_desc *desc = &descs[i];

		if (!desc->exists || (!desc->deliver && !desc->vector))
			continue;
		log_info("irq: %s %u, cpu %u vector %#x, %s%s%s%s, came %lu times",
			 is_gsi(desc) ? "gsi" : "message", i, desc->cpu, desc->vector,
			 desc->level ? "level" : "edge", desc->active_low ? " low" : "",
			 desc->live ? ", live" : "", desc->in_flight ? ", not answered yet" : "",
			 desc->count);
	}
	log_info("irq: %lu belonged to nobody", strays);
}

/* --- arrival --- */

static void stray(unsigned int vector)
{
	if (strays++ < 10)
		log_warn("irq: interrupt at vector %#x belongs to nobody", vector);
}

uint64_t irq_stray_count(void)
{
	return strays;
}

static void device_interrupt(unsigned int vector)
{
	unsigned int cpu = this_cpu();
	struct irq_desc *desc = read_once(vectors[cpu][vector]);
	void (*deliver)(struct irq_desc *) = NULL;
	bool ours = false;

	if (!desc) {
		lapic_eoi();
		stray(vector);
		return;
	}
	spin_lock(&desc->lock);
	if (desc->cpu == cpu && desc->vector == vector) {
		desc->count++;
		if (desc->level) {
			ioapic_mask(desc->number);
			desc->in_flight = true;
		}
		if (desc->live) {
			deliver = desc->deliver;
			ours = desc->ours;
		}
		if (deliver)
			atomic_add32(&desc->delivering, 1);
	}
	spin_unlock(&desc->lock);
	lapic_eoi();
	if (!deliver)
		return;
	deliver(desc);
	if (ours)
		irq_eoi(desc);
	atomic_sub32(&desc->delivering, 1);
}

void irq_dispatch(unsigned int vector)
{
	switch (vector) {
	case VECTOR_SPURIOUS:		/* not to be acknowledged */
		return;
	case VECTOR_TIMER:
		lapic_eoi();
		softirq_raise(SOFTIRQ_TIMER);
		return;
	case VECTOR_RESCHEDULE:
		lapic_eoi();
		return;
	case VECTOR_CALL:
		lapic_eoi();
		ipi_poll();
		return;
	case VECTOR_LAPIC_ERROR:
		lapic_eoi();
		log_warn("irq: local APIC reports error %#x", lapic_error());
		return;
	}
	if (vector >= VECTOR_DEVICE_FIRST && vector <= VECTOR_DEVICE_LAST)
		device_interrupt(vector);
	else if (vector >= VECTOR_8259 && vector < VECTOR_DEVICE_FIRST)
		stray(vector);		/* from an 8259: not the LAPIC's to acknowledge */
	else {
		lapic_eoi();
		stray(vector);
	}
}

/*
 * The two 8259s are not used. They are moved off the exceptions' vectors all the same, since they
 * may still raise a spurious interrupt, and masked.
 */
void irq_silence_8259(void)
{
	if (!acpi.has_8259)
		return;
	outb(0xff, 0x21);
	outb(0xff, 0xa1);
	outb(0x11, 0x20);		/* initialise, four words follow */
	outb(0x11, 0xa0);
	outb(VECTOR_8259, 0x21);
	outb(VECTOR_8259 + 8, 0xa1);
	outb(0x04, 0x21);		/* the second hangs on line 2 */
	outb(0x02, 0xa1);
	outb(0x01, 0x21);
	outb(0x01, 0xa1);
	outb(0xff, 0x21);
	outb(0xff, 0xa1);
}

void irq_init(void)
{
	struct irq_desc *desc;
	unsigned int i;

	ioapic_init();
	for (i = 0; i < IRQ_MAX; i++) {
		desc = &descs[i];
		desc->number = (uint16_t)i;
		spin_lock_init(&desc->lock, RANK_IRQ);
		if (i >= IRQ_GSI_MAX)
			continue;
		desc->exists = ioapic_gsi_exists(i);
		/* ISA's are edges, PCI's levels, until the control domain says otherwise. */
		desc->level = desc->active_low = i >= 16;
	}
	for (i = 0; i < acpi.override_count; i++) {
		desc = irq_of_gsi(acpi.override[i].gsi);
		if (!desc)
			continue;
		desc->level = acpi.override[i].level;
		desc->active_low = acpi.override[i].active_low;
	}
}
