// SPDX-License-Identifier: GPL-2.0-only
/*
 * trine destroy: the power switch of a domain.
 */
#include "build/domain.h"
#include "command.h"
#include "lib/report.h"

#include <errno.h>

static bool force;	/* for scripts written for xl; domain 0 stays safe all the same */

static const struct option_row options[] = {
	{ 'f', "force", NULL, "accepted as xl does; changes nothing", { .flag = &force } },
	OPTIONS_END
};

static int run(int count, char **words)
{
	struct host host;
	struct domain d;
	int rc;

	(void)count;
	if (host_open(&host))
		return report_failure("cannot destroy domain '%s'", words[0]);
	rc = domain_find(&host, words[0], &d);
	if (!rc) {
		if (d.id == 0) {
			errno = EPERM;
			rc = because("it is the control domain; to stop the machine, use poweroff");
		} else {
			rc = domain_remove(&host, d.id);
		}
		domain_forget(&d);
	}
	if (rc)
		report_failure("cannot destroy domain '%s'", words[0]);
	host_close(&host);
	return rc;
}

const struct command cmd_destroy = {
	.name = "destroy",
	.words = "DOMAIN",
	.summary = "End a domain at once, as if its power went off",
	.more = "'trine shutdown' asks the guest to end by itself, and loses no data.",
	.options = options,
	.min_words = 1,
	.max_words = 1,
	.run = run,
};
