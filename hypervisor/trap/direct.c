// SPDX-License-Identifier: GPL-2.0-only
/*
 * The short ways: traps that are the guest's own affair, and what brings it back from them. (The most
 * frequent come here only where they are unusual: entry/quick.S.)
 *
 * Most traps need nothing but a frame on the guest's stack, and the iret hypercall nothing but to
 * read one. Those few come here first, from entry/direct.S, before the registers are all saved:
 *
 *   r15 r14 r13 r12 rbp rbx of *regs are not there; they are in the CPU. Nobody here reads them.
 *
 * An answer of LONG_WAY means that nothing has happened yet which the long way does not do again,
 * in the same way: it is then gone from the start (dispatch.c, iret.c). All that is not the usual
 * case goes there, and so does whatever ends a domain. So a guest's words may be read once more,
 * but then nothing follows from the first time.
 *
 * An answer of DONE means that the registers may be loaded as they stand. Nothing else is owed
 * then: ring 0 was entered from a guest to whom nothing was owed, interrupts have been off since,
 * and what other CPUs leave for this one (softirqs, a pause) they follow by an interrupt, which
 * comes as soon as the guest goes on. Two things are looked at all the same, because they are at
 * hand: upcalls, which the guest may have unmasked by itself, and this CPU's word of things owed.
 *
 * No indirect call or jump may be here: registers of the guest's are in the CPU.
 */
#include "trap/direct.h"

#include <xen/xen.h>

#include "cpu/asm.h"
#include "cpu/percpu.h"
#include "trap/frame.h"

static inline_always const struct cpu_info *info_of(const struct guest_regs *regs)
{
	return (const struct cpu_info *)regs;		/* they come first in it */
}

/* The two bytes that the guest and its events meet at, read at once. */
static inline_always uint16_t upcall_word(const struct vcpu *v)
{
	return *(const volatile uint16_t *)v->info;
}

/* Pending, and not masked: delivered by the long way. */
static inline_always bool upcall_due(uint16_t word)
{
	return (uint16_t)(word - 1) < 0xff;
}

static inline_always void set_mask(struct vcpu *v, uint8_t mask)
{
	*((volatile uint8_t *)v->info + 1) = mask;
}

/* A 64-bit guest's kernel and its users: other tables, another base of GS. */
static inline_always void enter_kernel(struct vcpu *v)
{
	v->kernel_mode = true;
	v->cr3 = v->kernel_cr3;
	swapgs();
	write_cr3(v->cr3);	/* a flush that nobody is told of: at worst it is done once more */
}

static inline_always void enter_user(struct vcpu *v)
{
	v->kernel_mode = false;
	v->cr3 = v->user_cr3;
	swapgs();
	write_cr3(v->cr3);
}

static inline_always unsigned int deliver64(struct vcpu *v, struct guest_regs *regs, uint8_t mask,
					    const struct frame_target *to)
{
	if (v->kernel_mode)
		return frame_put64(v, regs, mask, to, false);
	if (unlikely(v->areas_stale) || unlikely(!v->user_cr3))
		return false;
	enter_kernel(v);
	if (likely(frame_put64(v, regs, mask, to, true)))
		return true;
	enter_user(v);
	return false;
}

static inline_always bool deliver32(struct vcpu *v, struct guest_regs *regs, uint8_t mask,
				    const struct frame_target *to)
{
	if (regs_cpl(regs) == 3)
		return frame_stack_at_0(v, v->kernel_ss) &&
		       frame_put32(v, regs, mask, to, true, v->kernel_ss,
				   (uint32_t)v->kernel_sp, 0);
	return frame_stack_at_0(v, (uint16_t)regs->ss) &&
	       frame_put32(v, regs, mask, to, false, (uint16_t)regs->ss, (uint32_t)regs->rsp, 0);
}

/* --- what entry/quick.S takes for granted --- */

/* A handler of ring 1. */
static bool ring1_handler(const struct trap_handler *t)
{
	return t->address && (t->cs & 3) == 1;
}

