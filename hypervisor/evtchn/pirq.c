// SPDX-License-Identifier: GPL-2.0-only
/* Physical interrupts handed to a guest (the story is in pirq.h). */
#include "evtchn/pirq.h"

#include "cpu/atomic.h"
#include "evtchn/channel.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "lib/log.h"
#include "machine/msi.h"
#include "mem/heap.h"
#include "paging/type.h"

struct pirq {
	struct domain *d;
	struct irq_desc *desc;		/* NULL: not mapped */
	volatile uint32_t port;		/* 0: not bound */
	uint16_t first, count;		/* of the row it was mapped with */
};

struct pirq_table {
	spinlock_t lock;
	struct frame *eoi_frame;	/* a writable reference, or NULL */
	void *eoi_map;			/* bit n: pirq n needs an EOI */
	bool eoi_unmasks;
	struct pirq *slot;		/* PIRQ_MAX of them; NULL: the domain drives no hardware */
};

int pirq_domain_init(struct domain *d)
{
	struct pirq_table *t = heap_alloc(sizeof(*t));

	if (!t)
		return -ENOMEM;
	spin_lock_init(&t->lock, RANK_PIRQ);
	if (d->privileged) {
		t->slot = heap_alloc_array(PIRQ_MAX, sizeof(*t->slot));
		if (!t->slot) {
			heap_free(t);
			return -ENOMEM;
		}
	}
	d->pirq = t;
	return 0;
}

void pirq_domain_free(struct domain *d)
{
	if (!d->pirq)
		return;
	pirq_relinquish(d);
	heap_free(d->pirq->slot);
	heap_free(d->pirq);
	d->pirq = NULL;
}

/* The slot of a number a guest said; NULL: it cannot exist. */
static struct pirq *slot_of(struct pirq_table *t, uint64_t pirq)
{
	unsigned int slot;

	return t->slot && index_within(pirq, PIRQ_MAX, &slot) ? &t->slot[slot] : NULL;
}

static unsigned int number_of(const struct pirq_table *t, const struct pirq *p)
{
	return (unsigned int)(p - t->slot);
}

/* --- delivery --- */

static void deliver(struct irq_desc *desc)
{
	struct pirq *p = read_once(desc->owner);
	uint32_t port = p ? p->port : 0;

	if (port)
		evtchn_pirq_pending(p->d, port);
}

static void publish_eoi_need(struct pirq_table *t, const struct pirq *p)
{
	if (!t->eoi_map)
		return;
	if (p->desc && p->port && p->desc->level)
		set_bit(number_of(t, p), t->eoi_map);
	else
		clear_bit(number_of(t, p), t->eoi_map);
}

int pirq_bind(struct domain *d, unsigned int pirq, bool share, uint32_t port)
{
	struct pirq_table *t = d->pirq;
	struct pirq *p = slot_of(t, pirq);
	int rc;

	(void)share;
	if (!p)
		return refuse(-EINVAL, "pirq %u: no such number", pirq);
	spin_lock(&t->lock);
	if (!p->desc)
		rc = refuse(-EINVAL, "pirq %u: not mapped", pirq);
	else if (p->port)
		rc = refuse(-EEXIST, "pirq %u: bound to port %u", pirq, p->port);
	else
		rc = irq_claim(p->desc, deliver, p);
	if (!rc) {
		p->port = port;
		publish_eoi_need(t, p);	/* before it can come */
		rc = irq_start(p->desc);
		if (rc) {
			p->port = 0;
			publish_eoi_need(t, p);
			irq_release(p->desc);
		}
	}
	spin_unlock(&t->lock);
	return rc;
}

/* The table's lock is held. */
static void unbind(struct pirq_table *t, struct pirq *p)
{
	if (!p->port)
		return;
	p->port = 0;
	publish_eoi_need(t, p);
	irq_release(p->desc);
}

void pirq_unbind(struct domain *d, unsigned int pirq)
{
	struct pirq_table *t = d->pirq;
	struct pirq *p = slot_of(t, pirq);

	if (!p)
		return;
	spin_lock(&t->lock);
	unbind(t, p);
	spin_unlock(&t->lock);
}

/* --- mapping --- */

