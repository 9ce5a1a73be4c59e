// SPDX-License-Identifier: GPL-2.0-only
/*
 * physdev_op of 32-bit guests: the four arguments that are narrower, widened; the rest as they are.
 */
#include "control/physdev.h"

#include "guest/access.h"
#include "lib/errno.h"
#include "lib/log.h"

struct set_iobitmap32 {
	uint32_t bitmap, nr_ports;
};

struct apic32 {
	uint32_t apic_physbase, reg, value;
};

struct map_pirq32 {
	uint16_t domid, pad;
	int32_t type, index, pirq, bus, devfn, entry_nr;
	uint64_t table_base;
} __packed;

struct pirq_eoi_gmfn32 {
	uint32_t gmfn;
};

union narrow {
	struct set_iobitmap32 set_iobitmap;
	struct apic32 apic;
	struct map_pirq32 map_pirq;
	struct pirq_eoi_gmfn32 pirq_eoi_gmfn;
};

static_assert(sizeof(struct map_pirq32) == 36, "struct physdev_map_pirq, 32-bit");
/* Those that are taken as they are: every member is narrow, or naturally aligned in both widths. */
static_assert(sizeof(struct physdev_pci_mmcfg_reserved) == 16 &&
	      sizeof(struct physdev_manage_pci_ext) == 16 &&
	      sizeof(struct physdev_setup_gsi) == 8 && sizeof(struct physdev_get_free_pirq) == 8 &&
	      sizeof(struct physdev_unmap_pirq) == 8 && sizeof(struct physdev_irq) == 8 &&
	      sizeof(struct physdev_irq_status_query) == 8 && sizeof(struct physdev_dbgp_op) == 6 &&
	      sizeof(struct physdev_pci_device) == 4 && sizeof(struct physdev_eoi) == 4 &&
	      sizeof(struct physdev_set_iopl) == 4,
	      "the same in both widths");

/* How long the narrow argument is; 0: the same as the wide one. */
static size_t narrow_bytes(unsigned int cmd)
{
	switch (cmd) {
	case PHYSDEVOP_set_iobitmap:
		return sizeof(struct set_iobitmap32);
	case PHYSDEVOP_apic_read:
	case PHYSDEVOP_apic_write:
		return sizeof(struct apic32);
	case PHYSDEVOP_map_pirq:
		return sizeof(struct map_pirq32);
	case PHYSDEVOP_pirq_eoi_gmfn_v1:
	case PHYSDEVOP_pirq_eoi_gmfn_v2:
		return sizeof(struct pirq_eoi_gmfn32);
	default:
		return 0;
	}
}

static void widen(unsigned int cmd, const union narrow *n, union physdev_req *req)
{
	switch (cmd) {
	case PHYSDEVOP_set_iobitmap:
		set_xen_guest_handle(req->set_iobitmap.bitmap,
				     (void *)(uintptr_t)n->set_iobitmap.bitmap);
		req->set_iobitmap.nr_ports = n->set_iobitmap.nr_ports;
		break;
	case PHYSDEVOP_apic_read:
	case PHYSDEVOP_apic_write:
		req->apic.apic_physbase = n->apic.apic_physbase;
		req->apic.reg = n->apic.reg;
		req->apic.value = n->apic.value;
		break;
	case PHYSDEVOP_map_pirq:
		req->map_pirq.domid = n->map_pirq.domid;
		req->map_pirq.type = n->map_pirq.type;
		req->map_pirq.index = n->map_pirq.index;
		req->map_pirq.pirq = n->map_pirq.pirq;
		req->map_pirq.bus = n->map_pirq.bus;
		req->map_pirq.devfn = n->map_pirq.devfn;
		req->map_pirq.entry_nr = n->map_pirq.entry_nr;
		req->map_pirq.table_base = n->map_pirq.table_base;
		break;
	case PHYSDEVOP_pirq_eoi_gmfn_v1:
	case PHYSDEVOP_pirq_eoi_gmfn_v2:
		req->pirq_eoi_gmfn.gmfn = n->pirq_eoi_gmfn.gmfn;
		break;
	}
}

/* What comes back; only apic_read and map_pirq give anything. */
static void narrow_down(unsigned int cmd, const union physdev_req *req, union narrow *n)
{
	switch (cmd) {
	case PHYSDEVOP_apic_read:
		n->apic.value = req->apic.value;
		break;
	case PHYSDEVOP_map_pirq:
		n->map_pirq.pirq = req->map_pirq.pirq;
		n->map_pirq.entry_nr = req->map_pirq.entry_nr;
		break;
	}
}

static int64_t physdev32_at(struct hcall *h, unsigned int cmd, gva_t arg)
{
	size_t bytes, narrow = narrow_bytes(cmd);
	union physdev_req req;
	union narrow n;
	bool gives;
	int64_t rc;

	rc = physdev_shape(cmd, &bytes, &gives);
	if (rc)
		return rc;
	if (narrow) {
		rc = guest_read(&n, arg, narrow);
		if (!rc)
			widen(cmd, &n, &req);
	} else if (bytes) {
		rc = guest_read(&req, arg, bytes);
	}
	if (rc)
		return rc;
	rc = physdev_do(h, cmd, &req);
	if (rc || !gives)
		return rc;
	if (!narrow)
		return guest_write(arg, &req, bytes);
	narrow_down(cmd, &req, &n);
	return guest_write(arg, &n, narrow);
}

int64_t hc32_physdev_op(struct hcall *h)
{
	return physdev32_at(h, (unsigned int)h->args[0], gva(h->args[1]));
}

/* The command, then the argument, which needs no alignment of its own above four bytes. */
int64_t hc32_physdev_op_compat(struct hcall *h)
{
	gva_t arg = gva(h->args[0]);
	uint32_t cmd;
	int rc;

	rc = guest_read(&cmd, arg, sizeof(cmd));
	if (rc)
		return rc;
	if (!physdev_in_compat(cmd))
		return refuse(-ENOSYS, "physdev_op_compat %u: not known", cmd);
	return physdev32_at(h, cmd, gva_add(arg, sizeof(cmd)));
}
