// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading the instruction a guest faulted on, as its CPU read it: through the code segment, whose
 * limit counts (advisory 298), and never more than what lies there.
 *
 * The bytes are read once, into a private copy; the guest may change its own meanwhile, and then
 * gets what the copy says.
 */
#include "trap/decode.h"

#include "cpu/descriptor.h"
#include "cpu/usercopy.h"
#include "guest/access.h"
#include "lib/bits.h"
#include "paging/paging.h"
#include "trap/trap.h"

/* A code descriptor of 32 bits that reaches from 0 to 4 GiB: all of it but DPL and what does not
 * matter to reading. */
#define SEGMENT_LOOKS	0xffff98fffffffffful
#define FLAT_CODE32	0x00cf98000000fffful

/* Those that the ABI promises are ours; else it is one of the guest's GDT that is as they are. */
bool insn_flat32(const struct vcpu *v, uint16_t cs)
{
	uint32_t offset = cs & ~7u;
	uint64_t raw;

	if (cs == COMPAT_RING1_CS || cs == COMPAT_RING3_CS)
		return true;
	if (cs & 4 || !offset || offset >= v->gdt_entries * 8)
		return false;
	USERCOPY_GET64(&raw, VCPU_GDT(v->id) + offset, 0, fault);
	return (raw & SEGMENT_LOOKS) == FLAT_CODE32;
fault:
	return false;
}

/* As many bytes as can be read, into a buffer of 16: the page behind may not be there. */
static unsigned int read_code(uint64_t *buffer, uint64_t at, unsigned int want)
{
	unsigned int here = (unsigned int)(PAGE_SIZE - (at & ~PAGE_MASK));

	if (likely(here >= 16 && want == INSN_MAX && guest_range_ok(at, 16))) {
		USERCOPY_GET64(&buffer[0], at, 0, fault);
		USERCOPY_GET64(&buffer[1], at, 8, fault);
		return want;
	}
	if (want <= here)
		return guest_read(buffer, gva(at), want) ? 0 : want;
	if (guest_read(buffer, gva(at), here))
		return 0;
	if (guest_read((uint8_t *)buffer + here, gva(at + here), want - here))
		return here;
	return want;
fault:
	return 0;
}

static bool through_segment(struct vcpu *v, uint16_t cs, uint64_t *rip, unsigned int *mode,
			    unsigned int *want)
{
	struct segment s;

	if (!segment_read(v, cs, &s) || !s.code)
		return false;
	if (s.long_mode)
		return true;
	*mode = s.big ? 32 : 16;
	*rip = (uint32_t)*rip;
	if (*rip > s.limit)
		return false;
	*want = (unsigned int)MIN(s.limit - *rip + 1, (uint64_t)INSN_MAX);
	if ((uint32_t)(s.base + *rip) + (uint64_t)*want > 1ul << 32)
		return false;
	*rip = (uint32_t)(s.base + *rip);
	return true;
}

bool insn_fetch(struct vcpu *v, const struct guest_regs *regs, struct insn *in)
{
	unsigned int mode = 64, want = INSN_MAX;
	uint64_t bytes[2], rip = regs->rip;
	uint16_t cs = (uint16_t)regs->cs;

	if (v->domain->is_32bit && (uint32_t)rip <= UINT32_MAX - INSN_MAX && insn_flat32(v, cs)) {
		mode = 32;
		rip = (uint32_t)rip;
	} else if ((v->domain->is_32bit || cs != NATIVE_RING3_CS64) &&
		   !through_segment(v, cs, &rip, &mode, &want)) {
		return false;
	}
	return insn_decode(in, (const uint8_t *)bytes, read_code(bytes, rip, want), mode);
}

uint64_t insn_next_rip(const struct insn *in, const struct guest_regs *regs)
{
	uint64_t next = regs->rip + in->length;

	return in->mode == 64 ? next : in->mode == 32 ? (uint32_t)next : (uint16_t)next;
}