static bool row_free(struct pirq_table *t, unsigned int first, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		if (t->slot[first + i].desc)
			return false;
	return true;
}

/* Where a row goes: where it is wanted, or anywhere. The table's lock is held. */
static int find_row(struct pirq_table *t, int wanted, unsigned int from, unsigned int count)
{
	if (wanted >= 0) {
		if ((unsigned int)wanted + count > PIRQ_MAX)
			return -EINVAL;
		return row_free(t, (unsigned int)wanted, count) ? wanted : -EBUSY;
	}
	for (unsigned int at = from; at + count <= PIRQ_MAX; at += count)
		if (row_free(t, at, count))
			return (int)at;
	return -ENOSPC;
}

static void fill_row(struct domain *d, unsigned int first, unsigned int count, struct irq_desc *desc)
{
	for (unsigned int i = 0; i < count; i++) {
		struct pirq *p = &d->pirq->slot[first + i];

		p->d = d;
		p->desc = desc + i;
		p->first = (uint16_t)first;
		p->count = (uint16_t)count;
	}
}

int pirq_map_gsi(struct domain *d, int gsi, int *pirq)
{
	struct pirq_table *t = d->pirq;
	struct irq_desc *desc;
	struct pirq *there;
	int at;

	if (!t->slot)
		return refuse(-EPERM, "gsi %d: the domain drives no hardware", gsi);
	desc = gsi < 0 ? NULL : irq_of_gsi((unsigned int)gsi);
	if (!desc)
		return refuse(-EINVAL, "gsi %d: there is no such pin", gsi);
	if (*pirq < 0)
		*pirq = gsi;
	there = slot_of(t, (uint64_t)*pirq);
	if (!there)
		return refuse(-EINVAL, "pirq %d: no such number", *pirq);

	spin_lock(&t->lock);
	at = there->desc == desc ? *pirq : find_row(t, *pirq, 0, 1);
	if (at >= 0)
		fill_row(d, (unsigned int)at, 1, desc);
	spin_unlock(&t->lock);
	return at < 0 ? refuse(at, "pirq %d: taken", *pirq) : 0;
}

/* A device's messages, allocated, get their numbers. */
static int map_messages(struct domain *d, struct irq_desc *first, unsigned int count, int *pirq)
{
	struct pirq_table *t = d->pirq;
	int at;

	spin_lock(&t->lock);
	at = find_row(t, *pirq, IRQ_GSI_MAX, count);
	if (at >= 0)
		fill_row(d, (unsigned int)at, count, first);
	spin_unlock(&t->lock);
	if (at < 0) {
		msi_free(first);
		return refuse(at, "pirq %d: cannot be had for %u messages", *pirq, count);
	}
	*pirq = at;
	return 0;
}

int pirq_map_msi(struct domain *d, struct pci_address at, unsigned int count, int *pirq)
{
	struct irq_desc *first;
	int rc;

	if (!d->pirq->slot)
		return refuse(-EPERM, "msi: the domain drives no hardware");
	rc = msi_alloc(at, count, &first);
	return rc ? rc : map_messages(d, first, count, pirq);
}

int pirq_map_msix(struct domain *d, struct pci_address at, unsigned int entry, uint64_t table_base,
		  int *pirq)
{
	struct irq_desc *desc;
	int rc;

	if (!d->pirq->slot)
		return refuse(-EPERM, "msi-x: the domain drives no hardware");
	rc = msix_alloc(at, entry, table_base, &desc);
	return rc ? rc : map_messages(d, desc, 1, pirq);
}

/* Take a row out of the table. Gives the messages to free, if that is what they were. */
static struct irq_desc *empty_row(struct pirq_table *t, struct pirq *first)
{
	struct irq_desc *desc = first->desc;
	unsigned int count = first->count;

	for (unsigned int i = 0; i < count; i++) {
		unbind(t, &first[i]);
		first[i].desc = NULL;
		first[i].count = 0;
	}
	return desc->number < IRQ_GSI_MAX ? NULL : desc;
}

