// SPDX-License-Identifier: GPL-2.0-only
/*
 * The options on our own command line, with Xen's names where they mean the same (cmdline.c has
 * the table). What is said is remembered here and used by main.c; nothing else reads it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/log.h"

struct options {
	bool com1, com2, vga;		/* console= */
	char com1_text[40], com2_text[40];
	uint64_t dom0_pages, dom0_min_pages, dom0_max_pages;	/* 0: not said */
	bool dom0_pages_negative;	/* dom0_mem=-N: all but N */
	unsigned int dom0_max_vcpus;
	enum log_level host_level, guest_level;
	bool noreboot;
	bool console_to_guests;		/* guests' console writes are shown too (guest_loglvl=all) */
};

extern struct options options;

/* Reads the whole line. What is not understood is remembered for cmdline_complain(). */
void cmdline_parse(const char *line);
/* One line on the console for each option that was not understood, with what to do. */
void cmdline_complain(void);
