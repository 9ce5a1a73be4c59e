// SPDX-License-Identifier: GPL-2.0-only
#include "paging/type.h"

#include "cpu/asm.h"
#include "cpu/atomic.h"
#include "cpu/tlb.h"
#include "lib/log.h"
#include "paging/paging.h"

/* struct frame.partial: the frame is on its owner's list of orphans, or not. */
#define NOT_ORPHAN	0
#define ORPHAN		1

/* --- the list of tables to take apart --- */

/* f holds one count of its type and one general reference on behalf of the list. */
static void orphan_push(struct frame *f)
{
	struct domain *d = frame_owner(f);

	f->partial = ORPHAN;
	spin_lock(&d->frame_lock);
	f->next_orphan = d->teardown_table ? (uint32_t)frame_mfn(d->teardown_table).n + 1 : 0;
	d->teardown_table = f;
	spin_unlock(&d->frame_lock);
}

/* False: another vcpu's came in front of it meanwhile, and goes first. */
static bool orphan_pop(struct frame *f)
{
	struct domain *d = frame_owner(f);
	bool first;

	spin_lock(&d->frame_lock);
	first = d->teardown_table == f;
	if (first)
		d->teardown_table = f->next_orphan ? frame_of(mfn(f->next_orphan - 1)) : NULL;
	spin_unlock(&d->frame_lock);
	if (first) {
		f->next_orphan = 0;
		f->partial = NOT_ORPHAN;
	}
	return first;
}

void type_orphan(struct frame *f)
{
	frame_get_again(f);
	/* Before the word says PARTIAL: whoever sees that would go on with the check otherwise. */
	f->partial = ORPHAN;
	atomic_or64(&f->type, TYPE_PARTIAL);
	orphan_push(f);
}

/* Nobody holds the table any more, and it holds nothing. */
static void type_vacate(struct frame *f, unsigned int type)
{
	/* Before the word says that the frame is free for other uses: a CPU may have walked through
	 * it until now. Whoever changes the type compares with this. */
	f->tlb_stamp = tlb_now();
	f->done_count = 0;
	store_release64(&f->type, (uint64_t)type << TYPE_SHIFT);
}

void type_orphan_done(struct frame *f)
{
	if (!orphan_pop(f))
		return;
	type_vacate(f, type_of(f->type));
	frame_put(f);
}

void type_abandon(struct frame *f)
{
	/* The state's own count and general reference become the list's. */
	if (read_once(f->type) & TYPE_PARTIAL && f->partial == NOT_ORPHAN)
		orphan_push(f);
}

/* --- getting --- */

/*
 * Check the contents of a frame whose only holder of the type is the caller, and which is not
 * validated: nobody else can be in here with it.
 */
static int type_check(struct frame *f, unsigned int type, struct hcall *h)
{
	int rc;

	if (type == PT_SEGDESC)
		rc = segdesc_check_page(frame_owner(f), frame_map(f));
	else
		rc = table_validate(f, type, h);

	if (rc == 0) {
		atomic_or64(&f->type, TYPE_VALIDATED);
		return 0;
	}
	if (type == PT_SEGDESC || f->done_count == 0) {
		type_vacate(f, type);
		return rc;
	}
	if (rc == HC_RESTART) {
		/* The state keeps itself: our count, and a general reference of its own. */
		frame_get_again(f);
		atomic_or64(&f->type, TYPE_PARTIAL);
		return rc;
	}
	type_orphan(f);
	return rc;
}

static int type_get_first(struct frame *f, uint64_t word, unsigned int type, struct hcall *h,
			  bool *lost)
{
	bool check = type != PT_WRITABLE;
	uint64_t next = (uint64_t)type << TYPE_SHIFT |
			(check ? 0 : TYPE_VALIDATED | TYPE_IS_WRITABLE) | 1;

	*lost = cmpxchg64(&f->type, word, next) != word;
	if (*lost)
		return 0;

	/*
	 * A CPU may still write through an old writable mapping, or walk through an old table. Asked
	 * of the old type and after the new one stands, so that no new mapping can come between.
	 */
	if (type_of(word) != PT_NONE && type_of(word) != type) {
		cpumask_t mask = tlb_filter(cpus_online, f->tlb_stamp);

		if (mask)
			tlb_flush_mask(mask);
	}
	if (!check)
		return 0;
	f->done_count = 0;
	f->partial = NOT_ORPHAN;
	return type_check(f, type, h);
}

