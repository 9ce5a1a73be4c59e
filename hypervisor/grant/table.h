// SPDX-License-Identifier: GPL-2.0-only
/*
 * Grant tables: lending a frame to another domain.
 *
 * The granter writes into its table (pages of ours that it maps) who may use which frame of its.
 * The grantee names the entry by number; we check it, mark it busy in the guest's own word, and
 * remember what we promised in our active entry: from then on ours counts, the guest's word is only
 * to be told. Only layout version 1.
 *
 *	entry (guest's) --acquire--> active entry (ours), pins counted --release--> none
 *	                             map: also a slot of the mapper's maptrack, whose index is the handle
 *
 * A mapping's page-table entry holds the frame's references (paging/pte.h), the active
 * entry only counts; so a domain whose tables are gone has given the frames back.
 * A maptrack slot holds a reference to the granter's structure (its own domain's excepted): it
 * outlives its death.
 *
 * Invariant: pins > 0  <=>  GTF_reading is set in the guest's word (unless the guest broke it).
 * Locks: table->lock (RANK_GRANT): sizes and the active entries of the granter's table;
 * table->track_lock (RANK_GRANT_ENTRY): the mapper's maptrack. Never two tables' at once.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <xen/grant_table.h>

#include "cpu/asm.h"
#include "guest/domain.h"
#include "guest/hcall.h"
#include "paging/type.h"

#define GRANT_FRAMES_DEFAULT	64u
#define GRANT_MAPTRACK_DEFAULT	1024u

/* d->max_grant_frames and max_maptrack_frames say how large it may grow; 0: the defaults. */
must_check int grant_domain_init(struct domain *d);
/* 0 or HC_RESTART. Every mapping d has of others' frames is forgotten; after its page tables are
 * gone, or before, in either order. */
int64_t grant_relinquish(struct domain *d, struct hcall *h);
void grant_domain_free(struct domain *d);	/* with the last reference to d */
/* Before the first use. -EINVAL: less than it has, or too many. */
must_check int grant_set_limits(struct domain *d, uint32_t frames, uint32_t maptrack);
/* Page index of the shared table, making the table that large. Fails: -EINVAL beyond the limit,
 * -ENOMEM. */
must_check int grant_shared_frame(struct domain *d, unsigned int index, mfn_t *out);
/* The frames a builder fills in before the guest runs: entry ref of d's table. */
must_check int grant_fill(struct domain *d, grant_ref_t ref, domid_t to, uint32_t frame);

int64_t hc_grant_table_op(struct hcall *h);
int64_t hc32_grant_table_op(struct hcall *h);	/* compat/grant.c */

void grant_dump(struct domain *d);		/* debug key g */

/* --- inside this room --- */

struct grant_active {
	uint32_t domid;
	uint32_t frame;			/* as wide as the guest's word for it */
	union {
		uint64_t pins;		/* both: 0, nobody uses it */
		struct {
			uint32_t readers, writers;	/* maps and copies under way */
		};
	};
};

struct grant_track {
	struct domain *granter;		/* one reference; NULL: free */
	struct frame *frame;		/* what is mapped; GNTMAP_device_map: with references of our own */
	grant_ref_t ref;
	uint16_t flags;			/* GNTMAP_*; the kind of map is gone when it is unmapped */
	uint16_t claims;		/* unmappings under way: the slot stays until the last is done */
	uint32_t next_free;
};

static_assert(sizeof(struct grant_active) == 16 && sizeof(struct grant_track) == 32,
	      "found by a shift and a mask");

#define GRANTS_PER_FRAME	((uint32_t)(PAGE_SIZE / sizeof(struct grant_entry_v1)))
#define ACTIVE_PER_PAGE		((uint32_t)(PAGE_SIZE / sizeof(struct grant_active)))
#define TRACK_PER_PAGE		((uint32_t)(PAGE_SIZE / sizeof(struct grant_track)))
#define TRACK_NONE		UINT32_MAX
#define GRANT_FRAMES_LIMIT	1024u
#define GRANT_MAPTRACK_LIMIT	32768u

struct grant_table {
	spinlock_t lock;
	uint32_t frame_count, max_frames;
	struct grant_entry_v1 **shared;		/* max_frames pointers */
	struct grant_active **active;		/* pages of them */

	spinlock_t track_lock;
	uint32_t track_count, max_track_pages;	/* slots that exist; pages there may be */
	uint32_t track_free;			/* first free slot, or TRACK_NONE */
	uint32_t track_used;
	uint32_t teardown;			/* where grant_relinquish() goes on */
	struct grant_track **track;
};

/* A pin on an entry, until grant_release(). */
struct grant_pin {
	struct domain *granter;		/* the caller holds a reference */
	grant_ref_t ref;
	bool write;
	gfn_t said;			/* the frame the granter named when the entry was first pinned */
};

/* The frame that the granter named when the entry was first pinned, in 32 bits; or a GNTST_*, which is
 * negative. Returned with grant_pin_put(). */
must_check int64_t grant_pin_get(struct grant_table *t, grant_ref_t ref, const struct domain *by, bool write);
void grant_pin_put(struct grant_table *t, grant_ref_t ref, bool write);
int grant_refuse_pin(const struct domain *granter, grant_ref_t ref, const struct domain *by, int status);

