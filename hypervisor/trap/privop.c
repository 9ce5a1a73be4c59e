// SPDX-License-Identifier: GPL-2.0-only
/*
 * Privileged instructions, done on a guest's behalf after they faulted.
 *
 * Only what paravirtual kernels execute is here; the rest is the guest's own #GP. Each checks the
 * privilege the instruction has on bare metal against the guest's mode (advisory 105). After
 * privop_emulate() said true either rip has moved on or an exception waits.
 */
#include "trap/trap.h"

#include "cpu/asm.h"
#include "cpu/descriptor.h"
#include "cpu/features.h"
#include "cpu/fpu.h"
#include "guest/access.h"
#include "guest/cpuid.h"
#include "guest/shared.h"
#include "lib/bits.h"
#include "lib/log.h"
#include "paging/paging.h"
#include "sched/sched.h"
#include "sched/switch.h"
#include "trap/decode.h"

/* CR4 bits a guest may turn on and off; all others read as we have them and ignore writes. */
#define CR4_GUEST_OWNED	(CR4_TSD | CR4_DE | CR4_FSGSBASE | CR4_OSXSAVE)
#define CR4_SHOWN	(CR4_PAE | CR4_MCE | CR4_OSFXSR | CR4_OSXMMEXCPT)

static uint64_t cr4_shown(const struct vcpu *v)
{
	return CR4_SHOWN | (v->cr4 & CR4_GUEST_OWNED);
}

void vcpu_cr4_set(struct vcpu *v, uint64_t value)
{
	if (!host.fsgsbase)
		value &= ~CR4_FSGSBASE;
	v->cr4 = CR4_SHOWN | (value & CR4_GUEST_OWNED);
	vcpu_load_cr4(v);
}

static uint64_t cr0_shown(const struct vcpu *v)
{
	return (read_cr0() & ~CR0_TS) | (v->ts ? CR0_TS : 0);
}

static void set_ts(struct vcpu *v, bool ts)
{
	v->ts = ts;
	if (ts)
		write_cr0(read_cr0() | CR0_TS);
	else
		clts();
}

static uint64_t cr3_shown(const struct vcpu *v)
{
	uint64_t n = frame_mfn(v->table).n;

	return v->domain->is_32bit ? (uint32_t)(n << 12 | n >> 20) : n << 12;
}

/* A table may be a whole tree to check first. *again: not all of it yet, the instruction goes on. */
static bool write_cr3_for(struct vcpu *v, uint64_t value, bool *again)
{
	struct hcall h = { .v = v, .d = v->domain };
	uint32_t low = (uint32_t)value;
	gfn_t base = v->domain->is_32bit ? gfn(low >> 12 | (uint64_t)(low & 0xfff) << 20) :
					   gfn((value & PADDR_MASK) >> 12);
	int rc = paging_set_base(v, base, false, &h);

	*again = rc == HC_RESTART;
	return !rc || *again;
}

static bool mov_from_cr(struct vcpu *v, unsigned int cr, uint64_t *value)
{
	switch (cr) {
	case 0: *value = cr0_shown(v); return true;
	case 2: *value = v->cr2; return true;
	case 3: *value = cr3_shown(v); return true;
	case 4: *value = cr4_shown(v); return true;
	default: return false;
	}
}

static bool mov_to_cr(struct vcpu *v, unsigned int cr, uint64_t value, bool *again)
{
	switch (cr) {
	case 0:
		if ((value ^ cr0_shown(v)) & ~CR0_TS)
			return false;
		set_ts(v, value & CR0_TS);
		return true;
	case 2:
		v->cr2 = value;
		vcpu_info_set_cr2(v, value);
		return true;
	case 3:
		return write_cr3_for(v, value, again);
	case 4:
		if (value & CR4_FSGSBASE && !host.fsgsbase)
			return false;
		vcpu_cr4_set(v, value);
		return true;
	default:
		return false;
	}
}

static bool control_register(struct vcpu *v, struct guest_regs *regs, struct insn *in, bool *again)
{
	uint64_t value;

	in->op_bytes = in->mode == 64 ? 8 : 4;
	if (in->opcode == OP_MOV_TO_CR)
		return mov_to_cr(v, in->reg, insn_reg_read(in, regs, in->rm), again);
	if (!mov_from_cr(v, in->reg, &value))
		return false;
	insn_reg_write(in, regs, in->rm, value);
	return true;
}

static void debug_register(struct vcpu *v, struct guest_regs *regs, struct insn *in, bool *ok)
{
	unsigned int reg = in->reg & 7;

	in->op_bytes = in->mode == 64 ? 8 : 4;
	if (in->opcode == OP_MOV_TO_DR) {
		*ok = in->reg < 8 && !debugreg_set(v, reg, insn_reg_read(in, regs, in->rm));
		return;
	}
	*ok = in->reg < 8;
	if (*ok)
		insn_reg_write(in, regs, in->rm, v->debugreg[reg == 4 || reg == 5 ? reg + 2 : reg]);
}

