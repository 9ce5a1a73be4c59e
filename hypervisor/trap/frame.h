// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writing an exception frame on a guest's stack, and pointing its registers at the handler.
 *
 * What a CPU would do with an interrupt gate we do by hand: choose the stack (the kernel's own when
 * user code was interrupted), push a frame, go to the handler. Frames, from the stack pointer up:
 *
 *   64-bit:  rcx r11 [ds es fs gs] [error code] rip cs rflags rsp ss      stack aligned to 16
 *   32-bit:  [ds es fs gs] [error code] eip cs eflags [esp ss]            esp, ss only from ring 3
 *
 * The selectors are there for the failsafe callback alone. IF in the flags is the virtual
 * one, and the mask it stands for also goes into the half of cs that is unused.
 *
 * The whole range is checked before the first store; each store may fault all the same. Then the
 * answer is false, and nothing has changed but bytes below the guest's stack. Only where it is true
 * are the registers those of the handler, and already what entry.h calls harmless: selectors of
 * traps and callbacks are of the guest's ring by fix_guest_cs(), their addresses canonical, both
 * seen to when they were registered.
 *
 * Used by bounce.c, whatever waits, and direct.c, the short ways.
 */
#pragma once

#include "cpu/descriptor.h"
#include "cpu/usercopy.h"
#include "guest/shared.h"
#include "paging/paging.h"
#include "trap/trap.h"

#define inline_always	inline __attribute__((always_inline))

/* Flags that a handler finds as they were: those of arithmetic, DF and ID. */
#define FLAGS_AT_HANDLER	0x200cd5ul

/* Where to go, as a trap table or a callback has it. */
struct frame_target {
	const uint64_t *address;
	const uint16_t *cs;		/* 32-bit guests */
	bool has_error_code;
	uint32_t error_code;
	const uint16_t *selectors;	/* ds es fs gs, or NULL */
};

/* A descriptor's base, present bit, kind (code or data) and right to write. */
#define SEGMENT_LOOKS		0xff009affffff0000ul
#define SEGMENT_STACK_AT_0	0x0000920000000000ul

/* Is it one of the usual stacks: the flat segment that the ABI promises, which is ours, or a
 * writable one of the guest's GDT that begins at 0 as well? */
static inline_always bool frame_stack_at_0(const struct vcpu *v, uint16_t ss)
{
	uint32_t offset = ss & ~7u;
	uint64_t raw;

	if (likely(ss == COMPAT_RING1_DS))
		return true;
	if (ss & 4 || !offset || offset >= v->gdt_entries * 8)
		return false;
	USERCOPY_GET64(&raw, VCPU_GDT(v->id) + offset, 0, fault);
	return (raw & SEGMENT_LOOKS) == SEGMENT_STACK_AT_0;
fault:
	return false;
}

/* The flags as the guest shall see them: its own IF, and IOPL only if it asked to. */
static inline_always uint64_t frame_flags(const struct vcpu *v, const struct guest_regs *regs,
					  bool masked)
{
	uint64_t flags = regs->rflags & ~(uint64_t)(X86_EFLAGS_IF | X86_EFLAGS_IOPL);

	if (!masked)
		flags |= X86_EFLAGS_IF;
	if (unlikely(vm_assisted(v->domain, VMASST_TYPE_architectural_iopl)))
		flags |= (uint64_t)v->iopl << 12;
	return flags;
}

static inline_always void frame_go(struct guest_regs *regs, const struct frame_target *to,
				   uint64_t cs, uint64_t sp, uint64_t ss)
{
	regs->rip = *to->address;
	regs->cs = cs;
	regs->rflags = (regs->rflags & FLAGS_AT_HANDLER) | (X86_EFLAGS_IF | X86_EFLAGS_MBS);
	regs->rsp = sp;
	regs->ss = ss;
}

/* user: the kernel was not running. mask: the byte the guest has there now, as it was read. */
static inline_always bool frame_put64(struct vcpu *v, struct guest_regs *regs, uint8_t mask,
				      const struct frame_target *to, bool user)
{
	uint64_t bytes = (7 + (to->selectors ? 4 : 0) + (to->has_error_code ? 1 : 0)) * 8;
	uint64_t top = (user ? v->kernel_sp : regs->rsp) & ~15ul, sp = top - bytes;
	uint64_t cs = user ? (uint16_t)regs->cs : regs->cs & 0xfffc;

	if (unlikely(!guest_range_ok(sp, bytes)))
		return false;
	USERCOPY_PUT64(top, -8, regs->ss, fault);
	USERCOPY_PUT64(top, -16, regs->rsp, fault);
	USERCOPY_PUT64(top, -24, frame_flags(v, regs, mask), fault);
	USERCOPY_PUT64(top, -32, cs | (uint64_t)mask << 32, fault);
	USERCOPY_PUT64(top, -40, regs->rip, fault);
	if (to->has_error_code)
		USERCOPY_PUT64(top, -48, to->error_code, fault);
	USERCOPY_PUT64(sp, 8, regs->r11, fault);
	USERCOPY_PUT64(sp, 0, regs->rcx, fault);
	if (to->selectors) {
		USERCOPY_PUT64(sp, 16, to->selectors[0], fault);
		USERCOPY_PUT64(sp, 24, to->selectors[1], fault);
		USERCOPY_PUT64(sp, 32, to->selectors[2], fault);
		USERCOPY_PUT64(sp, 40, to->selectors[3], fault);
	}
	frame_go(regs, to, NATIVE_RING3_CS64, sp, NATIVE_RING3_DS);
	return true;
fault:
	return false;
}

/* ss, sp: the stack it goes on; base: where that segment begins; user: ring 3 was running. */
static inline_always bool frame_put32(struct vcpu *v, struct guest_regs *regs, uint8_t mask,
				      const struct frame_target *to, bool user, uint16_t ss,
				      uint32_t sp, uint32_t base)
{
	uint32_t low = (to->selectors ? 16 : 0) + (to->has_error_code ? 4 : 0);
	uint32_t bytes = low + (user ? 20 : 12);
	uint64_t at, eip;

	sp -= bytes;
	at = (uint32_t)(base + sp);
	if (unlikely(at > (1ul << 32) - bytes))
		return false;
	eip = at + low;
	USERCOPY_PUT32(eip, 0, regs->rip, fault);
	USERCOPY_PUT32(eip, 4, (uint16_t)regs->cs | (uint32_t)mask << 16, fault);
	USERCOPY_PUT32(eip, 8, frame_flags(v, regs, mask), fault);
	if (user) {
		USERCOPY_PUT32(eip, 12, regs->rsp, fault);
		USERCOPY_PUT32(eip, 16, (uint16_t)regs->ss, fault);
	}
	if (to->has_error_code)
		USERCOPY_PUT32(eip, -4, to->error_code, fault);
	if (to->selectors) {
		USERCOPY_PUT32(at, 0, to->selectors[0], fault);
		USERCOPY_PUT32(at, 4, to->selectors[1], fault);
		USERCOPY_PUT32(at, 8, to->selectors[2], fault);
		USERCOPY_PUT32(at, 12, to->selectors[3], fault);
	}
	frame_go(regs, to, *to->cs | 1, sp, ss | 1);
	return true;
fault:
	return false;
}
