// SPDX-License-Identifier: GPL-2.0-only
/*
 * update_va_mapping: the L1 entry that maps an address now, and the flush that goes with it.
 */
#include "cpu/tlb.h"
#include "guest/access.h"
#include "lib/log.h"
#include "paging/l1.h"
#include "paging/paging.h"

/* What the flags ask to be flushed, known before anything changes. */
struct flush_plan {
	uint64_t va;		/* or TLB_ALL */
	uint64_t vcpus;
};

static int flush_plan(struct hcall *h, uint64_t va, uint64_t flags, struct flush_plan *plan)
{
	uint64_t whom = flags & ~(uint64_t)UVMF_FLUSHTYPE_MASK;

	plan->vcpus = 0;
	switch (flags & UVMF_FLUSHTYPE_MASK) {
	case UVMF_NONE:
		return 0;
	case UVMF_TLB_FLUSH:
		plan->va = TLB_ALL;
		break;
	case UVMF_INVLPG:
		plan->va = va;
		break;
	default:
		return refuse(-EINVAL, "flush flags %#lx", flags);
	}
	if (whom == UVMF_ALL)
		plan->vcpus = ~0ul;
	else
		return paging_read_vcpumask(h, gva(whom), h->d->is_32bit, &plan->vcpus);
	return 0;
}

static inline int update_at(struct hcall *h, struct domain *frames, uint64_t va, gpte_t want)
{
	struct pt_context ctx = { .table_owner = h->d, .frame_owner = frames, .h = h };
	pte_t *entry = l1_entry_of(h->v, va);
	struct frame *table = frame_of(mfn_of(entry));
	int rc;

	/* Our own tables, which the guest's continue into, have no owner. */
	if (unlikely(!entry || !frame_get(table, h->d)))
		return refuse(-EINVAL, "address %#lx: no L1 of the guest's there", va);
	if (likely(type_get_live(table, PT_L1))) {
		rc = pt_update_l1(&ctx, entry, want, false);
		type_put(table);
	} else {
		rc = refuse(-EINVAL, "address %#lx: its table is being let go", va);
	}
	frame_put(table);
	return rc;
}

/* Whatever is unusual about the flush. */
static int update_and_flush_others(struct hcall *h, struct domain *frames, uint64_t va, gpte_t want,
				   uint64_t flags)
{
	struct flush_plan plan;
	int rc;

	rc = flush_plan(h, va, flags, &plan);
	if (!rc)
		rc = update_at(h, frames, va, want);
	if (!rc && plan.vcpus)
		paging_flush_vcpus(h->d, plan.vcpus, plan.va);
	return rc;
}

static inline __attribute__((always_inline)) int
update(struct hcall *h, struct domain *frames, uint64_t va, gpte_t want, uint64_t flags)
{
	int rc;

	if (unlikely(flags >= UVMF_FLUSHTYPE_MASK))
		return update_and_flush_others(h, frames, va, want, flags);
	rc = update_at(h, frames, va, want);
	if (!rc && flags)
		paging_flush_own(flags == UVMF_TLB_FLUSH ? TLB_ALL : va);
	return rc;
}

static_assert(UVMF_NONE == 0 && UVMF_TLB_FLUSH == 1 && UVMF_INVLPG == 2 && UVMF_LOCAL == 0 &&
	      UVMF_FLUSHTYPE_MASK == 3, "below the mask, only the caller is concerned");

int64_t va_mapping_do(struct hcall *h, uint64_t va, gpte_t want, uint64_t flags, domid_t owner)
{
	struct domain *frames;
	int rc;

	rc = paging_settle(h->d, h);
	if (unlikely(rc))
		return rc;
	rc = paging_target(h, owner, &frames);
	if (unlikely(rc))
		return rc;
	rc = update(h, frames, va, want, flags);
	paging_target_put(h, frames);
	return rc;
}

int64_t va_mapping_own(struct hcall *h, uint64_t va, gpte_t want, uint64_t flags)
{
	int rc = paging_settle(h->d, h);

	return likely(!rc) ? update(h, h->d, va, want, flags) : rc;
}

int64_t hc_update_va_mapping(struct hcall *h)
{
	return va_mapping_own(h, h->args[0], gpte(h->args[1]), h->args[2]);
}

int64_t hc_update_va_mapping_otherdomain(struct hcall *h)
{
	return va_mapping_do(h, h->args[0], gpte(h->args[1]), h->args[2], (domid_t)h->args[3]);
}
