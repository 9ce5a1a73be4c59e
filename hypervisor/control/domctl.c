// SPDX-License-Identifier: GPL-2.0-only
#include "control/domctl_op.h"

#include "cpu/atomic.h"
#include "guest/access.h"
#include "lib/bits.h"
#include "lib/log.h"

static uint32_t control_busy;

bool control_begin(void)
{
	return __atomic_exchange_n(&control_busy, 1, __ATOMIC_ACQUIRE) == 0;
}

void control_end(void)
{
	__atomic_store_n(&control_busy, 0, __ATOMIC_RELEASE);
}

int bitmap_from_tools(uint64_t *bits, const struct xenctl_bitmap *from)
{
	uint32_t bytes = MIN(DIV_UP(from->nr_bits, 8u), 8u);
	int rc;

	*bits = 0;
	rc = guest_read(bits, handle_gva(from->bitmap), bytes);
	if (!rc && from->nr_bits < 64)
		*bits &= BIT(from->nr_bits) - 1;
	return rc;
}

int bitmap_to_tools(struct xenctl_bitmap *to, uint64_t bits, unsigned int count)
{
	uint32_t bytes = DIV_UP(to->nr_bits, 8u), ours = DIV_UP(count, 8u);
	int rc;

	if (count < 64)
		bits &= BIT(count) - 1;
	rc = guest_write(handle_gva(to->bitmap), &bits, MIN(bytes, ours));
	if (!rc && bytes > ours)
		rc = guest_zero(gva_add(handle_gva(to->bitmap), ours), MIN(bytes - ours, 4096u));
	return rc;
}

enum needs {
	NEEDS_NOTHING,
	NEEDS_DOMAIN,	/* any, dying ones too */
	NEEDS_ALIVE,
};

/* What is not here is refused with -EOPNOTSUPP: HVM, IOMMU, NUMA, memory events, debugging. */
static const struct {
	domctl_fn *op;
	enum needs needs;
} ops[] = {
	[XEN_DOMCTL_createdomain] = { domctl_createdomain, NEEDS_NOTHING },
	[XEN_DOMCTL_destroydomain] = { domctl_destroydomain, NEEDS_DOMAIN },
	[XEN_DOMCTL_pausedomain] = { domctl_pausedomain, NEEDS_DOMAIN },
	[XEN_DOMCTL_unpausedomain] = { domctl_unpausedomain, NEEDS_ALIVE },
	[XEN_DOMCTL_getdomaininfo] = { domctl_getdomaininfo, NEEDS_NOTHING },
	[XEN_DOMCTL_setvcpuaffinity] = { domctl_setvcpuaffinity, NEEDS_ALIVE },
	[XEN_DOMCTL_max_mem] = { domctl_max_mem, NEEDS_ALIVE },
	[XEN_DOMCTL_setvcpucontext] = { domctl_setvcpucontext, NEEDS_ALIVE },
	[XEN_DOMCTL_getvcpucontext] = { domctl_getvcpucontext, NEEDS_ALIVE },
	[XEN_DOMCTL_getvcpuinfo] = { domctl_getvcpuinfo, NEEDS_DOMAIN },
	[XEN_DOMCTL_max_vcpus] = { domctl_max_vcpus, NEEDS_ALIVE },
	[XEN_DOMCTL_scheduler_op] = { domctl_scheduler, NEEDS_DOMAIN },
	[XEN_DOMCTL_shadow_op] = { domctl_shadow_op, NEEDS_DOMAIN },
	[XEN_DOMCTL_setdomainhandle] = { domctl_setdomainhandle, NEEDS_ALIVE },
	[XEN_DOMCTL_irq_permission] = { domctl_irq_permission, NEEDS_ALIVE },
	[XEN_DOMCTL_iomem_permission] = { domctl_iomem_permission, NEEDS_ALIVE },
	[XEN_DOMCTL_ioport_permission] = { domctl_ioport_permission, NEEDS_ALIVE },
	[XEN_DOMCTL_hypercall_init] = { domctl_hypercall_init, NEEDS_ALIVE },
	[XEN_DOMCTL_settimeoffset] = { domctl_settimeoffset, NEEDS_ALIVE },
	[XEN_DOMCTL_getvcpuaffinity] = { domctl_getvcpuaffinity, NEEDS_DOMAIN },
	[XEN_DOMCTL_resumedomain] = { domctl_resumedomain, NEEDS_ALIVE },
	[XEN_DOMCTL_sendtrigger] = { domctl_sendtrigger, NEEDS_ALIVE },
	[XEN_DOMCTL_set_address_size] = { domctl_set_address_size, NEEDS_ALIVE },
	[XEN_DOMCTL_get_address_size] = { domctl_get_address_size, NEEDS_DOMAIN },
	[XEN_DOMCTL_set_ext_vcpucontext] = { domctl_set_ext_vcpucontext, NEEDS_ALIVE },
	[XEN_DOMCTL_get_ext_vcpucontext] = { domctl_get_ext_vcpucontext, NEEDS_DOMAIN },
	[XEN_DOMCTL_setvcpuextstate] = { domctl_setvcpuextstate, NEEDS_ALIVE },
	[XEN_DOMCTL_getvcpuextstate] = { domctl_getvcpuextstate, NEEDS_DOMAIN },
	[XEN_DOMCTL_gettscinfo] = { domctl_gettscinfo, NEEDS_DOMAIN },
	[XEN_DOMCTL_settscinfo] = { domctl_settscinfo, NEEDS_ALIVE },
	[XEN_DOMCTL_getpageframeinfo3] = { domctl_getpageframeinfo3, NEEDS_ALIVE },
	[XEN_DOMCTL_setnodeaffinity] = { domctl_setnodeaffinity, NEEDS_ALIVE },
	[XEN_DOMCTL_getnodeaffinity] = { domctl_getnodeaffinity, NEEDS_DOMAIN },
	[XEN_DOMCTL_set_virq_handler] = { domctl_set_virq_handler, NEEDS_ALIVE },
	[XEN_DOMCTL_get_vcpu_msrs] = { domctl_get_vcpu_msrs, NEEDS_DOMAIN },
	[XEN_DOMCTL_set_vcpu_msrs] = { domctl_set_vcpu_msrs, NEEDS_ALIVE },
	[XEN_DOMCTL_get_cpu_policy] = { domctl_get_cpu_policy, NEEDS_DOMAIN },
	[XEN_DOMCTL_set_cpu_policy] = { domctl_set_cpu_policy, NEEDS_ALIVE },
};

