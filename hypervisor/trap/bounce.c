// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bounces: handing an exception, an event or a failed return to the guest's own kernel.
 *
 * What waits is one struct bounce of the vcpu's. On the way back to the guest it becomes a frame on
 * the guest's stack (frame.h) and ends the domain if it cannot. What need not wait: direct.c.
 *
 * Not here: who gets what (dispatch.c).
 */
#include "trap/trap.h"

#include <xen/callback.h>

#include "cpu/asm.h"
#include "cpu/descriptor.h"
#include "cpu/percpu.h"
#include "cpu/usercopy.h"
#include "guest/access.h"
#include "guest/shared.h"
#include "lib/log.h"
#include "paging/paging.h"
#include "trap/frame.h"

static void queue(struct vcpu *v, const struct bounce *what)
{
	if (v->bounce.pending) {
		domain_crash(v->domain, "vcpu %u: a second exception before the first was taken, "
			     "rip %#lx", v->id, guest_regs()->rip);
		return;
	}
	v->bounce = *what;
	v->bounce.pending = true;
	look_before_guest();
}

static bool has_error_code(unsigned int vector)
{
	return vector == VEC_DF || (vector >= VEC_TS && vector <= VEC_PF) || vector == VEC_AC;
}

void trap_inject(struct vcpu *v, unsigned int vector, uint32_t error_code)
{
	const struct trap_handler *t = &v->traps[vector];
	const struct guest_regs *regs = guest_regs();

	if (!t->address) {
		domain_crash(v->domain, "vcpu %u: no handler for exception %u, error %#x, at "
			     "%#lx:%#lx (stack %#lx, cr2 %#lx)", v->id, vector, error_code,
			     regs->cs, regs->rip, regs->rsp, v->cr2);
		return;
	}
	queue(v, &(struct bounce){
		.has_error_code = has_error_code(vector),
		.error_code = error_code,
		.address = t->address,
		.cs = t->cs,
		.masks_events = t->masks_events,
	});
}

void trap_inject_pf(struct vcpu *v, uint64_t cr2, uint32_t error_code)
{
	v->cr2 = cr2;
	vcpu_info_set_cr2(v, cr2);
	trap_inject(v, VEC_PF, error_code);
}

void trap_inject_callback(struct vcpu *v, const struct guest_callback *cb, bool masks_events)
{
	queue(v, &(struct bounce){
		.address = cb->address,
		.cs = cb->cs,
		.masks_events = masks_events,
	});
}

void trap_failsafe(struct vcpu *v, const uint16_t selectors[4])
{
	struct bounce b = {
		.address = v->cb_failsafe.address,
		.cs = v->cb_failsafe.cs,
		.masks_events = v->cb_failsafe.masks_events || v->failsafe_masks_events,
		.has_selectors = true,
	};

	if (!b.address) {
		domain_crash(v->domain, "vcpu %u: its context cannot be loaded and it has no "
			     "failsafe callback, rip %#lx", v->id, guest_regs()->rip);
		return;
	}
	for (unsigned int i = 0; i < 4; i++)
		b.selectors[i] = selectors[i];
	queue(v, &b);
}

void bounce_events(struct vcpu *v)
{
	if (v->nmi_pending && !v->nmi_masked && v->cb_nmi.address) {
		v->nmi_pending = false;
		v->nmi_masked = true;
		trap_inject_callback(v, &v->cb_nmi, true);
	} else if (vcpu_upcall_due(v) && v->cb_event.address) {
		trap_inject_callback(v, &v->cb_event, true);
	}
}

void toggle_guest_mode(struct vcpu *v)
{
	v->kernel_mode = !v->kernel_mode;
	swapgs();
	paging_update_cr3(v);
	paging_load_cr3(v);
	if (v->areas_stale)
		vcpu_areas_publish(v);	/* its kernel's addresses are there again */
}

static void stack_gone(struct vcpu *v, const struct guest_regs *regs)
{
	domain_crash(v->domain, "vcpu %u: no stack at %#lx, or the kernel's at %#lx, for a frame to "
		     "%#lx, rip %#lx", v->id, regs->rsp, v->kernel_sp, v->bounce.address,
		     regs->rip);
}

static bool put_frame32(struct vcpu *v, struct guest_regs *regs, uint8_t mask,
			const struct frame_target *to)
{
	bool user = regs_cpl(regs) == 3;
	uint16_t ss = user ? v->kernel_ss : (uint16_t)regs->ss;
	uint32_t sp = (uint32_t)(user ? v->kernel_sp : regs->rsp);
	struct segment stack = { 0 };

	if (!frame_stack_at_0(v, ss) &&
	    (!segment_read(v, ss, &stack) || stack.code || !stack.writable))
		return false;
	return frame_put32(v, regs, mask, to, user, ss, sp, (uint32_t)stack.base);
}

static bool put_frame(struct vcpu *v, struct guest_regs *regs, uint8_t mask,
		      const struct frame_target *to)
{
	bool user = !v->kernel_mode;

	if (v->domain->is_32bit)
		return put_frame32(v, regs, mask, to);
	if (user)
		toggle_guest_mode(v);
	return frame_put64(v, regs, mask, to, user);
}

void bounce_deliver(struct vcpu *v, struct guest_regs *regs)
{
	struct bounce *b = &v->bounce;
	volatile uint8_t *mask = vcpu_upcall_mask(v);
	struct frame_target to = {
		.address = &b->address, .cs = &b->cs, .has_error_code = b->has_error_code,
		.error_code = b->error_code, .selectors = b->has_selectors ? b->selectors : NULL,
	};

	b->pending = false;
	if (!put_frame(v, regs, *mask, &to)) {
		stack_gone(v, regs);
		return;
	}
	regs->entry_vector = 0;
	if (b->masks_events)
		*mask = 1;
}

static bool descriptor_read(struct vcpu *v, uint16_t selector, uint64_t *raw)
{
	uint64_t offset = selector & ~7u;
	uint64_t at = VCPU_GDT(v->id) + offset;

	if (selector & 4) {
		if (offset >= v->ldt_entries * 8ul)
			return false;
		at = VCPU_LDT(v->id) + offset;
	} else if (offset < 8 || offset > GDT_LIMIT ||
		   (offset < GDT_RESERVED_BASE && offset >= v->gdt_entries * 8ul)) {
		return false;
	}
	return usercopy_from(raw, at, sizeof(*raw)) == 0;
}

bool segment_read(struct vcpu *v, uint16_t selector, struct segment *out)
{
	uint64_t raw;

	if (!descriptor_read(v, selector, &raw))
		return false;
	if (!(raw >> 47 & 1) || !(raw >> 44 & 1))
		return false;		/* not present, or no segment */
	*out = (struct segment){
		.base = (raw >> 16 & 0xffffff) | (raw >> 56 & 0xff) << 24,
		.limit = (raw & 0xffff) | (raw >> 48 & 0xf) << 16,
		.code = raw >> 43 & 1,
		.writable = !(raw >> 43 & 1) && (raw >> 41 & 1),
		.long_mode = (raw >> 43 & 1) && (raw >> 53 & 1),
		.big = raw >> 54 & 1,
		.dpl = raw >> 45 & 3,
	};
	if (raw >> 55 & 1)
		out->limit = out->limit << 12 | 0xfff;
	return true;
}