int pirq_unmap(struct domain *d, int pirq)
{
	struct pirq_table *t = d->pirq;
	struct pirq *p = pirq < 0 ? NULL : slot_of(t, (uint64_t)pirq);
	struct irq_desc *messages = NULL;
	int rc = 0;

	if (!p)
		return refuse(-EINVAL, "pirq %d: no such number", pirq);
	spin_lock(&t->lock);
	if (!p->desc || p->first != pirq)
		rc = -EINVAL;
	else
		messages = empty_row(t, p);
	spin_unlock(&t->lock);
	if (messages)
		msi_free(messages);
	return rc ? refuse(rc, "pirq %d: not mapped, or not the first of its row", pirq) : 0;
}

int pirq_find_free(struct domain *d, bool message)
{
	struct pirq_table *t = d->pirq;
	int at;

	if (!t->slot)
		return refuse(-EPERM, "pirq: the domain drives no hardware");
	spin_lock(&t->lock);
	at = find_row(t, -1, message ? IRQ_GSI_MAX : 0, 1);
	spin_unlock(&t->lock);
	return at;
}

void pirq_relinquish(struct domain *d)
{
	struct pirq_table *t = d->pirq;
	struct irq_desc *messages;
	struct frame *eoi;

	for (unsigned int i = 0; t->slot && i < PIRQ_MAX; i++) {
		messages = NULL;
		spin_lock(&t->lock);
		if (t->slot[i].desc)
			messages = empty_row(t, &t->slot[i]);
		spin_unlock(&t->lock);
		if (messages)
			msi_free(messages);
	}
	spin_lock(&t->lock);
	eoi = t->eoi_frame;
	t->eoi_frame = NULL;
	t->eoi_map = NULL;
	spin_unlock(&t->lock);
	if (eoi)
		frame_put_and_type(eoi);
}

/* --- end of interrupt --- */

int pirq_eoi(struct domain *d, unsigned int pirq)
{
	struct pirq_table *t = d->pirq;
	struct pirq *p = slot_of(t, pirq);
	uint32_t port = 0;

	if (!p)
		return refuse(-EINVAL, "pirq %u: no such number", pirq);
	spin_lock(&t->lock);
	if (p->desc && p->port) {
		irq_eoi(p->desc);
		if (t->eoi_unmasks)
			port = p->port;
	}
	spin_unlock(&t->lock);
	if (port)
		evtchn_unmask(d, port);
	return 0;
}

void pirq_eoi_unmasked(struct domain *d)
{
	struct pirq_table *t = d->pirq;
	struct pirq *p;

	spin_lock(&t->lock);
	for (unsigned int i = 0; t->slot && i < PIRQ_MAX; i++) {
		p = &t->slot[i];
		if (p->desc && p->port && p->port < shared_max_ports(d) &&
		    !test_bit(p->port, shared_evtchn_mask(d)))
			irq_eoi(p->desc);
	}
	spin_unlock(&t->lock);
}

int pirq_needs_eoi(struct domain *d, unsigned int pirq, bool *needed)
{
	struct pirq_table *t = d->pirq;
	struct pirq *p = slot_of(t, pirq);

	if (!p)
		return refuse(-EINVAL, "pirq %u: no such number", pirq);
	/* A pin may yet be told to be level, so a guest without a map is told yes for all of them. */
	spin_lock(&t->lock);
	*needed = !p->desc || p->desc->number < IRQ_GSI_MAX;
	spin_unlock(&t->lock);
	return 0;
}

int pirq_set_eoi_map(struct domain *d, gfn_t page, bool unmasks)
{
	struct pirq_table *t = d->pirq;
	struct frame *f;
	int rc;

	rc = frame_get_owned(d, page, &f);
	if (rc)
		return rc;
	rc = type_get(f, PT_WRITABLE, NULL);
	if (rc) {
		frame_put(f);
		return rc;
	}
	spin_lock(&t->lock);
	if (t->eoi_frame || d->life != DOMAIN_ALIVE) {
		rc = -EBUSY;
	} else {
		t->eoi_frame = f;
		t->eoi_map = frame_map(f);
		t->eoi_unmasks = unmasks;
		for (unsigned int i = 0; t->slot && i < PIRQ_MAX; i++)
			publish_eoi_need(t, &t->slot[i]);
	}
	spin_unlock(&t->lock);
	if (rc) {
		frame_put_and_type(f);
		return refuse(rc, "pirq: there is an EOI map already");
	}
	return 0;
}
