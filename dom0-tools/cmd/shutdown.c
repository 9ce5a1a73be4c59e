// SPDX-License-Identifier: GPL-2.0-only
/*
 * trine shutdown, trine reboot: ask a guest to end or to start again, and see whether it does.
 *
 * The request is a word in the domain's control/shutdown; a guest that heard it empties the node.
 */
#include "build/host.h"
#include "build/store.h"
#include "command.h"
#include "lib/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PATIENCE_S		10

static bool wait_for_end, all;

static const struct option_row options[] = {
	{ 'w', "wait", NULL, "return when the domain has ended", { .flag = &wait_for_end } },
	{ 'a', "all", NULL, "all domains but domain 0", { .flag = &all } },
	OPTIONS_END
};

static void sleep_ms(unsigned int ms)
{
	struct timespec time = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&time, NULL);
}

/* Has it stopped, or is it another domain by now?  -1: cannot tell. */
static int has_ended(struct host *host, const struct domain *d)
{
	struct domain now;
	int ended;

	if (domain_by_id(host, d->id, &now))
		return errno == ESRCH ? 1 : -1;
	ended = now.shut_down || now.dying || memcmp(now.uuid, d->uuid, sizeof(now.uuid));
	domain_forget(&now);
	return ended;
}

static bool was_heard(struct host *host, const struct domain *d)
{
	char *request = store_read(host->xs, XBT_NULL, "/local/domain/%u/control/shutdown", d->id);
	bool heard = !request || !*request;

	free(request);
	return heard;
}

static int ask(struct host *host, const struct domain *d, const char *request)
{
	unsigned int waited;
	int ended;

	if (store_write(host->xs, XBT_NULL, request, "/local/domain/%u/control/shutdown", d->id))
		return because("cannot write its xenstore nodes: %s", strerror(errno));
	for (waited = 0; waited < PATIENCE_S * 1000; waited += 50) {
		ended = has_ended(host, d);
		if (ended < 0)
			return -1;
		if (ended || was_heard(host, d))
			return 0;
		sleep_ms(50);
	}
	/* Taken back: a guest that hears it hours later would surprise everybody. */
	store_write(host->xs, XBT_NULL, "", "/local/domain/%u/control/shutdown", d->id);
	errno = ETIMEDOUT;
	return because("its guest did not react within %d seconds; end it with: trine destroy %s",
		       PATIENCE_S, d->name ? d->name : "DOMAIN");
}

/*
 * It has stopped; its monitor now removes it.  Whoever waits wants its disks and memory free, but a
 * domain without a monitor, or one that is to be preserved, stays, and that is no failure.
 */
static void wait_until_removed(struct host *host, const struct domain *d)
{
	unsigned int waited;
	struct domain now;

	for (waited = 0; waited < PATIENCE_S * 1000; waited += 100) {
		if (domain_by_id(host, d->id, &now))
			return;
		domain_forget(&now);
		sleep_ms(100);
	}
}

static int ask_and_wait(struct host *host, const struct domain *d, const char *request)
{
	int ended;

	if (d->id == 0) {
		errno = EPERM;
		return because("it is the control domain; to stop the machine, use poweroff");
	}
	if (d->paused) {
		errno = EBUSY;
		return because("it is paused and cannot hear it; first: trine unpause %s",
			       d->name ? d->name : "DOMAIN");
	}
	if (d->shut_down)
		return 0;
	if (ask(host, d, request))
		return -1;
	while (wait_for_end) {
		ended = has_ended(host, d);
		if (ended < 0)
			return -1;
		if (ended) {
			wait_until_removed(host, d);
			break;
		}
		sleep_ms(100);
	}
	return 0;
}

static int ask_all(struct host *host, const char *request)
{
	struct domain *list;
	size_t count, i;
	int rc = domain_list(host, &list, &count);

	if (rc)
		return report_failure("cannot %s all domains", request);
	for (i = 0; i < count; i++) {
		if (list[i].id == 0 || !list[i].name || !ask_and_wait(host, &list[i], request))
			continue;
		rc = report_failure("cannot %s domain '%s'", request, list[i].name);
	}
	domain_list_free(list, count);
	return rc;
}

static int run_on(int count, char **words, const char *verb, const char *request)
{
	struct host host;
	struct domain d;
	int rc = 0, i;

	if (!count && !all) {
		because("name one, or use -a for all");
		return report_failure("no domain to %s", verb);
	}
	if (host_open(&host))
		return report_failure("cannot %s domain '%s'", verb, count ? words[0] : "all");
	if (all)
		rc = ask_all(&host, request);
	for (i = 0; i < count && !all; i++) {
		int one = domain_find(&host, words[i], &d);

		if (!one) {
			one = ask_and_wait(&host, &d, request);
			domain_forget(&d);
		}
		if (one)
			rc = report_failure("cannot %s domain '%s'", verb, words[i]);
	}
	host_close(&host);
	return rc;
}

static int run_shutdown(int count, char **words)
{
	return run_on(count, words, "shut down", "poweroff");
}

static int run_reboot(int count, char **words)
{
	return run_on(count, words, "reboot", "reboot");
}

const struct command cmd_shutdown = {
	.name = "shutdown",
	.words = "[DOMAIN]...",
	.summary = "Ask a domain's guest to power off",
	.more = "Fails if the guest does not react; 'trine destroy' needs no guest's help.",
	.options = options,
	.min_words = 0,
	.max_words = -1,
	.run = run_shutdown,
};

const struct command cmd_reboot = {
	.name = "reboot",
	.words = "[DOMAIN]...",
	.summary = "Ask a domain's guest to start again",
	.more = "The process that watches the domain starts it again with its first configuration.",
	.options = options,
	.min_words = 0,
	.max_words = -1,
	.run = run_reboot,
};