/* The flat segment that is ours, or one in the guest's GDT; what that says is looked at each time. */
static bool open32(struct vcpu *v)
{
	uint32_t ss = (uint32_t)v->kernel_ss, offset = ss & ~7u;

	if (!ring1_handler(&v->traps[VEC_PF]) || !ring1_handler(&v->traps[VEC_SYSCALL32]) ||
	    v->traps[VEC_SYSCALL32].dpl != 3 || !direct_stack32((uint32_t)v->kernel_sp))
		return false;
	if ((ss & 7) != 1 || !offset || (ss != COMPAT_RING1_DS && offset >= v->gdt_entries * 8))
		return false;
	v->stack_descriptor = (const uint64_t *)(VCPU_GDT(v->id) + offset);
	return true;
}

static bool open64(struct vcpu *v)
{
	if (!v->traps[VEC_PF].address || !v->cb_syscall.address || !direct_stack64(v->kernel_sp))
		return false;
	v->syscall_mask = v->cb_syscall.masks_events || v->syscall_masks_events;
	return true;
}

void direct_open(struct vcpu *v)
{
	if (!(v->domain->is_32bit ? open32(v) : open64(v)))
		return;
	v->long_way = false;
	smp_mb();	/* another vcpu may be asking for it just now */
	if (vm_assisted(v->domain, VMASST_TYPE_architectural_iopl))
		vcpu_assists_changed(v);
}

/* mask: the guest's byte, as it was read once. */
static inline_always unsigned int deliver_masked(struct vcpu *v, struct guest_regs *regs,
						 uint8_t mask, const struct frame_target *to,
						 const bool *masks_events)
{
	bool narrow = v->domain->is_32bit;

	if (unlikely(!*to->address) ||
	    unlikely(!(narrow ? deliver32(v, regs, mask, to) : deliver64(v, regs, mask, to))))
		return LONG_WAY;
	if (*masks_events)
		set_mask(v, 1);
	if (narrow)
		return DONE;
	/* The handler finds rcx and r11 in the frame: what SYSRET takes them for is no loss. */
	regs->rcx = regs->rip;
	regs->r11 = regs->rflags;
	return DONE_SYSRET;
}

static inline_always unsigned int deliver(struct vcpu *v, struct guest_regs *regs,
					  const struct frame_target *to, const bool *masks_events)
{
	uint16_t word = upcall_word(v);

	if (unlikely(info_of(regs)->owed) || unlikely(upcall_due(word)))
		return LONG_WAY;
	return deliver_masked(v, regs, (uint8_t)(word >> 8), to, masks_events);
}

static inline_always unsigned int exception(struct vcpu *v, struct guest_regs *regs,
					    unsigned int vector, bool has_error_code,
					    uint32_t error_code)
{
	const struct trap_handler *t = &v->traps[vector];

	return deliver(v, regs, &(struct frame_target){
		.address = &t->address, .cs = &t->cs,
		.has_error_code = has_error_code, .error_code = error_code,
	}, &t->masks_events);
}

unsigned int direct_int80(struct guest_regs *regs)
{
	struct vcpu *v = info_of(regs)->vcpu;
	const struct trap_handler *t = &v->traps[VEC_SYSCALL32];

	if (unlikely(v->long_way))
		direct_open(v);
	/* DPL 3 is for everybody. A lower one is left to the long way to look at. */
	if (unlikely(t->dpl != 3))
		return LONG_WAY;
	return exception(v, regs, VEC_SYSCALL32, false, 0);
}

unsigned int direct_plain(struct guest_regs *regs)
{
	return exception(info_of(regs)->vcpu, regs, regs->entry_vector & 31, false, 0);
}

/* Flat code segments, whose bytes lie where rip says: the ABI's own. */
static inline_always bool flat_code(const struct vcpu *v, const struct guest_regs *regs)
{
	uint16_t cs = (uint16_t)regs->cs;

	return v->domain->is_32bit ? cs == COMPAT_RING1_CS || cs == COMPAT_RING3_CS :
				     cs == NATIVE_RING3_CS64;
}

#define FORCED_PREFIX_START	0x65780b0fu	/* ud2, "xe" */

/* An UD2 may be the prefix of a forced CPUID: it is not if the two bytes behind it are not its. */
unsigned int direct_ud(struct guest_regs *regs)
{
	struct vcpu *v = info_of(regs)->vcpu;
	uint32_t bytes;

	if (unlikely(!flat_code(v, regs)) || unlikely(!guest_range_ok(regs->rip, 4)))
		return LONG_WAY;
	USERCOPY_GET32(&bytes, regs->rip, 0, fault);
	if (likely(bytes != FORCED_PREFIX_START))
		return exception(v, regs, VEC_UD, false, 0);
fault:
	return LONG_WAY;
}

