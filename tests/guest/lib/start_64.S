/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A 64-bit test kernel's first instruction, and every way back into it.
 *
 * The hypervisor enters with rsi = start_info and events masked.  Traps arrive with rcx and r11 on
 * top of the hardware's frame; everything leaves by the iret hypercall.  What C sees is struct regs
 * (rt.h).
 */
#include "layout.h"

#define HYPERCALL_IRET	23

	.section .text.head, "ax"
	.globl _start, hypercall_page
_start:
	cld
	lea	boot_stack_top(%rip), %rsp
	xor	%ebp, %ebp
	mov	%rsi, %rdi
	call	rt_main
	ud2

	.p2align 12
hypercall_page:
	.fill	PAGE_SIZE, 1, 0xcc

	.text
entry_common:				/* vector and error code stand below the frame */
	push	%rax
	push	%rcx
	push	%rdx
	push	%rbx
	push	%rbp
	push	%rsi
	push	%rdi
	push	%r8
	push	%r9
	push	%r10
	push	%r11
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	cld
	mov	%rsp, %rdi
	mov	%rsp, %rbp
	and	$-16, %rsp
	call	rt_entry
	mov	%rbp, %rsp
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%r11
	pop	%r10
	pop	%r9
	pop	%r8
	pop	%rdi
	pop	%rsi
	pop	%rbp
	pop	%rbx
	pop	%rdx
	pop	%rcx
	pop	%rax
	add	$16, %rsp
	pushq	$0			/* flags: nothing, so the slow and whole way back */
	push	%rcx
	push	%r11
	push	%rax
	mov	$HYPERCALL_IRET, %eax
	syscall
	ud2

	.altmacro
	.macro stub n
	.p2align 4
entry_\n:
	pop	%rcx
	pop	%r11
	/* Vectors 8, 10 to 14, 17 and 21 bring an error code. */
	.if (\n != 8) && (\n < 10 || \n > 14) && (\n != 17) && (\n != 21)
	pushq	$0
	.endif
	pushq	$\n
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
	pop	%rcx
	pop	%r11
	pushq	$0
	pushq	$\code
	jmp	entry_common
	.endm
	callback entry_event, ENTRY_EVENT
	callback entry_syscall, ENTRY_SYSCALL
	callback entry_syscall32, ENTRY_SYSCALL32
	callback entry_sysenter, ENTRY_SYSENTER
	callback entry_nmi, ENTRY_NMI

	/* The failsafe frame: rcx, r11, ds, es, fs, gs, then the usual one. */
entry_failsafe:
	pop	%rcx
	pop	%r11
	popq	failsafe_segments(%rip)
	popq	failsafe_segments + 8(%rip)
	popq	failsafe_segments + 16(%rip)
	popq	failsafe_segments + 24(%rip)
	pushq	$0
	pushq	$ENTRY_FAILSAFE
	jmp	entry_common

	.section .rodata
	.p2align 3
	.globl entry_table
entry_table:
	.macro entry_n n
	.quad	entry_\n
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
	mov	(%rsp), %rax
	mov	%rax, (%rdi)
	lea	8(%rsp), %rax
	mov	%rax, 8(%rdi)
	mov	%rbx, 16(%rdi)
	mov	%rbp, 24(%rdi)
	mov	%r12, 32(%rdi)
	mov	%r13, 40(%rdi)
	mov	%r14, 48(%rdi)
	mov	%r15, 56(%rdi)
	xor	%eax, %eax
	ret
ctx_resume:
	mov	%esi, %eax
	mov	8(%rdi), %rsp
	mov	16(%rdi), %rbx
	mov	24(%rdi), %rbp
	mov	32(%rdi), %r12
	mov	40(%rdi), %r13
	mov	48(%rdi), %r14
	mov	56(%rdi), %r15
	jmp	*(%rdi)

	/*
	 * void iret_to(struct iret_frame *f, word arg): the iret hypercall with this frame.  Comes
	 * back only if the hypervisor returned an error, which it may not.  arg arrives in rdi.
	 */
iret_to:
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	mov	%rdi, %rax
	mov	%rsi, %rdi
	pushq	48(%rax)		/* ss */
	pushq	40(%rax)		/* rsp */
	pushq	32(%rax)		/* rflags */
	pushq	24(%rax)		/* cs */
	pushq	16(%rax)		/* rip */
	pushq	8(%rax)			/* flags */
	pushq	$0
	pushq	$0
	pushq	0(%rax)			/* rax */
	mov	$HYPERCALL_IRET, %eax
	syscall
	add	$72, %rsp
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	ret

	/* Provoke ud2 with the stack pointer given: the hypervisor has nowhere to put the frame. */
bad_stack_trap:
	mov	%rdi, %rsp
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
