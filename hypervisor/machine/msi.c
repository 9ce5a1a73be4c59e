// SPDX-License-Identifier: GPL-2.0-only
/*
 * MSI and MSI-X (the story is in msi.h). Layouts: PCI Local Bus Specification 3.0, 6.8.
 */
#include "machine/msi.h"

#include "cpu/asm.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "lib/log.h"
#include "machine/ioapic.h"
#include "machine/lapic.h"
#include "mem/e820.h"
#include "mem/map.h"

/* Plain MSI, offsets from the capability */
#define MSI_CONTROL	2
#define MSI_ENABLE	BIT(0)
#define MSI_CAN(control) (1u << ((control) >> 1 & 7))	/* messages the device knows */
#define MSI_COUNT	(7u << 4)			/* how many it may use, as a power of two */
#define MSI_64BIT	BIT(7)
#define MSI_MASKABLE	BIT(8)
#define MSI_ADDRESS	4

/* MSI-X */
#define MSIX_CONTROL	2
#define MSIX_TABLE	4
#define MSIX_ENTRIES(control) (((control) & 0x7ff) + 1)
#define ENTRY_BYTES	16
#define ENTRY_MASKED	BIT(0)		/* word 3 of an entry */

static struct msi_source sources[IRQ_MSI_MAX];
static spinlock_t msi_lock = SPINLOCK_INIT(RANK_MSI);

static struct msi_source *find(struct pci_address at, bool msix, unsigned int entry)
{
	for (unsigned int i = 0; i < IRQ_MSI_MAX; i++)
		if (sources[i].used && pci_same(sources[i].at, at) && sources[i].msix == msix &&
		    (!msix || sources[i].entry == entry))
			return &sources[i];
	return NULL;
}

static struct msi_source *take(struct pci_address at, bool msix)
{
	/* A device speaks one way or the other, not both. */
	for (unsigned int i = 0; i < IRQ_MSI_MAX; i++)
		if (sources[i].used && pci_same(sources[i].at, at) && sources[i].msix != msix)
			return NULL;
	for (unsigned int i = 0; i < IRQ_MSI_MAX; i++) {
		if (sources[i].used)
			continue;
		sources[i] = (struct msi_source){ .at = at, .used = true, .msix = msix };
		return &sources[i];
	}
	return NULL;
}

/* --- what is in the device; a descriptor's lock, or msi_lock before it has an owner --- */

static unsigned int mask_register(const struct msi_source *s, uint32_t control)
{
	return s->capability + (control & MSI_64BIT ? 16 : 12);
}

static uint32_t control_of(const struct msi_source *s)
{
	return pci_conf_read(s->at, s->capability + MSI_CONTROL, 2);
}

static void write_plain(const struct msi_source *s)
{
	uint64_t address = lapic_msi_address(irq_apic_id[s->first->cpu]);
	uint32_t control = control_of(s);
	unsigned int at = s->capability + MSI_ADDRESS;

	pci_conf_write(s->at, at, 4, (uint32_t)address);
	at += 4;
	if (control & MSI_64BIT) {
		pci_conf_write(s->at, at, 4, (uint32_t)(address >> 32));
		at += 4;
	}
	pci_conf_write(s->at, at, 2, lapic_msi_data(s->first->vector));
	control = (control & ~MSI_COUNT) | order_of(s->count) << 4;
	pci_conf_write(s->at, s->capability + MSI_CONTROL, 2, control);
}

static void write_entry(const struct msi_source *s)
{
	uint64_t address = lapic_msi_address(irq_apic_id[s->first->cpu]);
	uint32_t control = s->slot[3];

	s->slot[3] = control | ENTRY_MASKED;	/* never half a message */
	s->slot[0] = (uint32_t)address;
	s->slot[1] = (uint32_t)(address >> 32);
	s->slot[2] = lapic_msi_data(s->first->vector);
	s->slot[3] = control;
	(void)s->slot[3];			/* it has arrived when this is answered */
}

