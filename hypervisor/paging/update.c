// SPDX-License-Identifier: GPL-2.0-only
/*
 * One entry of a live table at a time.
 *
 * Admit first, without a lock, since that may check whole tables; then exchange the entries under
 * the table's lock; then drop what was there. The CPU may set accessed and dirty bits meanwhile, so
 * the exchange is a compare-and-swap. The table's own type is held throughout.
 *
 * A guest flushes its own translations. Ours depend on none of its tables, and a frame whose last
 * reference goes is flushed before it is used otherwise (type.c), so nothing is flushed here.
 */
#include "cpu/asm.h"
#include "cpu/atomic.h"
#include "lib/log.h"
#include "paging/paging.h"

/* Exists only while f's table lock is held. */
struct ptpage {
	struct frame *f;
};

static struct ptpage ptpage_lock(struct frame *f)
{
	while (cmpxchg32(&f->lock, 0, 1) != 0) {
		cpu_relax();
		if (lock_spin_hook)
			lock_spin_hook();
	}
	return (struct ptpage){ f };
}

static void ptpage_unlock(struct ptpage *pt)
{
	store_release32(&pt->f->lock, 0);
	pt->f = NULL;
}

static pte_t pt_load(struct ptpage pt, unsigned int slot)
{
	const pte_t *table = frame_map(pt.f);

	return (pte_t){ read_once(table[slot].raw) };
}

/* Only place that writes memory the MMU reads as a live table. False: it was not `old` any more. */
static bool pt_store(struct ptpage pt, unsigned int slot, pte_t old, pte_t pte)
{
	pte_t *table = frame_map(pt.f);

	return cmpxchg64(&table[slot].raw, old.raw, pte.raw) == old.raw;
}

#define CPU_BITS	(PTE_A | PTE_D)

/* Store whatever is there now; says what that was. */
static pte_t pt_exchange(struct ptpage pt, unsigned int slot, pte_t pte, bool preserve_ad)
{
	for (;;) {
		pte_t old = pt_load(pt, slot), next = pte;

		if (preserve_ad && pte_present(old) && pte_present(pte))
			next.raw |= old.raw & CPU_BITS;
		if (pt_store(pt, slot, old, next))
			return old;
	}
}

/* Entries that hold the same references need nothing else. */
static bool update_in_place(struct domain *d, struct ptpage pt, unsigned int type,
			    unsigned int slot, gpte_t want, bool preserve_ad)
{
	for (;;) {
		pte_t old = pt_load(pt, slot), next;

		if (!pte_same_refs(d, type, old, want, &next))
			return false;
		if (preserve_ad && pte_present(old))
			next.raw |= old.raw & CPU_BITS;
		if (pt_store(pt, slot, old, next))
			return true;
	}
}

static int update_live(const struct pt_context *ctx, struct frame *table, unsigned int type,
		       unsigned int slot, gpte_t want, bool preserve_ad)
{
	struct ptpage pt;
	pte_t old, next;
	bool done;
	int rc;

	pt = ptpage_lock(table);
	done = update_in_place(ctx->table_owner, pt, type, slot, want, preserve_ad);
	ptpage_unlock(&pt);
	if (done)
		return 0;

	rc = pte_admit(ctx, type, slot, want, &next);
	if (rc)
		return rc;
	pt = ptpage_lock(table);
	old = pt_exchange(pt, slot, next, preserve_ad);
	ptpage_unlock(&pt);
	pte_drop(type, old);
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
	else
		rc = update_live(&ctx, table, type, slot, want, preserve_ad);
	type_put(table);
	return rc;
}

int pt_cmpxchg_l1(struct domain *d, struct frame *table, unsigned int slot, uint64_t expected,
		  gpte_t want, uint64_t *seen)
{
	struct pt_context ctx = { .table_owner = d, .frame_owner = d };
	struct ptpage pt;
	pte_t old, next;
	bool stored;
	int rc;

	if (slot >= PT_ENTRIES || frame_owner(table) != d || !type_get_live(table, PT_L1))
		return refuse(-EINVAL, "frame %#lx: not a live L1", frame_mfn(table).n);
	*seen = read_once(((pte_t *)frame_map(table))[slot].raw);
	rc = 0;
	if (*seen != expected)
		goto out;
	rc = pte_admit(&ctx, PT_L1, slot, want, &next);
	if (rc)
		goto out;
	old.raw = expected;
	pt = ptpage_lock(table);
	stored = pt_store(pt, slot, old, next);
	*seen = stored ? expected : pt_load(pt, slot).raw;
	ptpage_unlock(&pt);
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
	struct ptpage pt;
	unsigned int slot;
	pte_t old;
	int rc;

	rc = grant_locate(v, va_is_pte, where, &table, &slot);
	if (rc)
		return rc;
	pt = ptpage_lock(table);
	old = pt_exchange(pt, slot, granted, false);
	ptpage_unlock(&pt);
	pte_drop(PT_L1, old);
	frame_put_and_type(table);
	return 0;
}

int grant_unmap_l1(struct vcpu *v, bool va_is_pte, uint64_t where, mfn_t m, bool writable)
{
	struct frame *table;
	struct ptpage pt;
	unsigned int slot;
	pte_t old;
	int rc;

	rc = grant_locate(v, va_is_pte, where, &table, &slot);
	if (rc)
		return rc;
	pt = ptpage_lock(table);
	do {
		old = pt_load(pt, slot);
		if (!pte_present(old) || !mfn_eq(pte_mfn(old), m) || (bool)(old.raw & PTE_W) != writable) {
			rc = -ENOENT;
			break;
		}
	} while (!pt_store(pt, slot, old, (pte_t){ 0 }));
	ptpage_unlock(&pt);
	if (rc)
		rc = refuse(-ENOENT, "address %#lx: frame %#lx is not mapped there", where, m.n);
	frame_put_and_type(table);
	return rc;
}
