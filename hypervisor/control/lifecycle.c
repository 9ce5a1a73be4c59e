// SPDX-License-Identifier: GPL-2.0-only
#include "control/lifecycle.h"

#include <xen/sched.h>

#include "evtchn/channel.h"
#include "evtchn/pirq.h"
#include "grant/table.h"
#include "guest/cpuid.h"
#include "guest/shared.h"
#include "lib/bits.h"
#include "lib/log.h"
#include "lib/string.h"
#include "machine/acpi.h"
#include "machine/stop.h"
#include "mem/heap.h"
#include "paging/paging.h"
#include "sched/sched.h"
#include "time/clock.h"


/* The rooms' parts of a domain, in the order of creation; undone from wherever it failed. */
static const struct {
	int (*init)(struct domain *d);
	void (*free)(struct domain *d);
} rooms[] = {
	{ shared_domain_init, shared_domain_free },
	{ paging_domain_init, paging_domain_free },
	{ evtchn_domain_init, evtchn_domain_free },
	{ pirq_domain_init, pirq_domain_free },
	{ grant_domain_init, grant_domain_free },
	{ cpu_policy_init, cpu_policy_free },
};

static void rooms_free(struct domain *d, unsigned int count)
{
	while (count--)
		rooms[count].free(d);
}

static int rooms_init(struct domain *d)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(rooms); i++) {
		int rc = rooms[i].init(d);

		if (rc) {
			rooms_free(d, i);
			return rc;
		}
	}
	return 0;
}

static int permissions_init(struct domain *d)
{
	d->ioports = rangeset_create(RANGESET_LIMIT);
	d->iomem = rangeset_create(RANGESET_LIMIT);
	d->irqs = rangeset_create(RANGESET_LIMIT);
	return d->ioports && d->iomem && d->irqs ? 0 : -ENOMEM;
}

static void permissions_free(struct domain *d)
{
	rangeset_destroy(d->ioports);
	rangeset_destroy(d->iomem);
	rangeset_destroy(d->irqs);
	d->ioports = d->iomem = d->irqs = NULL;
}

/* Everything but the structure itself; the last reference is gone, nobody else looks. */
static void domain_free_rooms(struct domain *d)
{
	struct vcpu *v;

	for_each_vcpu(d, v) {
		paging_vcpu_free(v);
		sched_vcpu_free(v);
		vcpu_free(v);
	}
	d->vcpu_count = 0;
	rooms_free(d, ARRAY_SIZE(rooms));
	permissions_free(d);
	heap_free(d->e820);
	d->e820 = NULL;
	virq_send_global(VIRQ_DOM_EXC);
}

/* The machine goes where the control domain goes. */
static void control_domain_stopped(const struct domain *d)
{
	if (d->shutdown_code == SHUTDOWN_poweroff) {
		log_info("dom0 has shut down: switching the machine off");
		machine_poweroff();
	}
	if (d->shutdown_code == SHUTDOWN_reboot) {
		log_info("dom0 has shut down: rebooting the machine");
		machine_reboot();
	}
	if (machine_noreboot)
		machine_stop("dom0 has stopped (reason %u); 'noreboot' is set: reset the machine by hand",
			     d->shutdown_code);
	log_err("dom0 has stopped (reason %u): rebooting the machine", d->shutdown_code);
	machine_reboot();
}

static void domain_stopped(struct domain *d)
{
	if (d == dom0)
		control_domain_stopped(d);
	virq_send_global(VIRQ_DOM_EXC);
}

static struct domain *special_domain(domid_t id)
{
	struct domain *d = domain_alloc(id);

	BUG_ON(!d);	/* at boot; there is memory, or there is no machine */
	d->special = true;
	return d;
}

void lifecycle_init(void)
{
	domain_stopped_hook = domain_stopped;
	domain_free_hook = domain_free_rooms;
	dom_xen = special_domain(DOMID_XEN);
	dom_io = special_domain(DOMID_IO);
}

static int limits_check(const struct domain_plan *plan)
{
	if (plan->max_vcpus < 1 || plan->max_vcpus > MAX_VCPUS)
		return refuse(-EINVAL, "%u vcpus: 1 to %u can be had", plan->max_vcpus, MAX_VCPUS);
	if (plan->max_grant_frames > GRANT_FRAMES_LIMIT && plan->max_grant_frames != ~0u)
		return refuse(-EINVAL, "%u grant frames: at most %u", plan->max_grant_frames,
			      GRANT_FRAMES_LIMIT);
	if (plan->max_maptrack_frames > GRANT_MAPTRACK_LIMIT && plan->max_maptrack_frames != ~0u)
		return refuse(-EINVAL, "%u maptrack frames: at most %u", plan->max_maptrack_frames,
			      GRANT_MAPTRACK_LIMIT);
	return 0;
}

int domain_create(const struct domain_plan *plan, struct domain **out)
{
	struct domain *d;
	int rc = limits_check(plan);

	if (rc)
		return rc;
	d = domain_get_by_id(plan->id);
	if (d) {
		domain_put(d);
		return refuse(-EEXIST, "domain %u: there is one", plan->id);
	}
	d = domain_alloc(plan->id);
	if (!d)
		return -ENOMEM;
	d->privileged = plan->privileged;
	d->ssidref = plan->ssidref;
	memcpy(d->uuid, plan->uuid, sizeof(d->uuid));
	d->created_at = clock_now_ns();
	d->max_evtchn_port = plan->max_evtchn_port;
	d->max_grant_frames = plan->max_grant_frames == ~0u ? GRANT_FRAMES_DEFAULT :
							      plan->max_grant_frames;
	d->max_maptrack_frames = plan->max_maptrack_frames == ~0u ? GRANT_MAPTRACK_DEFAULT :
								    plan->max_maptrack_frames;
	rc = permissions_init(d);
	if (!rc)
		rc = rooms_init(d);
	if (rc) {
		permissions_free(d);
		domain_abandon(d);
		return rc;
	}
	domain_publish(d);
	*out = d;
	return 0;
}

