/* SPDX-License-Identifier: GPL-2.0-only */
	.section .note.GNU-stack, "", @progbits
