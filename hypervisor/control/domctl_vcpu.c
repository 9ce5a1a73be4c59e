// SPDX-License-Identifier: GPL-2.0-only
/*
 * domctl on one vcpu: where it may run, its registers, its callbacks, an NMI for it.
 */
#include "control/domctl_op.h"

#include "control/context.h"
#include "guest/access.h"
#include "lib/bits.h"
#include "lib/log.h"
#include "lib/string.h"
#include "mem/heap.h"
#include "paging/paging.h"
#include "sched/sched.h"
#include "trap/trap.h"

struct vcpu *domctl_vcpu(struct domain *d, uint32_t id)
{
	unsigned int slot;

	return index_within(id, d->vcpu_count, &slot) ? d->vcpu[slot] : NULL;
}

int64_t domctl_setvcpuaffinity(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
			       bool *reply)
{
	struct xen_domctl_vcpuaffinity *a = &ctl->u.vcpuaffinity;
	struct vcpu *v = domctl_vcpu(d, a->vcpu);
	uint64_t hard, soft;
	int rc = 0;

	(void)h;
	if (!v)
		return -ESRCH;
	hard = v->affinity_hard;
	soft = v->affinity_soft;
	if (a->flags & XEN_VCPUAFFINITY_HARD)
		rc = bitmap_from_tools(&hard, &a->cpumap_hard);
	if (!rc && a->flags & XEN_VCPUAFFINITY_SOFT)
		rc = bitmap_from_tools(&soft, &a->cpumap_soft);
	if (!rc)
		rc = sched_set_affinity(v, hard, soft);
	if (!rc && a->flags & XEN_VCPUAFFINITY_HARD)
		rc = bitmap_to_tools(&a->cpumap_hard, v->affinity_hard, cpu_count);
	if (!rc && a->flags & XEN_VCPUAFFINITY_SOFT)
		rc = bitmap_to_tools(&a->cpumap_soft, v->affinity_soft, cpu_count);
	*reply = true;
	return rc;
}

int64_t domctl_getvcpuaffinity(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
			       bool *reply)
{
	struct xen_domctl_vcpuaffinity *a = &ctl->u.vcpuaffinity;
	struct vcpu *v = domctl_vcpu(d, a->vcpu);
	int rc = 0;

	(void)h;
	if (!v)
		return -ESRCH;
	if (a->flags & XEN_VCPUAFFINITY_HARD)
		rc = bitmap_to_tools(&a->cpumap_hard, v->affinity_hard, NR_CPUS);
	if (!rc && a->flags & XEN_VCPUAFFINITY_SOFT)
		rc = bitmap_to_tools(&a->cpumap_soft, v->affinity_soft, NR_CPUS);
	*reply = true;
	return rc;
}

union any_context {
	struct vcpu_guest_context wide;
	struct vcpu_guest_context_x86_32 narrow;
};

int64_t domctl_setvcpucontext(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
			      bool *reply)
{
	struct vcpu *v = domctl_vcpu(d, ctl->u.vcpucontext.vcpu);
	union any_context *c;
	int64_t rc;

	(void)reply;
	if (!v)
		return -ESRCH;
	if (d == h->d)
		return refuse(-EINVAL, "setvcpucontext: not on oneself");
	if (gva_null(handle_gva(ctl->u.vcpucontext.ctxt))) {
		vcpu_pause(v);
		sched_vcpu_down(v);
		v->initialised = false;
		paging_drop_bases(v);
		rc = paging_settle(d, h);
		vcpu_unpause(v);
		return rc;
	}
	c = heap_alloc(sizeof(*c));
	if (!c)
		return -ENOMEM;
	rc = guest_read(c, handle_gva(ctl->u.vcpucontext.ctxt),
			d->is_32bit ? sizeof(c->narrow) : sizeof(c->wide));
	if (!rc) {
		domain_pause(d);
		rc = d->is_32bit ? vcpu_set_context32(v, &c->narrow, h) :
				   vcpu_set_context64(v, &c->wide, h);
		domain_unpause(d);
	}
	heap_free(c);
	return rc;
}

