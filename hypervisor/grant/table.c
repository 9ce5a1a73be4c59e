// SPDX-License-Identifier: GPL-2.0-only
#include "grant/table.h"

#include "cpu/atomic.h"
#include "lib/log.h"
#include "mem/alloc.h"
#include "mem/heap.h"
#include "paging/type.h"

/* How often a granter may change its word under our hands before we stop trying (advisory 295). */
#define MARK_TRIES	4

static_assert(sizeof(struct grant_entry_v1) == 8, "grant entry, version 1");

/* --- the two tables: with t->lock held, ref below the size --- */

static uint32_t ref_count(const struct grant_table *t)
{
	return t->frame_count * GRANTS_PER_FRAME;
}

static struct grant_entry_v1 *shared_entry(struct grant_table *t, grant_ref_t ref)
{
	return &t->shared[ref / GRANTS_PER_FRAME][ref % GRANTS_PER_FRAME];
}

static struct grant_active *active_entry(struct grant_table *t, grant_ref_t ref)
{
	return &t->active[ref / ACTIVE_PER_PAGE][ref % ACTIVE_PER_PAGE];
}

static uint32_t active_pages(uint32_t frames)
{
	return DIV_UP(frames * GRANTS_PER_FRAME, ACTIVE_PER_PAGE);
}

/* The guest's flags and domid, which move together. */
static volatile uint32_t *entry_word(struct grant_entry_v1 *e)
{
	return (volatile uint32_t *)e;
}

/* --- using an entry --- */

/* Does this word let `by` use the entry in this way? A GNTST_*. */
static inline int word_permits(uint32_t word, const struct domain *by, bool write)
{
	if ((word & (0xffff0000u | GTF_type_mask)) != ((uint32_t)by->id << 16 | GTF_permit_access))
		return GNTST_general_error;
	if (write && word & GTF_readonly)
		return GNTST_general_error;
	return GNTST_okay;
}

/* Tell the granter that the entry is in use. */
static inline int mark_in_use(struct grant_entry_v1 *e, const struct domain *by, bool write)
{
	uint32_t word = read_once(*entry_word(e)), seen;

	for (unsigned int i = 0; i < MARK_TRIES; i++) {
		int status = word_permits(word, by, write);

		if (status)
			return status;
		seen = cmpxchg32(entry_word(e), word,
				 word | GTF_reading | (write ? GTF_writing : 0));
		if (seen == word)
			return GNTST_okay;
		word = seen;
	}
	return GNTST_general_error;
}

static int64_t pin_get_slowly(struct grant_entry_v1 *e, struct grant_active *a, const struct domain *by,
			      bool write)
{
	int status;

	if (a->pins && a->domid != by->id)
		return GNTST_general_error;
	if (a->readers == UINT32_MAX || a->writers == UINT32_MAX)
		return GNTST_no_space;
	if (!a->pins || (write && !a->writers)) {
		status = mark_in_use(e, by, write);
		if (status)
			return status;
	}
	if (!a->pins) {
		a->domid = by->id;
		a->frame = read_once(e->frame);
	}
	if (write)
		a->writers++;
	else
		a->readers++;
	return a->frame;
}

/* struct grant_active.pins of one user. */
static inline uint64_t one_pin(bool write) { return 1ul << (write ? 32 : 0); }
static inline uint32_t in_use_bits(bool write) { return GTF_reading | (write ? GTF_writing : 0); }

/* The usual case, an entry that nobody uses, in one piece. */
static inline int64_t pin_get_locked(struct grant_table *t, grant_ref_t ref, const struct domain *by,
				     bool write)
{
	grant_ref_t i = ref & (grant_ref_t)mask_below(ref, ref_count(t));
	struct grant_active *a = active_entry(t, i);
	struct grant_entry_v1 *e = shared_entry(t, i);
	uint32_t word = read_once(*entry_word(e));

	if (unlikely(a->pins || word_permits(word, by, write) ||
		     cmpxchg32(entry_word(e), word, word | in_use_bits(write)) != word))
		return pin_get_slowly(e, a, by, write);
	a->domid = by->id;
	a->pins = one_pin(write);
	return a->frame = read_once(e->frame);
}

int64_t grant_pin_get(struct grant_table *t, grant_ref_t ref, const struct domain *by, bool write)
{
	int64_t said = GNTST_bad_gntref;

	spin_lock(&t->lock);
	if (likely(ref < ref_count(t)))
		said = pin_get_locked(t, ref, by, write);
	spin_unlock(&t->lock);
	return said;
}

int grant_refuse_pin(const struct domain *granter, grant_ref_t ref, const struct domain *by, int status)
{
	log_guest(LOG_DEBUG, "grant %u of domain %u: not for domain %u", ref, granter->id, by->id);
	return status;
}

