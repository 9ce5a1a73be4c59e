// SPDX-License-Identifier: GPL-2.0-only
/*
 * Event channels: the guest's interrupts.
 *
 * A port is a number of one domain, in one of the states below. An event sent to it sets a bit in
 * the shared page of the domain at the other end (evtchn/two_level.h), which makes one of its vcpus
 * go through its event callback.
 *
 *	free -alloc_unbound-> unbound -bind_interdomain (by the peer)-> interdomain
 *	free -bind_interdomain-> interdomain      free -bind_virq/ipi/pirq-> virq, ipi, pirq
 *	any -close-> free; the peer of an interdomain port goes back to unbound
 *
 * Ports are kept in buckets that are made as the numbers grow and stay until the domain's structure
 * goes: a port that exists once exists for ever, so looking it up needs no lock.
 * Invariant: an interdomain port's peer is interdomain and names it back.
 * Locks: table->lock (RANK_EVTCHN) guards the states of a domain's ports; two domains' are taken by
 * spin_lock_both(). Sending needs only the sender's own. Physical interrupts are delivered
 * with no lock: the interrupt's own is held.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <xen/event_channel.h>

#include "guest/domain.h"
#include "guest/hcall.h"
#include "guest/shared.h"
#include "lib/bits.h"
#include "lib/bug.h"

must_check int evtchn_domain_init(struct domain *d);
void evtchn_domain_free(struct domain *d);
/* Close everything of a dying domain. 0 or HC_RESTART. h may be NULL: not restartable. */
int64_t evtchn_relinquish(struct domain *d, struct hcall *h);

/* Port port of v's domain has an event, which v shall hear. */
void evtchn_set_pending(struct vcpu *v, uint32_t port);
/* What EVTCHNOP_send does, for d. Fails: -EINVAL the port cannot be sent to. */
int64_t evtchn_send(struct domain *d, uint32_t port);
/* What EVTCHNOP_unmask does. */
int64_t evtchn_unmask(struct domain *d, uint32_t port);
/* A new port of d that remote may bind to: the port, or -errno. */
int evtchn_alloc_unbound_for(struct domain *d, domid_t remote);
/* The interrupt behind a pirq port came. Takes no event-channel lock. */
void evtchn_pirq_pending(struct domain *d, uint32_t port);
int evtchn_close(struct domain *d, uint32_t port);
/* Close everything d has. 0 or HC_RESTART. */
int64_t evtchn_reset(struct domain *d, struct hcall *h);

/* Is the bit of this port set in the shared page? (SCHEDOP_poll) -EINVAL: no such port. */
int evtchn_is_pending(struct domain *d, uint32_t port);

/* Virtual interrupts: nothing happens when nobody has bound it. */
void virq_send_vcpu(struct vcpu *v, unsigned int virq);
void virq_send_domain(struct domain *d, unsigned int virq);
void virq_send_global(unsigned int virq);	/* to the control domain, or who has taken it */

/* Would this vcpu go through its event callback now? */
static inline bool event_deliverable(struct vcpu *v)
{
	return *vcpu_upcall_pending(v) && !*vcpu_upcall_mask(v);
}

/* Everything of v's that is pending shall be looked at again: its vcpu_info has moved. */
void evtchn_raise_all(struct vcpu *v);

int64_t hc_event_channel_op(struct hcall *h);
int64_t hc_event_channel_op_compat(struct hcall *h);

void evtchn_dump(struct domain *d);		/* debug key e */

/* --- inside this room --- */

struct evtchn {
	uint8_t state;			/* EVTCHNSTAT_* */
	volatile uint16_t vcpu;		/* who is told */
	uint32_t port;
	union {
		struct { domid_t remote; } unbound;
		struct { struct domain *remote; uint32_t remote_port; } interdomain;
		uint32_t pirq, virq;
	};
};

#define EVTCHN_BUCKET		64u
#define EVTCHN_MAX_PORTS	4096u
#define EVTCHN_BUCKETS		(EVTCHN_MAX_PORTS / EVTCHN_BUCKET)

struct evtchn_table {
	spinlock_t lock;
	unsigned int count;		/* ports that are not free */
	uint32_t next_reset;		/* where a reset goes on: its guest may never do so */
	uint32_t next_teardown;		/* where teardown goes on; nobody else's, so none is missed */
	volatile uint32_t pollers;	/* vcpus in SCHEDOP_poll */
	struct evtchn *volatile bucket[EVTCHN_BUCKETS];
};

/* The port's slot, NULL: no such port has ever existed. Port 0 is one that is always closed. */
static inline struct evtchn *port_lookup(struct domain *d, uint32_t port)
{
	struct evtchn *bucket;
	unsigned int slot;

	if (unlikely(!index_within(port, EVTCHN_MAX_PORTS, &slot)))
		return NULL;
	bucket = d->evtchn->bucket[slot / EVTCHN_BUCKET];
	return likely(bucket) ? &bucket[slot % EVTCHN_BUCKET] : NULL;
}
/* The same where we know that it is there. */
static inline struct evtchn *port_of(struct domain *d, uint32_t port)
{
	return &d->evtchn->bucket[port / EVTCHN_BUCKET][port % EVTCHN_BUCKET];
}
/* With d's lock held: a free port, still free. Gives the port or -ENOSPC, -ENOMEM. */
int port_alloc(struct domain *d);
void port_open(struct domain *d, struct evtchn *c, uint8_t state, unsigned int vcpu);
void port_free(struct domain *d, struct evtchn *c);

bool virq_is_global(unsigned int virq);
int virq_bind(struct domain *d, unsigned int virq, unsigned int vcpu, uint32_t *port);
void virq_unbind(struct domain *d, unsigned int virq, unsigned int vcpu);
