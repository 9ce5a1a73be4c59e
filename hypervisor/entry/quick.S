/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What processes do most, in the fewest instructions: system calls, page faults, and the way back by
 * the iret hypercall.
 *
 * It is all decided beforehand: where trap/direct.c has found a vcpu's handlers and kernel stack in
 * order (direct_open()), and nothing has changed since (vcpu_long_way()), what is left is to write
 * a frame on that stack and to go to the handler. A 64-bit guest's vcpu says so by mode: 0, its user
 * runs, 1, its kernel, and anything else is unusual. Of a 32-bit one the descriptor of the kernel's
 * stack is looked at, which the guest may change: a writable segment that begins at 0. Where a vcpu
 * is not in order, that is one of nothing.
 *
 * Upcalls must be neither pending nor masked. (Masked they are not while a process runs, and the
 * frame would have to say so.) All else that could be owed is as direct.c says.
 *
 * Whatever is not as it should be goes on in direct.S with every register as it was, and nothing
 * changed that is not done again there. That is also where a store or load of the guest's memory
 * goes that faults, after what had been changed till then is changed back. Each word of the guest's
 * is read once here.
 *
 * Flags of guest code have IF set and IOPL clear, since exit.S and the like saw to it last; so what
 * the CPU saved is what the guest shall see, and masked by FLAGS_AT_HANDLER what its handler gets.
 *
 * The guest's registers stay in the CPU meanwhile: so there is no call here, and no jump to where a
 * register says. Below rsp is nothing.
 */
#include "cpu/descriptor.h"
#include "cpu/extable.h"
#include "cpu/percpu.h"
#include "entry/offsets.h"

#define FLAGS_AT_HANDLER	0x200ed7	/* those of arithmetic, DF, ID; IF */
#define FLAGS_LET		0x250fd7	/* as in exit.S, and IF: it has been looked at */
#define FLAGS_IF		0x200
#define FLAGS_VM		0x20000
#define FLAGS_IF_RF_TF		0x10300
#define ERROR_RESERVED		0x8

/* The frame of the CPU, from rip on. */
#define FRAME_CS		(REGS_CS-REGS_RIP)
#define FRAME_RFLAGS		(REGS_RFLAGS-REGS_RIP)
#define FRAME_RSP		(REGS_RSP-REGS_RIP)
#define FRAME_SS		(REGS_SS-REGS_RIP)

#define HANDLER_PF		(VCPU_TRAPS + 14 * TRAP_HANDLER_SIZE)
#define HANDLER_INT80		(VCPU_TRAPS + 0x80 * TRAP_HANDLER_SIZE)

	.section .text.entry, "ax"

	.globl	quick_begin, quick_end		/* each IRETQ between them goes to a guest */
quick_begin:

/* --- 32-bit guests --- */

	/* From rsp on: rdx rax rcx, [what is before it,] the frame of the CPU. rcx: current. */
	.macro	SAVE_3
	push	%rcx
	push	%rax
	push	%rdx
	.endm
	.macro	RESTORE_3
	pop	%rdx
	pop	%rax
	pop	%rcx
	.endm

	/* A stack's descriptor is as it should be; rax and rdx are lost. */
	.macro	LOOK_AT_STACK otherwise
	mov	VCPU_STACK_DESCRIPTOR(%rcx), %rax
1:	mov	(%rax), %rdx
	_ASM_EXTABLE 1b, \otherwise
	and	segment_looks(%rip), %rdx
	cmp	segment_stack_at_0(%rip), %rdx
	jne	\otherwise
	.endm

	/* At rsp + before, the frame of the CPU's: its word, on the stack that ends at rdx. */
	.macro	WORD32 load, from, at, undo
	\load	\from(%rsp), %eax
