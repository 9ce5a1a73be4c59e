// SPDX-License-Identifier: GPL-2.0-only
/*
 * A child shows where the file's offset stands, which it shares with us; so the library that moves
 * it needs to know nothing.
 */
#include "build/progress.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void show(const char *doing, int fd, uint64_t total)
{
	const struct timespec pause = { 0, 200 * 1000000L };

	for (;;) {
		uint64_t at = lseek(fd, 0, SEEK_CUR);
		unsigned int percent = at >= total ? 100 : at * 100 / total;

		fprintf(stderr, "\r%s: %3u%%", doing, percent);
		fflush(stderr);
		nanosleep(&pause, NULL);
	}
}

pid_t progress_start(const char *doing, int fd, uint64_t total)
{
	pid_t child, parent = getpid();

	if (!isatty(STDERR_FILENO) || !total)
		return 0;
	fflush(NULL);
	child = fork();
	if (child)
		return child > 0 ? child : 0;
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == parent)
		show(doing, fd, total);
	_exit(0);
}

void progress_end(pid_t shower)
{
	if (!shower)
		return;
	kill(shower, SIGKILL);
	waitpid(shower, NULL, 0);
	fprintf(stderr, "\r\033[K");
}
