/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The 256 ways in through the IDT: exceptions, interrupts, INT 0x80 and 0x82.
 *
 * Each stub makes the frame uniform (an error code, or 0) and notes its vector. From a guest, the
 * frame lies at the top of this CPU's stack and the way out is exit.S. From ring 0 it lies
 * wherever we were, and we go back there. Exceptions that are mostly the guest's own affair try a
 * short way first (direct.S). Page faults, INT 0x80 and 0x82 have ways of their own (quick.S, int82.S).
 *
 * #DB, NMI, #DF and #MC come on stacks of their own (IST), because they may hit where rsp is the
 * guest's (advisory 260). From a guest their frame is moved to the stack top, so that they need no
 * other care.
 */
#include "cpu/percpu.h"
#include "entry/offsets.h"

	.section .text.entry, "ax"

	.globl	entry_stubs
	.balign	16
entry_stubs:
	.set	vector, 0
	.rept	256
	.balign	16
	.if	!(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || \
		  vector == 21 || vector == 29 || vector == 30)
	push	$0
	.endif
	movl	$vector, 4(%rsp)
	.if	vector == 1 || vector == 2 || vector == 8 || vector == 18
	jmp	entry_own_stack
	.elseif	vector == 0 || (vector >= 3 && vector <= 5) || vector == 16 || vector == 19
	jmp	entry_direct_plain
	.elseif	vector == 6
	jmp	entry_direct_ud
	.elseif	vector == 7
	jmp	entry_direct_nm
	.elseif	vector == 13
	jmp	entry_direct_gp
	.else
	jmp	entry_common
	.endif
	.set	vector, vector + 1
	.endr

	.balign	16
entry_common:
	SAVE_REGS
	.globl	entry_saved
entry_saved:
	testb	$3, REGS_CS(%rsp)
	jz	entry_from_ring0
from_guest:
	CALL_WITH_REGS trap_from_guest
	jmp	leave_ring0

entry_from_ring0:
	CALL_WITH_REGS trap_from_hypervisor
	RESTORE_REGS
	iretq

entry_own_stack:
	SAVE_REGS
	testb	$3, REGS_CS(%rsp)
	jz	entry_from_ring0
	mov	%rsp, %rsi
	mov	%rsp, %rdi
	or	$(STACK_SIZE - 1), %rdi
	sub	$(CPU_INFO_SIZE - 1), %rdi
	mov	%rdi, %rdx
	mov	$REGS_WORDS, %ecx
	rep movsq
	mov	%rdx, %rsp
	jmp	from_guest

	.section .note.GNU-stack, "", @progbits
