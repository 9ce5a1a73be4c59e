// SPDX-License-Identifier: GPL-2.0-only
#include "lib/rangeset.h"

#include "lib/errno.h"
#include "lib/string.h"

void rangeset_init(struct rangeset *set, unsigned int limit)
{
	set->count = 0;
	set->limit = limit;
}

void rangeset_clear(struct rangeset *set)
{
	set->count = 0;
}

/* The first range that ends at or after n; count if none does. */
static unsigned int find(const struct rangeset *set, uint64_t n)
{
	unsigned int low = 0, high = set->count;

	while (low < high) {
		unsigned int mid = (low + high) / 2;

		if (set->range[mid].last < n)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Put `with` (0 to 2 ranges) in the place of ranges [from, to). */
static int replace(struct rangeset *set, unsigned int from, unsigned int to,
		   const struct range *with, unsigned int with_count)
{
	unsigned int count = set->count - (to - from) + with_count;

	if (count > set->limit)
		return -ENOSPC;
	memmove(&set->range[from + with_count], &set->range[to],
		(set->count - to) * sizeof(struct range));
	for (unsigned int i = 0; i < with_count; i++)
		set->range[from + i] = with[i];
	set->count = count;
	return 0;
}

int rangeset_add(struct rangeset *set, uint64_t first, uint64_t last)
{
	struct range merged = { first, last };
	unsigned int from, to;

	if (first > last)
		return -EINVAL;

	/* All that overlap or touch become one. */
	from = find(set, first ? first - 1 : 0);
	for (to = from; to < set->count; to++) {
		const struct range *r = &set->range[to];

		if (last != UINT64_MAX && r->first > last + 1)
			break;
		if (r->first < merged.first)
			merged.first = r->first;
		if (r->last > merged.last)
			merged.last = r->last;
	}
	return replace(set, from, to, &merged, 1);
}

int rangeset_remove(struct rangeset *set, uint64_t first, uint64_t last)
{
	struct range left[2];
	unsigned int from, to, left_count = 0;

	if (first > last)
		return -EINVAL;

	from = find(set, first);
	for (to = from; to < set->count && set->range[to].first <= last; to++) {
		const struct range *r = &set->range[to];

		if (r->first < first)
			left[left_count++] = (struct range){ r->first, first - 1 };
		if (r->last > last)
			left[left_count++] = (struct range){ last + 1, r->last };
	}
	return replace(set, from, to, left, left_count);
}

bool rangeset_contains(const struct rangeset *set, uint64_t first, uint64_t last)
{
	unsigned int at = find(set, first);

	return first <= last && at < set->count && set->range[at].first <= first &&
	       set->range[at].last >= last;
}

bool rangeset_overlaps(const struct rangeset *set, uint64_t first, uint64_t last)
{
	unsigned int at = find(set, first);

	return first <= last && at < set->count && set->range[at].first <= last;
}

int rangeset_walk(const struct rangeset *set, int (*fn)(uint64_t first, uint64_t last, void *arg),
		  void *arg)
{
	for (unsigned int i = 0; i < set->count; i++) {
		int rc = fn(set->range[i].first, set->range[i].last, arg);

		if (rc)
			return rc;
	}
	return 0;
}
