// SPDX-License-Identifier: GPL-2.0-only
/*
 * mmuext_op: what a guest does with whole tables, its bases, and what the CPU remembers of them.
 *
 * Decoding (two layouts) is at the bottom and in compat/mmu.c; from mmuext_do() on there is one.
 */
#include "cpu/asm.h"
#include "cpu/tlb.h"
#include "guest/access.h"
#include "lib/log.h"
#include "lib/string.h"
#include "paging/batch.h"
#include "paging/paging.h"

/* CPUs that may have translations of d's: those its vcpus run on. A vcpu that runs elsewhere later
 * begins there with a fresh cr3. */
static cpumask_t cpus_of(const struct domain *d, uint64_t vcpus)
{
	cpumask_t mask = 0;
	struct vcpu *v;

	static_assert(MAX_VCPUS <= 64, "one word says which");
	for_each_vcpu(d, v) {
		if (vcpus >> v->id & 1)
			mask |= cpumask_of(v->cpu);
	}
	return mask & cpus_online;
}

void paging_flush_domain(struct domain *d, uint64_t va)
{
	paging_flush_vcpus(d, ~0ul, va);
}

void paging_flush_vcpus(struct domain *d, uint64_t vcpus, uint64_t va)
{
	cpumask_t mask = cpus_of(d, vcpus);

	if (likely(mask == cpumask_of(this_cpu())))
		paging_flush_own(va);
	else if (va == TLB_ALL)
		tlb_flush_mask(mask);
	else if (is_canonical(va))
		tlb_flush_one_mask(mask, va);
}

int paging_read_vcpumask(struct hcall *h, gva_t at, bool is_32bit, uint64_t *out)
{
	/* A 32-bit guest's bitmap may end after its first word. */
	size_t bytes = is_32bit && h->d->vcpu_count <= 32 ? sizeof(uint32_t) : sizeof(uint64_t);

	*out = 0;
	return guest_read(out, at, bytes);
}

__attribute__((noinline)) static int pin(struct domain *d, uint64_t n, unsigned int type, struct hcall *h)
{
	struct frame *f;
	int rc;

	if (d->special)
		return refuse(-EINVAL, "d%u has no tables", d->id);
	f = frame_look_up(gfn(n));
	if (!f)
		return refuse(-EINVAL, "pin frame %#lx: no such frame", n);
	rc = frame_get_and_type(f, d, type, h);
	if (rc)
		return rc;
	if (type_pin(f)) {
		frame_put_and_type(f);
		return refuse(-EINVAL, "frame %#lx: pinned already", n);
	}
	return 0;	/* both references are the pin's */
}

static int unpin(struct domain *d, uint64_t n)
{
	struct frame *f;
	int rc;

	rc = frame_get_owned(d, gfn(n), &f);
	if (rc)
		return rc;
	if (type_unpin(f))
		frame_put_and_type(f);
	else
		rc = refuse(-EINVAL, "frame %#lx: not pinned", n);
	frame_put(f);
	return rc;
}

static int clear_page(struct domain *d, uint64_t n)
{
	struct frame *f;
	int rc;

	rc = frame_get_owned(d, gfn(n), &f);
	if (rc)
		return rc;
	rc = type_get(f, PT_WRITABLE, NULL);
	if (!rc) {
		zero_words(frame_map(f), PAGE_SIZE / 8);
		type_put(f);
	}
	frame_put(f);
	return rc;
}

static int copy_page(struct domain *d, uint64_t to, uint64_t from)
{
	struct frame *src, *dst;
	int rc;

	rc = frame_get_owned(d, gfn(from), &src);
	if (rc)
		return rc;
	rc = frame_get_owned(d, gfn(to), &dst);
	if (rc)
		goto out;
	rc = type_get(dst, PT_WRITABLE, NULL);
	if (!rc) {
		copy_words(frame_map(dst), frame_map(src), PAGE_SIZE / 8);
		type_put(dst);
	}
	frame_put(dst);
out:
	frame_put(src);
	return rc;
}

/* What others than the one that asks have to forget too. */
static int flush(struct hcall *h, const struct mmuext_req *req)
{
	bool one = req->cmd == MMUEXT_INVLPG_MULTI || req->cmd == MMUEXT_INVLPG_ALL;
	uint64_t va = one ? req->arg1 : TLB_ALL, vcpus = 0;
	int rc;

	switch (req->cmd) {
	case MMUEXT_TLB_FLUSH_MULTI:
	case MMUEXT_INVLPG_MULTI:
		rc = paging_read_vcpumask(h, gva(req->arg2), req->mask_is_32bit, &vcpus);
		if (rc)
			return rc;
		break;
	default:
		vcpus = ~0ul;
		break;
	}
	paging_flush_vcpus(h->d, vcpus, va);
	return 0;
}

/* Writing back all caches stalls the machine: only for those who drive devices. */
static int flush_cache(struct hcall *h)
{
	if (!h->d->privileged && !(h->d->iomem && h->d->iomem->count))
		return refuse(-EACCES, "d%u drives no devices, cache flush refused", h->d->id);
	wbinvd();
	return 0;
}

