// SPDX-License-Identifier: GPL-2.0-only
/*
 * trine domid, trine domname, trine rename: numbers and names of domains.
 */
#include "build/domain.h"
#include "command.h"
#include "lib/json.h"
#include "lib/report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool as_json;

static const struct option_row options[] = {
	{ 0, "json", NULL, "as JSON", { .flag = &as_json } },
	OPTIONS_END
};

static const struct option_row no_options[] = { OPTIONS_END };

static void print_json(const struct domain *d)
{
	struct json_object *o = json_object_new_object();

	json_put_number(o, "domid", d->id);
	json_put_text(o, "name", d->name);
	json_print(o);
}

static int print_one(const char *ref, bool want_name)
{
	const char *what = want_name ? "name" : "number";
	struct host host;
	struct domain d;
	int rc;

	if (host_open(&host))
		return report_failure("cannot tell the %s of '%s'", what, ref);
	rc = domain_find(&host, ref, &d);
	if (rc) {
		report_failure("cannot tell the %s of '%s'", what, ref);
	} else {
		if (as_json)
			print_json(&d);
		else if (want_name)
			printf("%s\n", d.name ? d.name : "(null)");
		else
			printf("%u\n", d.id);
		domain_forget(&d);
	}
	host_close(&host);
	return rc;
}

static int run_domid(int count, char **words)
{
	(void)count;
	return print_one(words[0], false);
}

static int run_domname(int count, char **words)
{
	(void)count;
	return print_one(words[0], true);
}

static int check_name(const char *name)
{
	errno = EINVAL;
	if (!*name || strlen(name) > 100 || strpbrk(name, "/\n\t"))
		return because("a name has 1 to 100 characters, and no '/'");
	if (strspn(name, "0123456789") == strlen(name))
		return because("a name of digits alone would be taken for a number");
	return 0;
}

static int run_rename(int count, char **words)
{
	struct host host;
	struct domain d;
	int rc;

	(void)count;
	if (check_name(words[1]) || host_open(&host))
		return report_failure("cannot rename domain '%s'", words[0]);
	rc = domain_find(&host, words[0], &d);
	if (!rc) {
		rc = domain_rename(&host, d.id, words[1]);
		domain_forget(&d);
	}
	if (rc)
		report_failure("cannot rename domain '%s'", words[0]);
	host_close(&host);
	return rc;
}

const struct command cmd_domid = {
	.name = "domid",
	.words = "DOMAIN",
	.summary = "Print a domain's number",
	.options = options,
	.min_words = 1,
	.max_words = 1,
	.run = run_domid,
};

const struct command cmd_domname = {
	.name = "domname",
	.words = "DOMAIN",
	.summary = "Print a domain's name",
	.options = options,
	.min_words = 1,
	.max_words = 1,
	.run = run_domname,
};

const struct command cmd_rename = {
	.name = "rename",
	.words = "DOMAIN NEWNAME",
	.summary = "Give a domain another name",
	.options = no_options,
	.min_words = 2,
	.max_words = 2,
	.run = run_rename,
};
