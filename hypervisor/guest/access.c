// SPDX-License-Identifier: GPL-2.0-only
#include "guest/access.h"

#include "cpu/usercopy.h"
#include "lib/string.h"

#define ADDRESS_END_32	(1ul << 32)

/* The same, and not over the top of the address space. */
static inline bool range_ok(uint64_t at, uint64_t bytes)
{
	if (current_domain->is_32bit)
		return bytes <= ADDRESS_END_32 && at <= ADDRESS_END_32 - bytes;
	return guest_range_ok(at, bytes);
}

bool guest_array_ok(gva_t start, uint64_t count, size_t size)
{
	uint64_t bytes;

	if (__builtin_mul_overflow(count, (uint64_t)size, &bytes))
		return false;
	return range_ok(start.at, bytes);
}

int guest_read_bytes(void *dst, gva_t src, size_t bytes)
{
	ASSERT(!spin_any_held());
	if (guest_may_name(src, bytes) && likely(!usercopy_from(dst, src.at, bytes)))
		return 0;
	memset(dst, 0, bytes);
	return -EFAULT;
}

int guest_write_bytes(gva_t dst, const void *src, size_t bytes)
{
	ASSERT(!spin_any_held());
	if (unlikely(!guest_may_name(dst, bytes)) || unlikely(usercopy_to(dst.at, src, bytes)))
		return -EFAULT;
	return 0;
}

int guest_zero(gva_t dst, size_t bytes)
{
	ASSERT(!spin_any_held());
	if (!guest_may_name(dst, bytes) || usercopy_zero(dst.at, bytes))
		return -EFAULT;
	return 0;
}