/* What concerns the caller's own vcpu. */
static inline int do_own(struct hcall *h, const struct mmuext_req *req)
{
	switch (req->cmd) {
	case MMUEXT_NEW_USER_BASEPTR:
		return refuse(-EOPNOTSUPP, "a user base for a 32-bit guest");
	case MMUEXT_TLB_FLUSH_MULTI:
	case MMUEXT_INVLPG_MULTI:
	case MMUEXT_TLB_FLUSH_ALL:
	case MMUEXT_INVLPG_ALL:
		return flush(h, req);
	case MMUEXT_FLUSH_CACHE:
	case MMUEXT_FLUSH_CACHE_GLOBAL:
		return flush_cache(h);
	case MMUEXT_SET_LDT:
		return ldt_set(h->v, req->arg1, (unsigned int)req->arg2);
	case MMUEXT_MARK_SUPER:
	case MMUEXT_UNMARK_SUPER:
		return refuse(-EOPNOTSUPP, "large pages are not for guests");
	default:
		return refuse(-ENOSYS, "mmuext command %u", req->cmd);
	}
}

static int do_any(struct hcall *h, struct domain *target, const struct mmuext_req *req)
{
	switch (req->cmd) {
	case MMUEXT_PIN_L1_TABLE:
		return pin(target, req->arg1, PT_L1, h);
	case MMUEXT_PIN_L2_TABLE:
		return pin(target, req->arg1, PT_L2, h);
	case MMUEXT_PIN_L3_TABLE:
		return pin(target, req->arg1, PT_L3, h);
	case MMUEXT_PIN_L4_TABLE:
		return pin(target, req->arg1, PT_L4, h);
	case MMUEXT_UNPIN_TABLE:
		return unpin(target, req->arg1);
	case MMUEXT_CLEAR_PAGE:
		return clear_page(target, req->arg1);
	case MMUEXT_COPY_PAGE:
		return copy_page(target, req->arg1, req->arg2);
	default:
		if (target != h->d)
			return refuse(-EPERM, "mmuext command %u for another domain", req->cmd);
		return do_own(h, req);
	}
}

/* What a kernel asks at every turn comes first. */
static inline int mmuext_do(struct hcall *h, struct domain *target, const struct mmuext_req *req)
{
	if (likely(target == h->d)) {
		if (req->cmd == MMUEXT_NEW_BASEPTR)
			return paging_set_base(h->v, gfn(req->arg1), false, h);
		if (req->cmd == MMUEXT_NEW_USER_BASEPTR && !h->d->is_32bit)
			return paging_set_base(h->v, gfn(req->arg1), true, h);
		if (req->cmd == MMUEXT_INVLPG_LOCAL) {
			if (likely(is_canonical(req->arg1)))
				tlb_flush_one_local(req->arg1);
			return 0;
		}
		if (req->cmd == MMUEXT_TLB_FLUSH_LOCAL) {
			tlb_flush_local();
			return 0;
		}
	}
	return do_any(h, target, req);
}

static inline __attribute__((always_inline)) int64_t
batch(struct hcall *h, size_t stride, int (*fetch)(gva_t at, struct mmuext_req *req))
{
	struct paging_batch b;
	struct domain *target;
	struct mmuext_req req;
	int64_t rc64;
	int rc;

	/* One of one's own: the batch is for the others, and for what it may leave to do. */
	if (likely((uint32_t)h->args[1] == 1 && !h->args[2] && (domid_t)h->args[3] == DOMID_SELF &&
		   !paging_settle(h->d, h))) {
		rc = fetch(gva(h->args[0]), &req);
		if (likely(!rc))
			rc = mmuext_do(h, h->d, &req);
		if (likely(rc || !h->d->teardown_table))
			return rc;
		b = (struct paging_batch){ .list = gva(h->args[0]), .count = 1, .i = 1 };
		return paging_batch_end(h, h->d, stride, &b, 0);
	}
	rc = paging_target(h, (domid_t)h->args[3], &target);
	if (rc)
		return rc;
	rc64 = rc = paging_batch_begin(h, stride, &b);
	if (rc)
		goto out;
	for (; b.i < b.count; b.i++) {
		rc = b.i && hcall_should_yield(h) ? HC_RESTART : paging_settle(target, h);
		if (rc)
			break;
		rc = fetch(gva_add(b.list, b.i * stride), &req);
		if (rc)
			break;
		rc = mmuext_do(h, target, &req);
		if (rc)
			break;
	}
	rc64 = paging_batch_end(h, target, stride, &b, rc);
out:
	paging_target_put(h, target);
	return rc64;
}

int64_t mmuext_batch(struct hcall *h, size_t stride, int (*fetch)(gva_t at, struct mmuext_req *req))
{
	return batch(h, stride, fetch);
}

static inline int fetch64(gva_t at, struct mmuext_req *req)
{
	struct mmuext_op op;
	int rc;

	rc = copy_from_guest(&op, at);
	if (rc)
		return rc;
	*req = (struct mmuext_req){
		.cmd = op.cmd,
		.arg1 = op.arg1.linear_addr,
		/* One union: each command reads the part that is its own. */
		.arg2 = op.cmd == MMUEXT_SET_LDT ? op.arg2.nr_ents : op.arg2.src_mfn,
	};
	return 0;
}

int64_t hc_mmuext_op(struct hcall *h)
{
	return batch(h, sizeof(struct mmuext_op), fetch64);
}
