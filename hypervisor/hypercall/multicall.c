// SPDX-License-Identifier: GPL-2.0-only
/*
 * Batches of hypercalls.
 *
 * Each entry is read once, done, and its result written back. Where a batch was interrupted is in
 * the arguments of the multicall itself (list, count), where one call of it was in the arguments
 * of its entry. A batch inside a batch is refused; one whose call left the guest's kernel (iret)
 * ends there, since what follows would run with the wrong privilege (advisory 213).
 */
#include "hypercall/hypercall.h"

#include <xen/xen.h>

#include "guest/access.h"
#include "lib/log.h"

struct multicall_entry32 {
	uint32_t op;
	int32_t result;
	uint32_t args[HC_ARGS];
};

static_assert(sizeof(struct multicall_entry32) == 32, "struct multicall_entry, 32-bit");

/* One entry in either width, widened. */
struct entry {
	uint64_t op;
	int64_t result;
	uint64_t args[HC_ARGS];
};

static_assert(sizeof(struct entry) == sizeof(struct multicall_entry), "the 64-bit layout");

static size_t entry_size(const struct hcall *h)
{
	return h->d->is_32bit ? sizeof(struct multicall_entry32) : sizeof(struct entry);
}

static int entry_read(const struct hcall *h, gva_t at, struct entry *e)
{
	struct multicall_entry32 narrow;
	int rc;

	if (!h->d->is_32bit)
		return copy_from_guest(e, at);
	rc = copy_from_guest(&narrow, at);
	e->op = narrow.op;
	for (unsigned int i = 0; i < HC_ARGS; i++)
		e->args[i] = narrow.args[i];
	return rc;
}

static int result_write(const struct hcall *h, gva_t at, int64_t result)
{
	int32_t narrow = (int32_t)result;

	if (h->d->is_32bit)
		return guest_write(gva_add(at, offsetof(struct multicall_entry32, result)),
				   &narrow, sizeof(narrow));
	return guest_write(gva_add(at, offsetof(struct entry, result)), &result, sizeof(result));
}

static int args_write(const struct hcall *h, gva_t at, const uint64_t args[HC_ARGS])
{
	uint32_t narrow[HC_ARGS];

	if (!h->d->is_32bit)
		return guest_write(gva_add(at, offsetof(struct entry, args)), args,
				   HC_ARGS * sizeof(args[0]));
	for (unsigned int i = 0; i < HC_ARGS; i++)
		narrow[i] = (uint32_t)args[i];
	return guest_write(gva_add(at, offsetof(struct multicall_entry32, args)), narrow,
			   sizeof(narrow));
}

/* 0: go on with the next; anything else is the answer to the whole batch. */
static int64_t one_entry(struct hcall *h, gva_t at)
{
	struct hcall inner = { .v = h->v, .d = h->d, .in_multicall = true, .work = h->work };
	struct entry e;
	unsigned int nr;
	int64_t result;
	int rc;

	rc = entry_read(h, at, &e);
	if (rc)
		return rc;
	inner.nr = index_within(e.op, HYPERCALL_COUNT, &nr) ? (uint16_t)nr : HYPERCALL_COUNT;
	for (unsigned int i = 0; i < HC_ARGS; i++)
		inner.args[i] = e.args[i];

	result = hypercall_doors[h->d->is_32bit][inner.nr](&inner);
	h->work = inner.work;
	if (inner.left_kernel) {
		h->left_kernel = true;
		return result;
	}
	if (result == HC_RESTART) {
		rc = args_write(h, at, inner.args);
		return rc ? rc : HC_RESTART;
	}
	return result_write(h, at, result);
}

int64_t hc_multicall(struct hcall *h)
{
	size_t size = entry_size(h);
	int64_t rc;

	if (h->in_multicall)
		return refuse(-EINVAL, "multicall inside a multicall");
	h->args[1] = (uint32_t)h->args[1];
	if (!guest_array_ok(gva(h->args[0]), h->args[1], size))
		return refuse(-EFAULT, "multicall list at %#lx", h->args[0]);

	while (h->args[1]) {
		rc = one_entry(h, gva(h->args[0]));
		if (rc || h->left_kernel)
			return rc;
		h->args[0] += size;
		h->args[1]--;
		if (h->args[1] && hcall_should_yield(h))
			return HC_RESTART;
	}
	return 0;
}
