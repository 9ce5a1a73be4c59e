// SPDX-License-Identifier: GPL-2.0-only
/* Physical devices (the story is in physdev.h). */
#include "control/physdev.h"

#include "evtchn/pirq.h"
#include "guest/access.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "lib/log.h"
#include "machine/ioapic.h"
#include "machine/msi.h"
#include "machine/pci.h"
#include "mem/heap.h"

#define IO_PORTS	65536u

/* --- interrupts --- */

static int64_t op_irq_unmask_notify(struct hcall *h, union physdev_req *req)
{
	(void)req;
	pirq_eoi_unmasked(h->d);
	return 0;
}

static int64_t op_irq_status_query(struct hcall *h, union physdev_req *req)
{
	bool needed;
	int rc = pirq_needs_eoi(h->d, req->irq_status_query.irq, &needed);

	if (!rc)
		req->irq_status_query.flags = needed ? XENIRQSTAT_needs_eoi : 0;
	return rc;
}

static int64_t op_eoi(struct hcall *h, union physdev_req *req)
{
	return pirq_eoi(h->d, req->eoi.irq);
}

static int64_t op_pirq_eoi_gmfn_v1(struct hcall *h, union physdev_req *req)
{
	return pirq_set_eoi_map(h->d, gfn(req->pirq_eoi_gmfn.gmfn), true);
}

static int64_t op_pirq_eoi_gmfn_v2(struct hcall *h, union physdev_req *req)
{
	return pirq_set_eoi_map(h->d, gfn(req->pirq_eoi_gmfn.gmfn), false);
}

static int64_t op_apic_read(struct hcall *h, union physdev_req *req)
{
	(void)h;
	return ioapic_read_register(req->apic.apic_physbase, req->apic.reg, &req->apic.value);
}

/* Routes are ours; a kernel that writes its idea of them is told it was done, as ids are too. */
static int64_t op_apic_write(struct hcall *h, union physdev_req *req)
{
	uint32_t value;

	(void)h;
	return ioapic_read_register(req->apic.apic_physbase, req->apic.reg, &value);
}

/* Vectors are no business of a guest; it gets a number it may keep. */
static int64_t op_alloc_irq_vector(struct hcall *h, union physdev_req *req)
{
	(void)h;
	if (req->irq.irq >= PIRQ_MAX)
		return refuse(-EINVAL, "irq %u: no such number", req->irq.irq);
	req->irq.vector = req->irq.irq;
	return 0;
}

static int64_t op_setup_gsi(struct hcall *h, union physdev_req *req)
{
	struct irq_desc *desc;
	int rc;

	(void)h;
	desc = req->setup_gsi.gsi < 0 ? NULL : irq_of_gsi((unsigned int)req->setup_gsi.gsi);
	if (!desc || req->setup_gsi.triggering > 1 || req->setup_gsi.polarity > 1)
		return refuse(-EINVAL, "gsi %d: no such pin or trigger", req->setup_gsi.gsi);
	rc = irq_set_trigger(desc, req->setup_gsi.triggering, req->setup_gsi.polarity);
	return rc ? refuse(rc, "gsi %d: in use, and set otherwise", req->setup_gsi.gsi) : 0;
}

/* A request about another domain's interrupts: giving devices to guests is not to be had yet. */
static int own_domain(struct hcall *h, domid_t id)
{
	if (id == DOMID_SELF || id == h->d->id)
		return 0;
	return refuse(-EOPNOTSUPP, "interrupts for domain %u: a domain maps its own only", id);
}

static struct pci_address map_pirq_device(const struct physdev_map_pirq *m, bool has_segment)
{
	return pci_at(has_segment ? (uint16_t)((uint32_t)m->bus >> 16) : 0, (uint8_t)m->bus,
		      (uint8_t)m->devfn);
}

