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

struct batch {
	uint64_t at;		/* of the entry that is next; the whole list is the guest's to name */
	bool narrow;
};

static inline bool word_read(const struct batch *l, unsigned int i, uint64_t *word)
{
	uint32_t half;

	if (!l->narrow)
		return usercopy_load64(word, l->at + i * sizeof(uint64_t));
	if (!usercopy_load32(&half, l->at + i * sizeof(half)))
		return false;
	*word = half;
	return true;
}

static inline bool word_write(const struct batch *l, unsigned int i, uint64_t word)
{
	return l->narrow ? usercopy_store32(l->at + i * sizeof(uint32_t), (uint32_t)word) :
			   usercopy_store64(l->at + i * sizeof(uint64_t), word);
}

/* Each word once. */
static inline bool entry_read(const struct batch *l, struct hcall *one)
{
	unsigned int nr;
	uint64_t op;

	if (unlikely(!word_read(l, 0, &op) ||
		     !word_read(l, WORD_ARGS + 0, &one->args[0]) ||
		     !word_read(l, WORD_ARGS + 1, &one->args[1]) ||
		     !word_read(l, WORD_ARGS + 2, &one->args[2]) ||
		     !word_read(l, WORD_ARGS + 3, &one->args[3]) ||
		     !word_read(l, WORD_ARGS + 4, &one->args[4]) ||
		     !word_read(l, WORD_ARGS + 5, &one->args[5])))
		return false;
	one->nr = likely(index_within(op, HYPERCALL_COUNT, &nr)) ? (uint16_t)nr : HYPERCALL_COUNT;
	return true;
}

static bool args_write(const struct batch *l, const struct hcall *one)
{
	for (unsigned int i = 0; i < HC_ARGS; i++)
		if (!word_write(l, WORD_ARGS + i, one->args[i]))
			return false;
	return true;
}

/* 0: go on with the next; anything else is the answer to the whole batch. */
static inline int64_t one_entry(const struct batch *l, struct hcall *one)
{
	int64_t result;

	if (unlikely(!entry_read(l, one)))
		return -EFAULT;
	result = hypercall_doors[l->narrow][one->nr](one);
	if (unlikely(one->left_kernel))
		return result;
	if (unlikely(result == HC_RESTART))
		return args_write(l, one) ? HC_RESTART : -EFAULT;
	return likely(word_write(l, WORD_RESULT, (uint64_t)result)) ? 0 : -EFAULT;
}

static inline int64_t run(struct hcall *h, bool narrow)
{
	struct hcall one = { .v = h->v, .d = h->d, .in_multicall = true };
	struct batch l = { .at = h->args[0], .narrow = narrow };
	size_t size = narrow ? sizeof(struct multicall_entry32) : sizeof(struct multicall_entry);
	uint32_t left = (uint32_t)h->args[1];
	int64_t rc = 0;

	if (h->in_multicall)
		return refuse(-EINVAL, "multicall inside a multicall");
	if (!guest_array_ok(gva(l.at), left, size))
		return refuse(-EFAULT, "multicall list at %#lx", l.at);
	while (left) {
		rc = one_entry(&l, &one);
		if (unlikely(rc) || unlikely(one.left_kernel))
			break;
		l.at += size;
		left--;
		if (unlikely(hcall_should_yield(&one)) && left) {
			rc = HC_RESTART;
			break;
		}
	}
	h->args[0] = l.at;
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
