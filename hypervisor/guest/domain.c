// SPDX-License-Identifier: GPL-2.0-only
#include "guest/domain.h"

#include <xen/sched.h>

#include "cpu/atomic.h"
#include "cpu/softirq.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/log.h"
#include "mem/heap.h"

struct domain *dom0, *dom_xen, *dom_io, *dom_idle;
struct list domain_list = LIST_INIT(domain_list);
spinlock_t domain_list_lock = SPINLOCK_INIT(RANK_DOMLIST);

void (*domain_stopped_hook)(struct domain *d);
void (*domain_resched_hook)(struct domain *d);
void (*domain_free_hook)(struct domain *d);

/* Of domains, given out so far. struct frame.holder has room for 32 bits, and two domains never share
 * one: there are no more domains then. */
static uint64_t serials;

/* Small numbers for whoever wants an array of domains; bit set: taken. */
static uint64_t index_taken[16];

/* With domain_list_lock held. */
static uint16_t index_take(void)
{
	for (uint16_t i = 0; i < 64 * ARRAY_SIZE(index_taken); i++)
		if (!test_and_set_bit(i, index_taken))
			return i;
	return UINT16_MAX;
}

struct domain *domain_alloc(domid_t id)
{
	struct domain *d;
	uint64_t serial = atomic_add64(&serials, 1);

	if (serial > UINT32_MAX)
		return NULL;
	d = heap_alloc(sizeof(*d));
	if (!d)
		return NULL;
	d->id = id;
	d->serial = serial;
	d->hold_one = serial << 32 | 1;
	d->refs = 1;
	d->pause_count = 1;
	d->shutdown_code = UINT32_MAX;
	d->index = UINT16_MAX;
	list_node_init(&d->link);
	list_init(&d->frames);
	spin_lock_init(&d->lock, RANK_DOMAIN);
	spin_lock_init(&d->frame_lock, RANK_FRAME_LIST);
	return d;
}

void domain_publish(struct domain *d)
{
	struct domain *at;

	spin_lock(&domain_list_lock);
	d->index = index_take();
	list_for_each_entry(at, &domain_list, link)
		if (at->id > d->id)
			break;
	/* When the loop ran out, at's node is the head: last in the list. */
	list_add_before(&at->link, &d->link);
	spin_unlock(&domain_list_lock);
}

void domain_abandon(struct domain *d)
{
	ASSERT(!list_on(&d->link));
	heap_free(d);
}

void domain_get(struct domain *d)
{
	uint32_t refs = atomic_add32(&d->refs, 1);

	BUG_ON(refs <= 1);	/* none, or too many to count */
}

/* One more, unless the last is gone already. The list's lock keeps the structure. */
static bool domain_try_get(struct domain *d)
{
	uint32_t refs = read_once(d->refs);

	while (refs) {
		uint32_t seen = cmpxchg32(&d->refs, refs, refs + 1);

		if (seen == refs)
			return true;
		refs = seen;
	}
	return false;
}

void domain_put(struct domain *d)
{
	uint32_t left = atomic_sub32(&d->refs, 1);

	BUG_ON(left == UINT32_MAX);
	if (left)
		return;
	BUG_ON(d->page_count);
	spin_lock(&domain_list_lock);
	list_del(&d->link);
	if (d->index != UINT16_MAX)
		clear_bit(d->index, index_taken);
	spin_unlock(&domain_list_lock);
	if (domain_free_hook)
		domain_free_hook(d);
	heap_free(d);
}

struct domain *domain_get_from(domid_t id)
{
	struct domain *d, *found = NULL;

	spin_lock(&domain_list_lock);
	list_for_each_entry(d, &domain_list, link) {
		if (d->id < id || !domain_try_get(d))
			continue;
		found = d;
		break;
	}
	spin_unlock(&domain_list_lock);
	return found;
}

struct domain *domain_get_by_id(domid_t id)
{
	struct domain *d, *found = NULL;

	if (id == DOMID_SELF) {
		domain_get(current_domain);
		return current_domain;
	}
	spin_lock(&domain_list_lock);
	list_for_each_entry(d, &domain_list, link) {
		if (d->id < id)
			continue;
		if (d->id == id && domain_try_get(d))
			found = d;
		break;
	}
	spin_unlock(&domain_list_lock);
	return found;
}

int domain_get_target(domid_t id, struct domain **out)
{
	struct domain *d = domain_get_by_id(id);

	*out = NULL;
	if (!d)
		return refuse(-ESRCH, "domain %u: no such domain", id);
	if (d != current_domain && !current_domain->privileged) {
		domain_put(d);
		return refuse(-EPERM, "domain %u: not the caller's to touch", id);
	}
	*out = d;
	return 0;
}

/* All vcpus of a domain that shuts down are off their CPUs: now it is shut down. Once. */
static void shutdown_check(struct domain *d)
{
	struct vcpu *v;
	bool now = false;

	spin_lock(&d->lock);
	if (d->shutting_down && !d->shut_down) {
		now = true;
		for_each_vcpu(d, v)
			if (read_once(v->running))
				now = false;
		d->shut_down = now;
	}
	spin_unlock(&d->lock);
	if (now && domain_stopped_hook)
		domain_stopped_hook(d);
}

void domain_vcpu_stopped(struct vcpu *v)
{
	if (read_once(v->domain->shutting_down))
		shutdown_check(v->domain);
}

void domain_shutdown(struct domain *d, unsigned int reason)
{
	bool first;

	spin_lock(&d->lock);
	first = !d->shutting_down;
	/* The reason counts once; a crash on the way down is worth knowing. */
	if (d->shutdown_code == UINT32_MAX)
		d->shutdown_code = reason;
	d->shutting_down = true;
	spin_unlock(&d->lock);
	if (!first)
		return;
	if (domain_resched_hook)
		domain_resched_hook(d);
	shutdown_check(d);
}

void domain_resume(struct domain *d)
{
	spin_lock(&d->lock);
	d->shutting_down = d->shut_down = false;
	d->shutdown_code = UINT32_MAX;
	d->crashed_said = false;
	spin_unlock(&d->lock);
	if (domain_resched_hook)
		domain_resched_hook(d);
}

void domain_crash_at(struct domain *d, const char *fmt, ...)
{
	char why[120];
	va_list args;
	bool say;

	va_start(args, fmt);
	vsnprintf(why, sizeof(why), fmt, args);
	va_end(args);

	spin_lock(&d->lock);
	say = !d->crashed_said;
	d->crashed_said = true;
	if (d->shutdown_code == UINT32_MAX || !d->shutting_down)
		d->shutdown_code = SHUTDOWN_crash;
	spin_unlock(&d->lock);
	if (say)
		log_warn("domain %u crashed: %s", d->id, why);
	domain_shutdown(d, SHUTDOWN_crash);
}
