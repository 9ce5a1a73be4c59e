/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The short ways (trap/direct.c): only the registers that C functions may change are saved, in
 * their places in struct guest_regs, and loaded again. Where the answer is LONG_WAY, the rest is
 * saved as well, and all is as if the short way had never been.
 *
 * The guest's rbx, rbp and r12 to r15 stay in the CPU meanwhile. What runs there is direct.c alone,
 * which saves and restores them if at all, and has no indirect call or jump.
 */
#include "cpu/percpu.h"
#include "entry/offsets.h"

	.section .text.entry, "ax"

	.globl	direct_begin, direct_end	/* each IRETQ between them goes to a guest */
direct_begin:

	/* The long way, after all: from what is saved already, or (otherwise) with nothing saved. */
	.macro	LONG_WAY otherwise
	.ifb	\otherwise
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	CLEAR_REGS
	jmp	entry_saved
	.else
	POP_CALLER_REGS
	jmp	\otherwise
	.endif
	.endm

	/* rsp is at the error code and the vector. */
	.macro	DIRECT function:req, otherwise, rcx=%rcx
	.globl	entry_\function
	.balign	16
entry_\function:
	PUSH_CALLER_REGS \rcx
	cld
	.ifb	\otherwise
	testb	$3, REGS_CS - REGS_R11(%rsp)
	jz	9f
	.endif
	lea	-REGS_R11(%rsp), %rdi
	sub	$REGS_R11 + 8, %rsp
	call	\function
	add	$REGS_R11 + 8, %rsp
	cmp	$1, %eax			/* DONE; the flags outlive what follows */
	jb	9f
	POP_CALLER_REGS
	lea	8(%rsp), %rsp
	ja	direct_sysret
	iretq
9:	LONG_WAY \otherwise
	.endm

	DIRECT	direct_plain
	DIRECT	direct_ud
	DIRECT	direct_nm
	DIRECT	direct_gp
	DIRECT	direct_pf
	DIRECT	direct_int80
	DIRECT	direct_iret32, int82_not_iret
	DIRECT	direct_iret64, syscall_not_iret_any, RCX_OF_SYSCALL
	DIRECT	direct_syscall, syscall_not_direct, RCX_OF_SYSCALL

	/* SYSCALL does not need rcx, which is rip; the way there needs current in it. */
syscall_not_iret_any:
	mov	CPU_VCPU - REGS_ERROR_CODE(%rsp), %rcx
	jmp	syscall_not_iret

direct_sysret:
	mov	24(%rsp), %rsp
	sysretq
direct_end:

	.section .note.GNU-stack, "", @progbits