static bool xsetbv_for(struct vcpu *v, const struct guest_regs *regs)
{
	uint64_t value = (uint32_t)regs->rax | regs->rdx << 32;

	if ((uint32_t)regs->rcx != 0 || fpu_xcr0_check(value) || xsetbv_safe(0, value))
		return false;
	v->xcr0 = value;
	v->xcr0_accum |= value;
	return true;
}

/* 0x0f01: by modrm, SMSW, LMSW, XSETBV, RDTSCP. */
static bool group7(struct vcpu *v, struct guest_regs *regs, struct insn *in)
{
	uint64_t tsc = rdtsc();

	if (in->modrm == 0xd1)
		return xsetbv_for(v, regs);
	if (in->modrm == 0xf9) {
		regs->rax = (uint32_t)tsc;
		regs->rdx = tsc >> 32;
		regs->rcx = v->tsc_aux;
		return true;
	}
	if (insn_is_memory(in))
		return false;
	switch (in->modrm >> 3 & 7) {
	case 4:
		insn_reg_write(in, regs, in->rm, cr0_shown(v));
		return true;
	case 6:
		set_ts(v, insn_reg_read(in, regs, in->rm) & CR0_TS);
		return true;
	default:
		return false;
	}
}

static bool msr_insn(struct vcpu *v, struct guest_regs *regs, bool write)
{
	uint64_t value = (uint32_t)regs->rax | regs->rdx << 32;
	uint32_t msr = (uint32_t)regs->rcx;

	if (write)
		return msr_write(v, msr, value);
	if (!msr_read(v, msr, &value))
		return false;
	regs->rax = (uint32_t)value;
	regs->rdx = value >> 32;
	return true;
}

static void cpuid_insn(struct vcpu *v, struct guest_regs *regs)
{
	uint32_t out[4];

	cpuid_for_guest(v, (uint32_t)regs->rax, (uint32_t)regs->rcx, out);
	regs->rax = out[0];
	regs->rbx = out[1];
	regs->rcx = out[2];
	regs->rdx = out[3];
}

/*
 * May the code that faulted touch these bytes itself? Our own loads and stores do not know ring 3
 * from ring 1, which share the tables of a 32-bit guest; a 64-bit guest's users have their own.
 */
static bool may_touch(struct vcpu *v, const struct guest_regs *regs, uint64_t at,
		      unsigned int bytes)
{
	struct guest_walk walk;

	if (!v->domain->is_32bit || guest_kernel_mode(v, regs))
		return true;
	return guest_walk(v, at, &walk) && walk.user &&
	       guest_walk(v, at + bytes - 1, &walk) && walk.user;
}

/* One step of INS or OUTS; the guest comes back for the next while its count lasts. */
static bool string_io(struct vcpu *v, struct guest_regs *regs, struct insn *in, bool *again)
{
	bool out = in->opcode == 0x6e || in->opcode == 0x6f;
	uint64_t mask = insn_mask(in->addr_bytes);
	uint64_t *index = out ? &regs->rsi : &regs->rdi;
	unsigned int bytes = MIN((unsigned int)in->op_bytes, 4u), port = (uint16_t)regs->rdx;
	uint64_t step = regs->rflags & X86_EFLAGS_DF ? -(uint64_t)bytes : bytes;
	uint32_t value = 0;

	*again = false;
	if (in->segment != SEG_DEFAULT || !ioport_allowed(v, regs, port, bytes))
		return false;
	if (in->rep && !(regs->rcx & mask))
		return true;
	if (!may_touch(v, regs, *index & mask, bytes))
		return false;
	if (out) {
		if (guest_read(&value, gva(*index & mask), bytes))
			return false;
		ioport_write(v, port, bytes, value);
	} else {
		value = ioport_read(v, port, bytes);
		if (guest_write(gva(*index & mask), &value, bytes))
			return false;
	}
	*index = (*index & ~mask) | ((*index + step) & mask);
	if (in->rep) {
		regs->rcx = (regs->rcx & ~mask) | ((regs->rcx - 1) & mask);
		*again = (regs->rcx & mask) != 0;
	}
	return true;
}