1:	mov	%eax, \at(%rdx)
	_ASM_EXTABLE 1b, \undo
	.endm

	/* Of \bytes in all; then to the handler. */
	.macro	ENTER32 before, bytes, handler, undo
	WORD32	mov, \before+FRAME_SS, -4, \undo
	WORD32	mov, \before+FRAME_RSP, -8, \undo
	WORD32	mov, \before+FRAME_RFLAGS, -12, \undo
	WORD32	movzwl, \before+FRAME_CS, -16, \undo
	WORD32	mov, \before, -20, \undo
	andq	$FLAGS_AT_HANDLER, \before+FRAME_RFLAGS(%rsp)
	lea	-\bytes(%rdx), %rdx
	mov	%rdx, \before+FRAME_RSP(%rsp)
	mov	VCPU_KERNEL_SS(%rcx), %rax
	mov	%rax, \before+FRAME_SS(%rsp)
	movzwl	\handler + HANDLER_CS(%rcx), %eax
	mov	%rax, \before+FRAME_CS(%rsp)
	mov	\handler + HANDLER_ADDRESS(%rcx), %rax
	mov	%rax, \before(%rsp)
	.endm

	/* INT 0x80 of a process. */
	.globl	quick_int80
	.balign	16
quick_int80:
	testb	$2, FRAME_CS(%rsp)
	jz	int80_direct
	SAVE_3
	mov	24 + CPU_VCPU - REGS_RIP(%rsp), %rcx
	LOOK_AT_STACK int80_not
	mov	VCPU_INFO(%rcx), %rax
	cmpw	$0, (%rax)
	jne	int80_not
	mov	HANDLER_INT80 + HANDLER_MASK(%rcx), %dl
	mov	%dl, INFO_MASK(%rax)
	mov	VCPU_KERNEL_SP(%rcx), %edx
	ENTER32	24, 20, HANDLER_INT80, int80_undo
	RESTORE_3
	iretq

int80_undo:
	mov	VCPU_INFO(%rcx), %rax
	movb	$0, INFO_MASK(%rax)
int80_not:
	RESTORE_3
int80_direct:
	push	int80_frame_word(%rip)
	jmp	entry_direct_int80

/*
 * --- page faults of processes, of either width: rsp is at the error code ---
 *
 * Whether another vcpu has mended the page meanwhile is not asked: bare metal does not ask either, and
 * a TLB that has not heard of a right gives the same fault there. Nothing of ours depends on what a
 * process does; a kernel's fault may be a store to a live page table, and is left to direct.c.
 */

	.globl	quick_pf
	.balign	16
quick_pf:
	testb	$2, 8+FRAME_CS(%rsp)
	jz	pf_direct
	testb	$ERROR_RESERVED, (%rsp)
	jnz	pf_direct
	push	%rcx
	mov	16 + CPU_VCPU - REGS_RIP(%rsp), %rcx
	cmpq	$0, VCPU_MODE(%rcx)
	jne	pf_not64_user
	push	%rax
	push	%rdx

	/* An address below the hypervisor's. */
	mov	%cr2, %rdx
	test	%rdx, %rdx
	js	pf_not
	mov	VCPU_INFO(%rcx), %rax
	cmpw	$0, (%rax)
	jne	pf_not
	mov	%rdx, INFO_CR2_64(%rax)
	mov	%rdx, VCPU_CR2(%rcx)
	mov	HANDLER_PF + HANDLER_MASK(%rcx), %dl
	mov	%dl, INFO_MASK(%rax)

	.macro	ENTER_KERNEL temp
	mov	VCPU_KERNEL_CR3(%rcx), \temp
	mov	\temp, VCPU_CR3(%rcx)
	movb	$1, VCPU_KERNEL_MODE(%rcx)
	swapgs
	mov	\temp, %cr3
	.endm

	/* Back, where the user had been running: on its kernel's tables, if it had none. */
	.macro	LEAVE_KERNEL temp
	mov	VCPU_USER_CR3(%rcx), \temp
	test	\temp, \temp
	cmovz	VCPU_KERNEL_CR3(%rcx), \temp
	mov	\temp, VCPU_CR3(%rcx)
	movb	$0, VCPU_KERNEL_MODE(%rcx)
	swapgs
	mov	\temp, %cr3
	mov	VCPU_INFO(%rcx), \temp
	movb	$0, INFO_MASK(\temp)
	.endm

	/* A word of the CPU's frame, on the stack that ends at sp; rax is lost. */
	.macro	WORD64 load, from, at, sp, undo
	\load	\from(%rsp), %eax
	PUT64	\at, \sp, \undo
	.endm
	.macro	PUT64 at, sp, undo
