// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whole tables: checked when they become tables, taken apart when they are none any more.
 *
 * done_count is the truth in between: the entries below it hold references, those from it on do
 * not. A check moves it up, taking apart moves it down; both may stop at any entry and go on later,
 * in either direction. The frame cannot be written by its guest all the while (it has the table's
 * type), and is not yet, or no longer, reached by the MMU.
 */
#include "lib/log.h"
#include "lib/string.h"
#include "mem/map.h"
#include "paging/l1.h"
#include "paging/paging.h"

#define GROUP	8u	/* slots passed over by one look */
#define BLOCK	64u	/* and by one long one */

/* An entry of a level 2 table may bring all entries of a level 1 table with it. */
static void entry_done(struct hcall *h, unsigned int type)
{
	if (h && type_level(type) == 2)
		hcall_did(h, 7);
}

/* Entries that are the guest's: how many are looked at, and which of these are not its own. */
static unsigned int table_entries(const struct domain *d, unsigned int type)
{
	return d->is_32bit && type == PT_L3 ? 4 : PT_ENTRIES;
}

bool table_slot_is_ours(const struct domain *d, unsigned int type, unsigned int slot)
{
	switch (type) {
	case PT_L4:
		return slot >= HV_SLOT_FIRST && slot <= HV_SLOT_LAST;
	case PT_L3:
		return d->is_32bit && slot >= 4;
	case PT_L2_LAST32:
		return slot >= HV32_L2_FIRST;
	default:
		return false;
	}
}

/* What the MMU needs besides the guest's entries. */
static void fill_our_slots(const struct domain *d, unsigned int type, uint64_t *table)
{
	if (type == PT_L4)
		map_fill_hv_slots(table, pa_of(d->perdomain_l3));
	else if (type == PT_L2_LAST32)
		m2p32_fill_l2((pte_t *)table);
	else if (type == PT_L3 && d->is_32bit)
		memset(table + 4, 0, PAGE_SIZE - 4 * sizeof(*table));
}

static bool type_fits_width(const struct domain *d, unsigned int type)
{
	if (type == PT_L4)
		return !d->is_32bit;
	if (type == PT_L2_LAST32)
		return d->is_32bit;
	return true;
}

/* Most tables are nearly empty: looking at their slots one by one would be most of the work. */
#define OR8(e)	((e)[0] | (e)[1] | (e)[2] | (e)[3] | (e)[4] | (e)[5] | (e)[6] | (e)[7])

static inline bool group_is_empty(const uint64_t *e) { return !OR8(e); }
static inline __attribute__((always_inline)) bool block_is_empty(const uint64_t *e)
{
	return !(OR8(e) | OR8(e + 8) | OR8(e + 16) | OR8(e + 24) |
		 OR8(e + 32) | OR8(e + 40) | OR8(e + 48) | OR8(e + 56));
}

/* From a slot where a group begins. */
static inline unsigned int used_group_from(const uint64_t *table, unsigned int slot, unsigned int end)
{
	while (slot + BLOCK <= end && block_is_empty(table + slot))
		slot += BLOCK;
	while (slot + GROUP <= end && group_is_empty(table + slot))
		slot += GROUP;
	return slot;
}

/* The first slot from `slot` on that is not empty, or `end`. */
static __attribute__((noinline)) unsigned int used_from(const uint64_t *table, unsigned int slot, unsigned int end)
{
	while (slot < end && !table[slot])
		if (!(++slot % GROUP))
			slot = used_group_from(table, slot, end);
	return slot;
}

/* The same downwards: how many are left of the first `count` slots without the empty ones at their end. */
static unsigned int used_below(const uint64_t *table, unsigned int count)
{
	while (count && !table[count - 1]) {
		if (--count % GROUP)
			continue;
		while (count >= BLOCK && block_is_empty(table + count - BLOCK))
			count -= BLOCK;
		while (count && group_is_empty(table + count - GROUP))
			count -= GROUP;
	}
	return count;
}

/* Anything that is not usual in an L1. */
static __attribute__((noinline)) int l1_entry_other(struct domain *d, unsigned int slot, uint64_t *entry,
						    uint64_t raw)
{
	struct pt_context ctx = { .table_owner = d, .frame_owner = d };
	pte_t pte;
	int rc = pte_admit(&ctx, PT_L1, slot, gpte(raw), &pte);

	if (!rc && pte.raw != raw)
		write_once(*entry, pte.raw);
	return rc;
}

/* An L1 is done in one go, or not at all. What is usual in it, RAM, is done here in one piece. */
static int l1_validate(struct frame *f)
{
	struct domain *d = frame_owner(f);
	uint64_t *table = frame_map(f), set_bits = l1_set_bits(d);

	for (unsigned int i = 0; i < PT_ENTRIES; i++) {
		uint64_t raw = read_once(table[i]), next = l1_finish(set_bits, raw).raw;
		struct frame *named;
		int rc;

		if (raw == 0) {
			i = used_from(table, i + 1, PT_ENTRIES) - 1;
			continue;
		}
		named = frame_look_up_pa(raw & PTE_FRAME);
		if (likely((raw & PTE_P) && named && !(raw & ~L1_ALLOWED))) {
			rc = l1_hold(named, d, raw);
			if (likely(!rc) && unlikely(next != raw))
				write_once(table[i], next);
		} else {
			rc = l1_entry_other(d, i, &table[i], raw);
		}
		if (unlikely(rc)) {
			f->done_count = i;
			table_take_apart_l1(f);
			return rc;
		}
	}
	f->done_count = PT_ENTRIES;
	return 0;
}

