/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SYSENTER from 32-bit code. (INT 0x82, the other way in that only 32-bit code uses, is an
 * ordinary IDT stub: exceptions.S; trap/dispatch.c tells it apart.)
 *
 * The CPU saves nothing and says neither where the guest was nor its stack; by convention the
 * guest's own handler knows. rsp comes from an MSR: the end of struct guest_regs at the stack top.
 * NT would make a later IRET fault (advisory 44); it and all other flags are put in order here.
 */
#include "cpu/descriptor.h"
#include "entry/offsets.h"

#define ENTRY_SYSENTER	0x101

	.section .text.entry, "ax"

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

	.section .note.GNU-stack, "", @progbits
