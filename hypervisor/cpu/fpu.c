// SPDX-License-Identifier: GPL-2.0-only
#include "cpu/fpu.h"

#include "cpu/asm.h"
#include "cpu/extable.h"
#include "cpu/features.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "lib/string.h"

/* What we offer guests, of what the CPU has. PKRU is left out: PV guests cannot use protection
 * keys, their user bit is not their own. */
#define XCR0_OFFERED	(XCR0_X87 | XCR0_SSE | XCR0_AVX | XCR0_AVX512)

/* Behind the legacy image, in an area of the standard layout. */
struct xstate_header {
	uint64_t xstate_bv;	/* what is not here is in its initial state */
	uint64_t xcomp_bv;	/* the compacted layout's: 0 */
	uint64_t reserved[6];	/* XRSTOR refuses others than 0 */
};

#define XSTATE_LEAST	(FPU_LEGACY_BYTES + sizeof(struct xstate_header))

static uint64_t xcr0_host;
static size_t area_size = FPU_LEGACY_BYTES;

void fpu_init(void)
{
	struct cpuid_regs r;

	clts();
	__asm__ volatile("fninit");
	if (!host.xsave)
		return;

	r = cpuid_count(0xd, 0);
	xcr0_host = (r.eax | (uint64_t)r.edx << 32) & XCR0_OFFERED;
	if (!(xcr0_host & XCR0_AVX))
		xcr0_host &= ~XCR0_AVX512;
	xsetbv(0, xcr0_host);
	area_size = cpuid_count(0xd, 0).ebx;	/* for what XCR0 holds now */
}

size_t fpu_area_size(void)
{
	return area_size;
}

uint64_t fpu_xcr0_host(void)
{
	return xcr0_host;
}

void fpu_area_init(void *area)
{
	const uint16_t fcw = 0x37f;
	const uint32_t mxcsr = 0x1f80;

	memset(area, 0, area_size);
	memcpy(area, &fcw, sizeof(fcw));
	memcpy((char *)area + 24, &mxcsr, sizeof(mxcsr));
}

size_t fpu_bytes(uint64_t states)
{
	size_t bytes = XSTATE_LEAST;

	for (uint32_t i = 2; i < 63; i++) {
		struct cpuid_regs r;

		if (!(states >> i & 1))
			continue;
		r = cpuid_count(0xd, i);	/* its size and where it starts */
		bytes = MAX(bytes, (size_t)r.eax + r.ebx);
	}
	return bytes;
}

int fpu_area_check(const void *area, uint64_t states)
{
	struct xstate_header header;

	memcpy(&header, (const char *)area + FPU_LEGACY_BYTES, sizeof(header));
	if (header.xstate_bv & ~states || header.xcomp_bv)
		return -EINVAL;
	for (unsigned int i = 0; i < ARRAY_SIZE(header.reserved); i++)
		if (header.reserved[i])
			return -EINVAL;
	return 0;
}

void fpu_area_set_legacy(void *area, const void *image)
{
	struct xstate_header *header = (void *)((char *)area + FPU_LEGACY_BYTES);

	memcpy(area, image, FPU_LEGACY_BYTES);
	if (host.xsave)
		header->xstate_bv |= XCR0_X87 | XCR0_SSE;	/* else the CPU would not look */
}

/* XSAVE and XRSTOR refuse bits that are not in XCR0. */
static void need_xcr0(uint64_t xcr0)
{
	if (xgetbv(0) != xcr0)
		xsetbv(0, xcr0);
}

static uint64_t usable(uint64_t accum)
{
	return (accum | XCR0_X87 | XCR0_SSE) & xcr0_host;
}

void fpu_save(void *area, uint64_t xcr0_accum)
{
	uint64_t mask;

	ASSERT(!(read_cr0() & CR0_TS));
	if (!host.xsave) {
		__asm__ volatile("fxsaveq (%0)" : : "r" (area) : "memory");
		return;
	}
	mask = usable(xcr0_accum);
	need_xcr0(mask);
	__asm__ volatile("xsaveq (%0)" : : "r" (area), "a" ((uint32_t)mask),
			 "d" ((uint32_t)(mask >> 32)) : "memory");
}

static int load_fxsave(const void *area)
{
	int rc = -EINVAL;

	__asm__ volatile("1: fxrstorq (%[area])\n\t"
			 "xor %[rc], %[rc]\n\t"
			 "2:\n\t"
			 _ASM_EXTABLE(1b, 2b)
			 : [rc] "+r" (rc) : [area] "r" (area) : "memory");
	return rc;
}

static int load_xsave(const void *area, uint64_t mask)
{
	int rc = -EINVAL;

	__asm__ volatile("1: xrstorq (%[area])\n\t"
			 "xor %[rc], %[rc]\n\t"
			 "2:\n\t"
			 _ASM_EXTABLE(1b, 2b)
			 : [rc] "+r" (rc)
			 : [area] "r" (area), "a" ((uint32_t)mask), "d" ((uint32_t)(mask >> 32))
			 : "memory");
	return rc;
}

int fpu_restore(void *area, uint64_t xcr0_accum, uint64_t xcr0)
{
	/* Everything the host has is loaded, what the vcpu never used in its initial state, so
	 * that nothing of the last vcpu is left. */
	bool had = host.xsave;
	int rc;

	(void)xcr0_accum;
	ASSERT(!(read_cr0() & CR0_TS));
	/* AMD's restore leaves the last x87 instruction's addresses alone, unless an exception
	 * waits: those would still be the last vcpu's (advisory 52). */
	if (host.vendor == VENDOR_AMD || host.vendor == VENDOR_HYGON)
		__asm__ volatile("fninit");
	if (had)
		need_xcr0(xcr0_host);
	rc = had ? load_xsave(area, xcr0_host) : load_fxsave(area);
	if (rc) {
		fpu_area_init(area);
		rc = had ? load_xsave(area, xcr0_host) : load_fxsave(area);
		BUG_ON(rc);
		rc = -EINVAL;
	}
	if (had)
		need_xcr0(xcr0 ? xcr0 : XCR0_X87 | XCR0_SSE);
	return rc;
}

int fpu_xcr0_check(uint64_t xcr0)
{
	if (!(xcr0 & XCR0_X87) || (xcr0 & ~xcr0_host))
		return -EINVAL;
	if ((xcr0 & XCR0_AVX) && !(xcr0 & XCR0_SSE))
		return -EINVAL;
	if ((xcr0 & XCR0_AVX512) && ((xcr0 & XCR0_AVX512) != XCR0_AVX512 || !(xcr0 & XCR0_AVX)))
		return -EINVAL;
	return 0;
}
