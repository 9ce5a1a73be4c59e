// SPDX-License-Identifier: GPL-2.0-only
/*
 * The instruction decoder: prefixes, opcode, operand description, immediate. See decode.h.
 *
 * Encodings: AMD64 APM vol. 3, chapter 1. Each known opcode has a shape; all else is unknown.
 */
#include "trap/decode.h"

#include "lib/bits.h"

/* Shapes. */
#define M	0x01	/* a modrm byte, and what it brings */
#define B	0x02	/* byte operand */
#define I	0x04	/* immediate of the operand's size, at most 4 bytes */
#define I8	0x08	/* immediate of one byte */
#define A	0x10	/* absolute address as wide as addresses (moffs) */
#define P	0x40	/* a prefix (40 to 4f: in 64-bit code) */
#define OK	0x80	/* known */

/* By opcode: those of one byte, those behind 0x0f. */
#define IS(opcode, shape)	[(opcode) >> 8 != 0][(opcode) & 0xff] = (shape) | OK

static const uint8_t shapes[2][256] = {
	[0][0x26] = P, [0][0x2e] = P, [0][0x36] = P, [0][0x3e] = P, [0][0x40 ... 0x4f] = P,
	[0][0x64 ... 0x67] = P, [0][0xf0] = P, [0][0xf2 ... 0xf3] = P,
	IS(0x00, M | B), IS(0x01, M),			/* add to memory */
	IS(0x08, M | B), IS(0x09, M),			/* or */
	IS(0x20, M | B), IS(0x21, M),			/* and */
	IS(0x28, M | B), IS(0x29, M),			/* sub */
	IS(0x30, M | B), IS(0x31, M),			/* xor */
	IS(0x6c, B), IS(0x6d, 0), IS(0x6e, B), IS(0x6f, 0),	/* ins, outs */
	IS(0x80, M | B | I8), IS(0x81, M | I), IS(0x83, M | I8),
	IS(0x86, M | B), IS(0x87, M),			/* xchg */
	IS(0x88, M | B), IS(0x89, M),			/* mov to memory */
	IS(0xa2, B | A), IS(0xa3, A),
	IS(0xa4, B), IS(0xa5, 0),			/* movs */
	IS(0xaa, B), IS(0xab, 0),			/* stos */
	IS(0xc6, M | B | I8), IS(0xc7, M | I),		/* mov immediate */
	IS(OP_INT, I8),
	IS(0xe4, B | I8), IS(0xe5, I8), IS(0xe6, B | I8), IS(0xe7, I8),	/* in, out */
	IS(0xec, B), IS(0xed, 0), IS(0xee, B), IS(0xef, 0),
	IS(OP_HLT, 0), IS(OP_CLI, 0), IS(OP_STI, 0),
	IS(0xfe, M | B), IS(0xff, M),			/* inc, dec */
	IS(OP_GROUP7, M), IS(OP_CLTS, 0), IS(OP_INVD, 0), IS(OP_WBINVD, 0), IS(OP_UD2, 0),
	IS(OP_MOV_FROM_CR, M), IS(OP_MOV_FROM_DR, M), IS(OP_MOV_TO_CR, M), IS(OP_MOV_TO_DR, M),
	IS(OP_WRMSR, 0), IS(OP_RDTSC, 0), IS(OP_RDMSR, 0), IS(OP_CPUID, 0),
	IS(0x0fab, M), IS(0x0fb3, M), IS(0x0fbb, M), IS(0x0fba, M | I8),	/* bts btr btc */
	IS(0x0fb0, M | B), IS(0x0fb1, M),		/* cmpxchg */
	IS(0x0fc0, M | B), IS(0x0fc1, M),		/* xadd */
	IS(0x0fc3, M),					/* movnti */
	IS(0x0fc7, M),					/* cmpxchg8b */
};

struct reader {
	const uint8_t *bytes;
	unsigned int at, count;
	bool short_of;
};

static uint8_t next_byte(struct reader *r)
{
	if (r->at >= r->count) {
		r->short_of = true;
		return 0;
	}
	return r->bytes[r->at++];
}

