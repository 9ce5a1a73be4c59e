// SPDX-License-Identifier: GPL-2.0-only
/*
 * trine vcpu-list: the virtual CPUs of domains.  The columns are those of xl vcpu-list.
 */
#include "build/host.h"
#include "command.h"
#include "lib/json.h"
#include "lib/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool as_json;

static const struct option_row options[] = {
	{ 0, "json", NULL, "as JSON", { .flag = &as_json } },
	OPTIONS_END
};

#define CPUS_TEXT_SIZE		256

/* "all", "none", or ranges: "0-3,6". */
static void write_cpus(const uint8_t *map, int cpus, char text[CPUS_TEXT_SIZE])
{
	int cpu, from = -1, set = 0, length = 0;

	text[0] = '\0';
	for (cpu = 0; cpu <= cpus; cpu++) {
		bool in = cpu < cpus && map[cpu / 8] >> cpu % 8 & 1;

		set += in;
		if (in && from < 0)
			from = cpu;
		if (in || from < 0)
			continue;
		if (length < CPUS_TEXT_SIZE - 24)
			length += snprintf(text + length, CPUS_TEXT_SIZE - length,
					   from == cpu - 1 ? "%s%d" : "%s%d-%d",
					   length ? "," : "", from, cpu - 1);
		from = -1;
	}
	if (set == cpus)
		snprintf(text, CPUS_TEXT_SIZE, "all");
	else if (!set)
		snprintf(text, CPUS_TEXT_SIZE, "none");
}

struct affinity {
	char hard[CPUS_TEXT_SIZE], soft[CPUS_TEXT_SIZE];
};

static int read_affinity(struct host *host, uint32_t domid, unsigned int vcpu, struct affinity *a)
{
	xc_cpumap_t hard = xc_cpumap_alloc(host->xc), soft = xc_cpumap_alloc(host->xc);
	int cpus = xc_get_online_cpus(host->xc);
	int rc = -1;

	if (hard && soft && cpus > 0)
		rc = xc_vcpu_getaffinity(host->xc, domid, vcpu, hard, soft,
					 XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT);
	if (!rc) {
		write_cpus(hard, cpus, a->hard);
		write_cpus(soft, cpus, a->soft);
	}
	free(hard);
	free(soft);
	return rc ? host_because("the hypervisor does not tell where its vcpus may run") : 0;
}

static void print_row(const struct domain *d, unsigned int vcpu, const xc_vcpuinfo_t *info,
		      const struct affinity *a)
{
	printf("%-32s %5u %5u", d->name ? d->name : "(null)", d->id, vcpu);
	if (!info->online)
		printf(" %5c %3c%cp ", '-', '-', '-');
	else
		printf(" %5u %3c%c- ", info->cpu, info->running ? 'r' : '-',
		       info->blocked ? 'b' : '-');
	printf(" %9.1f  %s / %s\n", (double)info->cpu_time / 1e9, a->hard, a->soft);
}

static struct json_object *to_json(const struct domain *d, unsigned int vcpu,
				   const xc_vcpuinfo_t *info, const struct affinity *a)
{
	struct json_object *o = json_object_new_object();

	json_put_text(o, "name", d->name);
	json_put_number(o, "domid", d->id);
	json_put_number(o, "vcpu", vcpu);
	if (info->online)
		json_put_number(o, "cpu", info->cpu);
	else
		json_put_text(o, "cpu", NULL);
	json_put_bool(o, "online", info->online);
	json_put_bool(o, "running", info->running);
	json_put_bool(o, "blocked", info->blocked);
	json_put_real(o, "cpu_seconds", (double)info->cpu_time / 1e9);
	json_put_text(o, "hard_affinity", a->hard);
	json_put_text(o, "soft_affinity", a->soft);
	return o;
}

static int show_domain(struct host *host, const struct domain *d, struct json_object *array)
{
	unsigned int vcpu;

	for (vcpu = 0; vcpu <= d->max_vcpu_id; vcpu++) {
		struct affinity affinity;
		xc_vcpuinfo_t info;

		if (xc_vcpu_getinfo(host->xc, d->id, vcpu, &info)) {
			host_forget_complaint();
			continue;
		}
		if (read_affinity(host, d->id, vcpu, &affinity))
			return -1;
		if (as_json)
			json_object_array_add(array, to_json(d, vcpu, &info, &affinity));
		else
			print_row(d, vcpu, &info, &affinity);
	}
	return 0;
}

static void print_header(void)
{
	if (!as_json)
		printf("%-32s %5s %5s %5s %5s %9s %s\n", "Name", "ID", "VCPU", "CPU", "State",
		       "Time(s)", "Affinity (Hard / Soft)");
}

static int show_named(struct host *host, int count, char **words, struct json_object *array)
{
	int rc = 0, i;

	for (i = 0; i < count && !rc; i++) {
		struct domain d;

		rc = domain_find(host, words[i], &d);
		if (rc)
			break;
		if (!i)
			print_header();
		rc = show_domain(host, &d, array);
		domain_forget(&d);
	}
	return rc;
}

static int show_all(struct host *host, struct json_object *array)
{
	struct domain *list;
	size_t count, i;
	int rc = domain_list(host, &list, &count);

	if (rc)
		return rc;
	print_header();
	for (i = 0; i < count && !rc; i++)
		rc = show_domain(host, &list[i], array);
	domain_list_free(list, count);
	return rc;
}

static int run(int count, char **words)
{
	struct json_object *array;
	struct host host;
	int rc;

	if (host_open(&host))
		return report_failure("cannot list the vcpus");
	array = json_object_new_array();
	rc = count ? show_named(&host, count, words, array) : show_all(&host, array);
	if (rc)
		report_failure("cannot list the vcpus");
	if (!rc && as_json)
		json_print(array);
	else
		json_object_put(array);
	host_close(&host);
	return rc;
}

const struct command cmd_vcpu_list = {
	.name = "vcpu-list",
	.words = "[DOMAIN]...",
	.summary = "List the virtual CPUs and where they run",
	.options = options,
	.min_words = 0,
	.max_words = -1,
	.run = run,
};
