// SPDX-License-Identifier: GPL-2.0-only
/*
 * trine uptime: for how long the domains run.
 */
#include "build/host.h"
#include "build/store.h"
#include "command.h"
#include "lib/human.h"
#include "lib/json.h"
#include "lib/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static bool as_json, brief;

static const struct option_row options[] = {
	{ 's', "short", NULL, "a short form, one line per domain", { .flag = &brief } },
	{ 0, "json", NULL, "as JSON, in seconds", { .flag = &as_json } },
	OPTIONS_END
};

/* Domain 0 started with its kernel; of the others, the start is in xenstore. */
static uint64_t seconds_up(struct host *host, const struct domain *d)
{
	char uuid[UUID_TEXT_SIZE], *start;
	double up = 0;

	if (d->id == 0) {
		FILE *file = fopen("/proc/uptime", "re");

		if (file) {
			if (fscanf(file, "%lf", &up) != 1)
				up = 0;
			fclose(file);
		}
		return up;
	}
	human_write_uuid(d->uuid, uuid);
	start = store_read(host->xs, XBT_NULL, "/vm/%s/start_time", uuid);
	if (start) {
		time_t began = strtoll(start, NULL, 10), now = time(NULL);

		free(start);
		if (now > began)
			return now - began;
	}
	return 0;
}

static void print_one(const struct domain *d, uint64_t seconds)
{
	const char *name = d->name ? d->name : "(null)";
	time_t now = time(NULL);
	char up[64], clock[16];

	human_write_uptime(seconds, up, sizeof(up));
	if (brief) {
		strftime(clock, sizeof(clock), "%H:%M:%S", localtime(&now));
		printf(" %s up %s, %s (%u)\n", clock, up, name, d->id);
	} else {
		printf("%-32s %5u %s\n", name, d->id, up);
	}
}

static void print_all(struct host *host, const struct domain *list, size_t count)
{
	struct json_object *array = json_object_new_array();
	size_t i;

	if (!as_json && !brief)
		printf("%-32s %5s %s\n", "Name", "ID", "Uptime");
	for (i = 0; i < count; i++) {
		uint64_t seconds = seconds_up(host, &list[i]);

		if (as_json) {
			struct json_object *o = json_object_new_object();

			json_put_text(o, "name", list[i].name);
			json_put_number(o, "domid", list[i].id);
			json_put_number(o, "seconds", seconds);
			json_object_array_add(array, o);
		} else {
			print_one(&list[i], seconds);
		}
	}
	if (as_json)
		json_print(array);
	else
		json_object_put(array);
}

static int run(int words_count, char **words)
{
	struct domain *list, one;
	struct host host;
	size_t count;
	int rc, i;

	if (host_open(&host))
		return report_failure("cannot tell uptimes");
	if (!words_count) {
		rc = domain_list(&host, &list, &count);
		if (!rc) {
			print_all(&host, list, count);
			domain_list_free(list, count);
		}
	} else {
		list = calloc(words_count, sizeof(*list));
		rc = list ? 0 : -1;
		for (i = 0; !rc && i < words_count; i++) {
			rc = domain_find(&host, words[i], &one);
			if (!rc)
				list[i] = one;
		}
		if (!rc)
			print_all(&host, list, words_count);
		if (list)
			domain_list_free(list, rc ? (size_t)(i - 1) : (size_t)words_count);
	}
	if (rc)
		report_failure("cannot tell uptimes");
	host_close(&host);
	return rc;
}

const struct command cmd_uptime = {
	.name = "uptime",
	.words = "[DOMAIN]...",
	.summary = "Print for how long the domains run",
	.options = options,
	.min_words = 0,
	.max_words = -1,
	.run = run,
};
