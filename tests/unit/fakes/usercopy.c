// SPDX-License-Identifier: GPL-2.0-only
#include "fakes/usercopy.h"

#include <errno.h>
#include <string.h>

#include "cpu/usercopy.h"

#define PAGE	4096ul

uint8_t fake_guest[FAKE_GUEST_BYTES] __attribute__((aligned(4096)));
uint64_t fake_guest_hole;
unsigned int fake_usercopy_reads;

/* How many bytes from the address on can be touched, n at most. */
static size_t reach(uint64_t address, size_t n)
{
	uint64_t end = FAKE_GUEST_BASE + FAKE_GUEST_BYTES;

	if (address < FAKE_GUEST_BASE || address >= end)
		return 0;
	if (fake_guest_hole && address < fake_guest_hole + PAGE && address + n > fake_guest_hole)
		end = fake_guest_hole;
	if (address >= end)
		return 0;
	return n < end - address ? n : end - address;
}

size_t usercopy_from(void *dst, uint64_t src, size_t n)
{
	size_t can = reach(src, n);

	fake_usercopy_reads++;
	memcpy(dst, fake_guest_at(src), can);
	return n - can;
}

size_t usercopy_to(uint64_t dst, const void *src, size_t n)
{
	size_t can = reach(dst, n);

	memcpy(fake_guest_at(dst), src, can);
	return n - can;
}

size_t usercopy_zero(uint64_t dst, size_t n)
{
	size_t can = reach(dst, n);

	memset(fake_guest_at(dst), 0, can);
	return n - can;
}

int usercopy_cmpxchg(uint64_t addr, unsigned int size, uint64_t *old, uint64_t new)
{
	uint64_t seen = 0;

	if (size != 1 && size != 2 && size != 4 && size != 8)
		return -EINVAL;
	if (reach(addr, size) != size)
		return -EFAULT;
	memcpy(&seen, fake_guest_at(addr), size);
	if (!memcmp(&seen, old, size))
		memcpy(fake_guest_at(addr), &new, size);
	*old = seen;
	return 0;
}