static int64_t op_map_pirq(struct hcall *h, union physdev_req *req)
{
	struct physdev_map_pirq *m = &req->map_pirq;
	bool has_segment = m->type != MAP_PIRQ_TYPE_MSI;
	struct pci_address at = map_pirq_device(m, has_segment);
	int rc = own_domain(h, m->domid);

	if (rc)
		return rc;
	if (m->type != MAP_PIRQ_TYPE_GSI &&
	    (m->devfn < 0 || m->devfn > 255 || (!has_segment && (m->bus < 0 || m->bus > 255)) ||
	     ((uint32_t)m->bus & 0xff00)))
		return refuse(-EINVAL, "map_pirq: no device %#x.%#x", m->bus, m->devfn);
	switch (m->type) {
	case MAP_PIRQ_TYPE_GSI:
		return pirq_map_gsi(h->d, m->index, &m->pirq);
	case MAP_PIRQ_TYPE_MSI:
	case MAP_PIRQ_TYPE_MSI_SEG:
		/* A table address says MSI-X; then the entry counts. */
		if (!m->table_base)
			return pirq_map_msi(h->d, at, 1, &m->pirq);
		if (m->entry_nr < 0)
			return refuse(-EINVAL, "map_pirq: entry %d", m->entry_nr);
		return pirq_map_msix(h->d, at, (unsigned int)m->entry_nr, m->table_base, &m->pirq);
	case MAP_PIRQ_TYPE_MULTI_MSI:
		if (m->entry_nr < 1 || m->entry_nr > MSI_MAX_VECTORS)
			return refuse(-EINVAL, "map_pirq: %d messages", m->entry_nr);
		return pirq_map_msi(h->d, at, 1u << order_of((unsigned int)m->entry_nr), &m->pirq);
	default:
		return refuse(-EINVAL, "map_pirq: type %d", m->type);
	}
}

static int64_t op_unmap_pirq(struct hcall *h, union physdev_req *req)
{
	int rc = own_domain(h, req->unmap_pirq.domid);

	return rc ? rc : pirq_unmap(h->d, req->unmap_pirq.pirq);
}

static int64_t op_get_free_pirq(struct hcall *h, union physdev_req *req)
{
	int type = req->get_free_pirq.type, pirq;

	if (type != MAP_PIRQ_TYPE_GSI && type != MAP_PIRQ_TYPE_MSI)
		return refuse(-EINVAL, "get_free_pirq: type %d", type);
	pirq = pirq_find_free(h->d, type == MAP_PIRQ_TYPE_MSI);
	if (pirq < 0)
		return pirq;
	req->get_free_pirq.pirq = (uint32_t)pirq;
	return 0;
}

/* --- PCI --- */

static int device_there(struct pci_address at)
{
	return pci_exists(at) ? 0 : refuse(-ENODEV, "pci: no device %04x:%02x:%02x.%u", at.segment,
					   at.bus, at.devfn >> 3, at.devfn & 7);
}

/* We keep no list of devices: what is asked about one is looked up in its configuration space. */
static int64_t op_manage_pci_add(struct hcall *h, union physdev_req *req)
{
	(void)h;
	return device_there(pci_at(0, req->manage_pci.bus, req->manage_pci.devfn));
}

static int64_t op_manage_pci_add_ext(struct hcall *h, union physdev_req *req)
{
	(void)h;
	return device_there(pci_at(0, req->manage_pci_ext.bus, req->manage_pci_ext.devfn));
}

static int64_t op_pci_device_add(struct hcall *h, union physdev_req *req)
{
	(void)h;
	return device_there(pci_at(req->pci_device_add.seg, req->pci_device_add.bus,
				   req->pci_device_add.devfn));
}

static int64_t op_pci_removed(struct hcall *h, union physdev_req *req)
{
	(void)h;
	(void)req;
	return 0;
}

static int64_t op_restore_msi(struct hcall *h, union physdev_req *req)
{
	(void)h;
	return msi_restore(pci_at(0, req->restore_msi.bus, req->restore_msi.devfn));
}

static int64_t op_restore_msi_ext(struct hcall *h, union physdev_req *req)
{
	(void)h;
	return msi_restore(pci_at(req->pci_device.seg, req->pci_device.bus, req->pci_device.devfn));
}

/* The windows come from the MCFG table; the namespace may only confirm them. */
static int64_t op_pci_mmcfg_reserved(struct hcall *h, union physdev_req *req)
{
	const struct physdev_pci_mmcfg_reserved *m = &req->pci_mmcfg_reserved;

	(void)h;
	if (m->start_bus > m->end_bus)
		return refuse(-EINVAL, "mmcfg: buses %u to %u", m->start_bus, m->end_bus);
	if (pci_segment_known(m->segment, m->start_bus, m->end_bus))
		return 0;
	return refuse(-ENODEV, "mmcfg: segment %u buses %u-%u are not in the MCFG table",
		      m->segment, m->start_bus, m->end_bus);
}

