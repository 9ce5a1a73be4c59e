/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a command of trine is.
 */
#pragma once

#include "lib/options.h"

struct command {
	const char *name;
	const char *words;		/* what follows the options, for the usage line */
	const char *summary;		/* one line */
	const char *more;		/* NULL, or paragraphs for --help */
	const struct option_row *options;
	int min_words, max_words;	/* -1: no limit */
	/* 0, or -1 after one report_failure(); never exits */
	int (*run)(int count, char **words);
};

extern const struct command cmd_create, cmd_destroy, cmd_list, cmd_info, cmd_console, cmd_pause,
	cmd_unpause, cmd_shutdown, cmd_reboot, cmd_domid, cmd_domname, cmd_rename, cmd_vcpu_list,
	cmd_mem_set, cmd_save, cmd_restore, cmd_mem_max, cmd_dmesg, cmd_uptime, cmd_debug_keys;
