// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mapping a granted frame into the caller's page tables, and taking it out again.
 *
 * Order of taking: handle, pin, frame, entry; each undone if the next fails. Order of giving back:
 * entry, flush, frame, pin, handle: as long as any CPU may have the translation cached, the granter
 * is told that its frame is in use.
 * In: op.c.  Out: table.c, paging/update.c (the entry).
 */
#include "cpu/atomic.h"
#include "grant/table.h"
#include "lib/log.h"
#include "paging/l1.h"
#include "paging/paging.h"

#define AVAIL_SHIFT	9	/* where PTE_AVAIL begins */

/* The entry: on success it holds the references to f. */
static inline int map_host(struct vcpu *v, const struct gnttab_map_grant_ref *op, struct frame *f)
{
	uint64_t avail = ((uint64_t)op->flags >> _GNTMAP_guest_avail0) << AVAIL_SHIFT & PTE_AVAIL;
	pte_t pte = pte_for_granted(v->domain, f, op->flags & GNTMAP_readonly,
				    !(op->flags & GNTMAP_application_map), avail);

	return grant_map_l1(v, op->flags & GNTMAP_contains_pte, op->host_addr, pte) ?
		GNTST_general_error : GNTST_okay;
}

/* One use of the grant: a pin, and references to the frame. */
static inline int use_get(struct vcpu *v, struct domain *granter, const struct gnttab_map_grant_ref *op,
		   struct grant_pin *pin, struct frame **f)
{
	bool write = !(op->flags & GNTMAP_readonly);
	int status = grant_acquire(granter, op->ref, v->domain, write, pin);

	if (status)
		return status;
	status = grant_frame_get(granter, pin->said, write, f);
	if (status)
		grant_release(pin);
	return status;
}

static void use_put(const struct grant_pin *pin, struct frame *f)
{
	grant_frame_put(f, pin->write);
	grant_release(pin);
}

/* Both kinds of map are of one frame: while an entry is pinned, its frame stays what it was. */
static inline int map_uses(struct vcpu *v, struct domain *granter, struct gnttab_map_grant_ref *op,
		    struct frame **f)
{
	struct grant_pin pin, device_pin;
	int status = GNTST_okay;

	if (unlikely(op->flags & GNTMAP_device_map)) {
		status = use_get(v, granter, op, &device_pin, f);
		if (status)
			return status;
	}
	if (likely(op->flags & GNTMAP_host_map)) {
		status = use_get(v, granter, op, &pin, f);
		if (!status) {
			status = map_host(v, op, *f);
			if (status)
				use_put(&pin, *f);
		}
		/* *f is the device map's, whichever step failed. */
		if (status && op->flags & GNTMAP_device_map)
			use_put(&device_pin, *f);
	}
	if (!status)
		op->dev_bus_addr = frame_pa(*f);
	return status;
}

void grant_map(struct vcpu *v, struct gnttab_map_grant_ref *op)
{
	struct grant_table *t = v->domain->grant;
	struct domain *granter;
	struct grant_track *k;
	struct frame *f = NULL;
	uint32_t handle;

	if (unlikely(!(op->flags & (GNTMAP_host_map | GNTMAP_device_map)))) {
		op->status = GNTST_bad_gntref;
		return;
	}
	granter = grant_peer_get(v->domain, op->dom);
	if (unlikely(!granter)) {
		op->status = GNTST_bad_domain;
		return;
	}
	k = likely(granter->life == DOMAIN_ALIVE) ? grant_track_alloc(t, &handle) : NULL;
	if (unlikely(!k)) {
		op->status = granter->life != DOMAIN_ALIVE ? GNTST_bad_domain : GNTST_no_space;
		grant_peer_put(v->domain, granter);
		return;
	}
	op->status = (int16_t)map_uses(v, granter, op, &f);
	if (unlikely(op->status)) {
		spin_lock(&t->track_lock);
		grant_track_free(t, k, handle);
		spin_unlock(&t->track_lock);
		grant_peer_put(v->domain, granter);
		return;
	}
	/* The slot is ours alone until it says whose the grant is: the guest's to name when it is whole. */
	k->frame = f;
	k->ref = op->ref;
	k->flags = (uint16_t)op->flags;
	smp_wmb();
	write_once(k->granter, granter);
	op->handle = handle;
}

/*
 * Claim what is to be undone, so that nobody else undoes it too. Gives which kinds of map. The claim
 * keeps the slot, and the slot its reference to the granter, until grant_unmap_finish().
 */