/* The USB debug port is not used by us, so resetting its controller needs no preparation. */
static int64_t op_dbgp_op(struct hcall *h, union physdev_req *req)
{
	(void)h;
	if (req->dbgp_op.op != PHYSDEVOP_DBGP_RESET_PREPARE &&
	    req->dbgp_op.op != PHYSDEVOP_DBGP_RESET_DONE)
		return refuse(-EINVAL, "dbgp_op %u", req->dbgp_op.op);
	return 0;
}

static int64_t op_no_passthrough(struct hcall *h, union physdev_req *req)
{
	(void)h;
	(void)req;
	return refuse(-EOPNOTSUPP, "msi-x for another domain: devices are not given to guests yet");
}

/* --- I/O privilege --- */

static int64_t op_set_iopl(struct hcall *h, union physdev_req *req)
{
	if (req->set_iopl.iopl > 3)
		return refuse(-EINVAL, "iopl %u", req->set_iopl.iopl);
	h->v->iopl = req->set_iopl.iopl;
	return 0;
}

static int64_t op_set_iobitmap(struct hcall *h, union physdev_req *req)
{
	uint32_t ports = req->set_iobitmap.nr_ports;
	gva_t at = handle_gva(req->set_iobitmap.bitmap);
	struct vcpu *v = h->v;
	int rc;

	if (ports > IO_PORTS)
		return refuse(-EINVAL, "iobitmap: %u ports", ports);
	if (ports && !v->io_bitmap) {
		v->io_bitmap = heap_alloc(IO_PORTS / 8);
		if (!v->io_bitmap)
			return -ENOMEM;
	}
	v->io_bitmap_ports = 0;		/* a copy that fails half way allows nothing */
	rc = ports ? guest_read(v->io_bitmap, at, DIV_UP(ports, 8)) : 0;
	if (rc)
		return rc;
	v->io_bitmap_at = at;
	v->io_bitmap_ports = ports;
	return 0;
}

/* --- the table --- */

static int64_t op_no_vector(struct hcall *h, union physdev_req *req)
{
	(void)h;
	(void)req;
	return refuse(-ENOSYS, "free_irq_vector: vectors are not a guest's");
}

enum {
	ANYONE	= 1 << 0,	/* not only the control domain */
	GIVES	= 1 << 1,	/* the argument is written back */
};

static const struct op {
	int64_t (*fn)(struct hcall *h, union physdev_req *req);
	uint16_t bytes;
	uint16_t flags;
} ops[] = {
#define OP(nr, name, type, how) [nr] = { op_##name, sizeof(struct type), how }
	[PHYSDEVOP_IRQ_UNMASK_NOTIFY] = { op_irq_unmask_notify, 0, ANYONE },
	OP(PHYSDEVOP_irq_status_query, irq_status_query, physdev_irq_status_query, ANYONE | GIVES),
	OP(PHYSDEVOP_set_iopl, set_iopl, physdev_set_iopl, ANYONE),
	OP(PHYSDEVOP_set_iobitmap, set_iobitmap, physdev_set_iobitmap, ANYONE),
	OP(PHYSDEVOP_apic_read, apic_read, physdev_apic, GIVES),
	OP(PHYSDEVOP_apic_write, apic_write, physdev_apic, 0),
	OP(PHYSDEVOP_alloc_irq_vector, alloc_irq_vector, physdev_irq, GIVES),
	OP(PHYSDEVOP_free_irq_vector, no_vector, physdev_irq, 0),
	OP(PHYSDEVOP_eoi, eoi, physdev_eoi, ANYONE),
	OP(PHYSDEVOP_map_pirq, map_pirq, physdev_map_pirq, GIVES),
	OP(PHYSDEVOP_unmap_pirq, unmap_pirq, physdev_unmap_pirq, 0),
	OP(PHYSDEVOP_manage_pci_add, manage_pci_add, physdev_manage_pci, 0),
	OP(PHYSDEVOP_manage_pci_remove, pci_removed, physdev_manage_pci, 0),
	OP(PHYSDEVOP_pirq_eoi_gmfn_v1, pirq_eoi_gmfn_v1, physdev_pirq_eoi_gmfn, ANYONE),
	OP(PHYSDEVOP_restore_msi, restore_msi, physdev_restore_msi, 0),
	OP(PHYSDEVOP_manage_pci_add_ext, manage_pci_add_ext, physdev_manage_pci_ext, 0),
	OP(PHYSDEVOP_setup_gsi, setup_gsi, physdev_setup_gsi, 0),
	OP(PHYSDEVOP_get_free_pirq, get_free_pirq, physdev_get_free_pirq, GIVES),
	OP(PHYSDEVOP_pci_mmcfg_reserved, pci_mmcfg_reserved, physdev_pci_mmcfg_reserved, 0),
	/* The array behind it says which NUMA node; there is one. */
	[PHYSDEVOP_pci_device_add] = { op_pci_device_add,
				       offsetof(struct physdev_pci_device_add, optarr), 0 },
	OP(PHYSDEVOP_pci_device_remove, pci_removed, physdev_pci_device, 0),
	OP(PHYSDEVOP_restore_msi_ext, restore_msi_ext, physdev_pci_device, 0),
	OP(PHYSDEVOP_pirq_eoi_gmfn_v2, pirq_eoi_gmfn_v2, physdev_pirq_eoi_gmfn, ANYONE),
	OP(PHYSDEVOP_dbgp_op, dbgp_op, physdev_dbgp_op, 0),
	OP(PHYSDEVOP_prepare_msix, no_passthrough, physdev_pci_device, 0),
	OP(PHYSDEVOP_release_msix, no_passthrough, physdev_pci_device, 0),
#undef OP
};

