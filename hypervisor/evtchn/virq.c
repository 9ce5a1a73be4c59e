// SPDX-License-Identifier: GPL-2.0-only
/*
 * Virtual interrupts: the timer of each vcpu, and news of the machine for the control domain.
 *
 * Invariant: virq_port[n] of a vcpu (or of the domain, for the machine-wide ones) names a port in
 * state virq, or is 0.
 * Locks: the table's, of the domain that has bound it.
 */
#include "cpu/atomic.h"
#include "evtchn/channel.h"
#include "lib/log.h"

/* All that are not one vcpu's own are the machine's. */
bool virq_is_global(unsigned int virq)
{
	switch (virq) {
	case VIRQ_TIMER:
	case VIRQ_DEBUG:
	case VIRQ_XENOPROF:
	case VIRQ_XENPMU:
		return false;
	default:
		return true;
	}
}

static uint16_t *virq_slot(struct domain *d, unsigned int virq, unsigned int vcpu)
{
	return virq_is_global(virq) ? &d->virq_port[virq] : &d->vcpu[vcpu]->virq_port[virq];
}

int virq_bind(struct domain *d, unsigned int virq, unsigned int vcpu, uint32_t *out)
{
	unsigned int n, id;
	struct evtchn *c;
	int port;

	if (!index_within(virq, NR_VIRQS, &n))
		return refuse(-EINVAL, "virq %u: no such one", virq);
	if (!index_within(vcpu, d->vcpu_count, &id) || !d->vcpu[id])
		return refuse(-ENOENT, "virq %u: no vcpu %u", virq, vcpu);
	if (virq_is_global(n) && id)
		return refuse(-EINVAL, "virq %u is the machine's: only vcpu 0 may bind it", n);
	if (virq_is_global(n) && !d->privileged)
		return refuse(-EPERM, "virq %u is the control domain's", n);

	spin_lock(&d->evtchn->lock);
	if (*virq_slot(d, n, id)) {
		spin_unlock(&d->evtchn->lock);
		return refuse(-EEXIST, "virq %u of vcpu %u is bound", n, id);
	}
	port = port_alloc(d);
	if (port > 0) {
		c = port_lookup(d, (uint32_t)port);
		c->virq = n;
		port_open(d, c, EVTCHNSTAT_virq, id);
		write_once(*virq_slot(d, n, id), (uint16_t)port);
		*out = (uint32_t)port;
	}
	spin_unlock(&d->evtchn->lock);
	return port > 0 ? 0 : port;
}

/* A machine-wide one may have been moved to another vcpu; its slot is the domain's all the same. */
void virq_unbind(struct domain *d, unsigned int virq, unsigned int vcpu)
{
	write_once(*virq_slot(d, virq, vcpu), 0);
}

void virq_send_vcpu(struct vcpu *v, unsigned int virq)
{
	uint16_t port = read_once(v->virq_port[virq]);

	if (port)
		evtchn_set_pending(v, port);
}

void virq_send_domain(struct domain *d, unsigned int virq)
{
	uint16_t port = read_once(d->virq_port[virq]);
	struct evtchn *c = port ? port_lookup(d, port) : NULL;
	struct vcpu *v = c ? d->vcpu[c->vcpu % MAX_VCPUS] : NULL;

	if (v)
		evtchn_set_pending(v, port);
}

void virq_send_global(unsigned int virq)
{
	if (dom0)
		virq_send_domain(dom0, virq);
}
