/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one way out.
 *
 * One look tells whether anything but the guest's next instruction is due: the CPU's word of things
 * owed (softirqs, and `look` for what current has waiting), and current's two bytes of upcall
 * pending and not masked, which its guest may have changed without us. If so, before_guest() sees
 * to it; it may load other registers (another vcpu, a frame on the guest's stack). An upcall alone
 * takes a shorter way, if it can (trap/direct.c).
 *
 * Then the frame is made harmless, whoever wrote it: see entry.h. Interrupts stay off from the
 * look to the IRET, so nothing is missed.
 *
 * If IRETQ faults, the registers are already the guest's, and the frame at the stack top is still
 * whole: trap/dispatch.c knows guest_iret, puts the registers back and tells the guest.
 */
#include "cpu/percpu.h"
#include "entry/offsets.h"

#define FLAGS_SET	0x202		/* IF, and the one that is always set */
#define FLAGS_LET	0x250dd5	/* known, and not IOPL, NT, VM, VIF, VIP */
#define FLAGS_BY_IRET	0x10100		/* RF, TF: SYSRET does not do as IRET does */

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
	.globl	leave_owed
leave_owed:
	sub	$8, %rsp
	call	before_guest
	add	$8, %rsp
	jmp	make_harmless

	.globl	leave_by_upcall
leave_by_upcall:
	CALL_WITH_REGS deliver_upcall
	test	%al, %al
	jz	leave_owed
	jmp	make_harmless

	.globl	leave_ring0
	.balign	16
leave_ring0:
	LOOK_WHAT_IS_OWED

make_harmless:
	cmpl	$ENTRY_SYSCALL, REGS_ENTRY_VECTOR(%rsp)
	jne	leave_by_iret

	/*
	 * SYSRET takes rip from rcx, rflags from r11, and what it loads into cs and ss is ring 3 by
	 * itself. Where rip is not canonical, some CPUs fault in ring 0 (advisory 7).
	 */
	mov	REGS_RFLAGS(%rsp), %r11
	mov	REGS_RIP(%rsp), %rcx
	shl	$16, %rcx
	sar	$16, %rcx
	cmp	REGS_RIP(%rsp), %rcx
	jne	leave_by_iret
	test	$FLAGS_BY_IRET, %r11d
	jnz	leave_by_iret
	and	$FLAGS_LET, %r11d
	or	$FLAGS_SET, %r11d
	mov	REGS_R15(%rsp), %r15
	mov	REGS_R14(%rsp), %r14
	mov	REGS_R13(%rsp), %r13
	mov	REGS_R12(%rsp), %r12
	mov	REGS_RBP(%rsp), %rbp
	mov	REGS_RBX(%rsp), %rbx
	mov	REGS_R10(%rsp), %r10
	mov	REGS_R9(%rsp), %r9
	mov	REGS_R8(%rsp), %r8
	mov	REGS_RAX(%rsp), %rax
	mov	REGS_RDX(%rsp), %rdx
	mov	REGS_RSI(%rsp), %rsi
	mov	REGS_RDI(%rsp), %rdi
	mov	REGS_RSP(%rsp), %rsp
	sysretq

	.globl	leave_by_iret
leave_by_iret:
	andq	$FLAGS_LET, REGS_RFLAGS(%rsp)
	orl	$FLAGS_SET, REGS_RFLAGS(%rsp)
	mov	CPU_RING(%rsp), %eax
	or	%eax, REGS_CS(%rsp)
	or	%eax, REGS_SS(%rsp)
	RESTORE_REGS
	.globl	guest_iret
guest_iret:
	iretq

	.section .note.GNU-stack, "", @progbits
