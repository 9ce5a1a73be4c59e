// SPDX-License-Identifier: GPL-2.0-only
#include "evtchn/channel.h"

#include "cpu/atomic.h"
#include "evtchn/pirq.h"
#include "evtchn/two_level.h"
#include "evtchn/vtimer.h"
#include "lib/log.h"
#include "mem/heap.h"
#include "sched/sched.h"

/* --- ports --- */

/* The highest port number d may have, and one. A limit of 0 is none but the width's. */
static uint32_t port_limit(const struct domain *d)
{
	uint32_t limit = MIN(shared_max_ports(d), EVTCHN_MAX_PORTS);

	if (d->max_evtchn_port && d->max_evtchn_port < limit)
		limit = d->max_evtchn_port + 1;
	return limit;
}

static int bucket_add(struct evtchn_table *t, unsigned int i)
{
	struct evtchn *bucket = heap_alloc_array(EVTCHN_BUCKET, sizeof(*bucket));

	if (!bucket)
		return -ENOMEM;
	for (unsigned int n = 0; n < EVTCHN_BUCKET; n++)
		bucket[n].port = i * EVTCHN_BUCKET + n;
	__atomic_store_n(&t->bucket[i], bucket, __ATOMIC_RELEASE);
	return 0;
}

int port_alloc(struct domain *d)
{
	struct evtchn_table *t = d->evtchn;
	uint32_t limit = port_limit(d);

	for (uint32_t port = 1; port < limit; port++) {
		struct evtchn *bucket = t->bucket[port / EVTCHN_BUCKET];

		if (!bucket) {
			int rc = bucket_add(t, port / EVTCHN_BUCKET);

			return rc ? rc : (int)port;
		}
		if (bucket[port % EVTCHN_BUCKET].state == EVTCHNSTAT_closed)
			return (int)port;
	}
	return refuse(-ENOSPC, "domain %u: all %u ports in use", d->id, limit - 1);
}

void port_open(struct domain *d, struct evtchn *c, uint8_t state, unsigned int vcpu)
{
	/* Whoever had the number before left no event for the new owner. */
	two_level_clear(d, c->port);
	c->vcpu = (uint16_t)vcpu;
	c->state = state;
	d->evtchn->count++;
}

void port_free(struct domain *d, struct evtchn *c)
{
	two_level_clear(d, c->port);
	c->state = EVTCHNSTAT_closed;
	c->vcpu = 0;
	d->evtchn->count--;
}

/* --- delivery --- */

static struct vcpu *port_vcpu(struct domain *d, const struct evtchn *c)
{
	return d->vcpu[c->vcpu % MAX_VCPUS];
}

/* One that polls wakes for a port that is masked, too. */
__attribute__((noinline)) static void wake_pollers(struct domain *d, uint32_t port)
{
	struct vcpu *p;

	for_each_vcpu(d, p)
		if (read_once(p->pause_flags) & VPF_POLLING &&
		    (!p->poll_port || p->poll_port == port))
			vcpu_kick(p);
}

static inline void set_pending(struct vcpu *v, uint32_t port)
{
	if (two_level_set_pending(v, port))
		vcpu_kick(v);
	if (unlikely(read_once(v->domain->evtchn->pollers)))
		wake_pollers(v->domain, port);
}

void evtchn_set_pending(struct vcpu *v, uint32_t port)
{
	set_pending(v, port);
}

static inline void port_raise(struct domain *d, const struct evtchn *c)
{
	struct vcpu *v = port_vcpu(d, c);

	if (likely(v))
		set_pending(v, c->port);
}

/* A port that is neither end of anything. Lets the lock go. */
__attribute__((noinline)) static int64_t send_nowhere(struct evtchn_table *t, struct evtchn *c)
{
	bool unbound = c->state == EVTCHNSTAT_unbound;	/* nobody is there yet, or any more */

	spin_unlock(&t->lock);
	return unbound ? 0 : refuse(-EINVAL, "send: port %u cannot be sent to", c->port);
}

