// SPDX-License-Identifier: GPL-2.0-only
/*
 * domctl on a domain as a whole: create and destroy, pause and resume, what it is said to be, its
 * share of the CPUs, its clock.
 */
#include "control/domctl_op.h"

#include "control/lifecycle.h"
#include "guest/shared.h"
#include "lib/log.h"
#include "lib/string.h"
#include "mem/frame.h"
#include "sched/sched.h"
#include "time/clock.h"

static uint32_t info_flags(struct domain *d, struct xen_domctl_getdomaininfo *info)
{
	uint32_t flags = XEN_DOMINF_blocked;
	struct vcpu *v;

	for_each_vcpu(d, v) {
		uint32_t pauses = read_once(v->pause_flags);

		info->cpu_time += vcpu_run_time_ns(v);
		info->max_vcpu_id = v->id;
		if (pauses & VPF_DOWN)
			continue;
		info->nr_online_vcpus++;
		if (!(pauses & VPF_BLOCKED))
			flags &= ~XEN_DOMINF_blocked;
		if (read_once(v->running))
			flags |= XEN_DOMINF_running;
	}
	return info->nr_online_vcpus ? flags : 0;
}

void domain_info(struct domain *d, struct xen_domctl_getdomaininfo *info)
{
	memset(info, 0, sizeof(*info));
	info->domain = d->id;
	info->max_vcpu_id = XEN_INVALID_MAX_VCPU_ID;
	info->flags = info_flags(d, info);
	if (d->life == DOMAIN_DEAD)
		info->flags |= XEN_DOMINF_dying;
	if (d->shut_down)
		info->flags |= XEN_DOMINF_shutdown |
			       (d->shutdown_code & XEN_DOMINF_shutdownmask) <<
			       XEN_DOMINF_shutdownshift;
	if (d->control_pauses)
		info->flags |= XEN_DOMINF_paused;
	info->tot_pages = d->page_count;
	info->max_pages = d->max_pages;
	info->outstanding_pages = d->outstanding_claim;
	info->shared_info_frame = d->shared_frame ? frame_mfn(d->shared_frame).n : 0;
	info->ssidref = d->ssidref;
	memcpy(info->handle, d->uuid, sizeof(info->handle));
}

/* By the ABI the first domain whose number is not smaller than the one asked for. */
int64_t domctl_getdomaininfo(struct hcall *h, struct domain *none, struct xen_domctl *ctl,
			     bool *reply)
{
	struct domain *d = domain_get_from(ctl->domain);

	(void)h;
	(void)none;
	if (!d)
		return -ESRCH;
	domain_info(d, &ctl->u.getdomaininfo);
	ctl->domain = d->id;
	domain_put(d);
	*reply = true;
	return 0;
}

/* A free number for a new domain, going round so that one is not soon used again. */
static domid_t free_domid(void)
{
	static domid_t last;

	for (unsigned int i = 0; i < DOMID_FIRST_RESERVED; i++) {
		struct domain *d;

		last = (domid_t)(last + 1u < DOMID_FIRST_RESERVED ? last + 1u : 1u);
		d = domain_get_by_id(last);
		if (!d)
			return last;
		domain_put(d);
	}
	return DOMID_INVALID;
}