/* Not the only pin. */
static void pin_put_slowly(struct grant_entry_v1 *e, struct grant_active *a, bool write)
{
	BUG_ON(!(write ? a->writers : a->readers));
	a->pins -= one_pin(write);
	if (write && !a->writers)
		atomic_and16(&e->flags, (uint16_t)~GTF_writing);
}

void grant_pin_put(struct grant_table *t, grant_ref_t ref, bool write)
{
	struct grant_active *a;
	struct grant_entry_v1 *e;

	spin_lock(&t->lock);
	/* What was pinned is below the size; a CPU that ran ahead of that answer is too. */
	ref &= (grant_ref_t)mask_below(ref, ref_count(t));
	a = active_entry(t, ref);
	e = shared_entry(t, ref);
	if (likely(a->pins == one_pin(write))) {
		a->pins = 0;
		atomic_and16(&e->flags, (uint16_t)~in_use_bits(write));
	} else {
		pin_put_slowly(e, a, write);
	}
	spin_unlock(&t->lock);
}

int grant_refuse_frame(const struct domain *d, gfn_t said)
{
	return refuse(GNTST_bad_page, "frame %#lx: not there, or not d%u's", said.n, d->id);
}

/* --- size --- */

static int grow_by_one(struct domain *d, struct grant_table *t)
{
	struct frame *f;

	for (uint32_t i = 0; i < active_pages(t->frame_count + 1); i++) {
		if (t->active[i])
			continue;
		t->active[i] = hv_page_alloc();
		if (!t->active[i])
			return GNTST_general_error;
	}
	f = frames_alloc(0, 0);
	if (!f)
		return GNTST_general_error;
	frame_share(f, d, true);
	t->shared[t->frame_count] = frame_map(f);
	t->frame_count++;
	return GNTST_okay;
}

int grant_table_grow(struct domain *d, uint32_t frames)
{
	struct grant_table *t = d->grant;
	int status = GNTST_okay;

	if (frames > t->max_frames)
		return GNTST_general_error;
	spin_lock(&t->lock);
	if (d->life != DOMAIN_ALIVE && frames > t->frame_count)
		status = GNTST_bad_domain;
	while (!status && t->frame_count < frames)
		status = grow_by_one(d, t);
	spin_unlock(&t->lock);
	return status;
}

int grant_shared_frame(struct domain *d, unsigned int index, mfn_t *out)
{
	struct grant_table *t = d->grant;
	unsigned int i;

	if (!t || !index_within(index, t->max_frames, &i))
		return refuse(-EINVAL, "grant table of domain %u: no frame %u", d->id, index);
	if (grant_table_grow(d, i + 1))
		return -ENOMEM;
	*out = mfn_of(t->shared[i]);
	return 0;
}

uint64_t grant_shared_number(struct domain *d, uint32_t i)
{
	return mfn_of(d->grant->shared[i]).n;
}

int grant_fill(struct domain *d, grant_ref_t ref, domid_t to, uint32_t frame)
{
	struct grant_entry_v1 *e;
	mfn_t unused_mfn;
	int rc = grant_shared_frame(d, ref / GRANTS_PER_FRAME, &unused_mfn);

	if (rc)
		return rc;
	e = shared_entry(d->grant, ref);
	e->domid = to;
	e->frame = frame;
	smp_wmb();
	write_once(e->flags, GTF_permit_access);
	return 0;
}

/* --- maptrack --- */

bool grant_track_grow(struct grant_table *t)
{
	uint32_t page = t->track_count / TRACK_PER_PAGE;

	if (page >= t->max_track_pages)
		return false;
	t->track[page] = hv_page_alloc();
	if (!t->track[page])
		return false;
	for (uint32_t i = TRACK_PER_PAGE; i--; ) {
		t->track[page][i].next_free = t->track_free;
		t->track_free = page * TRACK_PER_PAGE + i;
	}
	t->track_count += TRACK_PER_PAGE;
	return true;
}

/* --- life --- */

static int arrays_alloc(struct grant_table *t)
{
	t->shared = heap_alloc_array(t->max_frames, sizeof(*t->shared));
	t->active = heap_alloc_array(active_pages(t->max_frames), sizeof(*t->active));
	t->track = heap_alloc_array(t->max_track_pages, sizeof(*t->track));
	return t->shared && t->active && t->track ? 0 : -ENOMEM;
}

static void arrays_free(struct grant_table *t)
{
	heap_free(t->shared);
	heap_free(t->active);
	heap_free(t->track);
}

