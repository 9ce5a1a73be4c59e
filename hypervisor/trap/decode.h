// SPDX-License-Identifier: GPL-2.0-only
/*
 * The few instructions we understand, read from a private copy of at most 15 bytes.
 *
 * One decoder serves privileged instructions (privop.c), software interrupts (dispatch.c) and
 * stores to page tables (pt_write.c). What is not in its table is not an instruction, as far as we
 * are concerned. It says what was written, not whether it may be done.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cpu/regs.h"
#include "lib/bug.h"

#define INSN_MAX	15

/* Opcodes: one byte, or 0x0f00 | second byte, or one of the two-byte ones with a third in modrm. */
#define OP_INT		0xcd
#define OP_HLT		0xf4
#define OP_CLI		0xfa
#define OP_STI		0xfb
#define OP_UD2		0x0f0b
#define OP_GROUP7	0x0f01
#define OP_CLTS		0x0f06
#define OP_INVD		0x0f08
#define OP_WBINVD	0x0f09
#define OP_MOV_FROM_CR	0x0f20
#define OP_MOV_FROM_DR	0x0f21
#define OP_MOV_TO_CR	0x0f22
#define OP_MOV_TO_DR	0x0f23
#define OP_WRMSR	0x0f30
#define OP_RDTSC	0x0f31
#define OP_RDMSR	0x0f32
#define OP_CPUID	0x0fa2

enum insn_segment {
	SEG_DEFAULT, SEG_ES, SEG_CS, SEG_SS, SEG_DS, SEG_FS, SEG_GS,
};

struct insn {
	uint16_t opcode;
	uint8_t length;
	uint8_t mode;		/* 64, 32 or 16: how the code segment has it */
	uint8_t op_bytes;	/* operand: 1, 2, 4 or 8 */
	uint8_t addr_bytes;	/* 2, 4 or 8 */
	bool lock, rep;
	bool rex;		/* any: byte registers 4-7 are spl.. and not ah.. */
	enum insn_segment segment;
	bool has_modrm;
	uint8_t modrm;		/* as read; with C0-FF the operand is a register */
	uint8_t reg, rm;	/* with REX's bits */
	uint64_t imm;		/* sign-extended to 64 bits */
};

static inline bool insn_is_memory(const struct insn *in)
{
	return in->has_modrm && (in->modrm & 0xc0) != 0xc0;
}

/*
 * Read one instruction. mode: 64, 32 or 16. false: the bytes end too soon, or it is not one we
 * know.
 */
must_check bool insn_decode(struct insn *in, const uint8_t *bytes, unsigned int count,
			    unsigned int mode);

/* Register number n (0..15) as a full word, or (width) one operand of it, and back: as the CPU
 * does, a 4-byte write clears the upper half, smaller ones leave the rest. */
uint64_t *insn_reg(struct guest_regs *regs, unsigned int n);
uint64_t insn_reg_read(const struct insn *in, struct guest_regs *regs, unsigned int n);
void insn_reg_write(const struct insn *in, struct guest_regs *regs, unsigned int n,
		    uint64_t value);

static inline uint64_t insn_mask(unsigned int bytes)
{
	return bytes >= 8 ? ~0ul : (1ul << bytes * 8) - 1;
}

/*
 * Arithmetic as the CPU does it: value <op> operand, with the flags it leaves in *flags.
 * op: the group-1 number (0 add, 1 or, 4 and, 5 sub, 6 xor, 7 cmp).
 */
uint64_t insn_arith(unsigned int op, uint64_t value, uint64_t operand, unsigned int bytes,
		    uint64_t *flags);

struct vcpu;

/* The guest's instruction at rip (through its code segment, limit and all), decoded. */
must_check bool insn_fetch(struct vcpu *v, const struct guest_regs *regs, struct insn *in);
/* Is this the usual code segment of a 32-bit guest: 32 bits, from 0 to 4 GiB? */
bool insn_flat32(const struct vcpu *v, uint16_t cs);
/* rip behind it, cut to the width of the code. */
uint64_t insn_next_rip(const struct insn *in, const struct guest_regs *regs);
