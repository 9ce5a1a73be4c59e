// SPDX-License-Identifier: GPL-2.0-only
/*
 * Making and removing files. They live in memory (tmpfs): what a disk costs is not asked here.
 */
#include "measure.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define FILES	40
#define CHUNKS	20

static char names[FILES][24];
static char contents[10240];

static void create(unsigned int bytes)
{
	for (unsigned int i = 0; i < FILES; i++) {
		int fd = must(open(names[i], O_CREAT | O_WRONLY | O_TRUNC, 0600), "create");

		if (bytes)
			must(write(fd, contents, bytes), "write");
		close(fd);
	}
}

static void delete(void)
{
	for (unsigned int i = 0; i < FILES; i++)
		must(unlink(names[i]), "unlink");
}

/* Two rows at once, as each undoes what the other does. */
static void rows(const char *creation, const char *deletion, unsigned int bytes)
{
	uint64_t least[2] = { ~0ull, ~0ull };

	if (!wanted(creation) && !wanted(deletion))
		return;
	create(bytes);
	delete();
	printf("ROW %s+%s %u\n", creation, deletion, FILES * CHUNKS);
	MARK(0);
	for (unsigned int i = 0; i < CHUNKS; i++) {
		uint64_t began = ticks(), between, ended;

		create(bytes);
		between = ticks();
		delete();
		ended = ticks();
		if (between - began < least[0])
			least[0] = between - began;
		if (ended - between < least[1])
			least[1] = ended - between;
	}
	MARK(1);
	report(creation, least[0], FILES);
	report(deletion, least[1], FILES);
}

void files_rows(void)
{
	for (unsigned int i = 0; i < FILES; i++)
		snprintf(names[i], sizeof(names[i]), "/tmp/f%u", i);
	rows("create_0K", "delete_0K", 0);
	rows("create_10K", "delete_10K", sizeof(contents));
}