1:	mov	%rax, \at(\sp)
	_ASM_EXTABLE 1b, \undo
	.endm

	ENTER_KERNEL %rdx
	mov	VCPU_KERNEL_SP(%rcx), %rdx
	WORD64	mov, 32+FRAME_SS, -8, %rdx, pf64_undo
	mov	32+FRAME_RSP(%rsp), %rax
	PUT64	-16, %rdx, pf64_undo
	WORD64	mov, 32+FRAME_RFLAGS, -24, %rdx, pf64_undo
	WORD64	movzwl, 32+FRAME_CS, -32, %rdx, pf64_undo
	mov	32(%rsp), %rax
	PUT64	-40, %rdx, pf64_undo
	WORD64	mov, 24, -48, %rdx, pf64_undo
	mov	16(%rsp), %rax			/* rcx */
	PUT64	-64, %rdx, pf64_undo
1:	mov	%r11, -56(%rdx)
	_ASM_EXTABLE 1b, pf64_undo
	lea	-64(%rdx), %rax
	mov	%rax, 32+FRAME_RSP(%rsp)
	/* The handler finds rcx and r11 in the frame: what SYSRET takes them for is no loss. */
	mov	32+FRAME_RFLAGS(%rsp), %r11d
	and	$FLAGS_AT_HANDLER, %r11d
	mov	HANDLER_PF + HANDLER_ADDRESS(%rcx), %rcx
	mov	(%rsp), %rdx
	mov	8(%rsp), %rax
	mov	32+FRAME_RSP(%rsp), %rsp
	sysretq

pf_not64_user:
	cmpw	$NATIVE_RING3_CS64, 16+FRAME_CS(%rsp)
	je	pf_kernel			/* of 64 bits: no code of a 32-bit guest */
	push	%rax
	push	%rdx
	LOOK_AT_STACK pf_not
	mov	%cr2, %rax
	test	%rax, %rax
	js	pf_not
	mov	VCPU_INFO(%rcx), %rdx
	cmpw	$0, (%rdx)
	jne	pf_not
	mov	%eax, INFO_CR2_32(%rdx)
	mov	%rax, VCPU_CR2(%rcx)
	mov	HANDLER_PF + HANDLER_MASK(%rcx), %al
	mov	%al, INFO_MASK(%rdx)
	mov	VCPU_KERNEL_SP(%rcx), %edx
	WORD32	mov, 24, -24, pf32_undo
	ENTER32	32, 24, HANDLER_PF, pf32_undo
	RESTORE_3
	lea	8(%rsp), %rsp
	iretq

	/* cr2 is now where the store went. */
pf64_undo:
	LEAVE_KERNEL %rdx
	jmp	pf_undo
pf32_undo:
	mov	VCPU_INFO(%rcx), %rax
	movb	$0, INFO_MASK(%rax)
pf_undo:
	mov	VCPU_CR2(%rcx), %rax
	mov	%rax, %cr2
pf_not:
	pop	%rdx
	pop	%rax
pf_kernel:
	pop	%rcx
pf_direct:
	movl	$14, 4(%rsp)
	jmp	entry_direct_pf

/* --- SYSCALL of a 64-bit guest's process; rsp: at rip, rcx: current --- */

	.globl	quick_syscall
	.balign	16
quick_syscall:
	cmpw	$0, VCPU_USER_UNUSUAL(%rcx)
	jne	syscall_not
	mov	VCPU_INFO(%rcx), %r11
	cmpw	$0, (%r11)
	jne	syscall_not
	push	%rax
	mov	VCPU_SYSCALL_MASK(%rcx), %al
	mov	%al, INFO_MASK(%r11)
	ENTER_KERNEL %r11
	mov	VCPU_KERNEL_SP(%rcx), %r11
1:	movq	$NATIVE_RING3_DS, -8(%r11)
	_ASM_EXTABLE 1b, syscall_undo
1:	movq	$NATIVE_RING3_CS64, -32(%r11)
	_ASM_EXTABLE 1b, syscall_undo
	mov	8+FRAME_RSP(%rsp), %rax
	PUT64	-16, %r11, syscall_undo
	mov	8(%rsp), %rax
	PUT64	-40, %r11, syscall_undo
	PUT64	-56, %r11, syscall_undo		/* rcx */
	mov	8+FRAME_RFLAGS(%rsp), %rax
	PUT64	-24, %r11, syscall_undo
	PUT64	-48, %r11, syscall_undo		/* r11 */
	lea	-56(%r11), %r11
	mov	%r11, 8+FRAME_RSP(%rsp)
	mov	%eax, %r11d
	and	$FLAGS_AT_HANDLER, %r11d
	mov	VCPU_CB_SYSCALL + HANDLER_ADDRESS(%rcx), %rcx
	pop	%rax
	mov	FRAME_RSP(%rsp), %rsp
	sysretq

