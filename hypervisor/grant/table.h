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
 * A maptrack slot holds a reference to the granter's structure: it outlives its death.
 *
 * Invariant: pins > 0  <=>  GTF_reading is set in the guest's word (unless the guest broke it).
 * Locks: table->lock (RANK_GRANT): sizes and the active entries of the granter's table;
 * table->track_lock (RANK_GRANT_ENTRY): the mapper's maptrack. Never two tables' at once.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <xen/grant_table.h>

#include "guest/domain.h"
#include "guest/hcall.h"

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
	domid_t domid;
	bool self_io;
	uint32_t readers, writers;	/* pins: maps and copies under way */
	uint64_t frame;
};

struct grant_track {
	struct domain *granter;		/* one reference; NULL: free */
	grant_ref_t ref;
	uint16_t flags;			/* GNTMAP_* low bits; GNTMAP_host_map gone when unmapped */
	uint32_t next_free;
};

#define GRANTS_PER_FRAME	((uint32_t)(PAGE_SIZE / sizeof(struct grant_entry_v1)))
#define ACTIVE_PER_PAGE		((uint32_t)(PAGE_SIZE / sizeof(struct grant_active)))
#define TRACK_PER_PAGE		((uint32_t)(PAGE_SIZE / sizeof(struct grant_track)))
#define TRACK_NONE		UINT32_MAX
#define GRANT_FRAMES_LIMIT	512u
#define GRANT_MAPTRACK_LIMIT	4096u

struct grant_table {
	spinlock_t lock;
	uint32_t frame_count, max_frames;
	struct grant_entry_v1 **shared;		/* max_frames pointers */
	struct grant_active **active;		/* pages of them */
	uint32_t max_active_pages;

	spinlock_t track_lock;
	uint32_t track_count, max_track_pages;	/* slots that exist */
	uint32_t track_free;			/* first free slot, or TRACK_NONE */
	uint32_t track_used;
	uint32_t teardown;			/* where grant_relinquish() goes on */
	struct grant_track **track;
};

/* A pin on an entry, until grant_release(). */
struct grant_pin {
	struct domain *d;	/* granter; the caller holds a reference */
	grant_ref_t ref;
	bool write;
	mfn_t frame;
};

/* Gives GNTST_okay and a pin, or why not. */
int grant_acquire(struct domain *granter, grant_ref_t ref, const struct domain *by, bool write,
		  struct grant_pin *pin);
void grant_release(const struct grant_pin *pin);
/* With table->lock held. */
struct grant_entry_v1 *grant_shared_entry(struct grant_table *t, grant_ref_t ref);
struct grant_active *grant_active_entry(struct grant_table *t, grant_ref_t ref);
int grant_table_grow(struct domain *d, uint32_t frames);

int grant_track_alloc(struct domain *d, uint32_t *handle);
void grant_track_free(struct domain *d, uint32_t handle);
struct grant_track *grant_track_slot(struct grant_table *t, uint32_t handle);

void grant_map(struct vcpu *v, struct gnttab_map_grant_ref *op);
void grant_unmap(struct vcpu *v, struct gnttab_unmap_grant_ref *op);
void grant_unmap_and_replace(struct vcpu *v, struct gnttab_unmap_and_replace *op);
void grant_copy(struct vcpu *v, struct gnttab_copy *op);
/* frames gets nr_frames numbers when op->status is GNTST_okay. */
int grant_setup_table(struct gnttab_setup_table *op, struct domain **out);
void grant_query_size(struct gnttab_query_size *op);
int64_t grant_table_op_flat(struct hcall *h, unsigned int cmd, gva_t array, unsigned int count,
			    unsigned int *done);
