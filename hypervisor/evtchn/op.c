// SPDX-License-Identifier: GPL-2.0-only
/*
 * The event-channel hypercall: copy what is asked, check, call, copy the answer back.
 *
 * All structures are the same in both widths (compat/abi32.h proves it). The calls of the FIFO
 * interface are refused, and kernels then use the two-level one.
 * In: hypercall/dispatch.c.  Out: channel.c, virq.c, pirq.c.
 */
#include "cpu/atomic.h"
#include "evtchn/channel.h"
#include "evtchn/pirq.h"
#include "guest/access.h"
#include "lib/log.h"

static int op_alloc_unbound(struct domain *caller, struct evtchn_alloc_unbound *req)
{
	struct domain *d;
	domid_t remote = req->remote_dom == DOMID_SELF ? caller->id : req->remote_dom;
	int port, rc = domain_get_target(req->dom, &d);

	if (rc)
		return rc;
	port = d->evtchn ? evtchn_alloc_unbound_for(d, remote) : -EINVAL;
	domain_put(d);
	if (port < 0)
		return port;
	req->port = (uint32_t)port;
	return 0;
}

/* With both locks held: the remote port waits for us; make a pair. */
static int pair_up(struct domain *d, struct domain *remote, uint32_t remote_port, uint32_t *out)
{
	struct evtchn *there = port_lookup(remote, remote_port), *here;
	int port;

	if (!there || there->state != EVTCHNSTAT_unbound || there->unbound.remote != d->id)
		return refuse(-EINVAL, "bind: port %u of domain %u does not wait for us",
			      remote_port, remote->id);
	if (remote->life != DOMAIN_ALIVE || d->life != DOMAIN_ALIVE)
		return refuse(-ESRCH, "bind: domain %u is dying", remote->id);
	port = port_alloc(d);
	if (port < 0)
		return port;

	here = port_lookup(d, (uint32_t)port);
	here->interdomain.remote = remote;
	here->interdomain.remote_port = remote_port;
	port_open(d, here, EVTCHNSTAT_interdomain, 0);
	there->interdomain.remote = d;
	there->interdomain.remote_port = (uint32_t)port;
	there->state = EVTCHNSTAT_interdomain;
	/* What was sent before there was anybody to hear it is not lost. */
	evtchn_set_pending(d->vcpu[0], (uint32_t)port);
	*out = (uint32_t)port;
	return 0;
}

static int op_bind_interdomain(struct domain *d, struct evtchn_bind_interdomain *req)
{
	struct domain *remote = domain_get_by_id(req->remote_dom);
	int rc;

	if (!remote)
		return refuse(-ESRCH, "bind: no domain %u", req->remote_dom);
	spin_lock_both(&d->evtchn->lock, &remote->evtchn->lock);
	rc = pair_up(d, remote, req->remote_port, &req->local_port);
	spin_unlock_both(&d->evtchn->lock, &remote->evtchn->lock);
	domain_put(remote);
	return rc;
}

static int op_bind_ipi(struct domain *d, struct evtchn_bind_ipi *req)
{
	unsigned int vcpu;
	struct evtchn *c;
	int port;

	if (!index_within(req->vcpu, d->vcpu_count, &vcpu) || !d->vcpu[vcpu])
		return refuse(-ENOENT, "bind_ipi: no vcpu %u", req->vcpu);
	spin_lock(&d->evtchn->lock);
	port = port_alloc(d);
	if (port > 0) {
		c = port_lookup(d, (uint32_t)port);
		port_open(d, c, EVTCHNSTAT_ipi, vcpu);
		req->port = (uint32_t)port;
	}
	spin_unlock(&d->evtchn->lock);
	return port > 0 ? 0 : port;
}

static int op_bind_pirq(struct domain *d, struct evtchn_bind_pirq *req)
{
	struct evtchn *c;
	int port, rc;

	spin_lock(&d->evtchn->lock);
	port = port_alloc(d);
	if (port < 0) {
		spin_unlock(&d->evtchn->lock);
		return port;
	}
	c = port_lookup(d, (uint32_t)port);
	c->pirq = req->pirq;
	port_open(d, c, EVTCHNSTAT_pirq, 0);
	rc = pirq_bind(d, req->pirq, req->flags & BIND_PIRQ__WILL_SHARE, (uint32_t)port);
	if (rc)
		port_free(d, c);
	else
		req->port = (uint32_t)port;
	spin_unlock(&d->evtchn->lock);
	return rc;
}

