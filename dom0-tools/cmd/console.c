// SPDX-License-Identifier: GPL-2.0-only
/*
 * trine console: talk to a domain.
 */
#include "build/console.h"
#include "command.h"
#include "lib/report.h"

static const struct option_row options[] = { OPTIONS_END };

static int run(int count, char **words)
{
	struct host host;
	struct domain d;
	int rc = -1;

	(void)count;
	if (host_open(&host))
		return report_failure("cannot attach to domain '%s'", words[0]);
	if (!domain_find(&host, words[0], &d)) {
		if (d.id == 0)
			because("this is domain 0 itself; its console is the machine's");
		else
			rc = console_attach(&host, d.id);
		domain_forget(&d);
	}
	if (rc)
		report_failure("cannot attach to domain '%s'", words[0]);
	host_close(&host);
	return rc;
}

const struct command cmd_console = {
	.name = "console",
	.words = "DOMAIN",
	.summary = "Attach to a domain's console",
	.more = "Ctrl-] leaves the console.  The domain goes on without it.",
	.options = options,
	.min_words = 1,
	.max_words = 1,
	.run = run,
};