syscall_undo:
	LEAVE_KERNEL %r11
	pop	%rax
syscall_not:
	mov	FRAME_RFLAGS(%rsp), %r11
	jmp	syscall_user

/* --- the iret hypercall of a 64-bit guest's kernel: rax and r11 are in its frame, which is at rsp --- */

	.globl	quick_iret64
	.balign	16
quick_iret64:
	mov	FRAME_RSP(%rsp), %r11
	mov	%r11, %rax
	sub	CPU_GUEST_START - REGS_RIP(%rsp), %rax
	cmp	CPU_GUEST_SPAN - REGS_RIP(%rsp), %rax	/* where that ends, no address is canonical */
	ja	iret64_not
1:	testb	$1, IRET_HOW + 1(%r11)
	_ASM_EXTABLE 1b, iret64_not
	jz	iret64_not_sysret

	/* To a process, by SYSRET: of cs nothing else counts. */
1:	cmpb	$(NATIVE_RING3_CS64 & 0xff), IRET_CS(%r11)
	_ASM_EXTABLE 1b, iret64_not
	jne	iret64_not
1:	push	IRET_RSP(%r11)
	_ASM_EXTABLE 1b, iret64_not
1:	push	IRET_RIP(%r11)
	_ASM_EXTABLE 1b, iret64_not
1:	push	IRET_RAX(%r11)
	_ASM_EXTABLE 1b, iret64_not
1:	mov	IRET_RFLAGS(%r11), %r11d
	_ASM_EXTABLE 1b, iret64_not
	mov	%r11d, %eax
	and	$FLAGS_IF_RF_TF, %eax
	cmp	$FLAGS_IF, %eax			/* RF and TF SYSRET does not take as IRET does */
	jne	iret64_not
	and	$FLAGS_LET, %r11d
	cmpl	$0x7fff, 8 + 4(%rsp)		/* a process's rip; others may not be canonical */
	ja	iret64_not

	/* Nothing to hear of; a kernel's mask is of no account, since it goes on without one. */
	.macro	UNMASK otherwise
	mov	VCPU_INFO(%rcx), %rax
	cmpb	$0, INFO_PENDING(%rax)
	jne	\otherwise
	movb	$0, INFO_MASK(%rax)
	.endm
	.macro	ENTER_USER otherwise
	mov	VCPU_USER_CR3(%rcx), %rax
	test	%rax, %rax
	jz	\otherwise
	mov	%rax, VCPU_CR3(%rcx)
	movb	$0, VCPU_KERNEL_MODE(%rcx)
	swapgs
	mov	%rax, %cr3
	.endm

	UNMASK	iret64_not
	ENTER_USER iret64_not
	pop	%rax
	pop	%rcx
	pop	%rsp
	sysretq

iret64_not_sysret:
1:	push	IRET_RCX(%r11)
	_ASM_EXTABLE 1b, iret64_not
1:	push	IRET_RAX(%r11)
	_ASM_EXTABLE 1b, iret64_not
1:	mov	IRET_RFLAGS(%r11), %eax
	_ASM_EXTABLE 1b, iret64_not
	and	$FLAGS_LET, %eax
	test	$FLAGS_IF, %eax
	jz	iret64_masks
	mov	%rax, 16+FRAME_RFLAGS(%rsp)
	UNMASK	iret64_not
iret64_flags_taken:
1:	mov	IRET_RIP(%r11), %rax
	_ASM_EXTABLE 1b, iret64_not
	mov	%rax, 16(%rsp)
1:	movzwl	IRET_SS(%r11), %eax
	_ASM_EXTABLE 1b, iret64_not
	or	$3, %eax
	mov	%rax, 16+FRAME_SS(%rsp)
1:	push	IRET_RSP(%r11)
	_ASM_EXTABLE 1b, iret64_not
1:	movzwl	IRET_CS(%r11), %eax
	_ASM_EXTABLE 1b, iret64_not