/* With an error code that names a selector. Zero is what privileged instructions get, and ERROR_IDT
 * what INT does. */
unsigned int direct_gp(struct guest_regs *regs)
{
	uint32_t error = regs->error_code;

	if (unlikely(!error) || unlikely(error & ERROR_IDT))
		return LONG_WAY;
	return exception(info_of(regs)->vcpu, regs, VEC_GP, true, error);
}

/* The guest set CR0.TS. */
unsigned int direct_nm(struct guest_regs *regs)
{
	struct vcpu *v = info_of(regs)->vcpu;
	unsigned int done;

	if (unlikely(!v->ts))
		return LONG_WAY;
	done = exception(v, regs, VEC_NM, false, 0);
	if (likely(done != LONG_WAY)) {
		clts();
		v->ts = false;
	}
	return done;
}

/*
 * A page that is not there: no TLB remembers that, so it was not there, and nothing here would
 * make it be but the windows on descriptor tables, whose addresses are ours. (If another vcpu has
 * mapped it meanwhile, its kernel sees what it would see on bare metal.) A page that is there may
 * be another matter: a right that a TLB had not heard of, or a kernel's store to a live page table.
 */
unsigned int direct_pf(struct guest_regs *regs)
{
	struct vcpu *v = info_of(regs)->vcpu;
	uint32_t error = regs->error_code;
	bool kernel = guest_kernel_mode(v, regs), write = error & PF_WRITE;
	uint64_t cr2 = read_cr2();
	struct guest_look look;
	unsigned int done;

	if (unlikely(v->long_way))
		direct_open(v);
	if (unlikely(error & PF_RESERVED) ||
	    unlikely(cr2 - HV_VIRT_START < HV_VIRT_END - HV_VIRT_START))
		return LONG_WAY;
	if (error & PF_PRESENT && kernel && write)
		return LONG_WAY;
	if (error & PF_PRESENT && guest_look(v, cr2, &look) &&
	    guest_look_allows(&look, write, error & PF_USER, error & PF_FETCH))
		return LONG_WAY;
	error = kernel ? error & ~PF_USER : error | PF_USER;
	vcpu_info_set_cr2(v, cr2);
	done = exception(v, regs, VEC_PF, true, error);
	if (unlikely(done == LONG_WAY))
		write_cr2(cr2);		/* a store to the stack may have faulted since */
	return done;
}

/* --- from the long way, with all registers saved --- */

static inline_always bool finish(struct guest_regs *regs, unsigned int done)
{
	if (done == LONG_WAY)
		return false;
	regs->entry_vector = done == DONE_SYSRET ? ENTRY_SYSCALL : 0;
	return true;
}

bool deliver_pf(struct vcpu *v, struct guest_regs *regs, uint64_t cr2, uint32_t error_code)
{
	if (v->bounce.pending)
		return false;
	vcpu_info_set_cr2(v, cr2);
	return finish(regs, exception(v, regs, VEC_PF, true, error_code));
}

bool deliver_upcall(struct guest_regs *regs)
{
	struct vcpu *v = info_of(regs)->vcpu;
	const struct guest_callback *cb = &v->cb_event;
	static const bool masks_events = true;

	if (v->nmi_pending || v->bounce.pending)
		return false;
	return finish(regs, deliver_masked(v, regs, 0, &(struct frame_target){
		.address = &cb->address, .cs = &cb->cs }, &masks_events));
}

/* --- SYSCALL of a 64-bit guest's users --- */

unsigned int direct_syscall(struct guest_regs *regs)
{
	struct vcpu *v = info_of(regs)->vcpu;
	const struct guest_callback *cb = &v->cb_syscall;
	bool masks_events = cb->masks_events || v->syscall_masks_events;

	if (unlikely(v->domain->is_32bit) || unlikely(v->kernel_mode))
		return LONG_WAY;
	if (unlikely(v->long_way))
		direct_open(v);
	return deliver(v, regs, &(struct frame_target){ .address = &cb->address, .cs = &cb->cs },
		       &masks_events);
}

/* --- the iret hypercall (see iret.c) --- */

/* Flags that a guest may set at will. IOPL, NT, VM, VIF and VIP are not (advisory 202). */
#define FLAGS_FREE	0x250dd5ul
#define FLAGS_BY_IRET	(X86_EFLAGS_RF | X86_EFLAGS_TF)	/* SYSRET does not do as IRET does */

