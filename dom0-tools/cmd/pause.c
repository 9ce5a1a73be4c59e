// SPDX-License-Identifier: GPL-2.0-only
/*
 * trine pause, trine unpause: stop a domain's vcpus where they are, and let them go on.
 */
#include "build/host.h"
#include "command.h"
#include "lib/report.h"

#include <errno.h>

static const struct option_row options[] = { OPTIONS_END };

static int pause_one(struct host *host, const struct domain *d)
{
	if (d->id == 0) {
		errno = EPERM;
		return because("it is the control domain; nobody could unpause it");
	}
	if (xc_domain_pause(host->xc, d->id))
		return host_because("the hypervisor refuses");
	return 0;
}

static int unpause_one(struct host *host, const struct domain *d)
{
	if (!d->paused) {
		errno = EINVAL;
		return because("it is not paused");
	}
	if (xc_domain_unpause(host->xc, d->id))
		return host_because("the hypervisor refuses");
	return 0;
}

static int run_on(const char *name, const char *verb,
		  int (*work)(struct host *host, const struct domain *d))
{
	struct host host;
	struct domain d;
	int rc;

	if (host_open(&host))
		return report_failure("cannot %s domain '%s'", verb, name);
	rc = domain_find(&host, name, &d);
	if (!rc) {
		rc = work(&host, &d);
		domain_forget(&d);
	}
	if (rc)
		report_failure("cannot %s domain '%s'", verb, name);
	host_close(&host);
	return rc;
}

static int run_pause(int count, char **words)
{
	(void)count;
	return run_on(words[0], "pause", pause_one);
}

static int run_unpause(int count, char **words)
{
	(void)count;
	return run_on(words[0], "unpause", unpause_one);
}

const struct command cmd_pause = {
	.name = "pause",
	.words = "DOMAIN",
	.summary = "Stop a domain where it is, keeping its memory",
	.options = options,
	.min_words = 1,
	.max_words = 1,
	.run = run_pause,
};

const struct command cmd_unpause = {
	.name = "unpause",
	.words = "DOMAIN",
	.summary = "Let a paused domain go on",
	.options = options,
	.min_words = 1,
	.max_words = 1,
	.run = run_unpause,
};
