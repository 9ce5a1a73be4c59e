// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a guest says about running: not now, not until an event, not any more.
 *
 * In: dispatch.c, compat/sched.c.  Out: sched/, guest/domain.c.
 * Locks: d->lock for the watchdogs' slots.
 */
#include "hypercall/hypercall.h"

#include <xen/sched.h>

#include "cpu/atomic.h"
#include "cpu/softirq.h"
#include "evtchn/channel.h"
#include "guest/access.h"
#include "lib/log.h"
#include "sched/sched.h"
#include "time/clock.h"
#include "time/timer.h"

#define POLL_PORTS_MAX	128u

/* --- yield, block, poll --- */

/* SCHEDOP_block lets upcalls in, as STI before HLT does. */
static int64_t op_block(struct vcpu *v)
{
	write_once(*vcpu_upcall_mask(v), 0);
	smp_mb();
	sched_block(v);
	return 0;
}

static void poll_timeout(void *arg)
{
	struct vcpu *v = arg;

	if (read_once(v->pause_flags) & VPF_POLLING)
		vcpu_kick(v);
}

static void poll_end(struct vcpu *v)
{
	atomic_and32(&v->pause_flags, ~(VPF_BLOCKED | VPF_POLLING));
}

/* Is one of the ports pending already? 1 yes, 0 no, or -errno. */
static int poll_look(struct domain *d, gva_t ports, uint32_t count, uint32_t *last)
{
	for (uint32_t i = 0; i < count; i++) {
		evtchn_port_t port;
		int rc;

		if (copy_from_guest_at(&port, ports, i))
			return -EFAULT;
		rc = evtchn_is_pending(d, port);
		if (rc)
			return rc < 0 ? refuse(rc, "poll: no port %u", port) : rc;
		*last = port;
	}
	return 0;
}

/*
 * Sleep until one of the ports has an event, masked or not, or the time has come. The flags go up
 * before we look, so that an event that comes after we looked wakes us.
 */
int64_t sched_poll(struct vcpu *v, gva_t ports, uint32_t count, uint64_t timeout)
{
	uint32_t port = 0;
	int rc;

	if (count > POLL_PORTS_MAX)
		return refuse(-EINVAL, "poll: %u ports, at most %u", count, POLL_PORTS_MAX);
	if (!guest_array_ok(ports, count, sizeof(evtchn_port_t)))
		return -EFAULT;
	v->poll_port = 0;
	write_once(v->domain->evtchn->pollers, 1);
	atomic_or32(&v->pause_flags, VPF_BLOCKED | VPF_POLLING);

	rc = event_deliverable(v) ? 1 : poll_look(v->domain, ports, count, &port);
	if (rc) {
		poll_end(v);
		return rc < 0 ? rc : 0;
	}
	if (count == 1)
		v->poll_port = port;
	if (timeout) {
		if (!v->poll_timer.fn)
			timer_setup(&v->poll_timer, poll_timeout, v);
		timer_set(&v->poll_timer, timeout);
	}
	softirq_raise(SOFTIRQ_SCHED);
	return 0;
}

static int64_t op_poll(struct vcpu *v, gva_t arg)
{
	struct sched_poll req;

	if (copy_from_guest(&req, arg))
		return -EFAULT;
	return sched_poll(v, handle_gva(req.ports), req.nr_ports, req.timeout);
}

/* --- shutting down --- */

static int64_t op_shutdown(struct domain *d, gva_t arg)
{
	struct sched_shutdown req;

	if (copy_from_guest(&req, arg))
		return -EFAULT;
	domain_shutdown(d, (uint8_t)req.reason);
	return 0;
}

/* Say why before it happens: some kernels stop in a way that cannot. */
static int64_t op_shutdown_code(struct domain *d, gva_t arg)
{
	struct sched_shutdown req;

	if (copy_from_guest(&req, arg))
		return -EFAULT;
	spin_lock(&d->lock);
	if (d->shutdown_code == UINT32_MAX)
		d->shutdown_code = (uint8_t)req.reason;
	spin_unlock(&d->lock);
	return 0;
}