static void status_fill(const struct evtchn *c, struct evtchn_status *req)
{
	req->status = c->state;
	req->vcpu = c->vcpu;
	switch (c->state) {
	case EVTCHNSTAT_unbound:
		req->u.unbound.dom = c->unbound.remote;
		break;
	case EVTCHNSTAT_interdomain:
		req->u.interdomain.dom = c->interdomain.remote->id;
		req->u.interdomain.port = c->interdomain.remote_port;
		break;
	case EVTCHNSTAT_pirq:
		req->u.pirq = c->pirq;
		break;
	case EVTCHNSTAT_virq:
		req->u.virq = c->virq;
		break;
	default:
		break;
	}
}

static int op_status(struct evtchn_status *req)
{
	struct domain *d;
	struct evtchn *c;
	int rc = domain_get_target(req->dom, &d);

	if (rc)
		return rc;
	c = d->evtchn && req->port ? port_lookup(d, req->port) : NULL;
	if (c) {
		spin_lock(&d->evtchn->lock);
		status_fill(c, req);
		spin_unlock(&d->evtchn->lock);
	} else {
		rc = refuse(-EINVAL, "status: port %u does not exist", req->port);
	}
	domain_put(d);
	return rc;
}

static int op_bind_vcpu(struct domain *d, const struct evtchn_bind_vcpu *req)
{
	struct evtchn *c = port_lookup(d, req->port);
	unsigned int vcpu;
	int rc = 0;

	if (!index_within(req->vcpu, d->vcpu_count, &vcpu) || !d->vcpu[vcpu])
		return refuse(-ENOENT, "bind_vcpu: no vcpu %u", req->vcpu);
	if (!c)
		return refuse(-EINVAL, "bind_vcpu: port %u does not exist", req->port);
	spin_lock(&d->evtchn->lock);
	switch (c->state) {
	case EVTCHNSTAT_virq:
		if (!virq_is_global(c->virq)) {
			rc = -EINVAL;
			break;
		}
		c->vcpu = (uint16_t)vcpu;
		break;
	case EVTCHNSTAT_unbound:
	case EVTCHNSTAT_interdomain:
	case EVTCHNSTAT_pirq:
		c->vcpu = (uint16_t)vcpu;
		break;
	default:
		rc = -EINVAL;
		break;
	}
	spin_unlock(&d->evtchn->lock);
	return rc ? refuse(rc, "bind_vcpu: port %u is tied to its vcpu", req->port) : 0;
}

static int64_t op_reset(struct hcall *h, domid_t id)
{
	struct domain *d;
	int64_t rc = domain_get_target(id, &d);

	if (rc)
		return rc;
	rc = d->evtchn ? evtchn_reset(d, h) : -EINVAL;
	domain_put(d);
	return rc;
}

/* What all ops that a kernel may ask for in either form need: the union of their arguments. */
union request {
	struct evtchn_alloc_unbound alloc_unbound;
	struct evtchn_bind_interdomain bind_interdomain;
	struct evtchn_bind_virq bind_virq;
	struct evtchn_bind_pirq bind_pirq;
	struct evtchn_bind_ipi bind_ipi;
	struct evtchn_close close;
	struct evtchn_send send;
	struct evtchn_status status;
	struct evtchn_bind_vcpu bind_vcpu;
	struct evtchn_unmask unmask;
	struct evtchn_reset reset;
};

/* Bytes of each argument, and whether the caller wants it back. */
static const struct {
	uint8_t bytes;
	bool answers;
} shape[] = {
	[EVTCHNOP_bind_interdomain]	= { sizeof(struct evtchn_bind_interdomain), true },
	[EVTCHNOP_bind_virq]		= { sizeof(struct evtchn_bind_virq), true },
	[EVTCHNOP_bind_pirq]		= { sizeof(struct evtchn_bind_pirq), true },
	[EVTCHNOP_close]		= { sizeof(struct evtchn_close), false },
	[EVTCHNOP_send]			= { sizeof(struct evtchn_send), false },
	[EVTCHNOP_status]		= { sizeof(struct evtchn_status), true },
	[EVTCHNOP_alloc_unbound]	= { sizeof(struct evtchn_alloc_unbound), true },
	[EVTCHNOP_bind_ipi]		= { sizeof(struct evtchn_bind_ipi), true },
	[EVTCHNOP_bind_vcpu]		= { sizeof(struct evtchn_bind_vcpu), false },
	[EVTCHNOP_unmask]		= { sizeof(struct evtchn_unmask), false },
	[EVTCHNOP_reset]		= { sizeof(struct evtchn_reset), false },
};

