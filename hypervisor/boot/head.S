// SPDX-License-Identifier: GPL-2.0-only
/*
 * From the loader to C.
 *
 * A multiboot loader, version 1 or 2, enters at boot_start in 32-bit protected mode with paging
 * off: eax says which version, ebx where its information lies. We make page tables that map the
 * first 4 GiB three times (where they are; in the direct map; the first of them as the image), go
 * to long mode, and call trine_main(magic, info). mem/map.c replaces the tables soon.
 *
 * 32-bit code runs at physical addresses: PA(x).
 */
#include "cpu/percpu.h"

#define PA(x)		((x) - 0xffff82d040000000)

#define MB1_MAGIC	0x1badb002
#define MB1_FLAGS	0x00000003	/* modules on pages, memory information */
#define MB2_MAGIC	0xe85250d6
#define MB2_I386	0

#define CPU_INFO_SIZE	216		/* sizeof(struct cpu_info), asserted in main.c */

#define CR0_PE_MP_ET_NE_WP_PG	0x80010033
#define CR4_PAE			0x20
#define MSR_EFER		0xc0000080
#define EFER_SCE_LME_NX		0x901

	.section .boot.head, "awx", @progbits
	.code32
	.globl boot_start
boot_start:
	jmp start32

	.balign 4
	.long MB1_MAGIC, MB1_FLAGS, -(MB1_MAGIC + MB1_FLAGS)

	.balign 8
mb2_header:
	.long MB2_MAGIC, MB2_I386, mb2_end - mb2_header
	.long -(MB2_MAGIC + MB2_I386 + (mb2_end - mb2_header))

	/* Told please, if there: command line, modules, memory map, framebuffer, both RSDPs. */
	.balign 8
1:	.word 1, 1
	.long 2f - 1b
	.long 1, 3, 6, 8, 14, 15
2:
	.balign 8			/* modules on pages */
	.word 6, 1
	.long 8

	.balign 8			/* text mode will do, where there is one */
	.word 4, 1
	.long 12
	.long 2

	.balign 8			/* a graphics mode of any size will do as well */
	.word 5, 1
	.long 20
	.long 0, 0, 32

	.balign 8
	.word 0, 0
	.long 8
mb2_end:

	.section .boot, "awx", @progbits
	.code32

no_long_mode:
	.asciz "Trine: this processor has no 64-bit mode: boot a machine that has\r\n"
no_nx:
	.asciz "Trine: this processor has no NX (no-execute pages): switch it on in the firmware's setup\r\n"
no_loader:
	.asciz "Trine: not started by a multiboot loader: use GRUB's multiboot2 command\r\n"

/* Say esi on the first serial line (as the firmware left it, or 115200) and on a text screen, stop. */
die32:
	mov $0x3f8 + 3, %dx
	mov $0x83, %al
	out %al, %dx
	mov $0x3f8, %dx
	mov $1, %al
	out %al, %dx
	inc %dx
	xor %al, %al
	out %al, %dx
	mov $0x3f8 + 3, %dx
	mov $0x03, %al
	out %al, %dx
	mov $0xb8000, %edi
1:	lodsb
	test %al, %al
	jz 3f
	mov %al, %bl
	mov $0x3f8 + 5, %dx
	mov $0x10000, %ecx
2:	in %dx, %al
	test $0x20, %al
	loopz 2b
	mov %bl, %al
	mov $0x3f8, %dx
	out %al, %dx
	cmp $' ', %al
	jb 1b
	mov $0x0f, %ah
	stosw
	jmp 1b
3:	cli
	hlt
	jmp 3b

start32:
	cli
	cld
	mov $PA(boot_stack) + STACK_SIZE, %esp
	mov %eax, %ebp			/* ebp, ebx: the loader's words */

	cmp $0x2badb002, %ebp
	je 1f
	cmp $0x36d76289, %ebp
	je 1f
	mov $PA(no_loader), %esi
	jmp die32
1:
	push %ebx
	mov $0x80000000, %eax
	cpuid
	cmp $0x80000001, %eax
	jae 2f
1:	mov $PA(no_long_mode), %esi
	jmp die32
2:	mov $0x80000001, %eax
	cpuid
	bt $29, %edx
	jnc 1b
	bt $20, %edx
	mov $PA(no_nx), %esi
	jnc die32
	pop %ebx

	/* Level 2: the first 4 GiB in pages of 2 MiB, present, writable, accessed, dirty. */
	mov $PA(boot_l2), %edi
	mov $0xe3, %eax
	xor %edx, %edx
	mov $2048, %ecx
1:	mov %eax, (%edi)
	mov %edx, 4(%edi)
	add $8, %edi
	add $0x200000, %eax
	adc $0, %edx
	loop 1b

	/* Level 3: one for low memory and the direct map, one for the image. */
	mov $PA(boot_l3), %edi
	mov $PA(boot_l2) + 0x23, %eax
	mov $4, %ecx
1:	mov %eax, (%edi)
	add $8, %edi
	add $0x1000, %eax
	loop 1b
	movl $PA(boot_l2) + 0x23, PA(boot_l3_image) + 321 * 8

	/* Level 4: slots 0, 261 (image) and 262 (direct map). */
	movl $PA(boot_l3) + 0x23, PA(boot_l4)
	movl $PA(boot_l3_image) + 0x23, PA(boot_l4) + 261 * 8
	movl $PA(boot_l3) + 0x23, PA(boot_l4) + 262 * 8

	mov $CR4_PAE, %eax
	mov %eax, %cr4
	mov $PA(boot_l4), %eax
	mov %eax, %cr3
	mov $MSR_EFER, %ecx
	rdmsr
	or $EFER_SCE_LME_NX, %eax
	wrmsr
	mov $CR0_PE_MP_ET_NE_WP_PG, %eax
	mov %eax, %cr0
	lgdt PA(boot_gdt_pointer)
	ljmp $8, $PA(start64_low)

	.code64
start64_low:
	movabs $start64, %rax
	jmp *%rax

	.balign 8
boot_gdt:
	.quad 0
	.quad 0x00209b0000000000	/* 64-bit code */
	.quad 0x00cf93000000ffff	/* data */
boot_gdt_pointer:
	.word . - boot_gdt - 1
	.quad PA(boot_gdt)

	.text
	.code64
start64:
	mov $0x10, %eax
	mov %eax, %ss
	xor %eax, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %fs
	mov %eax, %gs
	lea boot_stack + STACK_SIZE - CPU_INFO_SIZE(%rip), %rsp
	and $-16, %rsp
	push $0
	push $0
	xor %eax, %eax
	push %rax			/* the last frame of a backtrace */
	push %rax
	xor %edi, %edi
	mov %ebp, %edi
	mov %ebx, %esi
	xor %ebp, %ebp
	call trine_main
1:	cli
	hlt
	jmp 1b

	.section .bss.stack, "aw", @nobits
	.balign STACK_SIZE
	.globl boot_stack
	.hidden boot_stack
boot_stack:
	.skip STACK_SIZE

	.section .bss.boot, "aw", @nobits
	.balign 4096
boot_l4:
	.skip 4096
boot_l3:
	.skip 4096
boot_l3_image:
	.skip 4096
boot_l2:
	.skip 4 * 4096

	.section .note.GNU-stack, "", @progbits