static int64_t run(struct hcall *h, unsigned int slot, struct xen_domctl *ctl, bool *reply)
{
	struct domain *d = NULL;
	int64_t rc;

	if (ops[slot].needs != NEEDS_NOTHING) {
		int err = domain_get_target(ctl->domain, &d);

		if (err)
			return err;
		if (ops[slot].needs == NEEDS_ALIVE && d->life != DOMAIN_ALIVE) {
			domain_put(d);
			return refuse(-ESRCH, "domain %u is being destroyed", ctl->domain);
		}
	}
	rc = ops[slot].op(h, d, ctl, reply);
	if (d)
		domain_put(d);
	return rc;
}

/*
 * domctl(struct xen_domctl *). Fails: -EPERM not the control domain; -EACCES another interface
 * version; -ESRCH no such domain; -EOPNOTSUPP not an operation of ours; and each one's own.
 */
int64_t hc_domctl(struct hcall *h)
{
	struct xen_domctl ctl;
	gva_t arg = gva(h->args[0]);
	unsigned int slot;
	bool reply = false;
	int64_t rc;

	if (!h->d->privileged)
		return refuse(-EPERM, "domctl: only the control domain's");
	rc = copy_from_guest(&ctl, arg);
	if (rc)
		return rc;
	if (ctl.interface_version != XEN_DOMCTL_INTERFACE_VERSION)
		return refuse(-EACCES, "domctl: interface version %#x, ours is %#x",
			      ctl.interface_version, XEN_DOMCTL_INTERFACE_VERSION);
	if (!index_within(ctl.cmd, ARRAY_SIZE(ops), &slot) || !ops[slot].op)
		return refuse(-EOPNOTSUPP, "domctl %u: there is none here", ctl.cmd);
	if (!control_begin())
		return HC_RESTART;
	rc = run(h, slot, &ctl, &reply);
	control_end();
	if (rc != HC_RESTART && reply && copy_to_guest(arg, &ctl))
		return -EFAULT;
	return rc;
}
