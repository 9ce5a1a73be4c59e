// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loads and stores that may fault on guest memory. rcx holds what is left to copy, and is what they
 * give: a fault in a string instruction leaves it exact.
 */
#include "cpu/extable.h"

	.text

/* size_t usercopy_from(void *dst [rdi], uint64_t src [rsi], size_t n [rdx]) */
	.globl usercopy_from, usercopy_to
	.hidden usercopy_from, usercopy_to
	.type usercopy_from, @function
	.type usercopy_to, @function
	.balign 16
usercopy_from:
usercopy_to:
	mov %rdx, %rcx
	and $7, %edx
	shr $3, %rcx
1:	rep movsq
	mov %edx, %ecx
2:	rep movsb
	xor %eax, %eax
	ret
3:	lea (%rdx, %rcx, 8), %rax
	ret
4:	mov %rcx, %rax
	ret
	_ASM_EXTABLE 1b, 3b
	_ASM_EXTABLE 2b, 4b
	.size usercopy_from, . - usercopy_from

/* size_t usercopy_zero(uint64_t dst [rdi], size_t n [rsi]) */
	.globl usercopy_zero
	.hidden usercopy_zero
	.type usercopy_zero, @function
	.balign 16
usercopy_zero:
	mov %rsi, %rcx
	xor %eax, %eax
6:	rep stosb
	xor %eax, %eax
	ret
5:	mov %rcx, %rax
	ret
	_ASM_EXTABLE 6b, 5b
	.size usercopy_zero, . - usercopy_zero

/* int usercopy_cmpxchg(uint64_t addr [rdi], unsigned size [esi], uint64_t *old [rdx], uint64_t new [rcx]) */
	.globl usercopy_cmpxchg
	.hidden usercopy_cmpxchg
	.type usercopy_cmpxchg, @function
	.balign 16
usercopy_cmpxchg:
	mov (%rdx), %rax
	cmp $8, %esi
	je 8f
	cmp $4, %esi
	je 4f
	cmp $2, %esi
	je 2f
	cmp $1, %esi
	je 1f
	mov $-22, %eax			/* -EINVAL */
	ret
11:
1:	lock cmpxchg %cl, (%rdi)
	movzbl %al, %eax
	jmp 9f
12:
2:	lock cmpxchg %cx, (%rdi)
	movzwl %ax, %eax
	jmp 9f
14:
4:	lock cmpxchg %ecx, (%rdi)
	mov %eax, %eax
	jmp 9f
18:
8:	lock cmpxchg %rcx, (%rdi)
9:	mov %rax, (%rdx)
	xor %eax, %eax
	ret
7:	mov $-14, %eax			/* -EFAULT */
	ret
	_ASM_EXTABLE 11b, 7b
	_ASM_EXTABLE 12b, 7b
	_ASM_EXTABLE 14b, 7b
	_ASM_EXTABLE 18b, 7b
	.size usercopy_cmpxchg, . - usercopy_cmpxchg

	.section .note.GNU-stack, "", @progbits
