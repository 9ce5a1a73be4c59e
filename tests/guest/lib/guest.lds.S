/* SPDX-License-Identifier: GPL-2.0-only */
#include "layout.h"

ENTRY(_start)

PHDRS
{
	text PT_LOAD FLAGS(5);
	data PT_LOAD FLAGS(6);
	note PT_NOTE FLAGS(4);
}

SECTIONS
{
	. = VIRT_BASE + LOAD_OFFSET;

	.text : AT(ADDR(.text) - VIRT_BASE) {
		_text = .;
		*(.text.head)
		*(.text .text.*)
	} :text

	. = ALIGN(PAGE_SIZE);
	.user : AT(ADDR(.user) - VIRT_BASE) {
		user_start = .;
		*(.user)
		. = ALIGN(PAGE_SIZE);
		user_end = .;
	} :text

	.rodata : AT(ADDR(.rodata) - VIRT_BASE) {
		*(.rodata .rodata.*)
		. = ALIGN(8);
		fixups_start = .;
		KEEP(*(.fixups))
		fixups_end = .;
	} :text

	.note.Xen : AT(ADDR(.note.Xen) - VIRT_BASE) {
		KEEP(*(.note.Xen))
	} :text :note

	. = ALIGN(PAGE_SIZE);
	.data : AT(ADDR(.data) - VIRT_BASE) {
		*(.data .data.*)
	} :data

	.bss : AT(ADDR(.bss) - VIRT_BASE) {
		*(.bss.page)
		*(.bss .bss.* COMMON)
		. = ALIGN(PAGE_SIZE);
	} :data
	_end = .;

	/DISCARD/ : { *(.comment) *(.eh_frame) *(.note.gnu.*) *(.note.GNU-stack) }
}
