// SPDX-License-Identifier: GPL-2.0-only
/*
 * /run/trine/UUID.cfg: the configuration a domain was made from, all of it, as an xl.cfg(5) text.
 *
 * xenstore cannot say what it was: on_reboot, limits and files are not in its nodes.  Only root reads
 * it, for a command line may hold a password.
 */
#include "build/keep.h"

#include "build/domain.h"
#include "lib/human.h"
#include "lib/report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_SIZE		128

static void path_of(const uint8_t uuid[16], char path[PATH_SIZE])
{
	char text[UUID_TEXT_SIZE];

	human_write_uuid(uuid, text);
	snprintf(path, PATH_SIZE, STATE_DIR "/%s.cfg", text);
}

static int write_text(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left) {
		ssize_t written = write(fd, text, left);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return -1;
		text += written;
		left -= written;
	}
	return 0;
}

int keep_config(const struct domain_config *config)
{
	char path[PATH_SIZE], new[PATH_SIZE + 4];
	char *text = config_print(config);
	int fd, rc = -1;

	if (!text)
		return -1;
	path_of(config->uuid, path);
	snprintf(new, sizeof(new), "%s.new", path);
	mkdir(STATE_DIR, 0755);
	fd = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd >= 0) {
		rc = write_text(fd, text);
		if (close(fd))
			rc = -1;
		if (!rc)
			rc = rename(new, path);
	}
	free(text);
	if (!rc)
		return 0;
	because("cannot keep its configuration in %s: %s", path, strerror(errno));
	unlink(new);
	return -1;
}

int keep_read(const uint8_t uuid[16], struct domain_config **out)
{
	char path[PATH_SIZE];

	path_of(uuid, path);
	if (!access(path, F_OK))
		return config_read(path, NULL, 0, out);
	if (errno != ENOENT)
		return because("%s: %s", path, strerror(errno));
	return because("its configuration is not in " STATE_DIR ": it was not made by this trine");
}

void keep_forget(const uint8_t uuid[16])
{
	char path[PATH_SIZE];

	path_of(uuid, path);
	unlink(path);
}
