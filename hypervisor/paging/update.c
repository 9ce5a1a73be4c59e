// SPDX-License-Identifier: GPL-2.0-only
/*
 * One entry of a live table at a time.
 *
 * Admit first, since that may check whole tables; then exchange the entries; then drop what was
 * there. No lock: entries only ever move by one atomic exchange, so of two that change the same one
 * each drops what it took out, and the CPU may set accessed and dirty bits meanwhile. The table's own
 * type is held throughout, so nobody takes it apart. (l1.h has what moves an entry.)
 *
 * A guest flushes its own translations. Ours depend on none of its tables, and a frame whose last
 * reference goes is flushed before it is used otherwise (type.c), so nothing is flushed here.
 */
#include "cpu/asm.h"
#include "cpu/atomic.h"
#include "lib/log.h"
#include "paging/l1.h"
#include "paging/paging.h"

static pte_t *entry_of(struct frame *table, unsigned int slot)
{
	return (pte_t *)frame_map(table) + slot;
}

/* Entries that hold the same references need nothing else. */
static bool update_in_place(struct domain *d, pte_t *entry, unsigned int type, gpte_t want,
			    bool preserve_ad)
{
	pte_t old = pt_load(entry), next;

	do {
		if (!pte_same_refs(d, type, old, want, &next))
			return false;
		if (preserve_ad && pte_present(old))
			next.raw |= old.raw & CPU_BITS;
	} while (!pt_store(entry, &old, next));
	return true;
}

static int update_live(const struct pt_context *ctx, pte_t *entry, unsigned int type,
		       unsigned int slot, gpte_t want, bool preserve_ad)
{
	pte_t next;
	int rc;

	if (update_in_place(ctx->table_owner, entry, type, want, preserve_ad))
		return 0;
	rc = pte_admit(ctx, type, slot, want, &next);
	if (!rc)
		pte_drop(type, pt_exchange(entry, next, preserve_ad));
	return rc;
}

int pt_update_l1_slowly(const struct pt_context *ctx, pte_t *entry, gpte_t want, bool preserve_ad)
{
	return update_live(ctx, entry, PT_L1, 0, want, preserve_ad);
}

/* Hold a table as what it is. */
static int table_hold(struct domain *d, struct frame *table, unsigned int *type)
{
	*type = type_of(read_once(table->type));
	if (frame_owner(table) != d)
		return refuse(-EPERM, "frame %#lx: a table, but not d%u's", frame_mfn(table).n,
			      d->id);
	if (!type_is_table(*type) || !type_get_live(table, *type))
		return refuse(-EINVAL, "frame %#lx: not a page table", frame_mfn(table).n);
	return 0;
}

int pt_update_entry(struct domain *d, struct domain *owner, struct frame *table,
		    unsigned int slot, gpte_t want, bool preserve_ad, struct hcall *h)
{
	struct pt_context ctx = { .table_owner = d, .frame_owner = owner, .h = h };
	unsigned int type;
	int rc;

	rc = table_hold(d, table, &type);
	if (rc)
		return rc;
	if (slot >= PT_ENTRIES || table_slot_is_ours(d, type, slot))
		rc = refuse(-EINVAL, "slot %u of a table of type %u: not a guest's", slot, type);
	else if (type == PT_L1)
		rc = pt_update_l1(&ctx, entry_of(table, slot), want, preserve_ad);
	else
		rc = update_live(&ctx, entry_of(table, slot), type, slot, want, preserve_ad);
	type_put(table);
	return rc;
}

int pt_cmpxchg_l1(struct domain *d, struct frame *table, unsigned int slot, uint64_t expected,
		  gpte_t want, uint64_t *seen)
{
	pte_t *entry = entry_of(table, slot), old = { expected }, next;
	struct frame *f;
	bool stored;
	int rc = 0;

	if (slot >= PT_ENTRIES || frame_owner(table) != d || !type_get_live(table, PT_L1))
		return refuse(-EINVAL, "frame %#lx: not a live L1", frame_mfn(table).n);
	*seen = pt_load(entry).raw;
	if (*seen != expected)
		goto out;
	f = frame_look_up_pa(want.raw & PTE_FRAME);
	if (likely((want.raw & PTE_P) && f && !(want.raw & ~L1_ALLOWED))) {
		next = l1_finish(l1_set_bits(d), want.raw);
		rc = l1_hold(f, d, want.raw);
	} else {
		rc = pte_admit(&(struct pt_context){ .table_owner = d, .frame_owner = d }, PT_L1,
			       slot, want, &next);
	}
	if (rc)
		goto out;
	stored = pt_store(entry, &old, next);
	*seen = old.raw;
	pte_drop(PT_L1, stored ? old : next);
out:
	type_put(table);
	return rc;
}

/* --- grants --- */

static int grant_locate_pte(struct domain *d, uint64_t where, struct frame **table, pte_t **entry)
{
	struct frame *f;
	int rc;

	rc = frame_get_owned(d, gfn(where >> PAGE_SHIFT), &f);
	if (rc)
		return rc;
	if (!IS_ALIGNED(where, sizeof(pte_t))) {
		frame_put(f);
		return refuse(-EINVAL, "entry at %#lx: not aligned", where);
	}
	*table = f;
	*entry = entry_of(f, (where & ~PAGE_MASK) / sizeof(pte_t));
	return 0;
}

/* The entry that a grant operation means; holds its L1, put with frame_put_and_type(). */
static inline __attribute__((always_inline)) int
grant_locate(struct vcpu *v, bool va_is_pte, uint64_t where, struct frame **table, pte_t **entry)
{
	int rc;

	if (likely(!va_is_pte)) {
		*entry = l1_entry_of(v, where);
		*table = frame_of(mfn_of(*entry));
		if (unlikely(!*entry || !frame_get(*table, v->domain)))
			return refuse(-EINVAL, "address %#lx: no L1 of the guest's there", where);
	} else {
		rc = grant_locate_pte(v->domain, where, table, entry);
		if (rc)
			return rc;
	}
	if (likely(type_get_live(*table, PT_L1)))
		return 0;
	frame_put(*table);
	return refuse(-EINVAL, "frame %#lx: not an L1", frame_mfn(*table).n);
}

int grant_map_l1(struct vcpu *v, bool va_is_pte, uint64_t where, pte_t granted)
{
	struct frame *table;
	pte_t *entry, old;
	int rc;

	rc = grant_locate(v, va_is_pte, where, &table, &entry);
	if (unlikely(rc))
		return rc;
	old = pt_exchange(entry, granted, false);
	if (unlikely(pte_present(old)))
		l1_drop(old);
	frame_put_and_type(table);
	return 0;
}

int grant_unmap_l1(struct vcpu *v, bool va_is_pte, uint64_t where, const struct frame *f,
		   bool writable)
{
	struct frame *table;
	pte_t *entry, old;
	int rc;

	rc = grant_locate(v, va_is_pte, where, &table, &entry);
	if (unlikely(rc))
		return rc;
	old = pt_load(entry);
	do {
		if (unlikely((old.raw & (PTE_FRAME | PTE_P)) != (frame_pa(f) | PTE_P) ||
			     (bool)(old.raw & PTE_W) != writable)) {
			rc = refuse(-ENOENT, "address %#lx: frame %#lx is not mapped there", where,
				    frame_mfn(f).n);
			break;
		}
	} while (unlikely(!pt_store(entry, &old, (pte_t){ 0 })));
	frame_put_and_type(table);
	return rc;
}
