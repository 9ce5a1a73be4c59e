/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A 32-bit test kernel's first instruction, and every way back into it.
 *
 * The hypervisor enters in ring 1 with esi = start_info and events masked.  Traps arrive with the
 * hardware's frame; everything leaves by the iret hypercall.  What C sees is struct regs (rt.h).
 */
#include "layout.h"

#define HYPERCALL_IRET	23
#define KERNEL_DS	0xe021

	.section .text.head, "ax"
	.globl _start, hypercall_page
_start:
	cld
	mov	$boot_stack_top - 12, %esp
	xor	%ebp, %ebp
	push	%esi
	call	rt_main
	ud2

	.p2align 12
hypercall_page:
	.fill	PAGE_SIZE, 1, 0xcc

	.text
entry_common:				/* vector and error code stand below the frame */
	push	%eax
	push	%ecx
	push	%edx
	push	%ebx
	push	%ebp
	push	%esi
	push	%edi
	push	%ds
	push	%es
	mov	$KERNEL_DS, %eax
	mov	%eax, %ds
	mov	%eax, %es
	cld
	mov	%esp, %ebp
	and	$-16, %esp
	sub	$12, %esp
	push	%ebp
	call	rt_entry
	mov	%ebp, %esp
	pop	%es
	pop	%ds
	pop	%edi
	pop	%esi
	pop	%ebp
	pop	%ebx
	pop	%edx
	pop	%ecx
	pop	%eax
	add	$8, %esp
	push	%eax
	mov	$HYPERCALL_IRET, %eax
	int	$0x82
	ud2

	.altmacro
	.macro stub n
	.p2align 4
entry_\n:
	/* Vectors 8, 10 to 14, 17 and 21 bring an error code. */
	.if (\n != 8) && (\n < 10 || \n > 14) && (\n != 17) && (\n != 21)
	push	$0
	.endif
	push	$\n
	jmp	entry_common
	.endm
	.set	i, 0
	.rept	256
	stub	%i
	.set	i, i + 1
	.endr

	.globl entry_event, entry_syscall, entry_syscall32
	.globl entry_sysenter, entry_nmi, entry_failsafe
	.macro callback name, code
	.p2align 4
\name:
	push	$0
	push	$\code
	jmp	entry_common
	.endm
	callback entry_event, ENTRY_EVENT
	callback entry_syscall, ENTRY_SYSCALL
	callback entry_syscall32, ENTRY_SYSCALL32
	callback entry_sysenter, ENTRY_SYSENTER
	callback entry_nmi, ENTRY_NMI

	/* The failsafe frame: ds, es, fs, gs, then the usual one. */
entry_failsafe:
	popl	%ss:failsafe_segments
	popl	%ss:failsafe_segments + 4
	popl	%ss:failsafe_segments + 8
	popl	%ss:failsafe_segments + 12
	push	$0
	push	$ENTRY_FAILSAFE
	jmp	entry_common

	.section .rodata
	.p2align 2
	.globl entry_table
entry_table:
	.macro entry_n n
	.long	entry_\n
	.endm
	.set	i, 0
	.rept	256
	entry_n %i
	.set	i, i + 1
	.endr

	/*
	 * int ctx_save(struct ctx *c): 0 now, ctx_resume()'s value later.
	 */
	.text
	.globl ctx_save, ctx_resume, iret_to, bad_stack_trap
ctx_save:
	mov	4(%esp), %ecx
	mov	(%esp), %eax
	mov	%eax, (%ecx)
	lea	4(%esp), %eax
	mov	%eax, 4(%ecx)
	mov	%ebx, 8(%ecx)
	mov	%ebp, 12(%ecx)
	mov	%esi, 16(%ecx)
	mov	%edi, 20(%ecx)
	xor	%eax, %eax
	ret
ctx_resume:
	mov	4(%esp), %ecx
	mov	8(%esp), %eax
	mov	8(%ecx), %ebx
	mov	12(%ecx), %ebp
	mov	16(%ecx), %esi
	mov	20(%ecx), %edi
	mov	4(%ecx), %esp
	jmp	*(%ecx)

	/*
	 * void iret_to(struct iret_frame *f, word arg): the iret hypercall with this frame.  Comes
	 * back only if the hypervisor returned an error, which it may not.  arg arrives in edi.
	 */
iret_to:
	mov	4(%esp), %ecx
	mov	8(%esp), %edx
	push	%ebx
	push	%ebp
	push	%esi
	push	%edi
	mov	%edx, %edi
	pushl	24(%ecx)		/* ss */
	pushl	20(%ecx)		/* esp */
	pushl	16(%ecx)		/* eflags */
	pushl	12(%ecx)		/* cs */
	pushl	8(%ecx)			/* eip */
	pushl	0(%ecx)			/* eax */
	mov	$HYPERCALL_IRET, %eax
	int	$0x82
	add	$24, %esp
	pop	%edi
	pop	%esi
	pop	%ebp
	pop	%ebx
	ret

	/* Provoke ud2 with the stack pointer given: the hypervisor has nowhere to put the frame. */
bad_stack_trap:
	mov	4(%esp), %esp
	ud2
	jmp	.

	.section .bss.page, "aw", @nobits
	.p2align 12
	.globl boot_stack, boot_stack_top, trap_stack, trap_stack_top, shared_info_page
boot_stack:
	.skip	STACK_SIZE
boot_stack_top:
trap_stack:
	.skip	STACK_SIZE
trap_stack_top:
shared_info_page:
	.skip	PAGE_SIZE

	.section .note.GNU-stack, "", @progbits