/* Of a table of this type, from slot i on: where the guest's slots end, or are interrupted by ours. */
static unsigned int run_end(unsigned int type, unsigned int i, unsigned int end)
{
	if (type == PT_L4 && i < HV_SLOT_FIRST)
		return HV_SLOT_FIRST;
	return type == PT_L2_LAST32 ? HV32_L2_FIRST : end;
}

int table_validate(struct frame *f, unsigned int type, struct hcall *h)
{
	struct domain *d = frame_owner(f);
	struct pt_context ctx = { .table_owner = d, .frame_owner = d, .h = h };
	uint64_t *table = frame_map(f);
	unsigned int start = f->done_count, end = table_entries(d, type);
	bool pae_l3 = d->is_32bit && type == PT_L3;
	unsigned int work = 0;

	if (type == PT_L1)
		return l1_validate(f);
	if (!type_fits_width(d, type))
		return refuse(-EINVAL, "type %u: not for a guest of this width", type);

	for (unsigned int i = start; i < end; i++) {
		uint64_t raw = read_once(table[i]);
		pte_t pte;
		int rc;

		if (raw == 0) {
			i = used_from(table, i + 1, end) - 1;
			continue;
		}
		if (table_slot_is_ours(d, type, i))
			continue;
		/* Not more work than one entry may be whose table has to be checked. */
		if (!pae_l3) {
			unsigned int next = pte_admit_live(d, type, table, i, run_end(type, i, end));

			if (next > i) {
				if (h)
					hcall_did(h, next - i);
				f->done_count = next;
				i = next - 1;
				continue;
			}
		}
		/* At least one entry each time, or a busy machine would keep us here for ever. */
		f->done_count = i;
		if (h && work++ && hcall_should_yield(h))
			return HC_RESTART;
		rc = pte_admit(&ctx, type, i, gpte(raw), &pte);
		if (rc)
			return rc;
		entry_done(h, type);
		if (pte.raw != raw)
			write_once(table[i], pte.raw);
	}
	f->done_count = end;
	fill_our_slots(d, type, table);
	return 0;
}

void table_take_apart_l1(struct frame *f)
{
	const uint64_t *table = frame_map(f);

	for (unsigned int i = 0, end = f->done_count; i < end; i++) {
		pte_t pte = { table[i] };

		if (pte_present(pte))
			l1_drop(pte);
		else if (pte.raw == 0)
			i = used_from(table, i + 1, end) - 1;
	}
	f->done_count = 0;
}

/* One table of the list, until it is done, or one of its entries' tables has to go first. */
static int take_apart(struct domain *d, struct frame *f, struct hcall *h, unsigned int *work)
{
	unsigned int type = type_of(f->type);
	pte_t *table = frame_map(f);

	while (f->done_count) {
		unsigned int i = f->done_count - 1, left;
		pte_t pte = table[i];

		if (!pte_present(pte)) {
			f->done_count = used_below((uint64_t *)table, i);
			continue;
		}
		if (table_slot_is_ours(d, type, i)) {
			f->done_count = type == PT_L4 ? HV_SLOT_FIRST : i;
			continue;
		}
		left = pte_drop_shared(table, f->done_count,
				       type == PT_L4 && i > HV_SLOT_LAST ? HV_SLOT_LAST + 1 : 0);
		if (left <= i) {
			if (h)
				hcall_did(h, f->done_count - left);
			f->done_count = left;
			if (h && hcall_should_yield(h))
				return HC_RESTART;
			continue;
		}
		/* At least one entry each time, as above. */
		if (h && (*work)++ && hcall_should_yield(h))
			return HC_RESTART;
		f->done_count = i;
		pte_drop(type, pte);
		entry_done(h, type);
		if (d->teardown_table != f)
			return 0;
	}
	/* Where our own tables are is nothing for the guest to read. */
	if (type == PT_L4)
		memset(table + HV_SLOT_FIRST, 0,
		       (HV_SLOT_LAST - HV_SLOT_FIRST + 1) * sizeof(*table));
	else if (type == PT_L2_LAST32)
		memset(table + HV32_L2_FIRST, 0, (PT_ENTRIES - HV32_L2_FIRST) * sizeof(*table));
	type_orphan_done(f);
	return 0;
}

/*
 * A table's done_count is one CPU's at a time: a domain's vcpus may all come here. The others try
 * again, by way of their guest, so that they need no lock that somebody holds for long.
 */
static int settle_alone(struct domain *d)
{
	return cmpxchg32(&d->settling, 0, 1) == 0 ? 0 : HC_RESTART;
}

int paging_settle_slowly(struct domain *d, struct hcall *h)
{
	unsigned int work = 0;
	struct frame *f;
	int rc = settle_alone(d);

	if (rc)
		return rc;
	while (rc == 0 && (f = read_once(d->teardown_table)))
		rc = take_apart(d, f, h, &work);
	store_release32(&d->settling, 0);
	return rc;
}