static uint64_t next_value(struct reader *r, unsigned int bytes)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < bytes; i++)
		value |= (uint64_t)next_byte(r) << i * 8;
	return value;
}

static uint64_t sign_extend(uint64_t value, unsigned int bytes)
{
	unsigned int unused = 64 - bytes * 8;

	return bytes >= 8 ? value : (uint64_t)((int64_t)(value << unused) >> unused);
}

struct prefixes {
	bool op_size, addr_size;
	uint8_t rex;
};

/* true: it was one. A REX counts only right before the opcode. */
static bool take_prefix(struct insn *in, struct prefixes *p, uint8_t byte)
{
	switch (byte) {
	case 0x66:	p->op_size = true; break;
	case 0x67:	p->addr_size = true; break;
	case 0xf0:	in->lock = true; break;
	case 0xf2: case 0xf3:	in->rep = true; break;
	case 0x26:	in->segment = SEG_ES; break;
	case 0x2e:	in->segment = SEG_CS; break;
	case 0x36:	in->segment = SEG_SS; break;
	case 0x3e:	in->segment = SEG_DS; break;
	case 0x64:	in->segment = SEG_FS; break;
	case 0x65:	in->segment = SEG_GS; break;
	default:
		if (in->mode != 64 || (byte & 0xf0) != 0x40)
			return false;
		p->rex = byte;
		return true;
	}
	p->rex = 0;
	return true;
}

static unsigned int shape_of(uint16_t opcode)
{
	return shapes[opcode >> 8 != 0][opcode & 0xff];
}

static void set_sizes(struct insn *in, const struct prefixes *p, unsigned int shape)
{
	if (in->mode == 64) {
		in->op_bytes = p->rex & 8 ? 8 : p->op_size ? 2 : 4;
		in->addr_bytes = p->addr_size ? 4 : 8;
	} else {
		in->op_bytes = (in->mode == 32) != p->op_size ? 4 : 2;
		in->addr_bytes = (in->mode == 32) != p->addr_size ? 4 : 2;
	}
	if (shape & B)
		in->op_bytes = 1;
	in->rex = p->rex != 0;
}

/* Skips what follows a modrm byte: nobody here computes addresses (the fault tells its own). */
static void take_modrm(struct insn *in, struct reader *r, uint8_t rex)
{
	unsigned int mod, rm;

	in->has_modrm = true;
	in->modrm = next_byte(r);
	mod = in->modrm >> 6;
	rm = in->modrm & 7;
	in->reg = (in->modrm >> 3 & 7) | (rex & 4) << 1;
	in->rm = rm | (rex & 1) << 3;
	if (mod == 3)
		return;
	/* Control and debug registers: the operand is a register whatever mod says. */
	if (in->opcode >= OP_MOV_FROM_CR && in->opcode <= OP_MOV_TO_DR)
		return;
	if (in->addr_bytes == 2) {
		next_value(r, mod == 1 ? 1 : mod == 2 || rm == 6 ? 2 : 0);
		return;
	}
	if (rm == 4 && (next_byte(r) & 7) == 5 && mod == 0)
		next_value(r, 4);
	else if (mod == 0 && rm == 5)
		next_value(r, 4);
	if (mod)
		next_value(r, mod == 1 ? 1 : 4);
}

bool insn_decode(struct insn *in, const uint8_t *bytes, unsigned int count, unsigned int mode)
{
	struct reader r = { .bytes = bytes, .count = MIN(count, (unsigned int)INSN_MAX) };
	struct prefixes p = { 0 };
	unsigned int shape;
	uint8_t byte;

	*in = (struct insn){ .mode = (uint8_t)mode };
	do
		byte = next_byte(&r);
	while (shapes[0][byte] & P && !r.short_of && take_prefix(in, &p, byte));
	in->opcode = byte == 0x0f ? 0x0f00 | next_byte(&r) : byte;
	shape = shape_of(in->opcode);
	if (r.short_of || !(shape & OK))
		return false;

	set_sizes(in, &p, shape);
	if (shape & M)
		take_modrm(in, &r, p.rex);
	if (shape & A)
		next_value(&r, in->addr_bytes);
	if (shape & I8)
		in->imm = sign_extend(next_value(&r, 1), 1);
	if (shape & I) {
		unsigned int n = MIN((unsigned int)in->op_bytes, 4u);

		in->imm = sign_extend(next_value(&r, n), n);
	}
	in->length = (uint8_t)r.at;
	return !r.short_of;
}