static const struct op *op_of(unsigned int cmd)
{
	unsigned int slot;

	return index_within(cmd, ARRAY_SIZE(ops), &slot) && ops[slot].fn ? &ops[slot] : NULL;
}

int physdev_shape(unsigned int cmd, size_t *bytes, bool *gives)
{
	const struct op *op = op_of(cmd);

	if (!op)
		return refuse(-ENOSYS, "physdev_op %u: not known", cmd);
	*bytes = op->bytes;
	*gives = op->flags & GIVES;
	return 0;
}

int64_t physdev_do(struct hcall *h, unsigned int cmd, union physdev_req *req)
{
	const struct op *op = op_of(cmd);

	if (!op)
		return -ENOSYS;
	if (!(op->flags & ANYONE) && !h->d->privileged)
		return refuse(-EPERM, "physdev_op %u: for the control domain", cmd);
	return op->fn(h, req);
}

static int64_t physdev_at(struct hcall *h, unsigned int cmd, gva_t arg)
{
	union physdev_req req;
	size_t bytes = 0;
	bool gives = false;
	int64_t rc;

	rc = physdev_shape(cmd, &bytes, &gives);
	if (rc)
		return rc;
	rc = bytes ? guest_read(&req, arg, bytes) : 0;
	if (rc)
		return rc;
	rc = physdev_do(h, cmd, &req);
	if (!rc && gives)
		rc = guest_write(arg, &req, bytes);
	return rc;
}

int64_t hc_physdev_op(struct hcall *h)
{
	return physdev_at(h, (unsigned int)h->args[0], gva(h->args[1]));
}

bool physdev_in_compat(unsigned int cmd)
{
	switch (cmd) {
	case PHYSDEVOP_IRQ_UNMASK_NOTIFY:
	case PHYSDEVOP_irq_status_query:
	case PHYSDEVOP_set_iopl:
	case PHYSDEVOP_set_iobitmap:
	case PHYSDEVOP_apic_read:
	case PHYSDEVOP_apic_write:
	case PHYSDEVOP_alloc_irq_vector:
	case PHYSDEVOP_free_irq_vector:
		return true;
	default:
		return false;
	}
}

/* The old call: command and argument in one struct. */
int64_t hc_physdev_op_compat(struct hcall *h)
{
	gva_t arg = gva(h->args[0]);
	uint32_t cmd;
	int rc;

	rc = guest_read(&cmd, arg, sizeof(cmd));
	if (rc)
		return rc;
	if (!physdev_in_compat(cmd))
		return refuse(-ENOSYS, "physdev_op_compat %u: not known", cmd);
	return physdev_at(h, cmd, gva_add(arg, offsetof(struct physdev_op, u)));
}
