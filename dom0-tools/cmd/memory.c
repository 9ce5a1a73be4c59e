// SPDX-License-Identifier: GPL-2.0-only
/*
 * trine mem-set, trine mem-max: how much memory a domain has, and may have.
 *
 * The guest's balloon driver gives and takes memory when memory/target in xenstore changes; the
 * hypervisor's limit follows, so that a guest without one cannot take more.
 */
#include "build/host.h"
#include "build/store.h"
#include "command.h"
#include "lib/human.h"
#include "lib/report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libxl's own slack above what a guest may have, for frames it maps on the guest's behalf. */
#define MAXMEM_SLACK_KIB	1024

static const struct option_row options[] = { OPTIONS_END };

static uint64_t store_kib(struct host *host, uint32_t domid, const char *what)
{
	char *text = store_read(host->xs, XBT_NULL, "/local/domain/%u/memory/%s", domid, what);
	uint64_t kib = text ? strtoull(text, NULL, 10) : 0;

	free(text);
	return kib;
}

static int store_put_kib(struct host *host, uint32_t domid, const char *what, uint64_t kib)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, kib);
	if (store_write(host->xs, XBT_NULL, text, "/local/domain/%u/memory/%s", domid, what))
		return because("cannot write its xenstore nodes: %s", strerror(errno));
	return 0;
}

static int set_target(struct host *host, const struct domain *d, uint64_t kib)
{
	uint64_t most = store_kib(host, d->id, "static-max");

	errno = ERANGE;
	if (most && kib > most)
		return because("it was made to have at most %" PRIu64 " MiB; make it with a larger "
			       "maxmem to give it more", most >> 10);
	/* Domain 0 runs the tools: too little kills them, and with them the way back. */
	if (d->id == 0 && kib < 128 << 10)
		return because("the control domain needs 128 MiB at least");
	/* A limit below what it has now keeps it from growing; that is what is wanted. */
	if (xc_domain_setmaxmem(host->xc, d->id, kib + MAXMEM_SLACK_KIB))
		return host_because("the hypervisor refuses the limit");
	return store_put_kib(host, d->id, "target", kib);
}

static int set_maximum(struct host *host, const struct domain *d, uint64_t kib)
{
	uint64_t target = store_kib(host, d->id, "target");

	errno = ERANGE;
	if (kib < target)
		return because("it is to have %" PRIu64 " MiB now; lower that first: trine mem-set "
			       "%u %" PRIu64, target >> 10, d->id, kib >> 10);
	if (xc_domain_setmaxmem(host->xc, d->id, kib + MAXMEM_SLACK_KIB))
		return host_because("the hypervisor refuses the limit");
	return 0;
}

static int run_on(char **words, const char *what,
		  int (*work)(struct host *host, const struct domain *d, uint64_t kib))
{
	struct host host;
	struct domain d;
	uint64_t kib;
	int rc;

	if (human_read_kib(words[1], &kib) || !kib) {
		because("'%s' is no amount of memory; write 256 or 256m (MiB), 2g, 262144k",
			words[1]);
		return report_failure("cannot set the %s of domain '%s'", what, words[0]);
	}
	if (host_open(&host))
		return report_failure("cannot set the %s of domain '%s'", what, words[0]);
	rc = domain_find(&host, words[0], &d);
	if (!rc) {
		rc = work(&host, &d, kib);
		domain_forget(&d);
	}
	if (rc)
		report_failure("cannot set the %s of domain '%s'", what, words[0]);
	host_close(&host);
	return rc;
}

static int run_mem_set(int count, char **words)
{
	(void)count;
	return run_on(words, "memory", set_target);
}

static int run_mem_max(int count, char **words)
{
	(void)count;
	return run_on(words, "memory limit", set_maximum);
}

const struct command cmd_mem_set = {
	.name = "mem-set",
	.words = "DOMAIN SIZE",
	.summary = "Ask a domain to grow or shrink to an amount of memory",
	.more = "SIZE is in MiB, or has a unit: 512, 512m, 2g.  The guest's balloon driver does\n"
		"the work; a guest without one keeps what it has.",
	.options = options,
	.min_words = 2,
	.max_words = 2,
	.run = run_mem_set,
};

const struct command cmd_mem_max = {
	.name = "mem-max",
	.words = "DOMAIN SIZE",
	.summary = "Limit the memory a domain can have",
	.more = "SIZE is in MiB, or has a unit: 512, 512m, 2g.",
	.options = options,
	.min_words = 2,
	.max_words = 2,
	.run = run_mem_max,
};