/* Gives GNTST_okay and a pin, or why not (a GNTST_*). */
must_check static inline int grant_acquire(struct domain *granter, grant_ref_t ref,
					   const struct domain *by, bool write, struct grant_pin *pin)
{
	int64_t said = likely(granter->grant) ? grant_pin_get(granter->grant, ref, by, write) :
						GNTST_bad_domain;

	*pin = (struct grant_pin){ granter, ref, write, gfn((uint64_t)said) };
	return likely(said >= 0) ? GNTST_okay : grant_refuse_pin(granter, ref, by, (int)said);
}
static inline void grant_release(const struct grant_pin *pin)
{
	grant_pin_put(pin->granter->grant, pin->ref, pin->write);
}
int grant_refuse_frame(const struct domain *d, gfn_t said);
/* References to a frame that d owns, for reading, or for writing (typed as well). A GNTST_*; *out is
 * set only when they are held. */
must_check static inline int grant_frame_get(struct domain *d, gfn_t said, bool write,
					     struct frame **out)
{
	struct frame *f = frame_look_up(said);

	if (unlikely(!f || !frame_get(f, d)))
		return grant_refuse_frame(d, said);
	if (write && unlikely(type_get(f, PT_WRITABLE, NULL))) {
		frame_put(f);
		return GNTST_general_error;
	}
	*out = f;
	return GNTST_okay;
}
static inline void grant_frame_put(struct frame *f, bool write)
{
	if (write)
		type_put(f);
	frame_put(f);
}

/* Whose grant it is; NULL: nobody's. Given back: another domain comes with a reference, the caller's
 * own needs none while it is here, nor does a slot of its own maptrack. */
static inline struct domain *grant_peer_get(struct domain *caller, domid_t id)
{
	return id == DOMID_SELF || id == caller->id ? caller : domain_get_by_id(id);
}
static inline void grant_peer_put(const struct domain *caller, struct domain *d)
{
	if (d != caller)
		domain_put(d);
}

/* Make the table this large, if it is smaller. A GNTST_*. */
must_check int grant_table_grow(struct domain *d, uint32_t frames);

/* With track_lock held. The slot of a handle we gave; or of one a guest says, NULL: not in use. */
static inline struct grant_track *grant_track_slot(struct grant_table *t, uint32_t handle)
{
	return &t->track[handle / TRACK_PER_PAGE][handle % TRACK_PER_PAGE];
}
bool grant_track_grow(struct grant_table *t);
/* The caller's alone until it names a granter. NULL: there are no more. */
must_check static inline struct grant_track *grant_track_alloc(struct grant_table *t, uint32_t *handle)
{
	struct grant_track *k = NULL;

	spin_lock(&t->track_lock);
	if (likely(t->track_free != TRACK_NONE) || grant_track_grow(t)) {
		*handle = t->track_free;
		k = grant_track_slot(t, *handle);
		t->track_free = k->next_free;
		t->track_used++;
	}
	spin_unlock(&t->track_lock);
	return k;
}
/* With track_lock held. */
static inline void grant_track_free(struct grant_table *t, struct grant_track *k, uint32_t handle)
{
	k->granter = NULL;
	k->flags = 0;
	k->next_free = t->track_free;
	t->track_free = handle;
	t->track_used--;
}
static inline struct grant_track *grant_track_find(struct grant_table *t, uint32_t handle)
{
	struct grant_track *k;

	if (handle >= t->track_count)
		return NULL;
	k = grant_track_slot(t, handle & (uint32_t)mask_below(handle, t->track_count));
	return k->granter ? k : NULL;
}

void grant_map(struct vcpu *v, struct gnttab_map_grant_ref *op);

/* An unmapping of which the entry is gone, and what is still held until TLBs are clean. */
struct grant_unmapping {
	struct gnttab_unmap_grant_ref req;
	uint64_t new_addr;		/* unmap_and_replace: whose mapping moves here; 0: none */
	int16_t status;
	bool host, device;		/* which kinds of map are undone: a pin and references each */
	bool last;			/* the handle is done with */
	struct grant_pin pin;
	struct frame *frame;
};

void grant_unmap_start(struct vcpu *v, struct grant_unmapping *u);
void grant_unmap_finish(struct vcpu *v, struct grant_unmapping *u);	/* after a flush */

/* Either side of a copy, in neither width's layout. */
struct grant_copy_side {
	bool is_ref;
	uint64_t number;		/* grant reference or frame number */
	domid_t domid;
	uint16_t offset;
};
/* Gives a GNTST_*. */
must_check int grant_copy(struct vcpu *v, const struct grant_copy_side *from,
			  const struct grant_copy_side *to, uint16_t len, uint16_t flags);

/* Setup of a table for domain id: the status, and on GNTST_okay a reference to the domain whose
 * first `frames` shared frames grant_shared_number() gives. */
must_check int grant_setup(domid_t id, uint32_t frames, struct domain **out);
uint64_t grant_shared_number(struct domain *d, uint32_t i);

/* The ops whose layout both widths share. */
int64_t grant_op_flat(struct hcall *h);
/* Is every element of the batch done? Writes progress back and says what to return. */
int64_t grant_batch_result(struct hcall *h, uint32_t done, uint32_t count, size_t element,
			   int64_t rc);
