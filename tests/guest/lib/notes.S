/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a test kernel tells the builder: ELF notes of the name "Xen".  A test that wants others puts
 * a notes.S of its own into its folder; it replaces this file.
 */
#include "notes.h"

	NOTE_STR(XEN_ELFNOTE_GUEST_OS, "trine-test")
	NOTE_STR(XEN_ELFNOTE_XEN_VERSION, "xen-3.0")
	NOTE_STR(XEN_ELFNOTE_LOADER, "generic")
	NOTE_STR(XEN_ELFNOTE_PAE_MODE, "yes")
	NOTE_STR(XEN_ELFNOTE_FEATURES, "!writable_page_tables|pae_pgdir_above_4gb")
	NOTE_WORD(XEN_ELFNOTE_VIRT_BASE, VIRT_BASE)
	NOTE_WORD(XEN_ELFNOTE_ENTRY, _start)
	NOTE_WORD(XEN_ELFNOTE_HYPERCALL_PAGE, hypercall_page)
	NOTE_PAIR(XEN_ELFNOTE_L1_MFN_VALID, 1, 1)

	.section .note.GNU-stack, "", @progbits
