// SPDX-License-Identifier: GPL-2.0-only
/*
 * The operations of domctl, one function each; domctl.c has their table.
 *
 * ctl is our copy of what the caller passed; *reply is false at the start: set it to have ctl->u
 * copied back. d is the domain meant, with a reference the caller holds; NULL for operations that
 * find or make one themselves. Returns 0, -errno or HC_RESTART.
 */
#pragma once

#include "control/domctl.h"

typedef int64_t domctl_fn(struct hcall *h, struct domain *d, struct xen_domctl *ctl, bool *reply);

struct vcpu *domctl_vcpu(struct domain *d, uint32_t id);	/* NULL: it has none of this number */

/* domctl_domain.c: a domain */
domctl_fn domctl_getdomaininfo, domctl_createdomain, domctl_destroydomain, domctl_pausedomain,
	domctl_unpausedomain, domctl_resumedomain, domctl_set_address_size, domctl_get_address_size,
	domctl_max_vcpus, domctl_scheduler, domctl_setnodeaffinity, domctl_getnodeaffinity,
	domctl_setdomainhandle, domctl_settimeoffset, domctl_settscinfo, domctl_gettscinfo,
	domctl_set_virq_handler;

/* domctl_memory.c: its memory */
domctl_fn domctl_max_mem, domctl_hypercall_init, domctl_getpageframeinfo3;

/* domctl_vcpu.c: one vcpu */
domctl_fn domctl_setvcpuaffinity, domctl_getvcpuaffinity, domctl_setvcpucontext,
	domctl_getvcpucontext, domctl_set_ext_vcpucontext, domctl_get_ext_vcpucontext,
	domctl_getvcpuinfo, domctl_sendtrigger;

/* domctl_state.c: what of a vcpu its context does not hold, for saving and restoring it */
domctl_fn domctl_getvcpuextstate, domctl_setvcpuextstate, domctl_get_vcpu_msrs,
	domctl_set_vcpu_msrs, domctl_shadow_op;

/* domctl_rights.c: what it may touch */
domctl_fn domctl_ioport_permission, domctl_iomem_permission, domctl_irq_permission,
	domctl_get_cpu_policy, domctl_set_cpu_policy;
