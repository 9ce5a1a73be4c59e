// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a vector to what is done about it.
 *
 * From a guest: exceptions that it causes itself are handed to its own handler; #GP, #UD and #PF
 * may instead ask for something done on its behalf; software interrupts are checked against the
 * guest's own trap table; the rest are device interrupts.
 *
 * From ring 0: an instruction that may fault has an entry in the exception table, the final IRET
 * turns into the guest's failsafe callback, a missing page of an LDT is mapped, and interrupts may
 * come in the windows made for them. Anything else is our own mistake, and the machine stops.
 */
#include "trap/trap.h"

#include "cpu/asm.h"
#include "cpu/descriptor.h"
#include "cpu/extable.h"
#include "cpu/percpu.h"
#include "cpu/softirq.h"
#include "entry/entry.h"
#include "guest/access.h"
#include "lib/log.h"
#include "lib/string.h"
#include "machine/irq.h"
#include "paging/paging.h"
#include "trap/decode.h"

extern const char guest_iret[], direct_begin[], direct_end[], quick_begin[], quick_end[];
#define IRETQ	0xcf48u

void regs_dump(const struct guest_regs *r)
{
	log_err("cpu %u, %s, vector %u, error %#x, cr2 %#lx, cr3 %#lx", this_cpu(),
		regs_cpl(r) ? "guest" : "hypervisor", r->entry_vector, r->error_code, read_cr2(),
		read_cr3());
	log_err("rip %04lx:%016lx rsp %04lx:%016lx flags %08lx", r->cs, r->rip, r->ss, r->rsp,
		r->rflags);
	log_err("rax %016lx rbx %016lx rcx %016lx rdx %016lx", r->rax, r->rbx, r->rcx, r->rdx);
	log_err("rsi %016lx rdi %016lx rbp %016lx r8  %016lx", r->rsi, r->rdi, r->rbp, r->r8);
	log_err("r9  %016lx r10 %016lx r11 %016lx r12 %016lx", r->r9, r->r10, r->r11, r->r12);
	log_err("r13 %016lx r14 %016lx r15 %016lx", r->r13, r->r14, r->r15);
}

/* Words of our stack that look like return addresses, in plain view for whoever has the symbols. */
static void stack_dump(const struct guest_regs *regs)
{
	uint64_t low = regs->rsp & ~7ul;
	uint64_t top = (uint64_t)this_cpu_info();

	if (low < top - STACK_SIZE || low >= top)
		return;
	for (unsigned int shown = 0; low < top && shown < 24; low += 8) {
		uint64_t word = *(const uint64_t *)low;

		if (word >= HV_TEXT_START && word < HV_TEXT_START + 0x800000) {
			log_err("  [%016lx] %016lx", low, word);
			shown++;
		}
	}
}

__attribute__((noreturn)) static void our_fault(const struct guest_regs *regs)
{
	regs_dump(regs);
	if (!regs_cpl(regs))
		stack_dump(regs);
	bug("trap", (int)regs->entry_vector, "unexpected exception");
}

/* --- software interrupts --- */

static bool soft_int_allowed(const struct vcpu *v, const struct guest_regs *regs,
			     const struct trap_handler *t)
{
	if (!t->address)
		return false;
	if (v->domain->is_32bit)
		return t->dpl >= regs_cpl(regs);
	return v->kernel_mode ? t->dpl >= 1 : t->dpl == 3;
}

/* INT of this many bytes, which ends at regs->rip + beyond. */
static void soft_int(struct vcpu *v, struct guest_regs *regs, unsigned int vector,
		     uint64_t start, uint64_t next)
{
	if (soft_int_allowed(v, regs, &v->traps[vector])) {
		regs->rip = next;
		trap_inject_callback(v, &(struct guest_callback){
			.address = v->traps[vector].address,
			.cs = v->traps[vector].cs,
		}, v->traps[vector].masks_events);
		return;
	}
	regs->rip = start;
	trap_inject(v, VEC_GP, vector << 3 | ERROR_IDT);
}

/* The error code names the vector too, but not everywhere the right one: read the instruction. */
static bool soft_int_refused(struct vcpu *v, struct guest_regs *regs)
{
	struct insn in;

	if ((regs->error_code & (ERROR_EXTERNAL | ERROR_IDT)) != ERROR_IDT ||
	    !insn_fetch(v, regs, &in) || in.opcode != OP_INT)
		return false;
	soft_int(v, regs, (uint8_t)in.imm, regs->rip, insn_next_rip(&in, regs));
	return true;
}

static void general_protection(struct vcpu *v, struct guest_regs *regs)
{
	if (soft_int_refused(v, regs))
		return;
	if (!regs->error_code && privop_emulate(v, regs))
		return;
	trap_inject(v, VEC_GP, regs->error_code);
}

/* The guest set CR0.TS, and so is told, once (the flag falls as the hardware's would not, but as
 * the ABI has it). */
static void device_not_available(struct vcpu *v)
{
	clts();
	if (!v->ts)
		return;
	v->ts = false;
	trap_inject(v, VEC_NM, 0);
}

static void guest_exception(struct vcpu *v, struct guest_regs *regs, unsigned int vector)
{
	switch (vector) {
	case VEC_DB:
		trap_debug(v, regs);
		break;
	case VEC_NMI:
		trap_nmi(regs);
		break;
	case VEC_UD:
		if (!privop_forced_cpuid(v, regs))
			trap_inject(v, vector, 0);
		break;
	case VEC_NM:
		device_not_available(v);
		break;
	case VEC_GP:
		general_protection(v, regs);
		break;
	case VEC_PF:
		page_fault(v, regs, read_cr2());
		break;
	case VEC_MC:
		trap_machine_check(regs);
		break;
	case VEC_DE: case VEC_BP: case VEC_OF: case VEC_BR: case VEC_TS: case VEC_NP: case VEC_SS:
	case VEC_MF: case VEC_AC: case VEC_XM:
		trap_inject(v, vector, regs->error_code);
		break;
	default:
		our_fault(regs);
	}
}

