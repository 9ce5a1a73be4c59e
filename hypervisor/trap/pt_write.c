// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest's store to one of its live page tables, which it may only map read-only: done on its
 * behalf, through the same checks as the hypercalls (paging/).
 *
 * The instruction is read once, its effect is planned (the new value, flags, registers), and the
 * plan takes place only if the entry could be changed. The entry goes from exactly what the plan
 * was made from: bits the CPU sets meanwhile, or another vcpu's store, make us plan again.
 *
 * The fault's address is the operand's: an operand that straddles two entries is not one of ours.
 */
#include "trap/trap.h"

#include "guest/access.h"
#include "lib/bits.h"
#include "lib/log.h"
#include "paging/paging.h"
#include "trap/decode.h"

#define FLAG_CF		(1ul << 0)
#define TRIES		16

struct plan {
	uint64_t value;		/* the operand's new value */
	uint64_t flags;
	bool no_store;		/* cmpxchg that did not match */
	bool sets_reg, sets_rax, sets_rdx, steps;
	unsigned int reg;
	uint64_t reg_value, rax, rdx;
};

static unsigned int operand_bytes(const struct insn *in)
{
	return in->opcode == 0x0fc7 ? 8 : in->op_bytes;
}

static bool plan_bit(const struct insn *in, struct plan *p, unsigned int op, uint64_t old,
		     uint64_t number)
{
	uint64_t bit = 1ul << (number & (in->op_bytes * 8u - 1));

	p->flags = (p->flags & ~FLAG_CF) | (old & bit ? FLAG_CF : 0);
	switch (op) {
	case 5:		p->value = old | bit; return true;
	case 6:		p->value = old & ~bit; return true;
	case 7:		p->value = old ^ bit; return true;
	default:	return false;
	}
}

static bool plan_cmpxchg(const struct insn *in, struct guest_regs *regs, struct plan *p,
			 uint64_t old)
{
	uint64_t expected = regs->rax & insn_mask(in->op_bytes);

	insn_arith(7, expected, old, in->op_bytes, &p->flags);
	p->value = insn_reg_read(in, regs, in->reg);
	p->no_store = old != expected;
	p->sets_rax = p->no_store;
	p->rax = old;
	return true;
}

/* cmpxchg8b: all of an entry, as 32-bit PAE kernels do it. */
static bool plan_cmpxchg8b(const struct insn *in, struct guest_regs *regs, struct plan *p,
			   uint64_t old)
{
	uint64_t expected = (uint32_t)regs->rax | regs->rdx << 32;

	if ((in->reg & 7) != 1 || in->op_bytes == 8)
		return false;
	p->value = (uint32_t)regs->rbx | regs->rcx << 32;
	p->no_store = old != expected;
	p->flags = (p->flags & ~(1ul << 6)) | (p->no_store ? 0 : 1ul << 6);
	p->sets_rax = p->sets_rdx = p->no_store;
	p->rax = (uint32_t)old;
	p->rdx = old >> 32;
	return true;
}

static bool plan_movs(const struct insn *in, struct guest_regs *regs, struct plan *p)
{
	uint64_t from = regs->rsi & insn_mask(in->addr_bytes);

	if (in->segment != SEG_DEFAULT && in->segment != SEG_DS)
		return false;
	p->value = 0;
	p->steps = true;
	return !guest_read(&p->value, gva(from), in->op_bytes);
}

/* What the instruction would make of this operand. false: it is none of ours. */
static bool make_plan(const struct insn *in, struct guest_regs *regs, uint64_t old, struct plan *p)
{
	unsigned int size = in->op_bytes, op = in->opcode >> 3 & 7;
	uint64_t reg = insn_reg_read(in, regs, in->reg);
	uint64_t carry = regs->rflags & FLAG_CF;

	*p = (struct plan){ .flags = regs->rflags, .reg = in->reg };
	switch (in->opcode) {
	case 0x00: case 0x01: case 0x08: case 0x09: case 0x20: case 0x21:
	case 0x28: case 0x29: case 0x30: case 0x31:
		p->value = insn_arith(op, old, reg, size, &p->flags);
		return true;
	case 0x80: case 0x81: case 0x83:
		op = in->modrm >> 3 & 7;
		p->value = insn_arith(op, old, in->imm, size, &p->flags);
		return op == 0 || op == 1 || op == 4 || op == 5 || op == 6;
	case 0x86: case 0x87:
		p->value = reg;
		p->sets_reg = true;
		p->reg_value = old;
		return true;
	case 0x88: case 0x89: case 0x0fc3:
		p->value = reg;
		return true;
	case 0xc6: case 0xc7:
		p->value = in->imm;
		return (in->modrm >> 3 & 7) == 0;
	case 0xa2: case 0xa3:
		p->value = regs->rax;
		return true;
	case 0xaa: case 0xab:
		p->value = regs->rax;
		p->steps = true;
		return true;
	case 0xa4: case 0xa5:
		return plan_movs(in, regs, p);
	case 0xfe: case 0xff:
		op = in->modrm >> 3 & 7;
		p->value = insn_arith(op ? 5 : 0, old, 1, size, &p->flags);
		p->flags = (p->flags & ~FLAG_CF) | carry;
		return op <= 1;
	case 0x0fab: return plan_bit(in, p, 5, old, reg);
	case 0x0fb3: return plan_bit(in, p, 6, old, reg);
	case 0x0fbb: return plan_bit(in, p, 7, old, reg);
	case 0x0fba: return plan_bit(in, p, in->modrm >> 3 & 7, old, in->imm);
	case 0x0fb0: case 0x0fb1:
		return plan_cmpxchg(in, regs, p, old);
	case 0x0fc0: case 0x0fc1:
		p->value = insn_arith(0, old, reg, size, &p->flags);
		p->sets_reg = true;
		p->reg_value = old;
		return true;
	case 0x0fc7:
		return plan_cmpxchg8b(in, regs, p, old);
	default:
		return false;
	}
}