static int vcpu_add(struct domain *d, unsigned int id)
{
	struct vcpu *v = vcpu_create(d, id);
	int rc;

	if (!v)
		return -ENOMEM;
	rc = sched_vcpu_init(v);
	if (rc)
		goto no_sched;
	rc = paging_vcpu_init(v);
	if (rc)
		goto no_paging;
	if (d->is_32bit) {
		rc = paging_vcpu_set_32bit(v);
		if (rc)
			goto no_width;
	}
	return 0;

no_width:
	paging_vcpu_free(v);
no_paging:
	sched_vcpu_free(v);
no_sched:
	vcpu_free(v);
	return rc;
}

int domain_add_vcpus(struct domain *d, unsigned int count)
{
	if (count > MAX_VCPUS || count < d->vcpu_count)
		return refuse(-EINVAL, "%u vcpus: %u there, %u at most", count, d->vcpu_count,
			      MAX_VCPUS);
	while (d->vcpu_count < count) {
		int rc = vcpu_add(d, d->vcpu_count);

		if (rc)
			return rc;	/* those made stay; the caller destroys the domain */
	}
	return 0;
}

int domain_set_width(struct domain *d, unsigned int bits)
{
	struct vcpu *v;
	int rc;

	if (bits != 32 && bits != 64)
		return refuse(-EINVAL, "address size %u: 32 or 64", bits);
	if (d->is_32bit == (bits == 32))
		return 0;
	if (d->page_count)
		return refuse(-EACCES, "address size: the domain has memory already");
	if (bits == 64)
		return refuse(-EINVAL, "address size: a 32-bit guest stays one");
	for_each_vcpu(d, v) {
		rc = paging_vcpu_set_32bit(v);
		if (rc)
			goto undo;
	}
	d->is_32bit = true;
	shared_init(d);
	return 0;

undo:
	/* A 64-bit guest's table must never stand below a monitor: its levels would be taken for
	 * others. */
	for_each_vcpu(d, v)
		paging_vcpu_set_64bit(v);
	return rc;
}

/* Steps of destruction. Each may say HC_RESTART and is then entered again. */
static int64_t step_stop(struct domain *d, struct hcall *h)
{
	(void)h;
	domain_pause(d);
	spin_lock(&d->lock);
	d->life = DOMAIN_DYING;
	spin_unlock(&d->lock);
	return 0;
}

static int64_t step_grants(struct domain *d, struct hcall *h)
{
	return grant_relinquish(d, h);
}

static int64_t step_events(struct domain *d, struct hcall *h)
{
	int64_t rc = evtchn_relinquish(d, h);

	if (!rc)
		pirq_relinquish(d);
	return rc;
}

static int64_t step_memory(struct domain *d, struct hcall *h)
{
	return paging_relinquish(d, h);
}

static int64_t step_last(struct domain *d, struct hcall *h)
{
	(void)h;
	spin_lock(&d->lock);
	d->life = DOMAIN_DEAD;
	spin_unlock(&d->lock);
	domain_put(d);		/* its creator's */
	virq_send_global(VIRQ_DOM_EXC);
	return 0;
}

int64_t domain_destroy(struct domain *d, struct hcall *h)
{
	static int64_t (*const steps[])(struct domain *d, struct hcall *h) = {
		step_stop, step_grants, step_events, step_memory, step_last,
	};
	int64_t rc = 0;

	if (d == dom0 || d->special || d == h->d)
		return refuse(-EINVAL, "domain %u is not one that can be destroyed", d->id);
	/* One destroyer at a time, by the control lock. The last step gives the creator's reference
	 * back, which may be the caller's only one. */
	domain_get(d);
	while (!rc && d->teardown_step < ARRAY_SIZE(steps)) {
		rc = steps[d->teardown_step](d, h);
		if (!rc)
			d->teardown_step++;
	}
	domain_put(d);
	return rc;
}

/* mov $nr, %eax, then the trap; iret (23) never comes back, so it saves what the frame lacks. */
void hypercall_page_fill(void *page, bool is_32bit)
{
	static const uint8_t call64[] = { 0x51, 0x41, 0x53, 0xb8, 0, 0, 0, 0, 0x0f, 0x05,
					  0x41, 0x5b, 0x59, 0xc3 };
	static const uint8_t iret64[] = { 0x51, 0x41, 0x53, 0x50, 0xb8, 0, 0, 0, 0, 0x0f, 0x05 };
	static const uint8_t call32[] = { 0xb8, 0, 0, 0, 0, 0xcd, 0x82, 0xc3 };
	static const uint8_t iret32[] = { 0x50, 0xb8, 0, 0, 0, 0, 0xcd, 0x82 };
	uint8_t *p = page;

	memset(p, 0xcc, PAGE_SIZE);
	for (uint8_t nr = 0; nr < PAGE_SIZE / 32; nr++, p += 32) {
		bool iret = nr == __HYPERVISOR_iret;
		size_t number_at = is_32bit ? (iret ? 2 : 1) : (iret ? 5 : 4);

		if (is_32bit)
			memcpy(p, iret ? iret32 : call32, iret ? sizeof(iret32) : sizeof(call32));
		else
			memcpy(p, iret ? iret64 : call64, iret ? sizeof(iret64) : sizeof(call64));
		p[number_at] = nr;
	}
}
