// SPDX-License-Identifier: GPL-2.0-only
/*
 * domctl on what a domain may touch and what CPU it sees: ports, device frames, interrupts; CPUID
 * leaves and MSRs. Nobody gives away what is not his.
 */
#include "control/domctl_op.h"

#include "guest/access.h"
#include "guest/cpuid.h"
#include "lib/bits.h"
#include "lib/log.h"

static int permit(struct rangeset *set, uint64_t first, uint64_t count, bool allow)
{
	uint64_t last;

	if (!count)
		return 0;
	if (add_overflows(first, count - 1, &last))
		return refuse(-EINVAL, "permission for a range past the end");
	return allow ? rangeset_add(set, first, last) : rangeset_remove(set, first, last);
}

int64_t domctl_ioport_permission(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
				 bool *reply)
{
	const struct xen_domctl_ioport_permission *p = &ctl->u.ioport_permission;

	(void)reply;
	if (p->first_port > 0xffff || p->nr_ports > 0x10000 - p->first_port)
		return refuse(-EINVAL, "ports %#x + %#x: there are 65536", p->first_port,
			      p->nr_ports);
	if (p->nr_ports && !rangeset_contains(h->d->ioports, p->first_port,
					      p->first_port + p->nr_ports - 1))
		return refuse(-EPERM, "ports %#x + %#x are not the caller's to give",
			      p->first_port, p->nr_ports);
	return permit(d->ioports, p->first_port, p->nr_ports, p->allow_access);
}

int64_t domctl_iomem_permission(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
				bool *reply)
{
	const struct xen_domctl_iomem_permission *p = &ctl->u.iomem_permission;
	uint64_t last;

	(void)reply;
	if (p->nr_mfns && (add_overflows(p->first_mfn, p->nr_mfns - 1, &last) ||
			   !rangeset_contains(h->d->iomem, p->first_mfn, last)))
		return refuse(-EPERM, "device frames %#lx + %#lx are not the caller's to give",
			      p->first_mfn, p->nr_mfns);
	return permit(d->iomem, p->first_mfn, p->nr_mfns, p->allow_access);
}

int64_t domctl_irq_permission(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
			      bool *reply)
{
	const struct xen_domctl_irq_permission *p = &ctl->u.irq_permission;

	(void)reply;
	if (!rangeset_contains(h->d->irqs, p->pirq, p->pirq))
		return refuse(-EPERM, "irq %u is not the caller's to give", p->pirq);
	return permit(d->irqs, p->pirq, 1, p->allow_access);
}

int64_t domctl_get_cpu_policy(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
			      bool *reply)
{
	struct xen_domctl_cpu_policy *p = &ctl->u.cpu_policy;
	const struct cpu_policy *policy = d->policy;
	int rc = 0;

	(void)h;
	*reply = true;
	if (!gva_null(handle_gva(p->leaves))) {
		if (p->nr_leaves < policy->leaf_count)
			return -ENOBUFS;
		rc = guest_write(handle_gva(p->leaves), policy->leaf,
				 policy->leaf_count * sizeof(policy->leaf[0]));
	}
	if (!rc && !gva_null(handle_gva(p->msrs))) {
		if (p->nr_msrs < policy->msr_count)
			return -ENOBUFS;
		rc = guest_write(handle_gva(p->msrs), policy->msr,
				 policy->msr_count * sizeof(policy->msr[0]));
	}
	p->nr_leaves = policy->leaf_count;
	p->nr_msrs = policy->msr_count;
	return rc;
}

int64_t domctl_set_cpu_policy(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
			      bool *reply)
{
	struct xen_domctl_cpu_policy *p = &ctl->u.cpu_policy;
	int rc = 0;

	if (d == h->d || d->created)
		return refuse(-EINVAL, "cpu policy: only before the domain first runs");
	if (p->nr_leaves > CPU_POLICY_MAX_LEAVES || p->nr_msrs > CPU_POLICY_MAX_MSRS)
		return refuse(-E2BIG, "cpu policy: %u leaves, %u MSRs", p->nr_leaves, p->nr_msrs);
	p->err_leaf = p->err_subleaf = p->err_msr = ~0u;
	*reply = true;
	for (uint32_t i = 0; !rc && i < p->nr_leaves; i++) {
		struct xen_cpuid_leaf leaf;

		rc = copy_from_guest_at(&leaf, handle_gva(p->leaves), i);
		if (rc)
			break;
		rc = cpu_policy_set_leaf(d, &leaf);
		if (rc) {
			p->err_leaf = leaf.leaf;
			p->err_subleaf = leaf.subleaf;
		}
	}
	for (uint32_t i = 0; !rc && i < p->nr_msrs; i++) {
		struct xen_msr_entry msr;

		rc = copy_from_guest_at(&msr, handle_gva(p->msrs), i);
		if (rc)
			break;
		rc = cpu_policy_set_msr(d, &msr);
		if (rc)
			p->err_msr = msr.idx;
	}
	return rc;
}
