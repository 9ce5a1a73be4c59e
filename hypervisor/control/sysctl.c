// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the tools ask and say about the whole machine (xen/sysctl.h).
 *
 * One node, one pool of CPUs, one scheduling policy: the answers about nodes, pools and schedulers
 * are those of a machine that has nothing to choose. Features we do not have are refused with
 * -EOPNOTSUPP, which the tools take as such.
 */
#include <stdint.h>

#include <xen/sysctl.h>

#include "console/console.h"
#include "control/domctl.h"
#include "cpu/features.h"
#include "cpu/percpu.h"
#include "guest/access.h"
#include "guest/cpuid.h"
#include "lib/bits.h"
#include "lib/log.h"
#include "lib/string.h"
#include "mem/alloc.h"
#include "mem/frame.h"
#include "paging/paging.h"
#include "sched/sched.h"
#include "time/clock.h"

typedef int64_t op_fn(struct hcall *h, struct xen_sysctl *ctl, bool *reply);

static int64_t op_readconsole(struct hcall *h, struct xen_sysctl *ctl, bool *reply)
{
	(void)h;
	*reply = true;
	return console_ring_read(&ctl->u.readconsole);
}

static uint64_t claimed_pages(void)
{
	struct domain *d;
	uint64_t sum = 0;

	spin_lock(&domain_list_lock);
	list_for_each_entry(d, &domain_list, link)
		sum += d->outstanding_claim;
	spin_unlock(&domain_list_lock);
	return sum;
}

static int64_t op_physinfo(struct hcall *h, struct xen_sysctl *ctl, bool *reply)
{
	struct xen_sysctl_physinfo *p = &ctl->u.physinfo;
	uint32_t words[CPU_FEATURESET_WORDS];

	(void)h;
	memset(p, 0, sizeof(*p));
	p->threads_per_core = 1;
	p->cores_per_socket = cpu_count;
	p->nr_cpus = cpu_count;
	p->max_cpu_id = cpu_count - 1;
	p->nr_nodes = 1;
	p->cpu_khz = tsc_khz;
	p->capabilities = XEN_SYSCTL_PHYSCAP_pv | XEN_SYSCTL_PHYSCAP_gnttab_v1;
	p->total_pages = total_frame_count();
	p->free_pages = free_frame_count();
	p->outstanding_pages = claimed_pages();
	p->max_mfn = frame_table_end - 1;
	if (cpu_featureset(XEN_SYSCTL_cpu_featureset_host, words)) {
		p->hw_cap[0] = words[0];	/* leaf 1 edx, ecx; then the extended ones */
		p->hw_cap[1] = words[1];
		p->hw_cap[2] = words[2];
		p->hw_cap[3] = words[3];
		memcpy(&p->hw_cap[4], &words[4], 4 * sizeof(words[0]));
	}
	*reply = true;
	return 0;
}

static int64_t op_sched_id(struct hcall *h, struct xen_sysctl *ctl, bool *reply)
{
	(void)h;
	ctl->u.sched_id.sched_id = XEN_SCHEDULER_CREDIT2;
	*reply = true;
	return 0;
}

#define DOMAINS_PER_ASK	1024

static int64_t op_getdomaininfolist(struct hcall *h, struct xen_sysctl *ctl, bool *reply)
{
	struct xen_sysctl_getdomaininfolist *l = &ctl->u.getdomaininfolist;
	uint32_t id = l->first_domain, count = 0;
	uint32_t want = MIN(l->max_domains, (uint32_t)DOMAINS_PER_ASK);

	(void)h;
	while (count < want && id < DOMID_FIRST_RESERVED) {
		struct xen_domctl_getdomaininfo info;
		struct domain *d = domain_get_from((domid_t)id);
		int rc;

		if (!d)
			break;
		domain_info(d, &info);
		id = d->id + 1u;
		domain_put(d);
		rc = copy_to_guest_at(handle_gva(l->buffer), count, &info);
		if (rc)
			return rc;
		count++;
	}
	l->num_domains = count;
	*reply = true;
	return 0;
}

static int64_t op_debug_keys(struct hcall *h, struct xen_sysctl *ctl, bool *reply)
{
	const struct xen_sysctl_debug_keys *k = &ctl->u.debug_keys;
	char key;

	(void)h;
	(void)reply;
	if (k->nr_keys > 64)
		return refuse(-E2BIG, "debug keys: %u at once, at most 64", k->nr_keys);
	for (uint32_t i = 0; i < k->nr_keys; i++) {
		int rc = copy_from_guest_at(&key, handle_gva(k->keys), i);

		if (rc)
			return rc;
		keys_handle(key);
	}
	return 0;
}