int64_t domctl_createdomain(struct hcall *h, struct domain *none, struct xen_domctl *ctl,
			    bool *reply)
{
	const struct xen_domctl_createdomain *want = &ctl->u.createdomain;
	struct domain_plan plan = {
		.id = ctl->domain, .ssidref = want->ssidref, .max_vcpus = want->max_vcpus,
		.max_evtchn_port = want->max_evtchn_port,
		.max_grant_frames = (uint32_t)want->max_grant_frames,
		.max_maptrack_frames = (uint32_t)want->max_maptrack_frames,
	};
	struct domain *d;
	int rc;

	(void)h;
	(void)none;
	if (want->flags & ~(uint32_t)XEN_DOMCTL_CDF_xs_domain)
		return refuse(-EINVAL, "createdomain: flags %#x: only PV domains here",
			      want->flags);
	if (want->iommu_opts || want->vmtrace_size || want->cpupool_id)
		return refuse(-EINVAL, "createdomain: no IOMMU, trace buffers or CPU pools here");
	if (XEN_DOMCTL_GRANT_version(want->grant_opts) > 2)
		return refuse(-EINVAL, "createdomain: grant version %u", want->grant_opts);
	if (plan.id == 0 || plan.id >= DOMID_FIRST_RESERVED)
		plan.id = free_domid();
	if (plan.id == DOMID_INVALID)
		return refuse(-ENOMEM, "createdomain: all domain numbers are taken");
	memcpy(plan.uuid, want->handle, sizeof(plan.uuid));
	rc = domain_create(&plan, &d);
	if (rc)
		return rc;
	rc = domain_add_vcpus(d, plan.max_vcpus);
	if (rc) {
		while (domain_destroy(d, h) == HC_RESTART)
			;	/* it has nothing yet: one round */
		return rc;
	}
	d->control_pauses = 1;	/* domain_alloc() paused it: the tools' to undo */
	ctl->domain = d->id;
	*reply = true;
	return 0;
}

int64_t domctl_destroydomain(struct hcall *h, struct domain *d, struct xen_domctl *ctl, bool *reply)
{
	(void)ctl;
	(void)reply;
	return domain_destroy(d, h);
}

int64_t domctl_pausedomain(struct hcall *h, struct domain *d, struct xen_domctl *ctl, bool *reply)
{
	(void)ctl;
	(void)reply;
	if (d == h->d)
		return refuse(-EINVAL, "pausedomain: a domain cannot pause itself");
	if (d->control_pauses >= 255)
		return refuse(-E2BIG, "pausedomain: paused 255 times already");
	d->control_pauses++;
	domain_pause(d);
	return 0;
}

int64_t domctl_unpausedomain(struct hcall *h, struct domain *d, struct xen_domctl *ctl, bool *reply)
{
	(void)h;
	(void)ctl;
	(void)reply;
	if (!d->control_pauses)
		return refuse(-EINVAL, "unpausedomain: it is not paused");
	d->control_pauses--;
	d->created = true;
	domain_unpause(d);
	return 0;
}

int64_t domctl_resumedomain(struct hcall *h, struct domain *d, struct xen_domctl *ctl, bool *reply)
{
	(void)ctl;
	(void)reply;
	if (d == h->d)
		return refuse(-EINVAL, "resumedomain: not on oneself");
	domain_resume(d);
	return 0;
}

int64_t domctl_set_address_size(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
				bool *reply)
{
	(void)h;
	(void)reply;
	return domain_set_width(d, ctl->u.address_size.size);
}

int64_t domctl_get_address_size(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
				bool *reply)
{
	(void)h;
	ctl->u.address_size.size = d->is_32bit ? 32 : 64;
	*reply = true;
	return 0;
}

int64_t domctl_max_vcpus(struct hcall *h, struct domain *d, struct xen_domctl *ctl, bool *reply)
{
	(void)reply;
	/* More of them only while nothing of the domain can run and see them half made. */
	if (ctl->u.max_vcpus.max != d->vcpu_count && (d == h->d || d->created))
		return refuse(-EINVAL, "max_vcpus %u: the domain has run with %u",
			      ctl->u.max_vcpus.max, d->vcpu_count);
	return domain_add_vcpus(d, ctl->u.max_vcpus.max);
}

#define WEIGHT_DEFAULT	256
#define WEIGHT_MAX	65535

