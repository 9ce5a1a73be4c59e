/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ways in of 32-bit code alone: INT 0x82 and SYSENTER.
 *
 * INT 0x82 has a gate that only ring 1 may call (entry/setup.c), and only the kernels of 32-bit guests
 * run there: so it is a hypercall. (Users' INT 0x82 is a #GP; the gate masks interrupts and clears
 * TF and NT.) What 32-bit code leaves in the upper halves of its registers, the CPU does not say.
 *
 * SYSENTER saves nothing and says neither where the guest was nor its stack; by convention the
 * guest's own handler knows. rsp comes from an MSR: the end of struct guest_regs at the stack top.
 * NT would make a later IRET fault (advisory 44); it and all other flags are put in order here.
 */
#include "cpu/descriptor.h"
#include "entry/offsets.h"

	.section .text.entry, "ax"

	.globl	int82_entry
	.balign	16
int82_entry:
	push	int82_frame_word(%rip)
	cmp	$HYPERCALL_IRET, %eax
	je	quick_iret32
	.globl	int82_not_iret
int82_not_iret:
	PUSH_REGS
	cld
	mov	%ebp, %ebp
	mov	%edi, %edi
	mov	%esi, %esi
	mov	%edx, %edx
	mov	%ecx, %r9d
	mov	%ebx, %ebx
	mov	CPU_VCPU(%rsp), %rcx
	HYPERCALL 32, hypercall_doors+(HYPERCALL_COUNT+1)*8, %rbp, %rdi, %rsi, %rdx, %r9, %rbx

	.globl	sysenter_entry
	.balign	16
sysenter_entry:
	push	$NATIVE_RING3_DS
	push	$0
	pushfq
	push	$3				/* no code segment, ring 3 */
	push	$0
	push	$0
	movl	$ENTRY_SYSENTER, 4(%rsp)
	SAVE_REGS
	push	$2
	popfq
	CALL_WITH_REGS trap_sysenter
	jmp	leave_ring0

	.section .rodata
	.balign	8
int82_frame_word:			/* no error code, this vector */
	.long	0, 0x82

	.section .note.GNU-stack, "", @progbits
