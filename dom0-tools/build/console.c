// SPDX-License-Identifier: GPL-2.0-only
/*
 * xenconsoled keeps a pseudo terminal per domain and writes its name to the domain's console/tty;
 * this connects it to ours.
 *
 * Not here: the ring between guest and xenconsoled.
 */
#include "build/console.h"

#include "build/store.h"
#include "lib/report.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <termios.h>
#include <unistd.h>

#define LEAVE_KEY		0x1d	/* Ctrl-] */
#define PATIENCE_S		5

/* The daemon writes the name a moment after the domain was introduced. */
static char *tty_name(struct host *host, uint32_t domid)
{
	unsigned int tries, count;
	char path[64], *name = NULL;

	snprintf(path, sizeof(path), "/local/domain/%u/console/tty", domid);
	if (!xs_watch(host->xs, path, "tty"))
		return NULL;
	for (tries = 0; tries < PATIENCE_S * 10; tries++) {
		struct pollfd fd = { xs_fileno(host->xs), POLLIN, 0 };

		name = store_read(host->xs, XBT_NULL, "%s", path);
		if (name && *name)
			break;
		free(name);
		name = NULL;
		if (poll(&fd, 1, 100) > 0)
			free(xs_read_watch(host->xs, &count));
	}
	xs_unwatch(host->xs, path, "tty");
	return name;
}

/*
 * One reader at a time: two would each see half.  xenconsole(1) takes the same lock.
 * Returns the file to keep open, or -1.
 */
#define LOCK_PATH_SIZE		64
static int console_lock(uint32_t domid, char path[LOCK_PATH_SIZE])
{
	int fd;

	snprintf(path, LOCK_PATH_SIZE, "/var/lock/xenconsole.%u", domid);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return because("%s: %s", path, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		bool taken = errno == EWOULDBLOCK;

		close(fd);
		if (taken)
			return because("somebody else is attached to it; leave that one with Ctrl-]");
		return because("%s: %s", path, strerror(errno));
	}
	return fd;
}

static int open_tty(struct host *host, uint32_t domid)
{
	char *name = tty_name(host, domid);
	struct termios settings;
	int fd;

	if (!name) {
		errno = ENXIO;
		return because("no console after %d seconds; is xenconsoled running? start it: "
			       "service xen start", PATIENCE_S);
	}
	fd = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		because("%s: %s", name, strerror(errno));
	free(name);
	/* The line discipline on the far side must not echo or edit: the guest does that. */
	if (fd >= 0 && !tcgetattr(fd, &settings)) {
		cfmakeraw(&settings);
		tcsetattr(fd, TCSANOW, &settings);
	}
	return fd;
}

static int write_all(int fd, const char *data, size_t size)
{
	while (size) {
		ssize_t written = write(fd, data, size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return -1;
		data += written;
		size -= written;
	}
	return 0;
}

/* False: it is over. */
static bool domain_to_terminal(int tty)
{
	char data[4096];
	ssize_t got = read(tty, data, sizeof(data));

	/* EIO: xenconsoled closed its end, for the domain is gone. */
	if (got < 0)
		return errno == EINTR || errno == EAGAIN;
	return got && !write_all(STDOUT_FILENO, data, got);
}

static bool terminal_to_domain(int tty, bool *input_open)
{
	char data[256];
	ssize_t got = read(STDIN_FILENO, data, sizeof(data));
	char *leave;

	if (got < 0)
		return errno == EINTR || errno == EAGAIN;
	if (!got) {
		*input_open = false;
		return !isatty(STDIN_FILENO);
	}
	leave = memchr(data, LEAVE_KEY, got);
	if (leave)
		got = leave - data;
	return !write_all(tty, data, got) && !leave;
}

static void pass_bytes(int tty)
{
	bool input_open = true, going = true;

	while (going) {
		struct pollfd fds[2] = { { tty, POLLIN, 0 }, { STDIN_FILENO, POLLIN, 0 } };

		if (poll(fds, input_open ? 2 : 1, -1) < 0) {
			if (errno == EINTR)
				continue;
			break;
		}
		/* What the guest said last is shown before we notice that it is gone. */
		if (fds[0].revents)
			going = domain_to_terminal(tty);
		if (going && input_open && fds[1].revents)
			going = terminal_to_domain(tty, &input_open);
	}
}

int console_attach(struct host *host, uint32_t domid)
{
	bool ours = isatty(STDIN_FILENO);
	struct termios before, raw;
	char lock_path[LOCK_PATH_SIZE];
	int lock = console_lock(domid, lock_path), tty;

	if (lock < 0)
		return -1;
	tty = open_tty(host, domid);
	if (tty < 0) {
		unlink(lock_path);
		close(lock);
		return -1;
	}
	signal(SIGPIPE, SIG_IGN);
	if (ours && !tcgetattr(STDIN_FILENO, &before)) {
		raw = before;
		cfmakeraw(&raw);
		tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	} else {
		ours = false;
	}
	pass_bytes(tty);
	if (ours) {
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
		write_all(STDOUT_FILENO, "\r\n", 2);
	}
	close(tty);
	unlink(lock_path);
	close(lock);
	return 0;
}