static bool port_io(struct vcpu *v, struct guest_regs *regs, struct insn *in)
{
	unsigned int port = in->opcode & 8 ? (uint16_t)regs->rdx : (uint8_t)in->imm;
	bool out = in->opcode & 2;

	if (in->op_bytes == 8)
		in->op_bytes = 4;
	if (!ioport_allowed(v, regs, port, in->op_bytes))
		return false;
	if (out)
		ioport_write(v, port, in->op_bytes,
			     (uint32_t)(regs->rax & insn_mask(in->op_bytes)));
	else
		insn_reg_write(in, regs, 0, ioport_read(v, port, in->op_bytes));
	return true;
}

/* Of what faults in user code; RDTSC does only where the kernel set CR4.TSD, and then it is #GP. */
static bool user_may(const struct insn *in)
{
	switch (in->opcode) {
	case 0x6c: case 0x6d: case 0x6e: case 0x6f:
	case 0xe4: case 0xe5: case 0xe6: case 0xe7:
	case 0xec: case 0xed: case 0xee: case 0xef:
	case OP_CLI: case OP_STI:
		return true;
	case OP_GROUP7:
		return (in->modrm & 0xf8) == 0xe0;	/* SMSW */
	default:
		return false;
	}
}

/* true: done. *again: the instruction is not over. */
static bool execute(struct vcpu *v, struct guest_regs *regs, struct insn *in, bool *again)
{
	uint64_t tsc;
	bool ok;

	switch (in->opcode) {
	case 0x6c: case 0x6d: case 0x6e: case 0x6f:
		return string_io(v, regs, in, again);
	case 0xe4: case 0xe5: case 0xe6: case 0xe7:
	case 0xec: case 0xed: case 0xee: case 0xef:
		return port_io(v, regs, in);
	case OP_CLI: case OP_STI:
		/* With virtual IOPL they do nothing: events have a mask of their own. */
		return v->iopl >= (guest_kernel_mode(v, regs) ? 1u : 3u);
	case OP_HLT:
		sched_block(v);
		return true;
	case OP_CLTS:
		set_ts(v, false);
		return true;
	case OP_INVD: case OP_WBINVD:
		if (v->domain->privileged)
			wbinvd();
		return true;
	case OP_RDTSC:
		tsc = rdtsc();
		regs->rax = (uint32_t)tsc;
		regs->rdx = tsc >> 32;
		return true;
	case OP_CPUID:
		cpuid_insn(v, regs);
		return true;
	case OP_RDMSR: case OP_WRMSR:
		return msr_insn(v, regs, in->opcode == OP_WRMSR);
	case OP_MOV_FROM_CR: case OP_MOV_TO_CR:
		return control_register(v, regs, in, again);
	case OP_MOV_FROM_DR: case OP_MOV_TO_DR:
		debug_register(v, regs, in, &ok);
		return ok;
	case OP_GROUP7:
		return group7(v, regs, in);
	default:
		return false;
	}
}

/* What follows an instruction done: the next one, and a single step is over. */
static void step_over(struct vcpu *v, struct guest_regs *regs, uint64_t next)
{
	regs->rip = next;
	regs->rflags &= ~(uint64_t)X86_EFLAGS_RF;
	if (regs->rflags & X86_EFLAGS_TF) {
		v->debugreg[6] |= 1ul << 14;
		trap_inject(v, VEC_DB, 0);
	}
}

bool privop_emulate(struct vcpu *v, struct guest_regs *regs)
{
	bool again = false;
	struct insn in;
	uint64_t next;

	if (!insn_fetch(v, regs, &in) || in.lock)
		return false;
	if (!guest_kernel_mode(v, regs) && !user_may(&in))
		return false;
	next = insn_next_rip(&in, regs);
	if (!execute(v, regs, &in, &again))
		return false;
	if (!again)
		step_over(v, regs, next);
	return true;
}

/* ud2, "xen", cpuid: a CPUID that wants to be emulated. Anyone may ask. */
bool privop_forced_cpuid(struct vcpu *v, struct guest_regs *regs)
{
	static const uint8_t forced[] = { 0x0f, 0x0b, 'x', 'e', 'n', 0x0f, 0xa2 };
	uint64_t at = regs->rip;
	uint8_t bytes[sizeof(forced)];
	struct segment cs;

	if (v->domain->is_32bit && insn_flat32(v, (uint16_t)regs->cs)) {
		at = (uint32_t)at;
	} else if (v->domain->is_32bit || regs->cs != NATIVE_RING3_CS64) {
		if (!segment_read(v, (uint16_t)regs->cs, &cs))
			return false;
		if (!cs.long_mode)
			at = (uint32_t)(cs.base + regs->rip);
	}
	if (guest_read(bytes, gva(at), sizeof(bytes)))
		return false;
	for (unsigned int i = 0; i < sizeof(forced); i++)
		if (bytes[i] != forced[i])
			return false;
	cpuid_insn(v, regs);
	step_over(v, regs, regs->rip + sizeof(forced));
	return true;
}
