// SPDX-License-Identifier: GPL-2.0-only
/*
 * The platform: what the control domain asks of the machine itself. Time of day, firmware, sleep,
 * which processors there are.
 */
#pragma once

#include <stdint.h>

#include "guest/hcall.h"

#include <xen/platform.h>

/*
 * The firmware is UEFI and its system table is here (the loader's word, 0: not UEFI). Notes what
 * the control domain will ask for. At boot, before memory of the firmware's boot services is reused.
 */
void platform_efi_init(uint64_t system_table_pa);

/* Check who asks, and do it. *gives: the request is to be written back. Compat calls it too. */
int64_t platform_do(struct hcall *h, struct xen_platform_op *op, bool *gives);

int64_t hc_platform_op(struct hcall *h);
