/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Struct layouts for the assembly, proved by entry/offsets.c. And what all ways in share.
 */
#pragma once

#define REGS_ERROR_CODE		0x78
#define REGS_ENTRY_VECTOR	0x7c
#define REGS_RIP		0x80
#define REGS_CS			0x88
#define REGS_RFLAGS		0x90
#define REGS_RSP		0x98
#define REGS_SS			0xa0
#define REGS_WORDS		21
#define CPU_INFO_SIZE		200

#ifdef __ASSEMBLER__

/*
 * After the frame of the CPU and the error code: the general registers, in the order of struct
 * guest_regs, down to rsp. What the guest had in them must not steer speculation of ours.
 */
.macro SAVE_REGS
	push	%rdi
	push	%rsi
	push	%rdx
	push	%rcx
	push	%rax
	push	%r8
	push	%r9
	push	%r10
	push	%r11
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	xor	%ebx, %ebx
	xor	%ebp, %ebp
	xor	%r8d, %r8d
	xor	%r9d, %r9d
	xor	%r10d, %r10d
	xor	%r11d, %r11d
	xor	%r12d, %r12d
	xor	%r13d, %r13d
	xor	%r14d, %r14d
	xor	%r15d, %r15d
	cld
.endm

/* The way back, flags untouched: rsp is then at the CPU's own frame. */
.macro RESTORE_REGS
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	pop	%r11
	pop	%r10
	pop	%r9
	pop	%r8
	pop	%rax
	pop	%rcx
	pop	%rdx
	pop	%rsi
	pop	%rdi
	lea	8(%rsp), %rsp
.endm

/* A C function of one argument, the frame at rsp; the stack is a word off the 16 C wants. */
.macro CALL_WITH_REGS function:req
	mov	%rsp, %rdi
	sub	$8, %rsp
	call	\function
	add	$8, %rsp
.endm

#endif
