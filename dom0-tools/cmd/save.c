// SPDX-License-Identifier: GPL-2.0-only
/*
 * trine save: a running domain into a file.
 */
#include "build/save.h"
#include "command.h"
#include "lib/report.h"

#include <errno.h>

static bool checkpoint;

static const struct option_row options[] = {
	{ 'c', "checkpoint", NULL, "let the domain run on afterwards", { .flag = &checkpoint } },
	OPTIONS_END
};

static int run(int count, char **words)
{
	struct host host;
	struct domain d;
	int rc;

	(void)count;
	if (host_open(&host))
		return report_failure("cannot save domain '%s'", words[0]);
	rc = domain_find(&host, words[0], &d);
	if (!rc) {
		rc = domain_save(&host, &d, words[1], checkpoint);
		domain_forget(&d);
	}
	if (rc)
		report_failure("cannot save domain '%s'", words[0]);
	host_close(&host);
	return rc;
}

const struct command cmd_save = {
	.name = "save",
	.words = "DOMAIN FILE",
	.summary = "Write a domain with all it is doing into a file, and end it",
	.more = "'trine restore FILE' lets it go on.  The file holds its memory, not its disks: do not let\n"
		"anything write to them in between.  If saving fails, the domain runs on and there is no\n"
		"file.",
	.options = options,
	.min_words = 2,
	.max_words = 2,
	.run = run,
};
