// SPDX-License-Identifier: GPL-2.0-only
/*
 * trine create: a domain from an xl.cfg(5) file.
 */
#include "build/console.h"
#include "build/domain.h"
#include "build/kernel.h"
#include "build/monitor.h"
#include "command.h"
#include "lib/human.h"
#include "lib/json.h"
#include "lib/report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool attach_console, dry_run, stay_paused, no_monitor, as_json, quiet;
static const char *file_option;

static const struct option_row options[] = {
	{ 'c', "console", NULL, "attach to the domain's console; leave it with Ctrl-]",
	  { .flag = &attach_console } },
	{ 'n', "dry-run", NULL, "check everything, make nothing", { .flag = &dry_run } },
	{ 'p', "paused", NULL, "leave the domain paused", { .flag = &stay_paused } },
	{ 'e', "no-monitor", NULL, "leave no process behind that acts when the domain stops",
	  { .flag = &no_monitor } },
	{ 'f', "file", "FILE", "the configuration, as an option", { .text = &file_option } },
	{ 'q', "quiet", NULL, "print no warnings", { .flag = &quiet } },
	{ 0, "json", NULL, "print the domain's number and name, or the checked configuration, as "
			   "JSON", { .flag = &as_json } },
	OPTIONS_END
};

static void print_config_json(const struct domain_config *config, const struct kernel *kernel)
{
	struct json_object *o = json_object_new_object();
	struct json_object *disks = json_object_new_array(), *vifs = json_object_new_array();
	char uuid[UUID_TEXT_SIZE];
	size_t i;

	human_write_uuid(config->uuid, uuid);
	json_put_text(o, "name", config->name);
	json_put_text(o, "uuid", uuid);
	json_put_text(o, "type", "pv");
	json_put_text(o, "kernel", config->kernel);
	json_put_number(o, "kernel_bits", kernel->image.width);
	json_put_text(o, "ramdisk", config->ramdisk);
	json_put_text(o, "cmdline", config->cmdline);
	json_put_number(o, "memory_kib", config->memory_kib);
	json_put_number(o, "maxmem_kib", config->maxmem_kib);
	json_put_number(o, "vcpus", config->vcpus);
	json_put_number(o, "maxvcpus", config->maxvcpus);
	json_put_text(o, "on_poweroff", on_event_name(config->on_poweroff));
	json_put_text(o, "on_reboot", on_event_name(config->on_reboot));
	json_put_text(o, "on_crash", on_event_name(config->on_crash));
	json_put_text(o, "on_watchdog", on_event_name(config->on_watchdog));
	for (i = 0; i < config->disks_count; i++) {
		struct json_object *disk = json_object_new_object();

		json_put_text(disk, "target", config->disks[i].path);
		json_put_text(disk, "vdev", config->disks[i].vdev);
		json_put_bool(disk, "read_only", config->disks[i].read_only);
		json_object_array_add(disks, disk);
	}
	for (i = 0; i < config->vifs_count; i++) {
		struct json_object *vif = json_object_new_object();

		json_put_text(vif, "bridge", config->vifs[i].bridge);
		json_put_text(vif, "script", config->vifs[i].script);
		json_object_array_add(vifs, vif);
	}
	json_object_object_add(o, "disks", disks);
	json_object_object_add(o, "vifs", vifs);
	json_print(o);
}

static int dry_run_of(const struct domain_config *config)
{
	struct kernel kernel;

	if (kernel_open(config, &kernel))
		return report_failure("cannot create domain '%s'", config->name);
	if (as_json)
		print_config_json(config, &kernel);
	else
		printf("%s: domain '%s', %llu MiB, %u vcpu%s, %u-bit kernel: good\n", config->file,
		       config->name, (unsigned long long)config->memory_kib >> 10, config->vcpus,
		       config->vcpus == 1 ? "" : "s", kernel.image.width);
	kernel_close(&kernel);
	return 0;
}

static void print_domain_json(const struct domain_config *config, uint32_t domid)
{
	struct json_object *o = json_object_new_object();

	json_put_number(o, "domid", domid);
	json_put_text(o, "name", config->name);
	json_print(o);
}

static int create(struct domain_config *config)
{
	struct host host;
	uint32_t domid;
	int rc;

	if (host_open(&host))
		return report_failure("cannot create domain '%s'", config->name);
	rc = domain_build(&host, config, &domid);
	if (!rc)
		rc = monitor_let_go(&host, config, domid, no_monitor, stay_paused);
	if (!rc && as_json)
		print_domain_json(config, domid);
	if (rc)
		report_failure("cannot create domain '%s'", config->name);
	else if (attach_console && console_attach(&host, domid))
		rc = report_failure("domain '%s' runs, but its console cannot be attached",
				    config->name);
	host_close(&host);
	return rc;
}

/* Words with '=' are settings; the one without is the file. */
static int sort_words(int count, char **words, const char **file, int *settings)
{
	int i;

	*file = file_option;
	*settings = 0;
	for (i = 0; i < count; i++) {
		if (strchr(words[i], '=') && access(words[i], F_OK)) {
			words[(*settings)++] = words[i];
		} else if (*file) {
			errno = EINVAL;
			return because("two files, %s and %s; one domain at a time", *file,
				       words[i]);
		} else {
			*file = words[i];
		}
	}
	if (*file || *settings)
		return 0;
	errno = EINVAL;
	return because("no configuration; name a file, such as /etc/trine/demo.cfg");
}

static int run(int count, char **words)
{
	struct domain_config *config;
	const char *file;
	int settings, rc;
	size_t i;

	if (sort_words(count, words, &file, &settings) ||
	    config_read(file, words, settings, &config))
		return report_failure("cannot create a domain");
	for (i = 0; i < config->warnings_count && !quiet; i++)
		report_warning("%s", config->warnings[i]);
	rc = dry_run ? dry_run_of(config) : create(config);
	config_free(config);
	return rc;
}

const struct command cmd_create = {
	.name = "create",
	.words = "[FILE] [KEY=VALUE]...",
	.summary = "Make a domain from a configuration file and start it",
	.more = "FILE is in xl.cfg(5) format.  KEY=VALUE is read as if it stood at the file's end,\n"
		"so strings need quotes of their own: trine create web.cfg 'name=\"web2\"'.",
	.options = options,
	.min_words = 0,
	.max_words = -1,
	.run = run,
};