static int64_t op_getcpuinfo(struct hcall *h, struct xen_sysctl *ctl, bool *reply)
{
	struct xen_sysctl_getcpuinfo *c = &ctl->u.getcpuinfo;
	uint32_t count = MIN(c->max_cpus, cpu_count);

	(void)h;
	for (uint32_t i = 0; i < count; i++) {
		struct xen_sysctl_cpuinfo info = { .idletime = vcpu_run_time_ns(idle_vcpu[i]) };
		int rc = copy_to_guest_at(handle_gva(c->info), i, &info);

		if (rc)
			return rc;
	}
	c->nr_cpus = count;
	*reply = true;
	return 0;
}

static int64_t op_availheap(struct hcall *h, struct xen_sysctl *ctl, bool *reply)
{
	(void)h;
	ctl->u.availheap.avail_bytes = free_frame_count() << PAGE_SHIFT;
	*reply = true;
	return 0;
}

/* One socket of single-threaded cores on node 0, as far as we look. */
static int64_t op_cputopoinfo(struct hcall *h, struct xen_sysctl *ctl, bool *reply)
{
	struct xen_sysctl_cputopoinfo *t = &ctl->u.cputopoinfo;
	uint32_t count = MIN(t->num_cpus, cpu_count);

	(void)h;
	for (uint32_t i = 0; !gva_null(handle_gva(t->cputopo)) && i < count; i++) {
		struct xen_sysctl_cputopo cpu = { .core = i, .socket = 0, .node = 0 };
		int rc = copy_to_guest_at(handle_gva(t->cputopo), i, &cpu);

		if (rc)
			return rc;
	}
	t->num_cpus = cpu_count;
	*reply = true;
	return 0;
}

static int64_t op_numainfo(struct hcall *h, struct xen_sysctl *ctl, bool *reply)
{
	struct xen_sysctl_numainfo *n = &ctl->u.numainfo;
	struct xen_sysctl_meminfo mem = { .memsize = total_frame_count() << PAGE_SHIFT,
					  .memfree = free_frame_count() << PAGE_SHIFT };
	uint32_t distance = 10;		/* of a node to itself (ACPI, SLIT) */
	int rc = 0;

	(void)h;
	if (n->num_nodes && !gva_null(handle_gva(n->meminfo)))
		rc = copy_to_guest(handle_gva(n->meminfo), &mem);
	if (!rc && n->num_nodes && !gva_null(handle_gva(n->distance)))
		rc = copy_to_guest(handle_gva(n->distance), &distance);
	n->num_nodes = 1;
	*reply = true;
	return rc;
}

static uint32_t domain_count(void)
{
	struct domain *d;
	uint32_t count = 0;

	spin_lock(&domain_list_lock);
	list_for_each_entry(d, &domain_list, link)
		count++;
	spin_unlock(&domain_list_lock);
	return count;
}

/* Pool 0 holds all CPUs and domains, and is the only one. */
static int64_t op_cpupool(struct hcall *h, struct xen_sysctl *ctl, bool *reply)
{
	struct xen_sysctl_cpupool_op *p = &ctl->u.cpupool_op;
	uint64_t all = cpu_count == 64 ? ~0ul : BIT(cpu_count) - 1;

	(void)h;
	*reply = true;
	switch (p->op) {
	case XEN_SYSCTL_CPUPOOL_OP_INFO:
		if (p->cpupool_id != 0)
			return -ENOENT;		/* how the tools' loop over pools ends */
		p->sched_id = XEN_SCHEDULER_CREDIT2;
		p->n_dom = domain_count();
		return bitmap_to_tools(&p->cpumap, all, cpu_count);
	case XEN_SYSCTL_CPUPOOL_OP_FREEINFO:
		return bitmap_to_tools(&p->cpumap, 0, cpu_count);
	case XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN:
		return p->cpupool_id == 0 ? 0 : -ENOENT;
	default:
		return refuse(-EOPNOTSUPP, "cpupool operation %u: pool 0 is all there is", p->op);
	}
}

static int64_t op_pcitopoinfo(struct hcall *h, struct xen_sysctl *ctl, bool *reply)
{
	struct xen_sysctl_pcitopoinfo *t = &ctl->u.pcitopoinfo;
	uint32_t node = 0, i;

	if (gva_null(handle_gva(t->devs)) || gva_null(handle_gva(t->nodes)))
		return refuse(-EINVAL, "pcitopoinfo: no arrays");
	for (i = 0; i < t->num_devs; i++) {
		int rc = copy_to_guest_at(handle_gva(t->nodes), i, &node);

		if (rc)
			return rc;
		if (hcall_should_yield(h) && i + 1 < t->num_devs) {
			i++;
			break;		/* by the ABI the caller goes on from num_devs */
		}
	}
	t->num_devs = i;
	*reply = true;
	return 0;
}