uint64_t *insn_reg(struct guest_regs *regs, unsigned int n)
{
	switch (n & 15) {
	case 0:		return &regs->rax;
	case 1:		return &regs->rcx;
	case 2:		return &regs->rdx;
	case 3:		return &regs->rbx;
	case 4:		return &regs->rsp;
	case 5:		return &regs->rbp;
	case 6:		return &regs->rsi;
	case 7:		return &regs->rdi;
	case 8:		return &regs->r8;
	case 9:		return &regs->r9;
	case 10:	return &regs->r10;
	case 11:	return &regs->r11;
	case 12:	return &regs->r12;
	case 13:	return &regs->r13;
	case 14:	return &regs->r14;
	default:	return &regs->r15;
	}
}

/* ah, ch, dh, bh: the second byte of the first four registers. */
static bool is_high_byte(const struct insn *in, unsigned int n)
{
	return in->op_bytes == 1 && !in->rex && n >= 4 && n < 8;
}

uint64_t insn_reg_read(const struct insn *in, struct guest_regs *regs, unsigned int n)
{
	if (is_high_byte(in, n))
		return *insn_reg(regs, n - 4) >> 8 & 0xff;
	return *insn_reg(regs, n) & insn_mask(in->op_bytes);
}

void insn_reg_write(const struct insn *in, struct guest_regs *regs, unsigned int n, uint64_t value)
{
	uint64_t mask = insn_mask(in->op_bytes == 4 ? 8 : in->op_bytes);
	uint64_t *reg;

	value &= insn_mask(in->op_bytes);
	if (is_high_byte(in, n)) {
		reg = insn_reg(regs, n - 4);
		*reg = (*reg & ~0xff00ul) | value << 8;
		return;
	}
	reg = insn_reg(regs, n);
	*reg = (*reg & ~mask) | value;
}

#define FLAG_CF		(1ul << 0)
#define FLAG_PF		(1ul << 2)
#define FLAG_AF		(1ul << 4)
#define FLAG_ZF		(1ul << 6)
#define FLAG_SF		(1ul << 7)
#define FLAG_OF		(1ul << 11)

uint64_t insn_arith(unsigned int op, uint64_t value, uint64_t operand, unsigned int bytes,
		    uint64_t *flags)
{
	uint64_t mask = insn_mask(bytes), sign = 1ul << (bytes * 8 - 1);
	uint64_t result, set = 0;

	value &= mask;
	operand &= mask;
	switch (op) {
	case 0:
		result = (value + operand) & mask;
		set |= result < value ? FLAG_CF : 0;
		set |= (value ^ result) & (operand ^ result) & sign ? FLAG_OF : 0;
		set |= (value ^ operand ^ result) & 0x10 ? FLAG_AF : 0;
		break;
	case 1:
		result = value | operand;
		break;
	case 4:
		result = value & operand;
		break;
	case 6:
		result = value ^ operand;
		break;
	default:
		result = (value - operand) & mask;
		set |= value < operand ? FLAG_CF : 0;
		set |= (value ^ operand) & (value ^ result) & sign ? FLAG_OF : 0;
		set |= (value ^ operand ^ result) & 0x10 ? FLAG_AF : 0;
		break;
	}
	set |= result ? 0 : FLAG_ZF;
	set |= result & sign ? FLAG_SF : 0;
	set |= __builtin_popcountl(result & 0xff) & 1 ? 0 : FLAG_PF;
	*flags = (*flags & ~(FLAG_CF | FLAG_PF | FLAG_AF | FLAG_ZF | FLAG_SF | FLAG_OF)) | set;
	return op == 7 ? value : result;
}
