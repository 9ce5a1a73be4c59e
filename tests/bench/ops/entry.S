/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Trap handlers that do the least a kernel could: drop the error code, step over the instruction where it
 * would fault again, and go back by the iret hypercall. What is measured is the hypervisor, so there is
 * nothing of a kernel's own in them.
 */
#include "layout.h"

#define HYPERCALL_IRET	23
#define IN_SYSCALL	256		/* VGCF_in_syscall: rcx and r11 need not be kept */
#define PENDING		2048		/* shared_info.evtchn_pending */

	.text
#ifdef __x86_64__
	.macro	back flags
	pushq	$\flags
	push	%rcx
	push	%r11
	push	%rax
	mov	$HYPERCALL_IRET, %eax
	syscall
	.endm

	.macro	fast name, error, skip, flags
	.globl	\name
	.p2align 4
\name:
	pop	%rcx
	pop	%r11
	.if	\error
	add	$8, %rsp
	.endif
	.if	\skip
	addq	$\skip, (%rsp)
	.endif
	back	\flags
	.endm

	fast	fast_syscall, 0, 0, IN_SYSCALL

	.globl	fast_event
	.p2align 4
fast_event:
	pop	%rcx
	pop	%r11
	movb	$0, shared_info_page(%rip)
	movq	$0, shared_info_page + 8(%rip)
	movq	$0, shared_info_page + PENDING(%rip)
	incl	fast_events(%rip)
	back	0
#else
	.macro	back
	push	%eax
	mov	$HYPERCALL_IRET, %eax
	int	$0x82
	.endm

	.macro	fast name, error, skip, flags
	.globl	\name
	.p2align 4
\name:
	.if	\error
	add	$4, %esp
	.endif
	.if	\skip
	addl	$\skip, (%esp)
	.endif
	back
	.endm

	/* Ring 1's own IRET: no hypercall, for who does not need the upcall mask back. */
	.macro	native name, skip
	.globl	\name
	.p2align 4
\name:
	.if	\skip
	addl	$\skip, (%esp)
	.endif
	iret
	.endm

	native	native_next, 0
	native	native_skip2, 2

	.globl	fast_event
	.p2align 4
fast_event:
	movb	$0, shared_info_page
	movl	$0, shared_info_page + 4
	movl	$0, shared_info_page + PENDING
	incl	fast_events
	back
#endif

	fast	fast_next, 0, 0, 0
	fast	fast_skip2, 0, 2, 0
	fast	fast_error_skip2, 1, 2, 0

	.bss
	.p2align 2
	.globl	fast_events
fast_events:
	.skip	4

	.section .note.GNU-stack, "", @progbits