static int64_t op_cpu_featureset(struct hcall *h, struct xen_sysctl *ctl, bool *reply)
{
	struct xen_sysctl_cpu_featureset *f = &ctl->u.cpu_featureset;
	uint32_t words[CPU_FEATURESET_WORDS];
	int rc = 0;

	(void)h;
	if (!cpu_featureset(f->index, words))
		return refuse(-EOPNOTSUPP, "featureset %u: there are no HVM guests", f->index);
	if (!gva_null(handle_gva(f->features))) {
		uint32_t n = MIN(f->nr_features, (uint32_t)CPU_FEATURESET_WORDS);

		rc = guest_write(handle_gva(f->features), words, n * sizeof(words[0]));
		if (!rc && f->nr_features < CPU_FEATURESET_WORDS)
			rc = -ENOBUFS;
	}
	f->nr_features = CPU_FEATURESET_WORDS;
	*reply = true;
	return rc;
}

static int64_t op_cpu_policy(struct hcall *h, struct xen_sysctl *ctl, bool *reply)
{
	struct xen_sysctl_cpu_policy *p = &ctl->u.cpu_policy;
	const struct cpu_policy *policy = cpu_policy_system(p->index);
	int rc = 0;

	(void)h;
	if (!policy)
		return refuse(-EOPNOTSUPP, "cpu policy %u: there are no HVM guests", p->index);
	if (!gva_null(handle_gva(p->leaves))) {
		if (p->nr_leaves < policy->leaf_count)
			return -ENOBUFS;
		rc = guest_write(handle_gva(p->leaves), policy->leaf,
				 policy->leaf_count * sizeof(policy->leaf[0]));
		p->nr_leaves = policy->leaf_count;
	} else {
		p->nr_leaves = CPU_POLICY_MAX_LEAVES;
	}
	if (!rc && !gva_null(handle_gva(p->msrs))) {
		if (p->nr_msrs < policy->msr_count)
			return -ENOBUFS;
		rc = guest_write(handle_gva(p->msrs), policy->msr,
				 policy->msr_count * sizeof(policy->msr[0]));
		p->nr_msrs = policy->msr_count;
	} else {
		p->nr_msrs = CPU_POLICY_MAX_MSRS;
	}
	*reply = true;
	return rc;
}

static const struct {
	op_fn *op;
	int refusal;		/* when there is no op; 0: -EOPNOTSUPP */
} ops[] = {
	[XEN_SYSCTL_readconsole] = { op_readconsole, 0 },
	[XEN_SYSCTL_physinfo] = { op_physinfo, 0 },
	[XEN_SYSCTL_sched_id] = { op_sched_id, 0 },
	[XEN_SYSCTL_perfc_op] = { NULL, -ENOSYS },	/* the tools know it as "not built in" */
	[XEN_SYSCTL_getdomaininfolist] = { op_getdomaininfolist, 0 },
	[XEN_SYSCTL_debug_keys] = { op_debug_keys, 0 },
	[XEN_SYSCTL_getcpuinfo] = { op_getcpuinfo, 0 },
	[XEN_SYSCTL_availheap] = { op_availheap, 0 },
	[XEN_SYSCTL_get_pmstat] = { NULL, -ENODEV },
	[XEN_SYSCTL_pm_op] = { NULL, -ENODEV },
	[XEN_SYSCTL_cputopoinfo] = { op_cputopoinfo, 0 },
	[XEN_SYSCTL_numainfo] = { op_numainfo, 0 },
	[XEN_SYSCTL_cpupool_op] = { op_cpupool, 0 },
	[XEN_SYSCTL_pcitopoinfo] = { op_pcitopoinfo, 0 },
	[XEN_SYSCTL_get_cpu_featureset] = { op_cpu_featureset, 0 },
	[XEN_SYSCTL_get_cpu_policy] = { op_cpu_policy, 0 },
};

/*
 * sysctl(struct xen_sysctl *). Fails: -EPERM not the control domain; -EACCES another interface
 * version; -EOPNOTSUPP (or what the table says) not an operation of ours; and each one's own.
 */
int64_t hc_sysctl(struct hcall *h)
{
	struct xen_sysctl ctl;
	gva_t arg = gva(h->args[0]);
	unsigned int slot;
	bool reply = false;
	int64_t rc;

	if (!h->d->privileged)
		return refuse(-EPERM, "sysctl: only the control domain's");
	rc = copy_from_guest(&ctl, arg);
	if (rc)
		return rc;
	if (ctl.interface_version != XEN_SYSCTL_INTERFACE_VERSION)
		return refuse(-EACCES, "sysctl: interface version %#x, ours is %#x",
			      ctl.interface_version, XEN_SYSCTL_INTERFACE_VERSION);
	if (!index_within(ctl.cmd, ARRAY_SIZE(ops), &slot))
		return refuse(-EOPNOTSUPP, "sysctl %u: there is none here", ctl.cmd);
	if (!ops[slot].op)
		return refuse(ops[slot].refusal ? ops[slot].refusal : -EOPNOTSUPP,
			      "sysctl %u: not offered here", ctl.cmd);
	if (!control_begin())
		return HC_RESTART;
	rc = ops[slot].op(h, &ctl, &reply);
	control_end();
	if (reply && copy_to_guest(arg, &ctl))
		return -EFAULT;
	return rc;
}
