/* SPDX-License-Identifier: GPL-2.0-only */
	.section __xen_guest, "", @progbits
	.ascii	"GUEST_OS=trine-test,GUEST_VER=1,XEN_VER=xen-3.0,VIRT_BASE=0xC0000000,ELF_PADDR_OFFSET=0x0,"
	.asciz	"HYPERCALL_PAGE=0x101,PAE=yes[extended-cr3],FEATURES=pae_pgdir_above_4gb,LOADER=generic"

	.section .note.GNU-stack, "", @progbits
