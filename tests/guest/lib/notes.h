/* SPDX-License-Identifier: GPL-2.0-only */
/* Macros for writing Xen's ELF notes in assembly, either width. */
#pragma once

#include <xen/elfnote.h>
#include "layout.h"

#ifdef __x86_64__
#define NOTE_LONG .quad
#else
#define NOTE_LONG .long
#endif

#define NOTE_BEGIN(type)						\
	.pushsection .note.Xen, "a", @note;				\
	.p2align 2;							\
	.long 4, 5f - 4f, type;						\
	.asciz "Xen";							\
4:
#define NOTE_FINISH							\
5:	.p2align 2;							\
	.popsection

#define NOTE_STR(type, text)		NOTE_BEGIN(type) .asciz text; NOTE_FINISH
#define NOTE_WORD(type, value)		NOTE_BEGIN(type) NOTE_LONG value; NOTE_FINISH
#define NOTE_PAIR(type, one, two)	NOTE_BEGIN(type) NOTE_LONG one, two; NOTE_FINISH
