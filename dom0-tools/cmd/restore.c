// SPDX-License-Identifier: GPL-2.0-only
/*
 * trine restore: a domain that was saved goes on.
 */
#include "build/console.h"
#include "build/domain.h"
#include "build/monitor.h"
#include "build/progress.h"
#include "command.h"
#include "lib/json.h"
#include "lib/report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool attach_console, stay_paused, no_monitor, as_json;

static const struct option_row options[] = {
	{ 'c', "console", NULL, "attach to the domain's console; leave it with Ctrl-]",
	  { .flag = &attach_console } },
	{ 'p', "paused", NULL, "leave the domain paused", { .flag = &stay_paused } },
	{ 'e', "no-monitor", NULL, "leave no process behind that acts when the domain stops",
	  { .flag = &no_monitor } },
	{ 0, "json", NULL, "print the domain's number and name as JSON", { .flag = &as_json } },
	OPTIONS_END
};

/* What the file holds; fd then stands at the stream. */
static int read_file(const char *path, int fd, struct savefile_head *head,
		     struct domain_config **config)
{
	char *text;
	int rc;

	if (savefile_read_head(fd, path, head, &text))
		return -1;
	rc = config_read_text(path, text, config);
	free(text);
	if (rc)
		return rc;
	if (savefile_check(fd, path)) {
		config_free(*config);
		return -1;
	}
	return 0;
}

static int open_file(const char *path)
{
	struct stat info;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? because("there is no file %s", path) :
					 because("%s: %s", path, strerror(errno));
	if (!fstat(fd, &info) && S_ISREG(info.st_mode))
		return fd;
	close(fd);
	errno = EINVAL;
	return because("%s is not a regular file", path);
}

static int build(struct host *host, struct domain_config *config, const struct savefile_head *head,
		 int fd, uint32_t *domid)
{
	char doing[160];
	pid_t shower;
	int rc;

	snprintf(doing, sizeof(doing), "restoring '%s'", config->name);
	shower = progress_start(doing, fd, head->memory_kib << 10);
	rc = domain_restore(host, config, head, fd, domid);
	progress_end(shower);
	return rc ? rc : monitor_let_go(host, config, *domid, no_monitor, stay_paused);
}

static int restore(const char *path, int fd)
{
	struct domain_config *config;
	struct savefile_head head;
	struct host host;
	uint32_t domid;
	int rc;

	if (read_file(path, fd, &head, &config))
		return report_failure("cannot restore a domain");
	rc = host_open(&host);
	if (!rc) {
		rc = build(&host, config, &head, fd, &domid);
		if (!rc && as_json) {
			struct json_object *o = json_object_new_object();

			json_put_number(o, "domid", domid);
			json_put_text(o, "name", config->name);
			json_print(o);
		}
	}
	if (rc)
		report_failure("cannot restore domain '%s'", config->name);
	else if (attach_console && console_attach(&host, domid))
		rc = report_failure("domain '%s' runs, but its console cannot be attached",
				    config->name);
	host_close(&host);
	config_free(config);
	return rc;
}

static int run(int count, char **words)
{
	int fd, rc;

	(void)count;
	fd = open_file(words[0]);
	if (fd < 0)
		return report_failure("cannot restore a domain");
	rc = restore(words[0], fd);
	close(fd);
	return rc;
}

const struct command cmd_restore = {
	.name = "restore",
	.words = "FILE",
	.summary = "Let a domain that was saved go on",
	.more = "FILE is what 'trine save' wrote; it stays, and its disks must be as they were then.",
	.options = options,
	.min_words = 1,
	.max_words = 1,
	.run = run,
};
