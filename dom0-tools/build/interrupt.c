// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts noted instead of followed, and the library's loop that is ended by them.
 */
#include "build/interrupt.h"

#include "lib/report.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static const int numbers[INTERRUPTS_COUNT] = { SIGINT, SIGTERM, SIGHUP };

static volatile sig_atomic_t noted;
static int stream_fd = -1, nothing_fd = -1;

static void note_interrupt(int number)
{
	int saved = errno;

	noted = number;
	/* Reads end there, writes fail. */
	if (stream_fd >= 0 && nothing_fd >= 0)
		dup2(nothing_fd, stream_fd);
	errno = saved;
}

void interrupts_catch(struct interrupts *i, int stream)
{
	struct sigaction catch = { .sa_handler = note_interrupt, .sa_flags = SA_RESTART };
	size_t k;

	noted = 0;
	nothing_fd = stream < 0 ? -1 : open("/dev/null", O_RDONLY | O_CLOEXEC);
	stream_fd = stream;
	for (k = 0; k < INTERRUPTS_COUNT; k++) {
		sigaction(numbers[k], NULL, &i->before[k]);
		if (i->before[k].sa_handler != SIG_IGN)
			sigaction(numbers[k], &catch, NULL);
	}
}

void interrupts_restore(struct interrupts *i)
{
	size_t k;

	for (k = 0; k < INTERRUPTS_COUNT; k++)
		sigaction(numbers[k], &i->before[k], NULL);
	stream_fd = -1;
	if (nothing_fd >= 0)
		close(nothing_fd);
	nothing_fd = -1;
}

bool interrupted(void)
{
	return noted;
}

int interrupts_check(void)
{
	if (!noted)
		return 0;
	errno = EINTR;
	return because("interrupted; nothing was left behind");
}
