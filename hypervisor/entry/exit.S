/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one way out.
 *
 * before_guest() may load other registers (another vcpu, a frame on the guest's stack), so nothing
 * is kept in registers over it. If IRETQ faults, the registers are already the guest's, and the
 * frame at the stack top is still whole: trap/dispatch.c knows guest_iret, puts the registers
 * back and tells the guest.
 */
#include "cpu/percpu.h"
#include "entry/offsets.h"

	.section .text.entry, "ax"

	.globl	enter_guest
	.globl	entry_reset_stack_and_idle
enter_guest:
entry_reset_stack_and_idle:
	mov	%rsp, %rax
	or	$(STACK_SIZE - 1), %rax
	sub	$(CPU_INFO_SIZE - 1), %rax
	mov	%rax, %rsp
	xor	%ebp, %ebp

	.globl	leave_ring0
leave_ring0:
	sub	$8, %rsp
	call	before_guest
	add	$8, %rsp
	test	%al, %al
	RESTORE_REGS
	jnz	1f

	.globl	guest_iret
guest_iret:
	iretq

	/* SYSRET takes rip from rcx and rflags from r11: before_guest() saw that they are equal. */
1:	mov	24(%rsp), %rsp
	sysretq

	.section .note.GNU-stack, "", @progbits