void trap_from_guest(struct guest_regs *regs)
{
	unsigned int vector = regs->entry_vector;
	struct vcpu *v = current;

	if (vector < VEC_FIRST_INTERRUPT)
		guest_exception(v, regs, vector);
	else if (vector == VEC_SYSCALL32)
		soft_int(v, regs, vector, regs->rip - 2, regs->rip);
	else
		irq_dispatch(vector);
}

/* --- ring 0 --- */

/*
 * The frame the fault pushed overlaps what RESTORE_REGS had popped; the CPU's part of the stack
 * top is whole.
 */
__attribute__((noreturn)) static void guest_iret_faulted(const struct guest_regs *fault)
{
	const uint16_t selectors[4] = { read_ds(), read_es(), read_fs(), read_gs() };
	struct guest_regs saved = *fault;
	struct guest_regs *regs = guest_regs();

	memcpy(regs, &saved, offsetof(struct guest_regs, error_code));
	regs->error_code = saved.error_code;
	regs->entry_vector = saved.entry_vector;
	log_guest(LOG_DEBUG, "iret to %04lx:%#lx refused, vector %u, error %#x", regs->cs,
		  regs->rip, saved.entry_vector, saved.error_code);
	trap_failsafe(current, selectors);
	/* A guest whose failsafe callback is as bad comes here again, without ever running: only
	 * now can an interrupt end its turn. */
	irq_window();
	enter_guest();
}

static bool within(uint64_t rip, const char *begin, const char *end)
{
	return rip >= (uint64_t)begin && rip < (uint64_t)end;
}

static bool is_guest_iret(uint64_t rip)
{
	return rip == (uint64_t)guest_iret ||
	       ((within(rip, direct_begin, direct_end) || within(rip, quick_begin, quick_end)) &&
		*(const uint16_t *)rip == IRETQ);
}

/* We touched a page of the guest's LDT that is not mapped yet. */
static bool ldt_missed(const struct guest_regs *regs)
{
	uint64_t cr2 = read_cr2();
	struct vcpu *v = current;

	return regs->entry_vector == VEC_PF && !v->is_idle && cr2 >= VCPU_LDT(v->id) &&
	       cr2 < VCPU_LDT(v->id) + 0x10000 && ldt_fault(v, cr2 - VCPU_LDT(v->id));
}

static void hypervisor_debug(struct guest_regs *regs)
{
	/* A guest's breakpoint on data we copied for it, or its single step over our first
	 * instruction: neither is worth more than going on. */
	write_dr6(0xffff0ff0);
	regs->rflags &= ~(uint64_t)X86_EFLAGS_TF;
	regs->rflags |= X86_EFLAGS_RF;
}

void trap_from_hypervisor(struct guest_regs *regs)
{
	unsigned int vector = regs->entry_vector;
	uint64_t fixup;

	if (vector >= VEC_FIRST_INTERRUPT) {
		irq_dispatch(vector);
		return;
	}
	switch (vector) {
	case VEC_NMI:
		trap_nmi(regs);
		return;
	case VEC_DB:
		hypervisor_debug(regs);
		return;
	case VEC_MC:
		trap_machine_check(regs);
		return;
	case VEC_NP: case VEC_SS: case VEC_GP: case VEC_PF: case VEC_TS:
		break;
	default:
		our_fault(regs);
	}
	if (ldt_missed(regs))
		return;
	if (is_guest_iret(regs->rip))
		guest_iret_faulted(regs);
	fixup = extable_fixup(regs->rip);
	if (!fixup)
		our_fault(regs);
	regs->rip = fixup;
}

/* --- SYSCALL, SYSENTER --- */

static void system_call(struct vcpu *v, struct guest_regs *regs, const struct guest_callback *cb,
			bool masks_events)
{
	if (cb->address) {
		trap_inject_callback(v, cb, masks_events);
		return;
	}
	regs->rip -= 2;
	trap_inject(v, VEC_GP, 0);
}

void trap_syscall(struct guest_regs *regs)
{
	struct vcpu *v = current;

	if (v->domain->is_32bit) {
		regs->entry_vector = 0;		/* no SYSRET for it */
		domain_crash(v->domain, "vcpu %u: 64-bit code in a 32-bit guest", v->id);
		return;
	}
	system_call(v, regs, &v->cb_syscall,
		    v->cb_syscall.masks_events || v->syscall_masks_events);
}

void trap_syscall_compat(struct guest_regs *regs)
{
	struct vcpu *v = current;

	if (v->domain->is_32bit) {
		regs->cs = COMPAT_RING3_CS;
		regs->ss = COMPAT_RING3_DS;
	}
	system_call(v, regs, &v->cb_syscall32, v->cb_syscall32.masks_events);
}

/* Neither rip nor the flags' IF are known: the guest's handler knows where it came from. */
void trap_sysenter(struct guest_regs *regs)
{
	struct vcpu *v = current;

	regs->rflags = (regs->rflags & ~(uint64_t)(X86_EFLAGS_NT | X86_EFLAGS_TF)) | X86_EFLAGS_IF;
	if (v->domain->is_32bit)
		regs->ss = COMPAT_RING3_DS;
	if (v->cb_sysenter.address) {
		trap_inject_callback(v, &v->cb_sysenter, v->cb_sysenter.masks_events);
		return;
	}
	trap_inject(v, VEC_GP, 0);
}

void trap_init(void)
{
	entry_init();
}

void trap_init_cpu(void)
{
	entry_init_cpu();
}