int64_t evtchn_send(struct domain *d, uint32_t port)
{
	struct evtchn *c = port_lookup(d, port);
	struct evtchn_table *t = d->evtchn;

	if (!c)
		return refuse(-EINVAL, "send: port %u does not exist", port);
	spin_lock(&t->lock);
	if (c->state == EVTCHNSTAT_interdomain) {
		/* While we hold our lock the peer cannot close. */
		d = c->interdomain.remote;
		c = port_of(d, c->interdomain.remote_port);
	} else if (unlikely(c->state != EVTCHNSTAT_ipi)) {
		return send_nowhere(t, c);
	}
	port_raise(d, c);
	spin_unlock(&t->lock);
	return 0;
}

int64_t evtchn_unmask(struct domain *d, uint32_t port)
{
	struct evtchn *c = port_lookup(d, port);
	struct evtchn_table *t = d->evtchn;
	struct vcpu *v;

	if (!c)
		return refuse(-EINVAL, "unmask: port %u does not exist", port);
	spin_lock(&t->lock);
	v = port_vcpu(d, c);
	if (unlikely(c->state == EVTCHNSTAT_closed || !v)) {
		spin_unlock(&t->lock);
		return refuse(-EINVAL, "unmask: port %u is closed", port);
	}
	if (two_level_unmask(v, port))
		vcpu_kick(v);
	spin_unlock(&t->lock);
	return 0;
}

void evtchn_pirq_pending(struct domain *d, uint32_t port)
{
	struct evtchn *c = port_lookup(d, port);

	if (c && c->state == EVTCHNSTAT_pirq)
		port_raise(d, c);
}

int evtchn_is_pending(struct domain *d, uint32_t port)
{
	if (!port || !port_lookup(d, port) || port >= shared_max_ports(d))
		return -EINVAL;
	return test_bit(port, shared_evtchn_pending(d));
}

void evtchn_raise_all(struct vcpu *v)
{
	unsigned int bits = shared_word_bits(v->domain);

	for (unsigned int i = 0; i < bits; i++)
		set_bit(i, vcpu_pending_sel(v));
	write_once(*vcpu_upcall_pending(v), 1);
	vcpu_kick(v);
}

/* --- coming and going --- */

int evtchn_alloc_unbound_for(struct domain *d, domid_t remote)
{
	struct evtchn *c;
	int port;

	spin_lock(&d->evtchn->lock);
	port = d->life == DOMAIN_ALIVE ? port_alloc(d) : -ESRCH;
	if (port > 0) {
		c = port_lookup(d, (uint32_t)port);
		c->unbound.remote = remote;
		port_open(d, c, EVTCHNSTAT_unbound, 0);
	}
	spin_unlock(&d->evtchn->lock);
	return port;
}

/*
 * Lock d and, if c is interdomain, its other end: whose lock may come first, so ours is let go
 * and everything looked at again. Gives the other end's domain, with a reference, or NULL.
 */
static struct domain *lock_with_peer(struct domain *d, struct evtchn *c)
{
	struct domain *peer = NULL;

	spin_lock(&d->evtchn->lock);
	while (c->state == EVTCHNSTAT_interdomain && c->interdomain.remote != peer) {
		struct domain *next = c->interdomain.remote;

		domain_get(next);
		if (peer)
			spin_unlock_both(&d->evtchn->lock, &peer->evtchn->lock);
		else
			spin_unlock(&d->evtchn->lock);
		if (peer)
			domain_put(peer);
		peer = next;
		spin_lock_both(&d->evtchn->lock, &peer->evtchn->lock);
	}
	return peer;
}

static void unlock_with_peer(struct domain *d, struct domain *peer)
{
	if (!peer) {
		spin_unlock(&d->evtchn->lock);
		return;
	}
	spin_unlock_both(&d->evtchn->lock, &peer->evtchn->lock);
	domain_put(peer);
}

/* The other end waits for a new partner: the same domain as before. */
static void peer_to_unbound(struct domain *d, struct evtchn *c)
{
	struct domain *remote = c->interdomain.remote;
	struct evtchn *other = port_lookup(remote, c->interdomain.remote_port);

	BUG_ON(!other || other->state != EVTCHNSTAT_interdomain || other->interdomain.remote != d);
	if (other == c)
		return;
	other->unbound.remote = d->id;
	other->state = EVTCHNSTAT_unbound;
	port_raise(remote, other);	/* it should notice */
}