static inline uint16_t track_claim(struct domain *d, struct grant_unmapping *u, uint16_t *flags)
{
	struct grant_table *t = d->grant;
	struct grant_track *k;
	uint16_t kinds = 0;

	spin_lock(&t->track_lock);
	k = grant_track_find(t, u->req.handle);
	if (likely(k)) {
		if (u->req.host_addr)
			kinds |= k->flags & GNTMAP_host_map;
		if (u->req.dev_bus_addr)
			kinds |= k->flags & GNTMAP_device_map;
		*flags = k->flags;
		u->frame = k->frame;
		u->pin = (struct grant_pin){ k->granter, k->ref, !(k->flags & GNTMAP_readonly), gfn(0) };
		k->flags &= (uint16_t)~kinds;
		k->claims++;
	}
	spin_unlock(&t->track_lock);
	return kinds;
}

/* What could not be undone stays as it was. */
static void track_unclaim(struct domain *d, uint32_t handle, uint16_t kinds)
{
	spin_lock(&d->grant->track_lock);
	/* A guest's word, but one that its claim made good (and clamps again). */
	grant_track_find(d->grant, handle)->flags |= kinds;
	spin_unlock(&d->grant->track_lock);
}

/* Set the entry that a walk ended in. Where the guest's tables continue in ours, nobody owns it. */
static int set_walked(struct domain *d, const struct guest_walk *walk, gpte_t want)
{
	struct frame *table = walk->table[1];
	int rc;

	if (walk->level != 1 || !frame_get(table, d))
		return -EINVAL;
	rc = pt_update_entry(d, d, table, walk->slot[1], want, false, NULL);
	frame_put(table);
	return rc;
}

/* Move the mapping at new_addr to where the grant was. */
static int replace(struct vcpu *v, bool is_pte, uint64_t host_addr, uint64_t new_addr)
{
	struct guest_walk from, to;
	struct domain *d = v->domain;

	if (is_pte || !guest_walk(v, new_addr, &from) || from.level != 1)
		return GNTST_general_error;
	guest_walk(v, host_addr, &to);
	if (set_walked(d, &to, gpte(from.e[1].raw)) || set_walked(d, &from, gpte(0)))
		return GNTST_general_error;
	return GNTST_okay;
}

static inline int unmap_host(struct vcpu *v, struct grant_unmapping *u, uint16_t flags)
{
	bool is_pte = flags & GNTMAP_contains_pte;

	if (grant_unmap_l1(v, is_pte, u->req.host_addr, u->frame, u->pin.write))
		return GNTST_general_error;
	u->host = true;
	if (u->new_addr)
		return replace(v, is_pte, u->req.host_addr, u->new_addr);
	return GNTST_okay;
}

void grant_unmap_start(struct vcpu *v, struct grant_unmapping *u)
{
	uint16_t flags = 0, kinds;

	u->status = GNTST_bad_handle;
	u->host = u->device = u->last = false;
	u->pin.granter = NULL;
	kinds = track_claim(v->domain, u, &flags);
	if (!u->pin.granter)
		return;
	u->status = GNTST_okay;
	if (kinds & GNTMAP_host_map) {
		u->status = (int16_t)unmap_host(v, u, flags);
		if (u->status && !u->host)
			track_unclaim(v->domain, u->req.handle, GNTMAP_host_map);
	} else if (u->req.host_addr) {
		u->status = GNTST_bad_virt_addr;
	}
	if (!(kinds & GNTMAP_device_map))
		return;
	if (!u->status && u->req.dev_bus_addr == frame_mfn(u->frame).n << PAGE_SHIFT) {
		u->device = true;
	} else {
		track_unclaim(v->domain, u->req.handle, GNTMAP_device_map);
		if (!u->status)
			u->status = GNTST_bad_dev_addr;
	}
}

/* One kind of map less. */
static void use_end(const struct grant_unmapping *u)
{
	grant_frame_put(u->frame, u->pin.write);
	grant_release(&u->pin);
}

void grant_unmap_finish(struct vcpu *v, struct grant_unmapping *u)
{
	struct grant_table *t = v->domain->grant;
	struct grant_track *k;

	if (!u->pin.granter)
		return;
	if (likely(u->host))
		use_end(u);
	if (unlikely(u->device))
		use_end(u);
	/* Ours is one of the slot's claims, so it is still the slot that was claimed. */
	spin_lock(&t->track_lock);
	k = grant_track_find(t, u->req.handle);
	u->last = k && !--k->claims && !(k->flags & (GNTMAP_host_map | GNTMAP_device_map));
	if (likely(u->last))
		grant_track_free(t, k, u->req.handle);
	spin_unlock(&t->track_lock);
	if (u->last)
		grant_peer_put(v->domain, u->pin.granter);	/* the slot's */
	u->pin.granter = NULL;
}