/* A check that was interrupted goes on, now on the caller's behalf. */
static int type_resume(struct frame *f, uint64_t word, unsigned int type, struct hcall *h,
		       bool *lost)
{
	*lost = false;
	if (f->partial == ORPHAN)
		return refuse(-EBUSY, "frame %#lx: a table still being taken apart",
			      frame_mfn(f).n);
	*lost = cmpxchg64(&f->type, word, word & ~TYPE_PARTIAL) != word;
	if (*lost)
		return 0;
	/* The state's count is ours now; its general reference goes, we have our own. */
	frame_put(f);
	return type_check(f, type, h);
}

int type_get_slowly(struct frame *f, unsigned int type, struct hcall *h)
{
	bool lost;
	int rc;

	for (;;) {
		uint64_t word = read_once(f->type);

		if ((word & TYPE_COUNT) == 0) {
			rc = type_get_first(f, word, type, h, &lost);
		} else if (type_of(word) != type) {
			return refuse(-EBUSY, "frame %#lx: wanted as type %u, is %u",
				      frame_mfn(f).n, type, type_of(word));
		} else if (word & TYPE_VALIDATED) {
			lost = cmpxchg64(&f->type, word, word + 1) != word;
			rc = 0;
		} else if (word & TYPE_PARTIAL) {
			rc = type_resume(f, word, type, h, &lost);
		} else {
			/* Another CPU checks it, or takes it apart. */
			lost = true;
			rc = 0;
			cpu_relax();
			if (lock_spin_hook)
				lock_spin_hook();
		}
		if (!lost)
			return rc;
	}
}

bool type_get_live_slowly(struct frame *f, unsigned int type)
{
	uint64_t word = read_once(f->type), seen;

	for (;; word = seen) {
		if (type_of(word) != type || !(word & TYPE_VALIDATED) || !(word & TYPE_COUNT))
			return false;
		seen = cmpxchg64(&f->type, word, word + 1);
		if (seen == word)
			return true;
	}
}

/* --- putting --- */

/* The last holder of a table: its entries go too. */
static bool put_last_table(struct frame *f, uint64_t word)
{
	unsigned int type = type_of(word);

	/* Not validated and still counted: nobody gets in until we are done. */
	if (cmpxchg64(&f->type, word, word & ~TYPE_VALIDATED) != word)
		return false;
	if (type == PT_L1) {
		table_take_apart_l1(f);
		type_vacate(f, type);
	} else {
		f->done_count = PT_ENTRIES;
		type_orphan(f);
	}
	return true;
}

void type_put_slowly(struct frame *f)
{
	uint64_t word = read_once(f->type), next, seen;

	for (;; word = seen) {
		BUG_ON((word & TYPE_COUNT) == 0);
		next = word - 1;
		if ((next & TYPE_COUNT) == 0) {
			if (type_is_table(type_of(word))) {
				if (put_last_table(f, word))
					return;
				seen = read_once(f->type);
				continue;
			}
			next = word & TYPE_MASK;
			/* After the mapping went away and before the word lets others in. */
			f->tlb_stamp = tlb_now();
		}
		seen = cmpxchg64(&f->type, word, next);
		if (seen == word)
			return;
	}
}

int frame_get_and_type(struct frame *f, struct domain *d, unsigned int type, struct hcall *h)
{
	int rc;

	if (!frame_get(f, d))
		return refuse(-EPERM, "frame %#lx: not d%u's", frame_mfn(f).n, d->id);
	rc = type_get(f, type, h);
	if (rc)
		frame_put(f);
	return rc;
}

/* --- pins --- */

int type_pin(struct frame *f)
{
	for (uint64_t word = read_once(f->type), seen;; word = seen) {
		if (word & TYPE_PINNED)
			return -EBUSY;
		seen = cmpxchg64(&f->type, word, word | TYPE_PINNED);
		if (seen == word)
			return 0;
	}
}

bool type_unpin(struct frame *f)
{
	for (uint64_t word = read_once(f->type), seen;; word = seen) {
		if (!(word & TYPE_PINNED))
			return false;
		seen = cmpxchg64(&f->type, word, word & ~TYPE_PINNED);
		if (seen == word)
			return true;
	}
}
