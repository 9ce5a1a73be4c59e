// SPDX-License-Identifier: GPL-2.0-only
/*
 * One entry of a live table at a time.
 *
 * Admit first, since that may check whole tables; then exchange the entries; then drop what was
 * there. No lock: entries only ever move by one atomic exchange, so of two that change the same one
 * each drops what it took out, and the CPU may set accessed and dirty bits meanwhile. The table's own
 * type is held throughout, so nobody takes it apart.
 *
 * A guest flushes its own translations. Ours depend on none of its tables, and a frame whose last
 * reference goes is flushed before it is used otherwise (type.c), so nothing is flushed here.
 */
#include "cpu/asm.h"
#include "cpu/atomic.h"
#include "lib/log.h"
#include "paging/l1.h"
#include "paging/paging.h"

#define CPU_BITS	(PTE_A | PTE_D)

static pte_t *entry_of(struct frame *table, unsigned int slot)
{
	return (pte_t *)frame_map(table) + slot;
}

static inline pte_t pt_load(const pte_t *entry)
{
	return (pte_t){ read_once(entry->raw) };
}

/* This and the next are the only places that write memory the MMU reads as a live table. False: it
 * was not *old any more; *old is what it is. */
static inline bool pt_store(pte_t *entry, pte_t *old, pte_t pte)
{
	pte_t seen = { cmpxchg64(&entry->raw, old->raw, pte.raw) };
	bool stored = seen.raw == old->raw;

	*old = seen;
	return stored;
}

/* Store whatever is there now; says what that was. */
static inline pte_t pt_exchange(pte_t *entry, pte_t pte, bool preserve_ad)
{
	pte_t old, next;

	if (likely(!preserve_ad || !pte_present(pte)))
		return (pte_t){ xchg64(&entry->raw, pte.raw) };
	old = pt_load(entry);
	do {
		next = pte;
		if (pte_present(old))
			next.raw |= old.raw & CPU_BITS;
	} while (!pt_store(entry, &old, next));
	return old;
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

static int update_live(const struct pt_context *ctx, struct frame *table, unsigned int type,
		       unsigned int slot, gpte_t want, bool preserve_ad)
{
	pte_t *entry = entry_of(table, slot), next;
	int rc;

	if (update_in_place(ctx->table_owner, entry, type, want, preserve_ad))
		return 0;
	rc = pte_admit(ctx, type, slot, want, &next);
	if (!rc)
		pte_drop(type, pt_exchange(entry, next, preserve_ad));
	return rc;
}

/* The same for what is usual, an L1 entry that is cleared or names RAM: in one piece (l1.h). */
int pt_update_l1(const struct pt_context *ctx, struct frame *table, unsigned int slot, gpte_t want,
		 bool preserve_ad)
{
	pte_t *entry = entry_of(table, slot), old, next;
	struct frame *f;
	int rc;

	if (!(want.raw & PTE_P)) {
		if (unlikely(l1tf_vulnerable))
			return update_live(ctx, table, PT_L1, slot, want, preserve_ad);
		old = pt_exchange(entry, (pte_t){ want.raw }, preserve_ad);
		if (pte_present(old))
			l1_drop(old);
		return 0;
	}
	f = frame_look_up(gpte_frame(want.raw));
	if (unlikely(!f || (want.raw & ~L1_ALLOWED)))
		return update_live(ctx, table, PT_L1, slot, want, preserve_ad);

	next = l1_finish(ctx->table_owner, want.raw);
	old = pt_load(entry);
	while (!((old.raw ^ next.raw) & ~L1_SAME)) {
		pte_t kept = { preserve_ad ? old.raw & CPU_BITS : 0 };

		if (likely(pt_store(entry, &old, (pte_t){ next.raw | kept.raw })))
			return 0;
	}
	rc = l1_hold(f, ctx->frame_owner, want.raw);
	if (unlikely(rc))
		return rc;
	old = pt_exchange(entry, next, preserve_ad);
	if (pte_present(old))
		l1_drop(old);
	return 0;
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
		rc = pt_update_l1(&ctx, table, slot, want, preserve_ad);
	else
		rc = update_live(&ctx, table, type, slot, want, preserve_ad);
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
	f = frame_look_up(gpte_frame(want.raw));
	if (likely((want.raw & PTE_P) && f && !(want.raw & ~L1_ALLOWED))) {
		next = l1_finish(d, want.raw);
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

/* The L1 and slot that a grant operation means; holds the table, put with frame_put_and_type(). */
static int grant_locate(struct vcpu *v, bool va_is_pte, uint64_t where, struct frame **table,
			unsigned int *slot)
{
	struct frame *f;
	int rc;

	if (va_is_pte) {
		rc = frame_get_owned(v->domain, gfn(where >> PAGE_SHIFT), &f);
		if (rc)
			return rc;
		if (!IS_ALIGNED(where, sizeof(pte_t))) {
			frame_put(f);
			return refuse(-EINVAL, "entry at %#lx: not aligned", where);
		}
		*slot = (where & ~PAGE_MASK) / sizeof(pte_t);
	} else {
		f = guest_l1(v, where, slot);
		if (!f || !frame_get(f, v->domain))
			return refuse(-EINVAL, "address %#lx: no L1 of the guest's there", where);
	}
	if (!type_get_live(f, PT_L1)) {
		frame_put(f);
		return refuse(-EINVAL, "frame %#lx: not an L1", frame_mfn(f).n);
	}
	*table = f;
	return 0;
}

int grant_map_l1(struct vcpu *v, bool va_is_pte, uint64_t where, pte_t granted)
{
	struct frame *table;
	unsigned int slot;
	int rc;

	rc = grant_locate(v, va_is_pte, where, &table, &slot);
	if (rc)
		return rc;
	pte_drop(PT_L1, pt_exchange(entry_of(table, slot), granted, false));
	frame_put_and_type(table);
	return 0;
}

int grant_unmap_l1(struct vcpu *v, bool va_is_pte, uint64_t where, mfn_t m, bool writable)
{
	struct frame *table;
	unsigned int slot;
	pte_t old;
	int rc;

	rc = grant_locate(v, va_is_pte, where, &table, &slot);
	if (rc)
		return rc;
	old = pt_load(entry_of(table, slot));
	do {
		if (!pte_present(old) || !mfn_eq(pte_mfn(old), m) || (bool)(old.raw & PTE_W) != writable) {
			rc = refuse(-ENOENT, "address %#lx: frame %#lx is not mapped there", where, m.n);
			break;
		}
	} while (!pt_store(entry_of(table, slot), &old, (pte_t){ 0 }));
	frame_put_and_type(table);
	return rc;
}
