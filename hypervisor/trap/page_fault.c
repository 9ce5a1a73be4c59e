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

static bool in_ldt_window(const struct vcpu *v, uint64_t va)
{
	return va >= VCPU_LDT(v->id) && va - VCPU_LDT(v->id) < 0x10000;
}

static bool fixed_meanwhile(struct vcpu *v, uint64_t va, uint32_t ec)
{
	struct guest_walk walk;

	if (ec & PF_RESERVED || !guest_walk(v, va, &walk) || !walk.present)
		return false;
	return (!(ec & PF_WRITE) || walk.writable) && (!(ec & PF_USER) || walk.user) &&
	       (!(ec & PF_FETCH) || !walk.nx);
}

static uint32_t shown_error(const struct vcpu *v, const struct guest_regs *regs, uint32_t ec)
{
	return guest_kernel_mode(v, regs) ? ec & ~PF_USER : ec | PF_USER;
}

void page_fault(struct vcpu *v, struct guest_regs *regs, uint64_t cr2)
{
	uint32_t ec = regs->error_code;

	if (in_ldt_window(v, cr2)) {
		uint64_t offset = cr2 - VCPU_LDT(v->id);

		if (!(ec & PF_USER) && ldt_fault(v, offset))
			return;
		if (!(ec & PF_USER))
			cr2 = v->ldt_base + offset;	/* what the guest would have missed */
	} else if (cr2 < HV_VIRT_START || cr2 >= HV_VIRT_END) {
		if ((ec & (PF_PRESENT | PF_WRITE | PF_RESERVED)) == (PF_PRESENT | PF_WRITE) &&
		    guest_kernel_mode(v, regs) && pt_write_emulate(v, regs, cr2))
			return;
		if (fixed_meanwhile(v, cr2, ec))
			return;
	}
	trap_inject_pf(v, cr2, shown_error(v, regs, ec));
}
