// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page faults of guest code: four questions, in this order. (The first of the tour's five, were we
 * in ring 0, is asked in dispatch.c.)
 *
 *   an address of ours?               the CPU missed a page of the LDT window: map it
 *   a store to a live page table?     do it, checked (pt_write.c)
 *   has it been fixed meanwhile?      another vcpu changed the tables: try again
 *   none of these?                    the guest's own: its handler is told
 *
 * A 64-bit guest's kernel runs in ring 3, so the CPU's word for "user" says nothing: the guest is
 * told what it would have seen on bare metal.
 */
#include "trap/trap.h"

#include "guest/domain.h"
#include "paging/paging.h"
#include "trap/direct.h"

static bool in_ldt_window(const struct vcpu *v, uint64_t va)
{
	return va >= VCPU_LDT(v->id) && va - VCPU_LDT(v->id) < 0x10000;
}

/* Not the guest's business after all? */
static bool seen_to(struct vcpu *v, struct guest_regs *regs, uint64_t cr2, uint32_t ec)
{
	struct guest_look look;

	if (ec & PF_RESERVED || !guest_look(v, cr2, &look))
		return false;
	if ((ec & (PF_PRESENT | PF_WRITE)) == (PF_PRESENT | PF_WRITE) && !look.large &&
	    guest_kernel_mode(v, regs) && pt_write_emulate(v, regs, cr2, look.leaf))
		return true;
	return guest_look_allows(&look, ec & PF_WRITE, ec & PF_USER, ec & PF_FETCH);
}

static uint32_t shown_error(const struct vcpu *v, const struct guest_regs *regs, uint32_t ec)
{
	return guest_kernel_mode(v, regs) ? ec & ~PF_USER : ec | PF_USER;
}

/* An address of ours: true, if we have seen to it; else *cr2 is what the guest has missed. */
static bool our_address(struct vcpu *v, uint32_t ec, uint64_t *cr2)
{
	uint64_t offset = *cr2 - VCPU_LDT(v->id);

	if (!in_ldt_window(v, *cr2) || ec & PF_USER)
		return false;
	if (ldt_fault(v, offset))
		return true;
	*cr2 = v->ldt_base + offset;
	return false;
}

void page_fault(struct vcpu *v, struct guest_regs *regs, uint64_t cr2)
{
	uint32_t ec = regs->error_code;

	if (cr2 - HV_VIRT_START < HV_VIRT_END - HV_VIRT_START ? our_address(v, ec, &cr2) :
								seen_to(v, regs, cr2, ec))
		return;
	ec = shown_error(v, regs, ec);
	if (!deliver_pf(v, regs, cr2, ec))
		trap_inject_pf(v, cr2, ec);
}
