// SPDX-License-Identifier: GPL-2.0-only
/*
 * Physical devices: what a domain that drives hardware asks about interrupts, PCI and I/O ports.
 *
 * One table holds all operations, with their argument's size and who may; the argument is copied
 * in once, worked on as union physdev_req, and copied back if the operation gives something. The
 * compat room reads 32-bit arguments into the same union.
 */
#pragma once

#include <stddef.h>

#include "guest/hcall.h"
#include "lib/bug.h"

#include <xen/physdev.h>

union physdev_req {
	struct physdev_eoi eoi;
	struct physdev_pirq_eoi_gmfn pirq_eoi_gmfn;
	struct physdev_irq_status_query irq_status_query;
	struct physdev_set_iopl set_iopl;
	struct physdev_set_iobitmap set_iobitmap;
	struct physdev_apic apic;
	struct physdev_irq irq;
	struct physdev_map_pirq map_pirq;
	struct physdev_unmap_pirq unmap_pirq;
	struct physdev_manage_pci manage_pci;
	struct physdev_manage_pci_ext manage_pci_ext;
	struct physdev_restore_msi restore_msi;
	struct physdev_setup_gsi setup_gsi;
	struct physdev_get_free_pirq get_free_pirq;
	struct physdev_pci_mmcfg_reserved pci_mmcfg_reserved;
	struct physdev_pci_device_add pci_device_add;
	struct physdev_pci_device pci_device;
	struct physdev_dbgp_op dbgp_op;
};

/* Bytes of the 64-bit argument of an operation, and whether it is written back; -ENOSYS: unknown. */
int physdev_shape(unsigned int cmd, size_t *bytes, bool *gives);
/* Check who asks, and do it. */
int64_t physdev_do(struct hcall *h, unsigned int cmd, union physdev_req *req);

/* Did the operation exist when slot 19 was the way to ask? */
bool physdev_in_compat(unsigned int cmd);

int64_t hc_physdev_op(struct hcall *h);
int64_t hc_physdev_op_compat(struct hcall *h);	/* slot 19: command and argument in one struct */

/* compat/physdev.c */
int64_t hc32_physdev_op(struct hcall *h);
int64_t hc32_physdev_op_compat(struct hcall *h);
