// SPDX-License-Identifier: GPL-2.0-only
/*
 * Message-signalled interrupts: programming a device's MSI or MSI-X capability.
 *
 * The control domain finds the capability and switches it on or off; the message (address, data)
 * and the per-vector mask are ours to write, so no device is told a vector by a guest. (A device
 * that can do DMA can still write any message by itself: interrupt remapping is for later.)
 *
 * Locks: the descriptor's (machine/irq.h); configuration space has its own (machine/pci.h).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/bug.h"
#include "machine/irq.h"
#include "machine/pci.h"

#define MSI_MAX_VECTORS	32	/* of one device's plain MSI */

/* What was asked for, checked, and where the message goes. One a device or MSI-X entry. */
struct msi_source {
	struct pci_address at;
	bool used, msix;
	uint16_t capability;		/* offset of it in configuration space */
	uint16_t entry;			/* of the MSI-X table */
	unsigned int count;		/* of messages, plain MSI */
	volatile uint32_t *slot;	/* MSI-X: the table's entry, mapped */
	struct irq_desc *first;
};

/*
 * Prepare interrupts of a device: find the capability, allocate descriptors. Nothing is written to
 * the device before irq_start().
 * Fails: -ENODEV no such device or capability; -EINVAL the device has no such entry, or table_base is
 * not where its table is; -EBUSY in use already; -ENOSPC, -ENOMEM.
 */
must_check int msi_alloc(struct pci_address at, unsigned int count, struct irq_desc **first);
must_check int msix_alloc(struct pci_address at, unsigned int entry, uint64_t table_base,
			  struct irq_desc **desc);
/* The owner has released all of them. */
void msi_free(struct irq_desc *first);

/* Write all messages of a device again: it lost them while it was asleep or reset. */
int msi_restore(struct pci_address at);

/* --- inside this room --- */
void msi_write_message(struct irq_desc *desc);	/* from desc->cpu, desc->vector */
void msi_set_mask(struct irq_desc *desc, bool masked);