static void limits_from(const struct domain *d, struct grant_table *t)
{
	t->max_frames = MIN(d->max_grant_frames ? d->max_grant_frames : GRANT_FRAMES_DEFAULT,
			    GRANT_FRAMES_LIMIT);
	t->max_track_pages = MIN(d->max_maptrack_frames ? d->max_maptrack_frames :
							  GRANT_MAPTRACK_DEFAULT,
				 GRANT_MAPTRACK_LIMIT);
}

int grant_domain_init(struct domain *d)
{
	struct grant_table *t = heap_alloc(sizeof(*t));

	if (!t)
		return -ENOMEM;
	spin_lock_init(&t->lock, RANK_GRANT);
	spin_lock_init(&t->track_lock, RANK_GRANT_ENTRY);
	t->track_free = TRACK_NONE;
	limits_from(d, t);
	d->grant = t;
	/* The control domain will map something for every guest: have the first page of handles
	 * from the start, so that guests that come and go leave memory as it was. */
	if (!arrays_alloc(t) && !grant_table_grow(d, 1) && (!d->privileged || grant_track_grow(t)))
		return 0;
	grant_domain_free(d);
	return -ENOMEM;
}

int grant_set_limits(struct domain *d, uint32_t frames, uint32_t maptrack)
{
	struct grant_table *t = d->grant, wanted = { 0 };

	if (frames < t->frame_count || frames > GRANT_FRAMES_LIMIT || t->track_used ||
	    maptrack > GRANT_MAPTRACK_LIMIT || maptrack < t->track_count / TRACK_PER_PAGE)
		return refuse(-EINVAL, "grant limits %u, %u: out of range", frames, maptrack);
	d->max_grant_frames = frames;
	d->max_maptrack_frames = maptrack;
	limits_from(d, &wanted);
	if (arrays_alloc(&wanted)) {
		arrays_free(&wanted);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < t->frame_count; i++)
		wanted.shared[i] = t->shared[i];
	for (uint32_t i = 0; i < active_pages(t->frame_count); i++)
		wanted.active[i] = t->active[i];
	for (uint32_t i = 0; i < t->track_count / TRACK_PER_PAGE; i++)
		wanted.track[i] = t->track[i];
	arrays_free(t);
	t->shared = wanted.shared;
	t->active = wanted.active;
	t->track = wanted.track;
	t->max_frames = wanted.max_frames;
	t->max_track_pages = wanted.max_track_pages;
	return 0;
}

/* Forget one mapping of a domain that will never run again: its page tables give the frame back. */
static void track_drop(struct domain *d, uint32_t handle, struct grant_track *k)
{
	struct grant_pin pin = { k->granter, k->ref, !(k->flags & GNTMAP_readonly), gfn(0) };

	if (k->flags & GNTMAP_host_map)
		grant_release(&pin);
	if (k->flags & GNTMAP_device_map) {
		grant_frame_put(k->frame, pin.write);
		grant_release(&pin);
	}
	spin_lock(&d->grant->track_lock);
	grant_track_free(d->grant, k, handle);
	spin_unlock(&d->grant->track_lock);
	grant_peer_put(d, pin.granter);
}

int64_t grant_relinquish(struct domain *d, struct hcall *h)
{
	struct grant_table *t = d->grant;
	struct grant_track *k;

	while (t && t->teardown < t->track_count) {
		k = grant_track_find(t, t->teardown);
		if (k)
			track_drop(d, t->teardown, k);
		t->teardown++;
		/* Some progress comes first, however urgent the rest of the world is. */
		if (h && hcall_should_yield(h))
			return HC_RESTART;
	}
	return 0;
}

void grant_domain_free(struct domain *d)
{
	struct grant_table *t = d->grant;

	if (!t)
		return;
	d->grant = NULL;
	for (uint32_t i = 0; i < t->frame_count; i++) {
		struct frame *f = frame_of(mfn_of(t->shared[i]));

		if (frame_unshare(f))
			log_warn("domain %u: a frame of its grant table is still mapped, lost", d->id);
		else
			frames_free(f, 0);
	}
	for (uint32_t i = 0; t->active && i < active_pages(t->max_frames); i++)
		if (t->active[i])
			hv_page_free(t->active[i]);
	for (uint32_t i = 0; i < t->track_count / TRACK_PER_PAGE; i++)
		hv_page_free(t->track[i]);
	arrays_free(t);
	heap_free(t);
}

void grant_dump(struct domain *d)
{
	struct grant_table *t = d->grant;

	if (!t)
		return;
	log_info("domain %u: %u frames of grants, %u maps of others'", d->id, t->frame_count,
		 t->track_used);
	for (grant_ref_t ref = 0; ref < ref_count(t); ref++) {
		struct grant_active *a = active_entry(t, ref);

		if (a->readers || a->writers)
			log_info("  %u: frame %#x to domain %u, %u readers, %u writers", ref,
				 a->frame, a->domid, a->readers, a->writers);
	}
}
