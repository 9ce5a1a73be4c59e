/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * spin_wait(lock [rdi], ticket [esi]) for callers that count on all their registers.
 */
	.text

	.globl	spin_wait_keeping
	.hidden	spin_wait_keeping
	.type	spin_wait_keeping, @function
spin_wait_keeping:
	push	%rax
	push	%rcx
	push	%rdx
	push	%rsi
	push	%rdi
	push	%r8
	push	%r9
	push	%r10
	push	%r11
	call	spin_wait
	pop	%r11
	pop	%r10
	pop	%r9
	pop	%r8
	pop	%rdi
	pop	%rsi
	pop	%rdx
	pop	%rcx
	pop	%rax
	ret
	.size	spin_wait_keeping, . - spin_wait_keeping

	.section .note.GNU-stack, "", @progbits
