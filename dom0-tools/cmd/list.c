// SPDX-License-Identifier: GPL-2.0-only
/*
 * trine list: the domains there are.  The columns are those of xl list, which scripts parse.
 */
#include "build/host.h"
#include "build/store.h"
#include "command.h"
#include "lib/human.h"
#include "lib/json.h"
#include "lib/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool as_json, long_form, verbose;

static const struct option_row options[] = {
	{ 'l', "long", NULL, "everything known, as JSON", { .flag = &long_form } },
	{ 'v', "verbose", NULL, "also UUIDs and why a domain stopped", { .flag = &verbose } },
	{ 0, "json", NULL, "as JSON", { .flag = &as_json } },
	OPTIONS_END
};

static void print_header(void)
{
	printf("Name                                        ID   Mem VCPUs\tState\tTime(s)");
	if (verbose)
		printf("   UUID                            Reason-Code\tSecurity Label");
	putchar('\n');
}

static void print_row(const struct domain *d)
{
	char state[STATE_TEXT_SIZE], uuid[UUID_TEXT_SIZE];

	domain_state(d, state);
	printf("%-40s %5u %5llu %5u     %s  %8.1f", d->name ? d->name : "(null)", d->id,
	       (unsigned long long)d->memory_kib >> 10, d->vcpus_online, state,
	       (double)d->cpu_time_ns / 1e9);
	if (verbose) {
		human_write_uuid(d->uuid, uuid);
		printf(" %s", uuid);
		if (d->shut_down)
			printf(" %8x", d->shutdown_reason);
		else
			printf(" %8s", "-");
		printf(" %16s", "-");
	}
	putchar('\n');
}

static void put_store(struct host *host, struct json_object *o, const struct domain *d,
		      const char *key, const char *rest)
{
	char *value = store_read(host->xs, XBT_NULL, "/local/domain/%u/%s", d->id, rest);

	json_put_text(o, key, value);
	free(value);
}

/* What xenstore knows: the image, the console, the memory target, the devices. */
static void put_long(struct host *host, struct json_object *o, const struct domain *d)
{
	static const char *const kinds[] = { "vbd", "vif" };
	char uuid[UUID_TEXT_SIZE], path[128], *value;
	unsigned int count, i;
	size_t kind;

	human_write_uuid(d->uuid, uuid);
	value = store_read(host->xs, XBT_NULL, "/vm/%s/image/kernel", uuid);
	json_put_text(o, "kernel", value);
	free(value);
	value = store_read(host->xs, XBT_NULL, "/vm/%s/image/ramdisk", uuid);
	json_put_text(o, "ramdisk", value);
	free(value);
	value = store_read(host->xs, XBT_NULL, "/vm/%s/image/cmdline", uuid);
	json_put_text(o, "cmdline", value);
	free(value);
	put_store(host, o, d, "memory_target_kib", "memory/target");
	put_store(host, o, d, "console_tty", "console/tty");
	for (kind = 0; kind < 2; kind++) {
		struct json_object *list = json_object_new_array();
		char **numbers;

		snprintf(path, sizeof(path), "/local/domain/0/backend/%s/%u", kinds[kind], d->id);
		numbers = xs_directory(host->xs, XBT_NULL, path, &count);
		for (i = 0; numbers && i < count; i++) {
			struct json_object *device = json_object_new_object();

			json_put_text(device, "number", numbers[i]);
			value = store_read(host->xs, XBT_NULL, "%s/%s/%s", path, numbers[i],
					   kind ? "mac" : "params");
			json_put_text(device, kind ? "mac" : "target", value);
			free(value);
			value = store_read(host->xs, XBT_NULL, "%s/%s/%s", path, numbers[i],
					   kind ? "bridge" : "dev");
			json_put_text(device, kind ? "bridge" : "vdev", value);
			free(value);
			json_object_array_add(list, device);
		}
		free(numbers);
		json_object_object_add(o, kind ? "vifs" : "disks", list);
	}
}

static struct json_object *to_json(struct host *host, const struct domain *d)
{
	struct json_object *o = json_object_new_object();
	char state[STATE_TEXT_SIZE], uuid[UUID_TEXT_SIZE];

	domain_state(d, state);
	human_write_uuid(d->uuid, uuid);
	json_put_text(o, "name", d->name);
	json_put_number(o, "domid", d->id);
	json_put_number(o, "memory_kib", d->memory_kib);
	json_put_number(o, "vcpus", d->vcpus_online);
	json_put_text(o, "state", state);
	json_put_real(o, "cpu_seconds", (double)d->cpu_time_ns / 1e9);
	json_put_text(o, "uuid", uuid);
	json_put_text(o, "shutdown_reason",
		      d->shut_down ? shutdown_reason_name(d->shutdown_reason) : NULL);
	if (long_form) {
		json_put_number(o, "max_memory_kib", d->max_memory_kib);
		json_put_number(o, "max_vcpus", d->max_vcpu_id + 1);
		put_long(host, o, d);
	}
	return o;
}

static void print_all(struct host *host, const struct domain *list, size_t count)
{
	struct json_object *array = json_object_new_array();
	size_t i;

	if (!as_json && !long_form)
		print_header();
	for (i = 0; i < count; i++) {
		if (as_json || long_form)
			json_object_array_add(array, to_json(host, &list[i]));
		else
			print_row(&list[i]);
	}
	if (as_json || long_form)
		json_print(array);
	else
		json_object_put(array);
}

/* Those that were named, in the order they were named. */
static int find_all(struct host *host, int count, char **words, struct domain **list)
{
	int i;

	*list = calloc(count, sizeof(**list));
	if (!*list)
		return -1;
	for (i = 0; i < count; i++) {
		if (domain_find(host, words[i], &(*list)[i])) {
			domain_list_free(*list, i);
			return -1;
		}
	}
	return 0;
}

static int run(int words_count, char **words)
{
	struct domain *list;
	size_t count = words_count;
	struct host host;
	int rc;

	if (host_open(&host))
		return report_failure("cannot list the domains");
	if (words_count)
		rc = find_all(&host, words_count, words, &list);
	else
		rc = domain_list(&host, &list, &count);
	if (rc) {
		report_failure("cannot list the domains");
	} else {
		print_all(&host, list, count);
		domain_list_free(list, count);
	}
	host_close(&host);
	return rc;
}

const struct command cmd_list = {
	.name = "list",
	.words = "[DOMAIN]...",
	.summary = "List the domains, their memory, state and CPU time",
	.more = "State letters: r running, b blocked, p paused, s shut down, c crashed, d dying.",
	.options = options,
	.min_words = 0,
	.max_words = -1,
	.run = run,
};
