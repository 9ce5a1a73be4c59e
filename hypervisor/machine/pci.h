// SPDX-License-Identifier: GPL-2.0-only
/*
 * PCI configuration space: through ports 0xcf8/0xcfc, and through the windows of the MCFG table
 * for other segments and registers above 255.
 *
 * Locks: pci_lock (RANK_PCI, a leaf) for the port pair.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/bug.h"

struct pci_address {
	uint16_t segment;
	uint8_t bus, devfn;	/* devfn: device << 3 | function */
};

static inline struct pci_address pci_at(uint16_t segment, uint8_t bus, uint8_t devfn)
{
	return (struct pci_address){ segment, bus, devfn };
}
static inline bool pci_same(struct pci_address a, struct pci_address b)
{
	return a.segment == b.segment && a.bus == b.bus && a.devfn == b.devfn;
}

void pci_init(void);

/*
 * size is 1, 2 or 4 and reg a multiple of it, below 4096. What cannot be reached reads as all
 * ones; a write there is dropped.
 */
uint32_t pci_conf_read(struct pci_address at, unsigned int reg, unsigned int size);
void pci_conf_write(struct pci_address at, unsigned int reg, unsigned int size, uint32_t value);

bool pci_exists(struct pci_address at);
/* Offset of a capability, 0: none. */
unsigned int pci_find_capability(struct pci_address at, uint8_t id);
bool pci_segment_known(uint16_t segment, uint8_t first_bus, uint8_t last_bus);

#define PCI_CAP_MSI	0x05
#define PCI_CAP_MSIX	0x11

/*
 * The control domain's accesses to ports 0xcfc..0xcff, given the value it has latched at 0xcf8
 * (the latch is its own, not the chip's). Anything that is not configuration mechanism 1, or
 * straddles, reads all ones and writes nothing.
 */
uint32_t pci_cf8_read(uint32_t latch, unsigned int port, unsigned int bytes);
void pci_cf8_write(uint32_t latch, unsigned int port, unsigned int bytes, uint32_t value);
