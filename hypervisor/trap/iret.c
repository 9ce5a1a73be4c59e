// SPDX-License-Identifier: GPL-2.0-only
/*
 * The iret hypercall: a guest's kernel returns to where a frame on its stack says.
 *
 * It is the guest's only way to change its privilege, its stack and the event mask at once. The
 * frame may say anything; the way out (entry/return.c) makes it harmless, and what the CPU then
 * still refuses goes to the failsafe callback.
 *
 * A batch of hypercalls ends with it (h->left_kernel, advisory 213).
 */
#include "trap/trap.h"

#include <xen/xen.h>

#include "cpu/descriptor.h"
#include "cpu/percpu.h"
#include "guest/access.h"
#include "guest/shared.h"
#include "lib/log.h"
#include "paging/paging.h"

static void restore_flags(struct vcpu *v, struct guest_regs *regs, uint64_t flags)
{
	if (vm_assisted(v->domain, VMASST_TYPE_architectural_iopl))
		v->iopl = flags >> 12 & 3;
	regs->rflags = (flags & ~(uint64_t)(X86_EFLAGS_IOPL | X86_EFLAGS_VM)) | X86_EFLAGS_IF;
	*vcpu_upcall_mask(v) = !(flags & X86_EFLAGS_IF);
	if (v->nmi_masked) {
		v->nmi_masked = false;
		look_before_guest();	/* another may have come */
	}
}

int64_t hc_iret(struct hcall *h)
{
	struct guest_regs *regs = guest_regs();
	struct vcpu *v = h->v;
	struct iret_context frame;

	h->left_kernel = true;
	if (copy_from_guest(&frame, gva(regs->rsp))) {
		domain_crash(h->d, "vcpu %u: no frame for iret at %#lx", v->id, regs->rsp);
		return 0;
	}
	if ((frame.cs & 3) == 3) {
		if (!v->table_user) {
			domain_crash(h->d, "vcpu %u: iret to user mode without user page tables",
				     v->id);
			return 0;
		}
		toggle_guest_mode(v);
	}
	regs->rip = frame.rip;
	regs->cs = (uint16_t)frame.cs | 3;
	regs->rsp = frame.rsp;
	regs->ss = (uint16_t)frame.ss | 3;
	restore_flags(v, regs, frame.rflags);
	if (frame.flags & VGCF_in_syscall) {
		regs->cs = NATIVE_RING3_CS64;
		regs->ss = NATIVE_RING3_DS;
		/* SYSRET would do this; an upcall that comes first puts them on the stack. */
		regs->rcx = regs->rip;
		regs->r11 = regs->rflags;
		regs->entry_vector = ENTRY_SYSCALL;
	} else {
		regs->r11 = frame.r11;
		regs->rcx = frame.rcx;
		regs->entry_vector = 0;
	}
	return (int64_t)frame.rax;
}

/* eax, eip, cs, eflags, and esp, ss if that leaves ring 1. */
int64_t hc32_iret(struct hcall *h)
{
	struct guest_regs *regs = guest_regs();
	struct vcpu *v = h->v;
	uint32_t frame[6];
	uint32_t sp = (uint32_t)regs->rsp;

	h->left_kernel = true;
	if (guest_read(frame, gva(sp), 4 * sizeof(frame[0]))) {
		domain_crash(h->d, "vcpu %u: no frame for iret at %#x", v->id, sp);
		return 0;
	}
	if (frame[3] & X86_EFLAGS_VM) {
		domain_crash(h->d, "vcpu %u: iret to virtual-8086 mode, which there is not", v->id);
		return 0;
	}
	if ((frame[2] & 3) > 1) {
		if (guest_read(&frame[4], gva(sp + 16), 2 * sizeof(frame[0]))) {
			domain_crash(h->d, "vcpu %u: no frame for iret at %#x", v->id, sp + 16);
			return 0;
		}
		regs->rsp = frame[4];
		regs->ss = (uint16_t)frame[5] | 3;
	} else {
		regs->rsp = (uint32_t)(sp + 16);
	}
	regs->rip = frame[1];
	regs->cs = (uint16_t)frame[2] | ((frame[2] & 3) > 1 ? 3 : 1);
	regs->entry_vector = 0;
	restore_flags(v, regs, frame[3]);
	return frame[0];
}
