// SPDX-License-Identifier: GPL-2.0-only
/*
 * trine: main(), the command table, and nothing else.
 */
#include "build/host.h"
#include "command.h"
#include "lib/human.h"
#include "lib/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXIT_USAGE		2

static const struct command *const commands[] = {
	&cmd_create, &cmd_list, &cmd_console, &cmd_pause, &cmd_unpause, &cmd_shutdown, &cmd_reboot,
	&cmd_destroy, &cmd_save, &cmd_restore, &cmd_info, &cmd_dmesg, &cmd_uptime, &cmd_vcpu_list, &cmd_mem_set,
	&cmd_mem_max, &cmd_domid, &cmd_domname, &cmd_rename, &cmd_debug_keys,
};
#define COMMANDS_COUNT		(sizeof(commands) / sizeof(commands[0]))

static void print_overview(void)
{
	size_t i;

	printf("usage: trine [-v] COMMAND [OPTIONS] [WORDS]\n\n");
	for (i = 0; i < COMMANDS_COUNT; i++)
		printf("  %-12s %s\n", commands[i]->name, commands[i]->summary);
	printf("\n'trine COMMAND --help' says more; so does trine(1).\n");
}

static void print_help(const struct command *command)
{
	printf("usage: trine %s [OPTIONS]%s%s\n\n%s.\n", command->name, *command->words ? " " : "",
	       command->words, command->summary);
	if (command->more)
		printf("\n%s\n", command->more);
	printf("\n");
	options_print(command->options);
}

static const struct command *find(const char *name)
{
	const char *names[COMMANDS_COUNT], *nearest;
	size_t i;

	for (i = 0; i < COMMANDS_COUNT; i++) {
		if (!strcmp(commands[i]->name, name))
			return commands[i];
		names[i] = commands[i]->name;
	}
	nearest = human_nearest(name, names, COMMANDS_COUNT);
	if (nearest)
		because("there is no such command; did you mean '%s'?", nearest);
	else
		because("there is no such command; 'trine --help' lists all");
	report_failure("trine %s", name);
	return NULL;
}

static int run(const struct command *command, int count, char **words)
{
	switch (options_parse(command->options, &count, words)) {
	case OPTIONS_HELP:
		print_help(command);
		return EXIT_SUCCESS;
	case OPTIONS_BAD:
		report_failure("trine %s", command->name);
		return EXIT_USAGE;
	case OPTIONS_OK:
		break;
	}
	if (count < command->min_words ||
	    (command->max_words >= 0 && count > command->max_words)) {
		because("usage: trine %s [OPTIONS]%s%s", command->name,
			*command->words ? " " : "", command->words);
		report_failure("%s", count < command->min_words ? "too few words" :
								  "too many words");
		return EXIT_USAGE;
	}
	return command->run(count, words) ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	const struct command *command;
	int at = 1;

	if (at < argc && (!strcmp(argv[at], "-v") || !strcmp(argv[at], "--verbose"))) {
		host_verbose = true;
		at++;
	}
	if (at >= argc) {
		print_overview();
		return EXIT_USAGE;
	}
	if (!strcmp(argv[at], "--help") || !strcmp(argv[at], "-h") || !strcmp(argv[at], "help")) {
		command = at + 1 < argc ? find(argv[at + 1]) : NULL;
		if (command)
			print_help(command);
		else if (at + 1 >= argc)
			print_overview();
		return command || at + 1 >= argc ? EXIT_SUCCESS : EXIT_USAGE;
	}
	command = find(argv[at]);
	if (!command)
		return EXIT_USAGE;
	return run(command, argc - at - 1, argv + at + 1);
}
