// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts of devices: from a vector to whoever owns the interrupt.
 *
 * A source is a GSI (a pin of an I/O APIC) or a message (MSI, MSI-X). It has one struct irq_desc
 * and at most one owner, whose deliver() is called with no lock held: the event-channel room for a
 * guest's, or a driver of ours.
 *
 *	free --irq_claim--> owned, masked --irq_start--> owned, live --irq_stop--> ... --irq_release--> free
 *
 * An edge or a message is acknowledged, then delivered. A level interrupt would come again at once,
 * so its pin is masked, the LAPIC acknowledged, the owner told; the pin opens again when the owner
 * says irq_eoi(). So a guest that never answers loses its own interrupt and nothing else.
 *
 * Vectors are per CPU: (cpu, vector) names a descriptor. A pin gets its vector when it is started
 * and loses it when it is released; a message has it for as long as it is allocated.
 *
 * Invariant: a slot of the vector table points to a descriptor <=> the descriptor names that slot.
 * Locks: desc->lock (RANK_IRQ) guards the descriptor; the vector tables and the messages' pool have
 * irq_vector_lock (RANK_VECTOR), taken inside it. irq_release() waits for a deliver() that runs on
 * another CPU, so deliver() takes no lock that a caller of irq_release() holds.
 * Not here: pirqs, a guest's numbers for its interrupts (evtchn/pirq.h).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cpu/lock.h"
#include "lib/bug.h"

struct msi_source;

/* Vectors below 0x20 are exceptions. 0x20..0x2f: what the 8259s, masked, may still spit out. */
#define VECTOR_8259		0x20
#define VECTOR_DEVICE_FIRST	0x30
#define VECTOR_DEVICE_LAST	0xef	/* less the software interrupts 0x80 and 0x82 */
#define VECTOR_TIMER		0xf9
#define VECTOR_RESCHEDULE	0xfa	/* nothing to do but go through before_guest() */
#define VECTOR_CALL		0xfb
#define VECTOR_LAPIC_ERROR	0xfe
#define VECTOR_SPURIOUS		0xff

#define IRQ_GSI_MAX	512	/* GSIs we keep descriptors for */
#define IRQ_MSI_MAX	512	/* messages */
#define IRQ_MAX		(IRQ_GSI_MAX + IRQ_MSI_MAX)

struct irq_desc {
	spinlock_t lock;
	uint16_t number;		/* index: below IRQ_GSI_MAX the GSI, else a message */
	bool exists;			/* a pin is there; a message is allocated */
	bool level, active_low;		/* a pin's */
	bool live;			/* started and not stopped: otherwise it is swallowed */
	bool in_flight;			/* level: delivered, and the owner has not said irq_eoi() */
	bool ours;			/* a driver of ours owns it: answered when deliver() returns */
	volatile uint32_t delivering;	/* deliver() runs, on so many CPUs */
	uint8_t vector;			/* 0: none */
	unsigned int cpu;		/* where vector counts */
	struct msi_source *msi;
	void (*deliver)(struct irq_desc *desc);	/* NULL: nobody owns it */
	void *owner;
	uint64_t count;
};

/*
 * Mask the 8259s. Needs acpi_init(); comes before lapic_init_cpu() stops listening to them, so that
 * what they have asked for already is taken back and not left pending without a vector.
 */
void irq_silence_8259(void);

/* Set up sources, all silent. Needs acpi_init(), lapic_init() and a mapped heap. */
void irq_init(void);

extern uint32_t irq_apic_id[];	/* of each of our CPUs; lapic_init_cpu() notes it */

/*
 * Every external interrupt, from entry/, interrupts off. When it came from a guest its registers
 * are this_cpu_info()->regs.
 */
void irq_dispatch(unsigned int vector);

/* The descriptor of a pin; NULL: there is no such pin. */
struct irq_desc *irq_of_gsi(unsigned int gsi);

/*
 * Become the owner; the source stays masked.
 * Fails: -EBUSY it has one.
 */
must_check int irq_claim(struct irq_desc *desc, void (*deliver)(struct irq_desc *), void *owner);
/* Let it interrupt this CPU. Fails: -ENOSPC no vector left. */
must_check int irq_start(struct irq_desc *desc);
void irq_stop(struct irq_desc *desc);
/* Stop, and owe nothing more to the owner: after this deliver() neither runs nor is running. */
void irq_release(struct irq_desc *desc);
/* The owner has dealt with a level interrupt. Harmless at any other moment. */
void irq_eoi(struct irq_desc *desc);

/*
 * How a pin speaks. Fails: -EBUSY it is live and set otherwise.
 */
must_check int irq_set_trigger(struct irq_desc *desc, bool level, bool active_low);

/* For a driver of ours: claim a pin and start it; it is answered when deliver() returns. */
must_check int irq_request_gsi(unsigned int gsi, void (*deliver)(struct irq_desc *), void *owner);

/* The pin that an ISA interrupt comes in on. */
unsigned int irq_isa_gsi(unsigned int irq);

/*
 * Descriptors for n messages in a row, n a power of two; their vectors are in a row and aligned, as
 * plain MSI needs. Gives the first; free with irq_free_msi() when all are released.
 * Fails: NULL none left.
 */
struct irq_desc *irq_alloc_msi(unsigned int n, struct msi_source *source);
void irq_free_msi(struct irq_desc *first, unsigned int n);

/* Interrupts nobody owned, since boot. */
uint64_t irq_stray_count(void);

void irq_dump(void);		/* debug key i */