int64_t domctl_getvcpucontext(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
			      bool *reply)
{
	struct vcpu *v = domctl_vcpu(d, ctl->u.vcpucontext.vcpu);
	union any_context *c;
	int64_t rc;

	if (!v)
		return -ESRCH;
	if (d == h->d)
		return refuse(-EINVAL, "getvcpucontext: not of oneself");
	if (!v->initialised)
		return refuse(-ENODATA, "getvcpucontext: vcpu %u has none yet", v->id);
	c = heap_alloc(sizeof(*c));
	if (!c)
		return -ENOMEM;
	vcpu_pause(v);
	if (d->is_32bit)
		vcpu_get_context32(v, &c->narrow);
	else
		vcpu_get_context64(v, &c->wide);
	vcpu_unpause(v);
	rc = guest_write(handle_gva(ctl->u.vcpucontext.ctxt), c,
			 d->is_32bit ? sizeof(c->narrow) : sizeof(c->wide));
	heap_free(c);
	*reply = true;
	return rc;
}

static bool callback_ok(const struct domain *d, uint64_t address)
{
	return d->is_32bit ? address <= UINT32_MAX : guest_range_ok(address, 1);
}

int64_t domctl_set_ext_vcpucontext(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
				   bool *reply)
{
	const struct xen_domctl_ext_vcpucontext *c = &ctl->u.ext_vcpucontext;
	struct vcpu *v = domctl_vcpu(d, c->vcpu);

	(void)reply;
	if (!v)
		return -ESRCH;
	if (d == h->d || c->size < offsetof(struct xen_domctl_ext_vcpucontext, mcg_cap))
		return refuse(-EINVAL, "ext_vcpucontext: of oneself, or too short");
	if (!callback_ok(d, c->syscall32_callback_eip) ||
	    !callback_ok(d, c->sysenter_callback_eip))
		return refuse(-EINVAL, "ext_vcpucontext: a callback outside the guest's addresses");
	domain_pause(d);
	v->cb_syscall32 = (struct guest_callback){
		.address = c->syscall32_callback_eip,
		.cs = fix_guest_cs(d, c->syscall32_callback_cs),
		.masks_events = c->syscall32_disables_events };
	v->cb_sysenter = (struct guest_callback){
		.address = c->sysenter_callback_eip,
		.cs = fix_guest_cs(d, c->sysenter_callback_cs),
		.masks_events = c->sysenter_disables_events };
	vcpu_long_way(v);
	domain_unpause(d);
	return 0;
}

int64_t domctl_get_ext_vcpucontext(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
				   bool *reply)
{
	struct xen_domctl_ext_vcpucontext *c = &ctl->u.ext_vcpucontext;
	struct vcpu *v = domctl_vcpu(d, c->vcpu);

	(void)h;
	if (!v)
		return -ESRCH;
	memset((char *)c + sizeof(c->vcpu), 0, sizeof(*c) - sizeof(c->vcpu));
	c->size = sizeof(*c);
	c->syscall32_callback_eip = v->cb_syscall32.address;
	c->syscall32_callback_cs = v->cb_syscall32.cs;
	c->syscall32_disables_events = v->cb_syscall32.masks_events;
	c->sysenter_callback_eip = v->cb_sysenter.address;
	c->sysenter_callback_cs = v->cb_sysenter.cs;
	c->sysenter_disables_events = v->cb_sysenter.masks_events;
	*reply = true;
	return 0;
}

int64_t domctl_getvcpuinfo(struct hcall *h, struct domain *d, struct xen_domctl *ctl, bool *reply)
{
	struct xen_domctl_getvcpuinfo *info = &ctl->u.getvcpuinfo;
	struct vcpu *v = domctl_vcpu(d, info->vcpu);

	(void)h;
	if (!v)
		return -ESRCH;
	info->online = !(read_once(v->pause_flags) & VPF_DOWN);
	info->blocked = !!(read_once(v->pause_flags) & VPF_BLOCKED);
	info->running = read_once(v->running);
	info->cpu_time = vcpu_run_time_ns(v);
	info->cpu = v->cpu;
	*reply = true;
	return 0;
}

int64_t domctl_sendtrigger(struct hcall *h, struct domain *d, struct xen_domctl *ctl, bool *reply)
{
	struct vcpu *v = domctl_vcpu(d, ctl->u.sendtrigger.vcpu);

	(void)h;
	(void)reply;
	if (!v)
		return -ESRCH;
	if (ctl->u.sendtrigger.trigger != XEN_DOMCTL_SENDTRIGGER_NMI)
		return refuse(-EOPNOTSUPP, "trigger %u: PV guests have only the NMI",
			      ctl->u.sendtrigger.trigger);
	if (!v->cb_nmi.address)
		return refuse(-EINVAL, "trigger: the guest has no NMI callback");
	vcpu_send_nmi(v);
	return 0;
}