static void add_to(uint64_t *reg, uint64_t delta, unsigned int bytes)
{
	uint64_t mask = insn_mask(bytes);

	*reg = bytes == 4 ? (uint32_t)(*reg + delta) : (*reg & ~mask) | ((*reg + delta) & mask);
}

/* One element of a string instruction is done; with a prefix, is it over? */
static bool string_step(const struct insn *in, struct guest_regs *regs)
{
	uint64_t step = regs->rflags & X86_EFLAGS_DF ? -(uint64_t)in->op_bytes : in->op_bytes;

	add_to(&regs->rdi, step, in->addr_bytes);
	if (in->opcode == 0xa4 || in->opcode == 0xa5)
		add_to(&regs->rsi, step, in->addr_bytes);
	if (!in->rep)
		return true;
	add_to(&regs->rcx, (uint64_t)-1, in->addr_bytes);
	return (regs->rcx & insn_mask(in->addr_bytes)) == 0;
}

static void carry_out(const struct insn *in, struct guest_regs *regs, const struct plan *p)
{
	bool over = true;

	regs->rflags = p->flags;
	if (p->sets_reg)
		insn_reg_write(in, regs, p->reg, p->reg_value);
	if (p->sets_rax)
		insn_reg_write(in, regs, 0, p->rax);
	if (p->sets_rdx)
		insn_reg_write(in, regs, 2, p->rdx);
	if (p->steps)
		over = string_step(in, regs);
	if (over)
		regs->rip = insn_next_rip(in, regs);
}

/* 0: done; -EAGAIN: the entry is no longer what the plan was made from; HC_RESTART: not done yet. */
static int change_entry(struct hcall *h, struct frame *table, unsigned int slot, uint64_t old,
			uint64_t want)
{
	uint64_t seen;
	int rc;

	if (!type_is(table, PT_L1))
		return pt_update_entry(h->d, h->d, table, slot, gpte(want), false, h);
	rc = pt_cmpxchg_l1(h->d, table, slot, old, gpte(want), &seen);
	return rc ? rc : seen == old ? 0 : -EAGAIN;
}

static bool store(struct hcall *h, struct frame *table, unsigned int offset, const struct insn *in)
{
	struct guest_regs *regs = guest_regs();
	unsigned int bytes = operand_bytes(in), shift = offset % 8 * 8, slot = offset / 8;
	uint64_t mask = insn_mask(bytes) << shift;
	volatile uint64_t *entry = (volatile uint64_t *)frame_map(table) + slot;
	struct plan p;

	if (offset % bytes)
		return false;
	for (unsigned int i = 0; i < TRIES; i++) {
		uint64_t old = *entry, want;
		int rc;

		if (!make_plan(in, regs, (old & mask) >> shift, &p))
			return false;
		want = (old & ~mask) | (p.value << shift & mask);
		rc = p.no_store ? 0 : change_entry(h, table, slot, old, want);
		/* An upper entry may name a whole tree to check: what is done stays done, and the
		 * guest's instruction is tried again after what is more urgent (advisory 45). */
		if (rc == HC_RESTART)
			return true;
		/* A narrow guest fills an entry in two halves, present first: not yet. */
		if (rc && rc != -EAGAIN && h->d->is_32bit && bytes == 4 && !shift && want & PTE_P)
			rc = change_entry(h, table, slot, old, want & ~PTE_P);
		if (!rc) {
			carry_out(in, regs, &p);
			return true;
		}
		if (rc != -EAGAIN)
			return refuse(false, "store of %#lx to a page table, slot %u", want, slot);
	}
	return true;		/* busy: the guest tries again by itself */
}

/* The caller has a reference to the table. */
static bool emulate(struct vcpu *v, struct guest_regs *regs, uint64_t cr2, struct frame *table)
{
	struct hcall h = { .v = v, .d = v->domain };
	struct insn in;

	/* Tables that were let go before may be wanted again; not done yet: try again. */
	return paging_settle(v->domain, &h) != 0 ||
	       (insn_fetch(v, regs, &in) && (!in.has_modrm || insn_is_memory(&in)) &&
		store(&h, table, (unsigned int)(cr2 & ~PAGE_MASK), &in));
}

bool pt_write_emulate(struct vcpu *v, struct guest_regs *regs, uint64_t cr2, pte_t pte)
{
	mfn_t m = pte_mfn(pte);
	struct frame *table;
	bool done;

	if (!mfn_valid(m))
		return false;
	table = frame_of(m);
	if (!type_is_table(type_of(read_once(table->type))) || !frame_get(table, v->domain))
		return false;
	done = emulate(v, regs, cr2, table);
	frame_put(table);
	v->pt_stores += done;
	return done;
}