int evtchn_close(struct domain *d, uint32_t port)
{
	struct evtchn *c = port_lookup(d, port);
	struct domain *peer;
	uint8_t was;

	if (!c)
		return refuse(-EINVAL, "close: port %u does not exist", port);
	peer = lock_with_peer(d, c);
	was = c->state;
	switch (was) {
	case EVTCHNSTAT_interdomain:
		peer_to_unbound(d, c);
		break;
	case EVTCHNSTAT_pirq:
		pirq_unbind(d, c->pirq);
		break;
	case EVTCHNSTAT_virq:
		virq_unbind(d, c->virq, c->vcpu);
		break;
	default:
		break;
	}
	if (was != EVTCHNSTAT_closed)
		port_free(d, c);
	unlock_with_peer(d, peer);
	return was == EVTCHNSTAT_closed ? refuse(-EINVAL, "close: port %u is closed", port) : 0;
}

/* Everything d has, from where it stopped the last time: *next. */
static int64_t close_all(struct domain *d, uint32_t *next, struct hcall *h)
{
	struct evtchn *c;

	for (uint32_t port = *next; port < EVTCHN_MAX_PORTS; port++) {
		if (!d->evtchn->bucket[port / EVTCHN_BUCKET]) {
			port |= EVTCHN_BUCKET - 1;	/* none of these ever existed */
			continue;
		}
		c = port_lookup(d, port);
		if (!c || read_once(c->state) == EVTCHNSTAT_closed)
			continue;
		if (evtchn_close(d, port))
			continue;	/* somebody else did, meanwhile */
		if (h && hcall_should_yield(h)) {
			*next = port + 1;
			return HC_RESTART;
		}
	}
	*next = 0;
	return 0;
}

int64_t evtchn_reset(struct domain *d, struct hcall *h)
{
	return close_all(d, &d->evtchn->next_reset, h);
}

int64_t evtchn_relinquish(struct domain *d, struct hcall *h)
{
	struct vcpu *v;
	int64_t rc = close_all(d, &d->evtchn->next_teardown, h);

	if (rc)
		return rc;
	/* Nothing raises an event for it from now on, and nothing wakes it. */
	for (unsigned int i = 0; i < ARRAY_SIZE(d->watchdog); i++)
		timer_kill(&d->watchdog[i]);
	for_each_vcpu(d, v) {
		vtimer_vcpu_free(v);
		vcpu_info_unregister(v);
	}
	return 0;
}

int evtchn_domain_init(struct domain *d)
{
	struct evtchn_table *t = heap_alloc(sizeof(*t));

	if (!t)
		return -ENOMEM;
	spin_lock_init(&t->lock, RANK_EVTCHN);
	d->evtchn = t;
	return 0;
}

void evtchn_domain_free(struct domain *d)
{
	struct evtchn_table *t = d->evtchn;

	if (!t)
		return;
	ASSERT(!t->count);
	for (unsigned int i = 0; i < EVTCHN_BUCKETS; i++)
		heap_free(t->bucket[i]);
	heap_free(t);
	d->evtchn = NULL;
}

void evtchn_dump(struct domain *d)
{
	static const char *const states[] = { "closed", "unbound", "interdomain", "pirq", "virq",
					      "ipi" };
	struct evtchn *c;

	log_info("domain %u: %u ports", d->id, d->evtchn->count);
	for (uint32_t port = 1; port < port_limit(d); port++) {
		c = port_lookup(d, port);
		if (!c)
			break;
		if (c->state == EVTCHNSTAT_closed)
			continue;
		log_info("  %4u %-11s vcpu %u%s%s %u", port, states[c->state % 6], c->vcpu,
			 test_bit(port, shared_evtchn_pending(d)) ? " pending" : "",
			 test_bit(port, shared_evtchn_mask(d)) ? " masked" : "",
			 c->state == EVTCHNSTAT_interdomain ? c->interdomain.remote->id :
			 c->state == EVTCHNSTAT_unbound ? c->unbound.remote : c->virq);
	}
}