void msi_write_message(struct irq_desc *desc)
{
	if (desc->msi->msix)
		write_entry(desc->msi);
	else
		write_plain(desc->msi);
}

/*
 * A plain message need not be maskable; then it goes on arriving, and is swallowed on arrival.
 */
void msi_set_mask(struct irq_desc *desc, bool masked)
{
	const struct msi_source *s = desc->msi;
	uint32_t control, bits;
	unsigned int at;

	if (!s)
		return;
	if (s->msix) {
		s->slot[3] = masked ? s->slot[3] | ENTRY_MASKED : s->slot[3] & ~(uint32_t)ENTRY_MASKED;
		(void)s->slot[3];
		return;
	}
	control = control_of(s);
	if (!(control & MSI_MASKABLE))
		return;
	at = mask_register(s, control);
	bits = pci_conf_read(s->at, at, 4);
	if (masked)
		bits |= 1u << (desc - s->first);
	else
		bits &= ~(1u << (desc - s->first));
	pci_conf_write(s->at, at, 4, bits);
}

/* --- plain --- */

static int alloc_plain(struct pci_address at, unsigned int count, unsigned int capability,
		       struct irq_desc **first)
{
	struct msi_source *s;

	if (find(at, false, 0))
		return refuse(-EBUSY, "msi: device %02x:%02x in use", at.bus, at.devfn);
	s = take(at, false);
	if (!s)
		return refuse(-EBUSY, "msi: device %02x:%02x has MSI-X, or table full", at.bus, at.devfn);
	s->capability = (uint16_t)capability;
	s->count = count;
	s->first = irq_alloc_msi(count, s);
	if (!s->first) {
		s->used = false;
		return refuse(-ENOSPC, "msi: no %u vectors in a row left", count);
	}
	for (unsigned int i = 0; i < count; i++)
		msi_set_mask(&s->first[i], true);
	msi_write_message(s->first);
	*first = s->first;
	return 0;
}

int msi_alloc(struct pci_address at, unsigned int count, struct irq_desc **first)
{
	unsigned int capability = pci_find_capability(at, PCI_CAP_MSI), can;
	int rc;

	if (!capability)
		return refuse(-ENODEV, "msi: device %02x:%02x has no MSI", at.bus, at.devfn);
	can = MSI_CAN(pci_conf_read(at, capability + MSI_CONTROL, 2));
	if (count == 0 || count > MIN(can, MSI_MAX_VECTORS + 0u) || (count & (count - 1)))
		return refuse(-EINVAL, "msi: %u messages of %u", count, can);
	spin_lock(&msi_lock);
	rc = alloc_plain(at, count, capability, first);
	spin_unlock(&msi_lock);
	return rc;
}

/* --- MSI-X --- */

/* Where the device itself says this window of it is; 0 when it does not say (virtual functions). */
static uint64_t window_base(struct pci_address at, unsigned int index)
{
	uint64_t base;
	uint32_t low;

	if (index > 5)
		return 0;
	low = pci_conf_read(at, 0x10 + 4 * index, 4);
	if (low & 1)			/* I/O ports */
		return 0;
	base = low & ~0xfu;
	if ((low & 6) == 4 && index < 5)
		base |= (uint64_t)pci_conf_read(at, 0x14 + 4 * index, 4) << 32;
	return base;
}

/* Never let a register of a device make us write into RAM or an interrupt controller. */
static bool is_device_memory(uint64_t pa, uint64_t bytes)
{
	if (pa + bytes < pa || pa + bytes > PADDR_MASK)
		return false;
	if (pa < LAPIC_DEFAULT_PA + 0x100000 && pa + bytes > LAPIC_DEFAULT_PA)
		return false;
	return !ioapic_covers(pa, bytes) && !e820_any(&e820_host, pa, pa + bytes, E820_RAM);
}