static int64_t op_remote_shutdown(struct domain *caller, gva_t arg)
{
	struct sched_remote_shutdown req;
	struct domain *d;

	if (copy_from_guest(&req, arg))
		return -EFAULT;
	if (!caller->privileged)
		return refuse(-EPERM, "remote_shutdown: the control domain's");
	d = domain_get_by_id(req.domain_id);
	if (!d)
		return refuse(-ESRCH, "remote_shutdown: no domain %u", req.domain_id);
	domain_shutdown(d, (uint8_t)req.reason);
	domain_put(d);
	return 0;
}

/* --- watchdogs: a slot is in use while its timer has a function --- */

static void watchdog_fired(void *arg)
{
	struct domain *d = arg;

	log_warn("domain %u: its watchdog was not fed in time", d->id);
	domain_shutdown(d, SHUTDOWN_watchdog);
}

/* With d->lock held. Gives the number of a new one, or 0. */
static int64_t watchdog_set(struct domain *d, uint32_t id, uint32_t seconds)
{
	uint64_t at = clock_now_ns() + seconds * NS_PER_SEC;
	unsigned int slot;

	if (!id) {
		if (!seconds)
			return -EINVAL;
		for (slot = 0; slot < ARRAY_SIZE(d->watchdog); slot++)
			if (!d->watchdog[slot].fn) {
				timer_setup(&d->watchdog[slot], watchdog_fired, d);
				timer_set(&d->watchdog[slot], at);
				return slot + 1;
			}
		return -ENOSPC;
	}
	if (!index_within(id - 1, ARRAY_SIZE(d->watchdog), &slot) || !d->watchdog[slot].fn)
		return -EINVAL;
	if (seconds) {
		timer_set(&d->watchdog[slot], at);
	} else {
		timer_stop(&d->watchdog[slot]);
		d->watchdog[slot].fn = NULL;
	}
	return 0;
}

static int64_t op_watchdog(struct domain *d, gva_t arg)
{
	struct sched_watchdog req;
	int64_t rc;

	if (copy_from_guest(&req, arg))
		return -EFAULT;
	spin_lock(&d->lock);
	rc = watchdog_set(d, req.id, req.timeout);
	spin_unlock(&d->lock);
	return rc < 0 ? refuse((int)rc, "watchdog %u, %u s", req.id, req.timeout) : rc;
}

int64_t hc_sched_op(struct hcall *h)
{
	unsigned int cmd = (unsigned int)h->args[0];
	gva_t arg = gva(h->args[1]);

	switch (cmd) {
	case SCHEDOP_yield:
		sched_give_way(h->v);
		return 0;
	case SCHEDOP_block:
		return op_block(h->v);
	case SCHEDOP_shutdown:
		return op_shutdown(h->d, arg);
	case SCHEDOP_poll:
		return op_poll(h->v, arg);
	case SCHEDOP_remote_shutdown:
		return op_remote_shutdown(h->d, arg);
	case SCHEDOP_shutdown_code:
		return op_shutdown_code(h->d, arg);
	case SCHEDOP_watchdog:
		return op_watchdog(h->d, arg);
	case SCHEDOP_pin_override:
		return refuse(h->d->privileged ? -EOPNOTSUPP : -EPERM,
			      "pin_override: vcpus are pinned by their affinity only");
	default:
		return refuse(-ENOSYS, "sched_op %u: no such op", cmd);
	}
}

/* The form of early kernels: the reason of a shutdown is the argument itself. */
int64_t hc_sched_op_compat(struct hcall *h)
{
	switch ((unsigned int)h->args[0]) {
	case SCHEDOP_yield:
		sched_give_way(h->v);
		return 0;
	case SCHEDOP_block:
		return op_block(h->v);
	case SCHEDOP_shutdown:
		domain_shutdown(h->d, (uint8_t)h->args[1]);
		return 0;
	default:
		return refuse(-ENOSYS, "sched_op_compat %lu: no such op", h->args[0]);
	}
}
