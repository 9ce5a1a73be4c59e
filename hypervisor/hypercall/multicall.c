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
#include "lib/bits.h"
#include "lib/log.h"

struct multicall_entry32 {
	uint32_t op;
	int32_t result;
	uint32_t args[HC_ARGS];
};

static_assert(sizeof(struct multicall_entry32) == 32, "struct multicall_entry, 32-bit");
static_assert(sizeof(struct multicall_entry) == 64 && sizeof(long) == 8, "the 64-bit layout");

/* An entry is eight words of the guest's: the number, the result, the arguments. */
#define WORD_RESULT	1
#define WORD_ARGS	2

/* All below is in line, once for each width. */
#define INLINE	__attribute__((always_inline)) static inline

INLINE bool word_read(uint64_t at, unsigned int i, bool narrow, uint64_t *word)
{
	return likely(narrow ? usercopy_load32(word, at + i * sizeof(uint32_t)) :
			       usercopy_load64(word, at + i * sizeof(uint64_t)));
}

INLINE bool word_write(uint64_t at, unsigned int i, bool narrow, uint64_t word)
{
	return likely(narrow ? usercopy_store32(at + i * sizeof(uint32_t), (uint32_t)word) :
			       usercopy_store64(at + i * sizeof(uint64_t), word));
}

/* Each word once. */
INLINE bool entry_read(uint64_t at, bool narrow, struct hcall *one)
{
	unsigned int nr;
	uint64_t op;

	if (!word_read(at, 0, narrow, &op) ||
	    !word_read(at, WORD_ARGS + 0, narrow, &one->args[0]) ||
	    !word_read(at, WORD_ARGS + 1, narrow, &one->args[1]) ||
	    !word_read(at, WORD_ARGS + 2, narrow, &one->args[2]) ||
	    !word_read(at, WORD_ARGS + 3, narrow, &one->args[3]) ||
	    !word_read(at, WORD_ARGS + 4, narrow, &one->args[4]) ||
	    !word_read(at, WORD_ARGS + 5, narrow, &one->args[5]))
		return false;
	one->nr = likely(index_within(op, HYPERCALL_COUNT, &nr)) ? (uint16_t)nr : HYPERCALL_COUNT;
	return true;
}

static int64_t interrupted(uint64_t at, bool narrow, const struct hcall *one)
{
	for (unsigned int i = 0; i < HC_ARGS; i++)
		if (!word_write(at, WORD_ARGS + i, narrow, one->args[i]))
			return -EFAULT;
	return HC_RESTART;
}

/* 0: go on with the next; anything else, or one->left_kernel, ends the batch. */
INLINE int64_t one_entry(uint64_t at, bool narrow, struct hcall *one)
{
	int64_t result;

	if (unlikely(!entry_read(at, narrow, one)))
		return -EFAULT;
	result = hypercall_doors[narrow][one->nr](one);
	if (unlikely(one->left_kernel))
		return result;
	if (unlikely(result == HC_RESTART))
		return interrupted(at, narrow, one);
	return word_write(at, WORD_RESULT, narrow, (uint64_t)result) ? 0 : -EFAULT;
}

INLINE int64_t run(struct hcall *h, bool narrow)
{
	size_t size = narrow ? sizeof(struct multicall_entry32) : sizeof(struct multicall_entry);
	uint32_t left = (uint32_t)h->args[1];
	uint64_t at = h->args[0];
	struct hcall one;
	int64_t rc = 0;

	if (h->in_multicall)
		return refuse(-EINVAL, "multicall inside a multicall");
	/* The whole list, so that its words need not be looked at again. */
	if (!guest_array_ok(gva(at), left, size))
		return refuse(-EFAULT, "multicall list at %#lx", at);
	one.v = h->v;
	one.d = h->d;
	one.in_multicall = true;
	one.left_kernel = false;
	one.work = 0;
	for (; left; at += size, left--) {
		if (unlikely(hcall_should_yield(&one))) {
			rc = HC_RESTART;
			break;
		}
		rc = one_entry(at, narrow, &one);
		if (unlikely(rc) || unlikely(one.left_kernel))
			break;
	}
	h->args[0] = at;
	h->args[1] = left;
	h->left_kernel = one.left_kernel;
	return rc;
}

int64_t hc_multicall(struct hcall *h)
{
	return run(h, false);
}

int64_t hc32_multicall(struct hcall *h)
{
	return run(h, true);
}