/* Has it something to hear of if it goes on with these flags? */
static inline_always bool news_after(const struct guest_regs *regs, const struct vcpu *v,
				     uint64_t flags)
{
	return info_of(regs)->owed || v->nmi_pending ||
	       (flags & X86_EFLAGS_IF && (uint8_t)upcall_word(v));
}

static inline_always void take_flags(struct vcpu *v, struct guest_regs *regs, uint64_t flags)
{
	if (unlikely(vm_assisted(v->domain, VMASST_TYPE_architectural_iopl)))
		v->iopl = flags >> 12 & 3;
	regs->rflags = (flags & FLAGS_FREE) | (X86_EFLAGS_IF | X86_EFLAGS_MBS);
	set_mask(v, !(flags & X86_EFLAGS_IF));
	v->nmi_masked = false;
}

/* eax, eip, cs, eflags, and esp, ss if that leaves ring 1. */
unsigned int direct_iret32(struct guest_regs *regs)
{
	struct vcpu *v = info_of(regs)->vcpu;
	uint64_t sp = (uint32_t)regs->rsp;
	uint32_t eax, eip, cs, flags, esp, ss;

	if (unlikely(!v->domain->is_32bit) || unlikely(regs_cpl(regs) != 1) ||
	    unlikely(sp > (1ul << 32) - 24))
		return LONG_WAY;
	USERCOPY_GET32(&eax, sp, 0, fault);
	USERCOPY_GET32(&eip, sp, 4, fault);
	USERCOPY_GET32(&cs, sp, 8, fault);
	USERCOPY_GET32(&flags, sp, 12, fault);
	if (unlikely(flags & X86_EFLAGS_VM) || unlikely(news_after(regs, v, flags)))
		return LONG_WAY;
	if ((cs & 3) > 1) {
		USERCOPY_GET32(&esp, sp, 16, fault);
		USERCOPY_GET32(&ss, sp, 20, fault);
		regs->rsp = esp;
		regs->ss = (uint16_t)ss | 3;
		regs->cs = (uint16_t)cs | 3;
	} else {
		regs->rsp = (uint32_t)(sp + 16);
		regs->cs = (uint16_t)cs | 1;
	}
	regs->rax = eax;
	regs->rip = eip;
	take_flags(v, regs, flags);
	return DONE;
fault:
	return LONG_WAY;
}

/* The words of struct iret_context. */
unsigned int direct_iret64(struct guest_regs *regs)
{
	struct vcpu *v = info_of(regs)->vcpu;
	uint64_t at = regs->rsp, rax, r11, rcx, how, rip, cs, flags, rsp, ss;

	if (unlikely(v->domain->is_32bit) || unlikely(!v->kernel_mode) ||
	    unlikely(!guest_range_ok(at, sizeof(struct iret_context))))
		return LONG_WAY;
	USERCOPY_GET64(&flags, at, 48, fault);
	if (unlikely(news_after(regs, v, flags)))
		return LONG_WAY;
	USERCOPY_GET64(&rax, at, 0, fault);
	USERCOPY_GET64(&r11, at, 8, fault);
	USERCOPY_GET64(&rcx, at, 16, fault);
	USERCOPY_GET64(&how, at, 24, fault);
	USERCOPY_GET64(&rip, at, 32, fault);
	USERCOPY_GET64(&cs, at, 40, fault);
	USERCOPY_GET64(&rsp, at, 56, fault);
	USERCOPY_GET64(&ss, at, 64, fault);
	if ((cs & 3) == 3) {
		if (unlikely(!v->user_cr3))
			return LONG_WAY;
		enter_user(v);
	}
	regs->rax = rax;
	regs->rip = rip;
	regs->rsp = rsp;
	take_flags(v, regs, flags);
	if (how & VGCF_in_syscall) {
		regs->cs = NATIVE_RING3_CS64;
		regs->ss = NATIVE_RING3_DS;
		regs->rcx = rip;
		regs->r11 = regs->rflags;
		return is_canonical(rip) && !(regs->rflags & FLAGS_BY_IRET) ? DONE_SYSRET : DONE;
	}
	regs->cs = (uint16_t)cs | 3;
	regs->ss = (uint16_t)ss | 3;
	regs->rcx = rcx;
	regs->r11 = r11;
	return DONE;
fault:
	return LONG_WAY;
}
