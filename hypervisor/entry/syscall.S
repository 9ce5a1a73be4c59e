/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SYSCALL, from 64-bit code (hypercalls of kernels, system calls of their users) and from 32-bit
 * code (system calls; AMD only).
 *
 * SYSCALL does not switch stacks, and GS is the guest's, so each CPU has a stub of its own, which
 * knows where this CPU's stack is. Interrupts are off; NMI, #MC and #DB have their own stacks. The
 * flags that matter to us are cleared by the CPU (MSR_SFMASK).
 */
#include "cpu/descriptor.h"
#include "cpu/percpu.h"
#include "entry/offsets.h"

	.section .bss.entry, "aw", @nobits
	.balign	8
guest_rsp:				/* one word a CPU, used for a moment */
	.skip	8 * NR_CPUS
	.globl	syscall_stack
syscall_stack:				/* end of struct guest_regs at each CPU's stack top */
	.skip	8 * NR_CPUS

	.section .text.entry, "ax"

	.globl	syscall_stubs
	.balign	32
syscall_stubs:
	.set	cpu, 0
	.rept	NR_CPUS
	.balign	32
	mov	%rsp, guest_rsp + cpu * 8(%rip)
	mov	syscall_stack + cpu * 8(%rip), %rsp
	push	$NATIVE_RING3_DS
	push	guest_rsp + cpu * 8(%rip)
	jmp	syscall_common
	.set	cpu, cpu + 1
	.endr

	.globl	syscall_compat_stubs
	.balign	32
syscall_compat_stubs:
	.set	cpu, 0
	.rept	NR_CPUS
	.balign	32
	mov	%rsp, guest_rsp + cpu * 8(%rip)
	mov	syscall_stack + cpu * 8(%rip), %rsp
	push	$NATIVE_RING3_DS
	push	guest_rsp + cpu * 8(%rip)
	jmp	syscall_compat_common
	.set	cpu, cpu + 1
	.endr

syscall_common:
	push	%r11
	push	$NATIVE_RING3_CS64
	push	%rcx
	mov	CPU_VCPU - REGS_RIP(%rsp), %rcx
	cmpl	$1, VCPU_MODE(%rcx)		/* the kernel, with nothing unusual */
	jne	not_usual_kernel
	cmp	$HYPERCALL_IRET, %eax
	je	quick_iret64
	push	syscall_frame_word(%rip)
	.globl	syscall_not_iret
syscall_not_iret:
	PUSH_REGS RCX_OF_SYSCALL
	HYPERCALL 64, hypercall_doors, %r9, %r8, %r10, %rdx, %rsi, %rdi

not_usual_kernel:
	jb	quick_syscall
	cmpb	$0, VCPU_KERNEL_MODE(%rcx)
	je	syscall_user
	cmp	$HYPERCALL_IRET, %eax
	je	syscall_iret
	push	syscall_frame_word(%rip)
	jmp	syscall_not_iret

	.globl	syscall_user, syscall_iret
syscall_user:
	push	syscall_frame_word(%rip)
	jmp	entry_direct_syscall
syscall_iret:
	push	syscall_frame_word(%rip)
	jmp	entry_direct_iret64

	.globl	syscall_not_direct
syscall_not_direct:
	PUSH_REGS RCX_OF_SYSCALL
	CLEAR_REGS
	CALL_WITH_REGS trap_syscall
	jmp	leave_ring0

syscall_compat_common:
	push	%r11
	push	$NATIVE_RING3_CS32
	push	%rcx
	push	$0
	SAVE_REGS
	CALL_WITH_REGS trap_syscall_compat
	jmp	leave_ring0

	.section .rodata
	.balign	8
syscall_frame_word:			/* no error code, this vector */
	.long	0, ENTRY_SYSCALL

	.section .note.GNU-stack, "", @progbits
