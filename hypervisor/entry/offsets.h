/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Struct layouts for the assembly, proved by entry/offsets.c. And what all ways in share.
 */
#pragma once

#define REGS_R15		0x00
#define REGS_R14		0x08
#define REGS_R13		0x10
#define REGS_R12		0x18
#define REGS_RBP		0x20
#define REGS_RBX		0x28
#define REGS_R11		0x30
#define REGS_R10		0x38
#define REGS_R9		0x40
#define REGS_R8		0x48
#define REGS_RAX		0x50
#define REGS_RCX		0x58
#define REGS_RDX		0x60
#define REGS_RSI		0x68
#define REGS_RDI		0x70
#define REGS_ERROR_CODE		0x78
#define REGS_ENTRY_VECTOR	0x7c
#define REGS_RIP		0x80
#define REGS_CS			0x88
#define REGS_RFLAGS		0x90
#define REGS_RSP		0x98
#define REGS_SS			0xa0
#define REGS_WORDS		21

#define ENTRY_SYSCALL		0x100	/* as in cpu/regs.h, or this does not compile */
#define ENTRY_SYSENTER		0x101

#define CPU_INFO_SIZE		216
#define CPU_VCPU		0xa8
#define CPU_OWED		0xb0
#define CPU_RING		0xbc
#define CPU_GUEST_START		0xc0
#define CPU_GUEST_SPAN		0xc8

#define HCALL_BYTES		72
#define HYPERCALL_IRET		23
#define HYPERCALL_COUNT		56	/* as in hypercall/hypercall.h */
#define HC_RESTART_NUMBER	(-85)

#define VCPU_DOMAIN		0x00
#define VCPU_INFO		0x08
#define VCPU_MODE		0x10	/* kernel_mode, nmi_masked, iopl_shown, 0 */
#define VCPU_KERNEL_MODE	0x10
#define VCPU_IRET_UNUSUAL	0x11	/* nmi_masked, iopl_shown */
#define VCPU_USER_UNUSUAL	0x14	/* areas_stale, long_way */
#define VCPU_CR3		0x18
#define VCPU_KERNEL_CR3		0x20
#define VCPU_USER_CR3		0x28
#define VCPU_KERNEL_SP		0x30
#define VCPU_KERNEL_SS		0x38
#define VCPU_STACK_DESCRIPTOR	0x40
#define VCPU_CR2		0x48
#define VCPU_SYSCALL_MASK	0x50
#define VCPU_CB_SYSCALL		0x58
#define VCPU_CB_SYSENTER	0x68
#define VCPU_TRAPS		0x78
#define TRAP_HANDLER_SIZE	16
#define HANDLER_ADDRESS		0	/* struct trap_handler */
#define HANDLER_CS		8
#define HANDLER_MASK		11
#define CALLBACK_CS		8	/* struct guest_callback */
#define CALLBACK_MASK		10

#define INFO_PENDING		0	/* struct vcpu_info, in either layout */
#define INFO_MASK		1
#define INFO_CR2_32		0x08
#define INFO_CR2_64		0x10

#define IRET_RAX		0x00	/* struct iret_context */
#define IRET_R11		0x08
#define IRET_RCX		0x10
#define IRET_HOW		0x18
#define IRET_RIP		0x20
#define IRET_CS			0x28
#define IRET_RFLAGS		0x30
#define IRET_RSP		0x38
#define IRET_SS			0x40

#ifdef __ASSEMBLER__

/*
 * After the frame of the CPU and the error code: the general registers, in the order of struct
 * guest_regs, down to rsp. What the guest had in them must not steer speculation of ours, so all are
 * cleared that are not about to be loaded.
 */
#define RCX_OF_SYSCALL	0x20(%rsp)	/* rip, when rdx has just been pushed */
.macro PUSH_REGS rcx=%rcx
	PUSH_CALLER_REGS \rcx
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
.endm

/* Of them, those that C functions may change; SYSCALL's rcx, which is rip, may lie elsewhere. */
.macro PUSH_CALLER_REGS rcx=%rcx
	push	%rdi
	push	%rsi
	push	%rdx
	push	\rcx
	push	%rax
	push	%r8
	push	%r9
	push	%r10
	push	%r11
.endm

.macro CLEAR_REGS
	xor	%ebx, %ebx
	xor	%ebp, %ebp
	xor	%r8d, %r8d
	xor	%r9d, %r9d
	xor	%r10d, %r10d
	xor	%r11d, %r11d
	xor	%r12d, %r12d
	xor	%r13d, %r13d
	xor	%r14d, %r14d
	xor	%r15d, %r15d
.endm

.macro SAVE_REGS
	PUSH_REGS
	CLEAR_REGS
	cld
.endm

/* The way back, flags untouched: rsp is then at the CPU's own frame. */
.macro RESTORE_REGS
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	POP_CALLER_REGS
	lea	8(%rsp), %rsp
.endm

.macro POP_CALLER_REGS
	pop	%r11
	pop	%r10
	pop	%r9
	pop	%r8
	pop	%rax
	pop	%rcx
	pop	%rdx
	pop	%rsi
	pop	%rdi
.endm

/*
 * From a kernel's registers to the handler, after PUSH_REGS: rcx holds current, rax the number, and the
 * six arguments are named from the last to the first. struct hcall grows downwards from here; the
 * number is clamped, by arithmetic that a CPU does not guess, to the row after the last.
 */
.macro HYPERCALL width:req, doors:req, a5:req, a4:req, a3:req, a2:req, a1:req, a0:req
	mov	$HYPERCALL_COUNT, %r11d
	cmp	%r11d, %eax
	cmova	%r11d, %eax			/* which clears the upper half, moved or not */
	push	%rax
	push	\a5
	push	\a4
	push	\a3
	push	\a2
	push	\a1
	push	\a0
	push	VCPU_DOMAIN(%rcx)
	push	%rcx
	CLEAR_REGS
	mov	%rsp, %rdi
	lea	\doors(%rip), %rdx
	call	*(%rdx, %rax, 8)
	cmp	$HC_RESTART_NUMBER, %rax
	je	.Lrestart\@
	.ifc	\width, 32
	mov	%eax, %eax
	.endif
	mov	%rax, HCALL_BYTES + REGS_RAX(%rsp)
	add	$HCALL_BYTES, %rsp
	.ifc	\width, 32
	LOOK_WHAT_IS_OWED
	jmp	leave_by_iret
	.else
	jmp	leave_ring0
	.endif
.Lrestart\@:
	mov	%rsp, %rdi
	call	hypercall_restart
	add	$HCALL_BYTES, %rsp
	jmp	leave_ring0
.endm

/* Anything due but the guest's next instruction? See exit.S. */
.macro LOOK_WHAT_IS_OWED
	cmpq	$0, CPU_OWED(%rsp)
	jne	leave_owed
	mov	CPU_VCPU(%rsp), %rax
	mov	VCPU_INFO(%rax), %rax
	movzwl	(%rax), %eax
	dec	%eax
	cmp	$0xff, %eax			/* pending is not 0, mask is */
	jb	leave_by_upcall
.endm

/* A C function of one argument, the frame at rsp; the stack is a word off the 16 C wants. */
.macro CALL_WITH_REGS function:req
	mov	%rsp, %rdi
	sub	$8, %rsp
	call	\function
	add	$8, %rsp
.endm

#endif
