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
#include "guest/access.h"
#include "lib/bits.h"
#include "trap/trap.h"

/* As many bytes as can be read: the page behind may not be there. */
static unsigned int read_code(uint8_t *buffer, uint64_t at, unsigned int want)
{
	unsigned int here = (unsigned int)(PAGE_SIZE - (at & ~PAGE_MASK));

	if (want <= here)
		return guest_read(buffer, gva(at), want) ? 0 : want;
	if (guest_read(buffer, gva(at), here))
		return 0;
	if (guest_read(buffer + here, gva(at + here), want - here))
		return here;
	return want;
}

bool insn_fetch(struct vcpu *v, const struct guest_regs *regs, struct insn *in)
{
	uint8_t bytes[INSN_MAX];
	uint64_t base = 0, rip = regs->rip;
	unsigned int mode = 64, want = INSN_MAX;
	struct segment cs;

	if (v->domain->is_32bit || regs->cs != NATIVE_RING3_CS64) {
		if (!segment_read(v, (uint16_t)regs->cs, &cs) || !cs.code)
			return false;
		if (!cs.long_mode) {
			mode = cs.big ? 32 : 16;
			base = cs.base;
			rip = (uint32_t)rip;
			if (rip > cs.limit)
				return false;
			want = (unsigned int)MIN(cs.limit - rip + 1, (uint64_t)INSN_MAX);
			if ((uint32_t)(base + rip) + (uint64_t)want > 1ul << 32)
				return false;
			rip = (uint32_t)(base + rip);
		}
	}
	return insn_decode(in, bytes, read_code(bytes, rip, want), mode);
}

uint64_t insn_next_rip(const struct insn *in, const struct guest_regs *regs)
{
	uint64_t next = regs->rip + in->length;

	return in->mode == 64 ? next : in->mode == 32 ? (uint32_t)next : (uint16_t)next;
}