static int64_t perform(struct hcall *h, unsigned int cmd, union request *req)
{
	struct domain *d = h->d;

	switch (cmd) {
	case EVTCHNOP_bind_interdomain:
		return op_bind_interdomain(d, &req->bind_interdomain);
	case EVTCHNOP_bind_virq:
		return virq_bind(d, req->bind_virq.virq, req->bind_virq.vcpu, &req->bind_virq.port);
	case EVTCHNOP_bind_pirq:
		return op_bind_pirq(d, &req->bind_pirq);
	case EVTCHNOP_close:
		return evtchn_close(d, req->close.port);
	case EVTCHNOP_send:
		return evtchn_send(d, req->send.port);
	case EVTCHNOP_status:
		return op_status(&req->status);
	case EVTCHNOP_alloc_unbound:
		return op_alloc_unbound(d, &req->alloc_unbound);
	case EVTCHNOP_bind_ipi:
		return op_bind_ipi(d, &req->bind_ipi);
	case EVTCHNOP_bind_vcpu:
		return op_bind_vcpu(d, &req->bind_vcpu);
	case EVTCHNOP_unmask:
		return evtchn_unmask(d, req->unmask.port);
	case EVTCHNOP_reset:
		return op_reset(h, req->reset.dom);
	default:
		return -ENOSYS;
	}
}

/* A port that was just made must not stay when the guest cannot be told its number. */
static void take_back(struct domain *d, unsigned int cmd, const union request *req)
{
	switch (cmd) {
	case EVTCHNOP_bind_interdomain:
		(void)evtchn_close(d, req->bind_interdomain.local_port);
		break;
	case EVTCHNOP_bind_virq:
		(void)evtchn_close(d, req->bind_virq.port);
		break;
	case EVTCHNOP_bind_pirq:
		(void)evtchn_close(d, req->bind_pirq.port);
		break;
	case EVTCHNOP_bind_ipi:
		(void)evtchn_close(d, req->bind_ipi.port);
		break;
	default:
		break;
	}
}

static int64_t event_op(struct hcall *h, unsigned int op, gva_t arg)
{
	union request req = { 0 };
	unsigned int cmd;
	int64_t rc;

	if (!index_within(op, ARRAY_SIZE(shape), &cmd) || !shape[cmd].bytes)
		return refuse(-ENOSYS, "event_channel_op %u: only the two-level interface", op);
	rc = guest_read(&req, arg, shape[cmd].bytes);
	if (rc)
		return rc;
	rc = perform(h, cmd, &req);
	if (!rc && shape[cmd].answers) {
		rc = guest_write(arg, &req, shape[cmd].bytes);
		if (rc)
			take_back(h->d, cmd, &req);
	}
	return rc;
}

/* The two that are not rare go by no table. */
int64_t hc_event_channel_op(struct hcall *h)
{
	unsigned int op = (unsigned int)h->args[0];
	gva_t arg = gva(h->args[1]);
	uint32_t port;

	static_assert(sizeof(struct evtchn_send) == sizeof(port) &&
		      sizeof(struct evtchn_unmask) == sizeof(port), "a port is all they are");
	if (op != EVTCHNOP_send && op != EVTCHNOP_unmask)
		return event_op(h, op, arg);
	if (copy_from_guest(&port, arg))
		return -EFAULT;
	return op == EVTCHNOP_send ? evtchn_send(h->d, port) : evtchn_unmask(h->d, port);
}

/* The form of early kernels: one structure, the number in front of the arguments. */
int64_t hc_event_channel_op_compat(struct hcall *h)
{
	gva_t op = gva(h->args[0]);
	uint32_t cmd;

	if (copy_from_guest(&cmd, op))
		return -EFAULT;
	return event_op(h, cmd, gva_add(op, offsetof(struct evtchn_op, u)));
}
