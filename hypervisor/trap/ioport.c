// SPDX-License-Identifier: GPL-2.0-only
/*
 * IN and OUT: who may, and what is there.
 *
 * Whether the instruction is allowed at all is between a guest's kernel and its users: virtual
 * IOPL, or the bitmap the kernel registered. What it then reaches is ours to say: a port the domain
 * owns (d->ioports), PCI configuration through a latch of the domain's own, or nothing: reads give
 * all ones, writes are dropped. Nothing faults, since kernels probe (IOPL is theirs).
 *
 * A domain without hardware calibrates against a timer chip that is not there: its counter reads
 * 0, which every kernel recognises as broken at once, where all ones would keep it waiting.
 */
#include "trap/trap.h"

#include "cpu/asm.h"
#include "lib/bits.h"
#include "machine/pci.h"
#include "trap/decode.h"

#define PORT_PIT_FIRST	0x40
#define PORT_PIT_LAST	0x43
#define PORT_CF8	0xcf8
#define PORT_CFC	0xcfc
#define PORT_COUNT	0x10000

/* A clear bit allows; the bitmap is our copy. */
static bool bitmap_allows(const struct vcpu *v, unsigned int port, unsigned int bytes)
{
	if (!v->io_bitmap || port + bytes > v->io_bitmap_ports)
		return false;
	for (unsigned int i = port; i < port + bytes; i++)
		if (v->io_bitmap[i / 8] >> (i & 7) & 1)
			return false;
	return true;
}

bool ioport_allowed(struct vcpu *v, const struct guest_regs *regs, unsigned int port,
		    unsigned int bytes)
{
	unsigned int needed = guest_kernel_mode(v, regs) ? 1 : 3;

	return v->iopl >= needed || bitmap_allows(v, port, bytes);
}

static bool owns(const struct domain *d, unsigned int port, unsigned int bytes)
{
	return d->ioports && port + bytes <= PORT_COUNT &&
	       rangeset_contains(d->ioports, port, port + bytes - 1);
}

uint32_t ioport_read(struct vcpu *v, unsigned int port, unsigned int bytes)
{
	struct domain *d = v->domain;

	if (d->privileged && port == PORT_CF8 && bytes == 4)
		return d->pci_latch;
	if (d->privileged && port >= PORT_CFC && port < PORT_CFC + 4)
		return pci_cf8_read(d->pci_latch, port, bytes);
	if (owns(d, port, bytes))
		return bytes == 1 ? inb((uint16_t)port) :
		       bytes == 2 ? inw((uint16_t)port) : inl((uint16_t)port);
	if (port >= PORT_PIT_FIRST && port <= PORT_PIT_LAST)
		return 0;
	return (uint32_t)insn_mask(bytes);
}

void ioport_write(struct vcpu *v, unsigned int port, unsigned int bytes, uint32_t value)
{
	struct domain *d = v->domain;

	if (d->privileged && port == PORT_CF8 && bytes == 4) {
		d->pci_latch = value;
	} else if (d->privileged && port >= PORT_CFC && port < PORT_CFC + 4) {
		pci_cf8_write(d->pci_latch, port, bytes, value);
	} else if (owns(d, port, bytes)) {
		if (bytes == 1)
			outb((uint8_t)value, (uint16_t)port);
		else if (bytes == 2)
			outw((uint16_t)value, (uint16_t)port);
		else
			outl(value, (uint16_t)port);
	}
}
