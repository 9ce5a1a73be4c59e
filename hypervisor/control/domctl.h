// SPDX-License-Identifier: GPL-2.0-only
/*
 * The control domain's levers on one domain (xen/domctl.h), and what sysctl.c shares with it.
 *
 * One control operation runs at a time: a second caller is told to come again (HC_RESTART), so no
 * lock is held while guest memory is copied.
 */
#pragma once

#include <stdint.h>

#include <xen/domctl.h>

#include "guest/domain.h"
#include "guest/hcall.h"

int64_t hc_domctl(struct hcall *h);
int64_t hc_sysctl(struct hcall *h);

/* What getdomaininfo and getdomaininfolist say about d; every byte is set. */
void domain_info(struct domain *d, struct xen_domctl_getdomaininfo *info);

/* A bitmap as the tools pass it: at most 64 bits are meant. Bits beyond ours read as 0. */
must_check int bitmap_from_tools(uint64_t *bits, const struct xenctl_bitmap *from);
must_check int bitmap_to_tools(struct xenctl_bitmap *to, uint64_t bits, unsigned int count);

bool control_begin(void);	/* false: another is under way */
void control_end(void);
