// SPDX-License-Identifier: GPL-2.0-only
/*
 * trine dmesg, trine debug-keys: the hypervisor's console, read and asked.
 */
#include "build/host.h"
#include "command.h"
#include "lib/json.h"
#include "lib/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool as_json, clear;

static const struct option_row options[] = {
	{ 'c', "clear", NULL, "empty the ring after reading it", { .flag = &clear } },
	{ 0, "json", NULL, "as JSON, an array of lines", { .flag = &as_json } },
	OPTIONS_END
};

static const struct option_row no_options[] = { OPTIONS_END };

/*
 * The ring may be any size, and only a full buffer tells that there is more.  Emptying drops what
 * was read, so it goes with each reading.
 */
static int read_ring(struct host *host, char **text, unsigned int *length)
{
	unsigned int room = 32 << 10, index = 0;

	*text = NULL;
	*length = 0;
	for (;;) {
		char *longer = realloc(*text, room + 1);
		unsigned int got = room - *length;

		if (!longer)
			return -1;
		*text = longer;
		if (xc_readconsolering(host->xc, *text + *length, &got, clear, *length > 0,
				       &index))
			return host_because("the hypervisor does not give it");
		if (!got)
			break;
		*length += got;
		if (*length < room)
			break;
		room *= 2;
	}
	(*text)[*length] = '\0';
	return 0;
}

static void print_json(char *text)
{
	struct json_object *lines = json_object_new_array();
	char *line;

	while ((line = strsep(&text, "\n")))
		if (*line || text)
			json_object_array_add(lines, json_object_new_string(line));
	json_print(lines);
}

static int run_dmesg(int count, char **words)
{
	unsigned int length;
	struct host host;
	char *text = NULL;
	int rc;

	(void)count;
	(void)words;
	if (host_open(&host))
		return report_failure("cannot read the hypervisor's log");
	rc = read_ring(&host, &text, &length);
	if (!rc && as_json)
		print_json(text);
	else if (!rc)
		fwrite(text, 1, length, stdout);
	if (rc)
		report_failure("cannot read the hypervisor's log");
	free(text);
	host_close(&host);
	return rc;
}

static int run_debug_keys(int count, char **words)
{
	struct host host;
	int rc;

	(void)count;
	if (host_open(&host))
		return report_failure("cannot send debug keys");
	rc = xc_send_debug_keys(host.xc, words[0]);
	if (rc) {
		host_because("the hypervisor refuses them");
		report_failure("cannot send debug keys '%s'", words[0]);
	}
	host_close(&host);
	return rc;
}

const struct command cmd_dmesg = {
	.name = "dmesg",
	.words = "",
	.summary = "Print the hypervisor's log",
	.options = options,
	.min_words = 0,
	.max_words = 0,
	.run = run_dmesg,
};

const struct command cmd_debug_keys = {
	.name = "debug-keys",
	.words = "KEYS",
	.summary = "Press debug keys on the hypervisor's console",
	.more = "'h' prints to the log what each key does: trine debug-keys h; trine dmesg.",
	.options = no_options,
	.min_words = 1,
	.max_words = 1,
	.run = run_debug_keys,
};
