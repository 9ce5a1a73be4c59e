// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which instructions of a hypervisor are costly, told from their bytes.
 *
 * 64-bit code only: that is what both hypervisors run. An instruction is of one class at most, besides
 * being locked.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In the order a reader wants them; costs.py knows them by these names. */
#define COSTLY_CLASSES(X)						\
	X(CR0, "cr0")		/* and CLTS */				\
	X(CR3, "cr3")							\
	X(CR4, "cr4")							\
	X(DR, "dr")							\
	X(WRMSR, "wrmsr")						\
	X(RDMSR, "rdmsr")						\
	X(BASE, "fsgsbase")	/* WRFSBASE, WRGSBASE */		\
	X(SWAPGS, "swapgs")						\
	X(INVLPG, "invlpg")	/* and INVPCID */			\
	X(IRET, "iret")							\
	X(SYSRET, "sysret")	/* and SYSEXIT */			\
	X(LOCK, "lock")		/* and XCHG with memory */		\
	X(SERIAL, "serial")	/* CPUID, WBINVD, INVD */		\
	X(FENCE, "fence")	/* LFENCE, MFENCE */			\
	X(VERW, "verw")							\
	X(SEGMENT, "seg")	/* a selector into a register; far jumps, calls and returns */	\
	X(TABLE, "dtr")		/* LGDT, LIDT, LLDT, LTR */		\
	X(XSAVE, "xsave")	/* and FXSAVE */			\
	X(XRSTOR, "xrstor")	/* and FXRSTOR */			\
	X(IO, "io")		/* IN and OUT */			\
	X(RDTSC, "rdtsc")						\
	X(STRING, "string")	/* bytes */

enum costly {
#define ONE(name, text) COSTLY_##name,
	COSTLY_CLASSES(ONE)
#undef ONE
	COSTLY_NONE
};

struct shape {
	enum costly costly;
	bool locked;
	bool string_reads;		/* what counts is read, not written: LODS, CMPS, SCAS */
	unsigned int string_size;	/* bytes of one round */
};

static inline bool is_legacy_prefix(uint8_t b)
{
	return b == 0x66 || b == 0x67 || b == 0xf0 || b == 0xf2 || b == 0xf3 || b == 0x2e || b == 0x36 ||
	       b == 0x3e || b == 0x26 || b == 0x64 || b == 0x65;
}

/* The group 0f ae, and 0f c7: by the middle field of modrm. */
static inline enum costly state_class(uint8_t op, uint8_t modrm, bool rep)
{
	unsigned int reg = (modrm >> 3) & 7;
	bool memory = modrm < 0xc0;

	if (op == 0xc7)
		return !memory ? COSTLY_NONE : reg == 3 ? COSTLY_XRSTOR : reg == 4 || reg == 5 ? COSTLY_XSAVE :
		       COSTLY_NONE;
	if (!memory) {
		if (rep)
			return reg == 2 || reg == 3 ? COSTLY_BASE : COSTLY_NONE;
		return reg == 5 || reg == 6 ? COSTLY_FENCE : COSTLY_NONE;
	}
	return reg == 0 || reg == 4 || reg == 6 ? COSTLY_XSAVE : reg == 1 || reg == 5 ? COSTLY_XRSTOR : COSTLY_NONE;
}

static inline enum costly two_byte_class(uint8_t op, uint8_t modrm, bool rep)
{
	unsigned int reg = (modrm >> 3) & 7;
	bool memory = modrm < 0xc0;

	switch (op) {
	case 0x00:
		return reg == 2 || reg == 3 ? COSTLY_TABLE : reg == 5 ? COSTLY_VERW : COSTLY_NONE;
	case 0x01:
		if (memory)
			return reg == 2 || reg == 3 ? COSTLY_TABLE : reg == 6 ? COSTLY_CR0 :
			       reg == 7 ? COSTLY_INVLPG : COSTLY_NONE;
		return modrm == 0xf8 ? COSTLY_SWAPGS : modrm == 0xf9 ? COSTLY_RDTSC : reg == 6 ? COSTLY_CR0 : COSTLY_NONE;
	case 0x06:
		return COSTLY_CR0;
	case 0x07:
	case 0x35:
		return COSTLY_SYSRET;
	case 0x08:
	case 0x09:
	case 0xa2:
		return COSTLY_SERIAL;
	case 0x22:
		return reg == 0 ? COSTLY_CR0 : reg == 3 ? COSTLY_CR3 : reg == 4 ? COSTLY_CR4 : COSTLY_NONE;
	case 0x23:
		return COSTLY_DR;
	case 0x30:
		return COSTLY_WRMSR;
	case 0x32:
		return COSTLY_RDMSR;
	case 0x31:
		return COSTLY_RDTSC;
	case 0xa1:
	case 0xa9:
	case 0xb2:
	case 0xb4:
	case 0xb5:
		return COSTLY_SEGMENT;
	case 0xae:
	case 0xc7:
		return state_class(op, modrm, rep);
	}
	return COSTLY_NONE;
}

static inline enum costly one_byte_class(uint8_t op, uint8_t modrm)
{
	unsigned int reg = (modrm >> 3) & 7;

	switch (op) {
	case 0xcf:
		return COSTLY_IRET;
	case 0x8e:
	case 0xca:
	case 0xcb:
		return COSTLY_SEGMENT;
	case 0xff:
		return reg == 3 || reg == 5 ? COSTLY_SEGMENT : COSTLY_NONE;
	case 0xe4 ... 0xe7:
	case 0xec ... 0xef:
	case 0x6c ... 0x6f:
		return COSTLY_IO;
	case 0xa4 ... 0xa7:
	case 0xaa ... 0xaf:
		return COSTLY_STRING;
	}
	return COSTLY_NONE;
}

static inline struct shape shape_of(const uint8_t *b, size_t size)
{
	struct shape s = { .costly = COSTLY_NONE };
	bool narrow = false, rep = false, wide = false;
	uint8_t op, modrm;
	size_t at = 0;

	for (; at < size && is_legacy_prefix(b[at]); at++) {
		s.locked |= b[at] == 0xf0;
		narrow |= b[at] == 0x66;
		rep |= b[at] == 0xf3;
	}
	if (at < size && (b[at] & 0xf0) == 0x40)
		wide = b[at++] & 8;
	if (at >= size)
		return s;
	op = b[at++];
	modrm = at < size ? b[at] : 0;
	if (op == 0x0f && at < size) {
		op = b[at++];
		modrm = at < size ? b[at] : 0;
		if (op == 0x38 && modrm == 0x82)
			s.costly = COSTLY_INVLPG;
		else
			s.costly = two_byte_class(op, modrm, rep);
		return s;
	}
	s.costly = one_byte_class(op, modrm);
	s.locked |= (op == 0x86 || op == 0x87) && modrm < 0xc0;
	if (s.costly == COSTLY_STRING) {
		s.string_size = !(op & 1) ? 1 : wide ? 8 : narrow ? 2 : 4;
		s.string_reads = op == 0xa6 || op == 0xa7 || op >= 0xac;
	}
	return s;
}
