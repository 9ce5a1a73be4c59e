// SPDX-License-Identifier: GPL-2.0-only
#include "lib/bits.h"

bool index_within(uint64_t i, uint64_t n, unsigned int *slot)
{
	/* All ones if i < n, by arithmetic alone: the sign of either term tells otherwise. */
	uint64_t mask = (uint64_t)((int64_t)~(i | (n - 1 - i)) >> 63);

	*slot = (unsigned int)(i & mask);
	return mask != 0;
}
