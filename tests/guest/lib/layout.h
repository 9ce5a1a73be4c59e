/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a test kernel lives; shared by C, assembly and the linker script. */
#pragma once

#ifdef __x86_64__
#define VIRT_BASE	0xffffffff80000000
#else
#define VIRT_BASE	0xc0000000
#endif

#define LOAD_OFFSET	0x100000	/* the image begins this far above VIRT_BASE */
#define PAGE_SIZE	4096
#define STACK_SIZE	16384

/* Where code of ring 3 is seen, and its stack: one page table's worth, reached from both roots. */
#define USER_TEXT	0x10000000
#define USER_STACK	0x10100000	/* the lowest byte of its one page */
#define USER_DATA	0x10101000

/* Vectors that are no exceptions: how entry_common tells C what came. */
#define ENTRY_EVENT	0x100
#define ENTRY_FAILSAFE	0x101
#define ENTRY_SYSCALL	0x102
#define ENTRY_SYSCALL32	0x103
#define ENTRY_SYSENTER	0x104
#define ENTRY_NMI	0x105

#define VECTOR_USER_DONE	0x80	/* int: ring 3 has finished */
