// SPDX-License-Identifier: GPL-2.0-only
#include "dom0/permissions.h"

#include <xen/xen.h>

#include "lib/bits.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "machine/acpi.h"
#include "machine/irq.h"
#include "machine/uart.h"
#include "mem/layout.h"

#define GSI_MAX		255	/* what irq_permission speaks of; pirqs above are MSIs */

static int allow_ports(struct domain *d)
{
	static const struct { uint16_t first, last; } ours[] = {
		{ 0x20, 0x21 }, { 0xa0, 0xa1 },		/* 8259 interrupt controllers */
		{ 0x4d0, 0x4d1 },			/* their edge/level registers */
	};
	int rc = rangeset_add(d->ioports, 0, 0xffff);

	for (unsigned int i = 0; !rc && i < ARRAY_SIZE(ours); i++)
		rc = rangeset_remove(d->ioports, ours[i].first, ours[i].last);
	if (!rc && uart_base())
		rc = rangeset_remove(d->ioports, uart_base(), uart_base() + 7u);
	return rc;
}

static int allow_memory(struct domain *d)
{
	int rc = rangeset_add(d->iomem, 0, PTE_FRAME >> PAGE_SHIFT);

	if (!rc)
		rc = rangeset_remove(d->iomem, acpi.lapic_pa >> PAGE_SHIFT,
				     acpi.lapic_pa >> PAGE_SHIFT);
	for (unsigned int i = 0; !rc && i < acpi.ioapic_count; i++)
		rc = rangeset_remove(d->iomem, acpi.ioapic[i].pa >> PAGE_SHIFT,
				     acpi.ioapic[i].pa >> PAGE_SHIFT);
	return rc;
}

int dom0_permissions(struct domain *d)
{
	int rc = allow_ports(d);

	if (!rc)
		rc = allow_memory(d);
	if (!rc)
		rc = rangeset_add(d->irqs, 0, GSI_MAX);
	return rc;
}

uint32_t dom0_console_info(struct dom0_vga_console_info *info)
{
	memset(info, 0, sizeof(*info));
	info->video_type = XEN_VGATYPE_TEXT_MODE_3;
	info->u.text_mode_3.font_height = 16;
	info->u.text_mode_3.rows = 25;
	info->u.text_mode_3.columns = 80;
	return sizeof(*info);
}
