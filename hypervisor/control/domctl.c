// SPDX-License-Identifier: GPL-2.0-only
#include "control/domctl.h"

#include "control/context.h"
#include "control/lifecycle.h"
#include "cpu/atomic.h"
#include "cpu/fpu.h"
#include "guest/access.h"
#include "guest/cpuid.h"
#include "guest/shared.h"
#include "lib/bits.h"
#include "lib/log.h"
#include "lib/string.h"
#include "mem/heap.h"
#include "paging/paging.h"
#include "sched/sched.h"
#include "time/clock.h"
#include "trap/trap.h"

/*
 * One operation. ctl is our copy; *reply: copy ctl->u back to the caller.
 * d is NULL for operations that need no domain.
 */
typedef int64_t op_fn(struct hcall *h, struct domain *d, struct xen_domctl *ctl, bool *reply);

#define PAGES_PER_KIB	4

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

static struct vcpu *find_vcpu(struct domain *d, uint32_t id)
{
	unsigned int slot;

	return index_within(id, d->vcpu_count, &slot) ? d->vcpu[slot] : NULL;
}

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

static int64_t op_createdomain(struct hcall *h, struct domain *none, struct xen_domctl *ctl,
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

static int64_t op_destroydomain(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
				bool *reply)
{
	(void)ctl;
	(void)reply;
	return domain_destroy(d, h);
}

static int64_t op_pausedomain(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
			      bool *reply)
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

static int64_t op_unpausedomain(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
				bool *reply)
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

/* By the ABI the first domain whose number is not smaller than the one asked for. */
static int64_t op_getdomaininfo(struct hcall *h, struct domain *none, struct xen_domctl *ctl,
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

static int64_t op_setvcpuaffinity(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
				  bool *reply)
{
	struct xen_domctl_vcpuaffinity *a = &ctl->u.vcpuaffinity;
	struct vcpu *v = find_vcpu(d, a->vcpu);
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

static int64_t op_getvcpuaffinity(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
				  bool *reply)
{
	struct xen_domctl_vcpuaffinity *a = &ctl->u.vcpuaffinity;
	struct vcpu *v = find_vcpu(d, a->vcpu);
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

static int64_t op_max_mem(struct hcall *h, struct domain *d, struct xen_domctl *ctl, bool *reply)
{
	(void)h;
	(void)reply;
	/* Less than it has is allowed: it may give back, but gets no more. */
	d->max_pages = MIN(ctl->u.max_mem.max_memkb / PAGES_PER_KIB, 1ul << 40);
	return 0;
}

union any_context {
	struct vcpu_guest_context wide;
	struct vcpu_guest_context_x86_32 narrow;
};

static int64_t op_setvcpucontext(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
				 bool *reply)
{
	struct vcpu *v = find_vcpu(d, ctl->u.vcpucontext.vcpu);
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

static int64_t op_getvcpucontext(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
				 bool *reply)
{
	struct vcpu *v = find_vcpu(d, ctl->u.vcpucontext.vcpu);
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

static int64_t op_getvcpuinfo(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
			      bool *reply)
{
	struct xen_domctl_getvcpuinfo *info = &ctl->u.getvcpuinfo;
	struct vcpu *v = find_vcpu(d, info->vcpu);

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

static int64_t op_max_vcpus(struct hcall *h, struct domain *d, struct xen_domctl *ctl, bool *reply)
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
static int64_t op_scheduler(struct hcall *h, struct domain *d, struct xen_domctl *ctl, bool *reply)
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

static int64_t op_setdomainhandle(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
				  bool *reply)
{
	(void)h;
	(void)reply;
	memcpy(d->uuid, ctl->u.setdomainhandle.handle, sizeof(d->uuid));
	return 0;
}

static int permit(struct rangeset *set, uint64_t first, uint64_t count, bool allow)
{
	uint64_t last;

	if (!count)
		return 0;
	if (add_overflows(first, count - 1, &last))
		return refuse(-EINVAL, "permission for a range past the end");
	return allow ? rangeset_add(set, first, last) : rangeset_remove(set, first, last);
}

static int64_t op_ioport_permission(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
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

static int64_t op_iomem_permission(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
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

static int64_t op_irq_permission(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
				 bool *reply)
{
	const struct xen_domctl_irq_permission *p = &ctl->u.irq_permission;

	(void)reply;
	if (!rangeset_contains(h->d->irqs, p->pirq, p->pirq))
		return refuse(-EPERM, "irq %u is not the caller's to give", p->pirq);
	return permit(d->irqs, p->pirq, 1, p->allow_access);
}

static int64_t op_hypercall_init(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
				 bool *reply)
{
	struct frame *f;
	int rc;

	(void)reply;
	rc = frame_get_owned(d, gfn(ctl->u.hypercall_init.gmfn), &f);
	if (rc)
		return rc;
	rc = type_get(f, PT_WRITABLE, h);
	if (!rc) {
		hypercall_page_fill(frame_map(f), d->is_32bit);
		type_put(f);
	}
	frame_put(f);
	return rc;
}

static int64_t op_settimeoffset(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
				bool *reply)
{
	(void)h;
	(void)reply;
	d->time_offset_s = ctl->u.settimeoffset.time_offset_seconds;
	pvclock_wallclock(d);
	return 0;
}

static int64_t op_resumedomain(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
			       bool *reply)
{
	(void)ctl;
	(void)reply;
	if (d == h->d)
		return refuse(-EINVAL, "resumedomain: not on oneself");
	domain_resume(d);
	return 0;
}

static int64_t op_sendtrigger(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
			      bool *reply)
{
	struct vcpu *v = find_vcpu(d, ctl->u.sendtrigger.vcpu);

	(void)h;
	(void)reply;
	if (!v)
		return -ESRCH;
	if (ctl->u.sendtrigger.trigger != XEN_DOMCTL_SENDTRIGGER_NMI)
		return refuse(-EOPNOTSUPP, "trigger %u: PV guests have only the NMI",
			      ctl->u.sendtrigger.trigger);
	if (!v->cb_nmi.address)
		return refuse(-EINVAL, "trigger: the guest has no NMI callback");
	v->nmi_pending = true;
	vcpu_kick(v);
	return 0;
}

static int64_t op_set_address_size(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
				   bool *reply)
{
	(void)h;
	(void)reply;
	return domain_set_width(d, ctl->u.address_size.size);
}

static int64_t op_get_address_size(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
				   bool *reply)
{
	(void)h;
	ctl->u.address_size.size = d->is_32bit ? 32 : 64;
	*reply = true;
	return 0;
}

static bool callback_ok(const struct domain *d, uint64_t address)
{
	return d->is_32bit ? address <= UINT32_MAX : guest_range_ok(address, 1);
}

static int64_t op_set_ext_vcpucontext(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
				      bool *reply)
{
	const struct xen_domctl_ext_vcpucontext *c = &ctl->u.ext_vcpucontext;
	struct vcpu *v = find_vcpu(d, c->vcpu);

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
	domain_unpause(d);
	return 0;
}

static int64_t op_get_ext_vcpucontext(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
				      bool *reply)
{
	struct xen_domctl_ext_vcpucontext *c = &ctl->u.ext_vcpucontext;
	struct vcpu *v = find_vcpu(d, c->vcpu);

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

#define TSC_MODE_NEVER_EMULATE	2

/* The TSC is the machine's own in every mode: guests read it without us (see hypervisor/README.md). */
static int64_t op_settscinfo(struct hcall *h, struct domain *d, struct xen_domctl *ctl, bool *reply)
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

static int64_t op_gettscinfo(struct hcall *h, struct domain *d, struct xen_domctl *ctl, bool *reply)
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

static uint64_t frame_info(struct domain *d, uint64_t n)
{
	static const uint64_t by_level[] = { 0, XEN_DOMCTL_PFINFO_L1TAB, XEN_DOMCTL_PFINFO_L2TAB,
					     XEN_DOMCTL_PFINFO_L3TAB, XEN_DOMCTL_PFINFO_L4TAB };
	uint64_t word, info = XEN_DOMCTL_PFINFO_NOTAB;
	struct frame *f;

	if (frame_get_owned(d, gfn(n), &f))
		return XEN_DOMCTL_PFINFO_XTAB;
	word = read_once(f->type);
	if (type_is_table(type_of(word)) && (word & TYPE_COUNT))
		info = by_level[type_level(type_of(word))];
	if (word & TYPE_PINNED)
		info |= XEN_DOMCTL_PFINFO_LPINTAB;
	frame_put(f);
	return info;
}

#define FRAMES_PER_ASK	1024

static int64_t op_getpageframeinfo3(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
				    bool *reply)
{
	gva_t array = handle_gva(ctl->u.getpageframeinfo3.array);
	uint64_t count = ctl->u.getpageframeinfo3.num;

	(void)h;
	(void)reply;
	if (count > FRAMES_PER_ASK)
		return refuse(-E2BIG, "getpageframeinfo: %lu frames, at most %u", count,
			      FRAMES_PER_ASK);
	for (uint64_t i = 0; i < count; i++) {
		uint64_t n;
		int rc = copy_from_guest_at(&n, array, i);

		if (rc)
			return rc;
		n = frame_info(d, n);
		rc = copy_to_guest_at(array, i, &n);
		if (rc)
			return rc;
	}
	return 0;
}

static int64_t op_setnodeaffinity(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
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

static int64_t op_getnodeaffinity(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
				  bool *reply)
{
	(void)h;
	(void)d;
	*reply = true;
	return bitmap_to_tools(&ctl->u.nodeaffinity.nodemap, 1, 1);
}

static int64_t op_get_cpu_policy(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
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

static int64_t op_set_cpu_policy(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
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

static int64_t op_set_virq_handler(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
				   bool *reply)
{
	(void)h;
	(void)reply;
	if (d != dom0)
		return refuse(-EOPNOTSUPP, "VIRQ %u: global ones are the control domain's",
			      ctl->u.set_virq_handler.virq);
	return 0;
}

enum needs {
	NEEDS_NOTHING,
	NEEDS_DOMAIN,	/* any, dying ones too */
	NEEDS_ALIVE,
};

/* What is not here is refused with -EOPNOTSUPP: HVM, IOMMU, NUMA, memory events, debugging. */
static const struct {
	op_fn *op;
	enum needs needs;
} ops[] = {
	[XEN_DOMCTL_createdomain] = { op_createdomain, NEEDS_NOTHING },
	[XEN_DOMCTL_destroydomain] = { op_destroydomain, NEEDS_DOMAIN },
	[XEN_DOMCTL_pausedomain] = { op_pausedomain, NEEDS_DOMAIN },
	[XEN_DOMCTL_unpausedomain] = { op_unpausedomain, NEEDS_ALIVE },
	[XEN_DOMCTL_getdomaininfo] = { op_getdomaininfo, NEEDS_NOTHING },
	[XEN_DOMCTL_setvcpuaffinity] = { op_setvcpuaffinity, NEEDS_ALIVE },
	[XEN_DOMCTL_max_mem] = { op_max_mem, NEEDS_ALIVE },
	[XEN_DOMCTL_setvcpucontext] = { op_setvcpucontext, NEEDS_ALIVE },
	[XEN_DOMCTL_getvcpucontext] = { op_getvcpucontext, NEEDS_ALIVE },
	[XEN_DOMCTL_getvcpuinfo] = { op_getvcpuinfo, NEEDS_DOMAIN },
	[XEN_DOMCTL_max_vcpus] = { op_max_vcpus, NEEDS_ALIVE },
	[XEN_DOMCTL_scheduler_op] = { op_scheduler, NEEDS_DOMAIN },
	[XEN_DOMCTL_setdomainhandle] = { op_setdomainhandle, NEEDS_ALIVE },
	[XEN_DOMCTL_irq_permission] = { op_irq_permission, NEEDS_ALIVE },
	[XEN_DOMCTL_iomem_permission] = { op_iomem_permission, NEEDS_ALIVE },
	[XEN_DOMCTL_ioport_permission] = { op_ioport_permission, NEEDS_ALIVE },
	[XEN_DOMCTL_hypercall_init] = { op_hypercall_init, NEEDS_ALIVE },
	[XEN_DOMCTL_settimeoffset] = { op_settimeoffset, NEEDS_ALIVE },
	[XEN_DOMCTL_getvcpuaffinity] = { op_getvcpuaffinity, NEEDS_DOMAIN },
	[XEN_DOMCTL_resumedomain] = { op_resumedomain, NEEDS_ALIVE },
	[XEN_DOMCTL_sendtrigger] = { op_sendtrigger, NEEDS_ALIVE },
	[XEN_DOMCTL_set_address_size] = { op_set_address_size, NEEDS_ALIVE },
	[XEN_DOMCTL_get_address_size] = { op_get_address_size, NEEDS_DOMAIN },
	[XEN_DOMCTL_set_ext_vcpucontext] = { op_set_ext_vcpucontext, NEEDS_ALIVE },
	[XEN_DOMCTL_get_ext_vcpucontext] = { op_get_ext_vcpucontext, NEEDS_DOMAIN },
	[XEN_DOMCTL_gettscinfo] = { op_gettscinfo, NEEDS_DOMAIN },
	[XEN_DOMCTL_settscinfo] = { op_settscinfo, NEEDS_ALIVE },
	[XEN_DOMCTL_getpageframeinfo3] = { op_getpageframeinfo3, NEEDS_ALIVE },
	[XEN_DOMCTL_setnodeaffinity] = { op_setnodeaffinity, NEEDS_ALIVE },
	[XEN_DOMCTL_getnodeaffinity] = { op_getnodeaffinity, NEEDS_DOMAIN },
	[XEN_DOMCTL_set_virq_handler] = { op_set_virq_handler, NEEDS_ALIVE },
	[XEN_DOMCTL_get_cpu_policy] = { op_get_cpu_policy, NEEDS_DOMAIN },
	[XEN_DOMCTL_set_cpu_policy] = { op_set_cpu_policy, NEEDS_ALIVE },
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