/* Weight and cap are stored for the policy to come; today's round robin does not read them. */
int64_t domctl_scheduler(struct hcall *h, struct domain *d, struct xen_domctl *ctl, bool *reply)
{
	struct xen_domctl_scheduler_op *op = &ctl->u.scheduler_op;

	(void)h;
	if (op->sched_id != XEN_SCHEDULER_CREDIT2)
		return refuse(-EINVAL, "scheduler %u: ours calls itself credit2", op->sched_id);
	if (op->cmd == XEN_DOMCTL_SCHEDOP_getinfo) {
		op->u.credit2.weight = (uint16_t)(d->weight ? d->weight : WEIGHT_DEFAULT);
		op->u.credit2.cap = (uint16_t)d->cap;
		*reply = true;
		return 0;
	}
	if (op->cmd != XEN_DOMCTL_SCHEDOP_putinfo)
		return refuse(-EINVAL, "scheduler operation %u", op->cmd);
	if (op->u.credit2.weight)
		d->weight = MIN((uint32_t)op->u.credit2.weight, (uint32_t)WEIGHT_MAX);
	if (op->u.credit2.cap != (uint16_t)~0u)
		d->cap = op->u.credit2.cap;
	return 0;
}

int64_t domctl_setnodeaffinity(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
			       bool *reply)
{
	uint64_t nodes;
	int rc = bitmap_from_tools(&nodes, &ctl->u.nodeaffinity.nodemap);

	(void)h;
	(void)d;
	(void)reply;
	if (!rc && !(nodes & 1))
		return refuse(-EINVAL, "nodeaffinity: node 0 is all there is");
	return rc;
}

int64_t domctl_getnodeaffinity(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
			       bool *reply)
{
	(void)h;
	(void)d;
	*reply = true;
	return bitmap_to_tools(&ctl->u.nodeaffinity.nodemap, 1, 1);
}

int64_t domctl_setdomainhandle(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
			       bool *reply)
{
	(void)h;
	(void)reply;
	memcpy(d->uuid, ctl->u.setdomainhandle.handle, sizeof(d->uuid));
	return 0;
}

int64_t domctl_settimeoffset(struct hcall *h, struct domain *d, struct xen_domctl *ctl, bool *reply)
{
	(void)h;
	(void)reply;
	d->time_offset_s = ctl->u.settimeoffset.time_offset_seconds;
	pvclock_wallclock(d);
	return 0;
}

#define TSC_MODE_NEVER_EMULATE	2

/* The TSC is the machine's own in every mode: guests read it without us (see hypervisor/README.md). */
int64_t domctl_settscinfo(struct hcall *h, struct domain *d, struct xen_domctl *ctl, bool *reply)
{
	(void)reply;
	if (d == h->d)
		return refuse(-EINVAL, "settscinfo: not on oneself");
	if (ctl->u.tsc_info.tsc_mode > 3)
		return refuse(-EINVAL, "settscinfo: mode %u", ctl->u.tsc_info.tsc_mode);
	d->tsc_mode = ctl->u.tsc_info.tsc_mode;
	d->tsc_khz = ctl->u.tsc_info.gtsc_khz;
	d->tsc_incarnation = ctl->u.tsc_info.incarnation;
	return 0;
}

int64_t domctl_gettscinfo(struct hcall *h, struct domain *d, struct xen_domctl *ctl, bool *reply)
{
	(void)h;
	ctl->u.tsc_info = (struct xen_domctl_tsc_info){
		.tsc_mode = d->tsc_mode ? d->tsc_mode : TSC_MODE_NEVER_EMULATE,
		.gtsc_khz = d->tsc_khz ? d->tsc_khz : tsc_khz,
		.incarnation = d->tsc_incarnation,
		.elapsed_nsec = clock_now_ns(),
	};
	*reply = true;
	return 0;
}

int64_t domctl_set_virq_handler(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
				bool *reply)
{
	(void)h;
	(void)reply;
	if (d != dom0)
		return refuse(-EOPNOTSUPP, "VIRQ %u: global ones are the control domain's",
			      ctl->u.set_virq_handler.virq);
	return 0;
}