1:	mov	IRET_R11(%r11), %r11
	_ASM_EXTABLE 1b, iret64_not
	mov	%rax, 24+FRAME_CS(%rsp)
	not	%eax
	test	$3, %al
	jnz	1f
	ENTER_USER iret64_not
	pop	16+FRAME_RSP(%rsp)	/* as rsp is after that */
	pop	%rax
	pop	%rcx
	iretq
1:	orq	$3, 24+FRAME_CS(%rsp)
	pop	16+FRAME_RSP(%rsp)
	pop	%rax
	pop	%rcx
	iretq

iret64_masks:
	or	$FLAGS_IF, %eax
	mov	%rax, 16+FRAME_RFLAGS(%rsp)
	mov	VCPU_INFO(%rcx), %rax
	movb	$1, INFO_MASK(%rax)
	jmp	iret64_flags_taken

	/* The stack is what it was at first; rsp itself of the guest's has not been written. */
iret64_not:
	mov	%rsp, %rax
	or	$(STACK_SIZE - 1), %rax
	sub	$(CPU_INFO_SIZE - 1 - REGS_RIP), %rax
	mov	%rax, %rsp
	mov	FRAME_RFLAGS(%rsp), %r11
	mov	$HYPERCALL_IRET, %eax
	jmp	syscall_iret

/* --- the iret hypercall of a 32-bit guest's kernel: eax is in its frame --- */

	.globl	quick_iret32
	.balign	16
quick_iret32:
	push	%rcx
	push	%rdx
	mov	24 + CPU_VCPU - REGS_RIP(%rsp), %rcx
	mov	24+FRAME_RSP(%rsp), %edx
	cmp	$-24, %edx
	ja	iret32_not
	cmpw	$0, VCPU_IRET_UNUSUAL(%rcx)
	jne	iret32_not
1:	mov	12(%rdx), %eax			/* eflags */
	_ASM_EXTABLE 1b, iret32_not
	test	$FLAGS_VM, %eax
	jnz	iret32_not
	mov	VCPU_INFO(%rcx), %rcx
	test	$FLAGS_IF, %eax
	jz	iret32_masks
	cmpb	$0, INFO_PENDING(%rcx)
	jne	iret32_not
	movb	$0, INFO_MASK(%rcx)
iret32_mask_taken:
	and	$FLAGS_LET, %eax
	mov	%rax, 24+FRAME_RFLAGS(%rsp)
1:	mov	4(%rdx), %eax			/* eip */
	_ASM_EXTABLE 1b, iret32_not
	mov	%rax, 24(%rsp)
1:	movzwl	8(%rdx), %eax			/* cs */
	_ASM_EXTABLE 1b, iret32_not
	test	$2, %al
	jz	1f
	or	$3, %eax
	mov	%rax, 24+FRAME_CS(%rsp)
2:	movzwl	20(%rdx), %eax			/* ss */
	_ASM_EXTABLE 2b, iret32_not
	or	$3, %eax
	mov	%rax, 24+FRAME_SS(%rsp)
2:	mov	16(%rdx), %ecx			/* esp */
	_ASM_EXTABLE 2b, iret32_not
2:	mov	(%rdx), %eax
	_ASM_EXTABLE 2b, iret32_not
	mov	%rcx, 24+FRAME_RSP(%rsp)
	pop	%rdx
	pop	%rcx
	lea	8(%rsp), %rsp
	iretq

	/* It stays in ring 1, on its stack. */
1:	or	$1, %eax
	mov	%rax, 24+FRAME_CS(%rsp)
2:	mov	(%rdx), %eax
	_ASM_EXTABLE 2b, iret32_not
	add	$16, %edx
	mov	%rdx, 24+FRAME_RSP(%rsp)
	pop	%rdx
	pop	%rcx
	lea	8(%rsp), %rsp
	iretq

iret32_masks:
	movb	$1, INFO_MASK(%rcx)
	or	$FLAGS_IF, %eax
	jmp	iret32_mask_taken

iret32_not:
	pop	%rdx
	pop	%rcx
	mov	$HYPERCALL_IRET, %eax
	jmp	entry_direct_iret32

quick_end:

	.section .rodata
	.balign	8
segment_looks:				/* as in trap/frame.h */
	.quad	0xff009affffff0000
segment_stack_at_0:
	.quad	0x0000920000000000
int80_frame_word:			/* no error code, this vector */
	.long	0, 0x80

	.section .note.GNU-stack, "", @progbits
