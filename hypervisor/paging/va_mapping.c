// SPDX-License-Identifier: GPL-2.0-only
/*
 * update_va_mapping: the L1 entry that maps an address now, and the flush that goes with it.
 */
#include "cpu/tlb.h"
#include "guest/access.h"
#include "lib/log.h"
#include "paging/paging.h"

/* What the flags ask to be flushed, known before anything changes. */
struct flush_plan {
	bool any;
	uint64_t va;		/* or TLB_ALL */
	uint64_t vcpus;
};

static int flush_plan(struct hcall *h, uint64_t va, uint64_t flags, struct flush_plan *plan)
{
	uint64_t whom = flags & ~(uint64_t)UVMF_FLUSHTYPE_MASK;

	*plan = (struct flush_plan){ .va = TLB_ALL };
	switch (flags & UVMF_FLUSHTYPE_MASK) {
	case UVMF_NONE:
		return 0;
	case UVMF_TLB_FLUSH:
		break;
	case UVMF_INVLPG:
		plan->va = va;
		break;
	default:
		return refuse(-EINVAL, "flush flags %#lx", flags);
	}
	plan->any = true;
	if (whom == UVMF_LOCAL)
		plan->vcpus = 1ul << h->v->id;
	else if (whom == UVMF_ALL)
		plan->vcpus = ~0ul;
	else
		return paging_read_vcpumask(h, gva(whom), h->d->is_32bit, &plan->vcpus);
	return 0;
}

static void flush_carry_out(struct hcall *h, const struct flush_plan *plan)
{
	if (plan->vcpus != 1ul << h->v->id)
		paging_flush_vcpus(h->d, plan->vcpus, plan->va);
	else
		paging_flush_own(plan->va);
}

static int update_at(struct hcall *h, struct domain *frames, uint64_t va, gpte_t want)
{
	struct pt_context ctx = { .table_owner = h->d, .frame_owner = frames, .h = h };
	unsigned int slot;
	struct frame *table = guest_l1(h->v, va, &slot);
	int rc;

	/* Our own tables, which the guest's continue into, have no owner. */
	if (!table || !frame_get(table, h->d))
		return refuse(-EINVAL, "address %#lx: no L1 of the guest's there", va);
	if (likely(type_get_live(table, PT_L1))) {
		rc = pt_update_l1(&ctx, table, slot, want, false);
		type_put(table);
	} else {
		rc = refuse(-EINVAL, "address %#lx: its table is being let go", va);
	}
	frame_put(table);
	return rc;
}

int64_t va_mapping_do(struct hcall *h, uint64_t va, gpte_t want, uint64_t flags, domid_t owner)
{
	struct flush_plan plan;
	struct domain *frames;
	int rc;

	rc = paging_settle(h->d, h);
	if (rc)
		return rc;
	rc = flush_plan(h, va, flags, &plan);
	if (rc)
		return rc;
	rc = paging_target(h, owner, &frames);
	if (rc)
		return rc;
	rc = update_at(h, frames, va, want);
	paging_target_put(h, frames);
	if (!rc && plan.any)
		flush_carry_out(h, &plan);
	return rc;
}

int64_t hc_update_va_mapping(struct hcall *h)
{
	return va_mapping_do(h, h->args[0], gpte(h->args[1]), h->args[2], DOMID_SELF);
}

int64_t hc_update_va_mapping_otherdomain(struct hcall *h)
{
	return va_mapping_do(h, h->args[0], gpte(h->args[1]), h->args[2], (domid_t)h->args[3]);
}