static int find_slot(struct pci_address at, unsigned int capability, unsigned int entry,
		     uint64_t table_base, uint64_t *pa)
{
	uint32_t table = pci_conf_read(at, capability + MSIX_TABLE, 4);
	uint64_t base = window_base(at, table & 7);

	if (entry >= MSIX_ENTRIES(pci_conf_read(at, capability + MSIX_CONTROL, 2)))
		return refuse(-EINVAL, "msi-x: entry %u of %02x:%02x", entry, at.bus, at.devfn);
	if (!base)
		base = table_base;
	if (!base || (table_base && base != table_base))
		return refuse(-EINVAL, "msi-x: table at %#lx, not %#lx", (unsigned long)base,
			      (unsigned long)table_base);
	*pa = base + (table & ~7u) + (uint64_t)entry * ENTRY_BYTES;
	if (!is_device_memory(*pa, ENTRY_BYTES))
		return refuse(-EINVAL, "msi-x: table entry at %#lx is no device memory",
			      (unsigned long)*pa);
	return 0;
}

static int alloc_entry(struct pci_address at, unsigned int entry, unsigned int capability,
		       volatile uint32_t *slot, struct irq_desc **desc)
{
	struct msi_source *s;

	if (find(at, true, entry))
		return refuse(-EBUSY, "msi-x: entry %u of %02x:%02x in use", entry, at.bus, at.devfn);
	s = take(at, true);
	if (!s)
		return refuse(-EBUSY, "msi-x: device %02x:%02x has MSI, or table full", at.bus, at.devfn);
	s->capability = (uint16_t)capability;
	s->entry = (uint16_t)entry;
	s->slot = slot;
	s->count = 1;
	s->first = irq_alloc_msi(1, s);
	if (!s->first) {
		s->used = false;
		return refuse(-ENOSPC, "msi-x: no vector left");
	}
	msi_set_mask(s->first, true);
	msi_write_message(s->first);
	*desc = s->first;
	return 0;
}

int msix_alloc(struct pci_address at, unsigned int entry, uint64_t table_base,
	       struct irq_desc **desc)
{
	unsigned int capability = pci_find_capability(at, PCI_CAP_MSIX);
	volatile uint32_t *slot;
	uint64_t pa = 0;
	int rc;

	if (!capability)
		return refuse(-ENODEV, "msi-x: device %02x:%02x has no MSI-X", at.bus, at.devfn);
	rc = find_slot(at, capability, entry, table_base, &pa);
	if (rc)
		return rc;
	slot = ioremap(pa, ENTRY_BYTES, CACHE_UC);
	if (!slot)
		return -ENOMEM;
	spin_lock(&msi_lock);
	rc = alloc_entry(at, entry, capability, slot, desc);
	spin_unlock(&msi_lock);
	if (rc)
		iounmap(slot, ENTRY_BYTES);
	return rc;
}

void msi_free(struct irq_desc *first)
{
	struct msi_source *s = first->msi;
	volatile uint32_t *slot = s->slot;

	spin_lock(&msi_lock);
	if (!s->msix)	/* nothing else keeps a message that cannot be masked from being sent */
		pci_conf_write(s->at, s->capability + MSI_CONTROL, 2,
			       control_of(s) & ~(uint32_t)MSI_ENABLE);
	irq_free_msi(first, s->count);
	s->used = false;
	spin_unlock(&msi_lock);
	if (slot)
		iounmap(slot, ENTRY_BYTES);
}

int msi_restore(struct pci_address at)
{
	int rc = -ENODEV;

	spin_lock(&msi_lock);
	for (unsigned int i = 0; i < IRQ_MSI_MAX; i++) {
		struct msi_source *s = &sources[i];

		if (!s->used || !pci_same(s->at, at))
			continue;
		msi_write_message(s->first);
		for (unsigned int n = 0; n < s->count; n++)
			msi_set_mask(&s->first[n], !s->first[n].live);
		rc = 0;
	}
	spin_unlock(&msi_lock);
	return rc;
}
