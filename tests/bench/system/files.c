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

static void delete(unsigned int bytes)
{
	(void)bytes;
	for (unsigned int i = 0; i < FILES; i++)
		must(unlink(names[i]), "unlink");
}

/* The best so far of one half of a chunk. */
static void half(const char *name, uint64_t *least, void (*op)(unsigned int bytes), unsigned int bytes)
{
	uint64_t took;

	printf("ROW %s %u\n", name, FILES);
	MARK(0);
	took = ticks();
	op(bytes);
	took = ticks() - took;
	MARK(1);
	if (took < *least)
		*least = took;
}

/* Two rows at once, as each undoes what the other does. */
static void rows(const char *creation, const char *deletion, unsigned int bytes)
{
	uint64_t creating = ~0ull, deleting = ~0ull;

	if (!wanted(creation) && !wanted(deletion))
		return;
	create(bytes);
	delete(bytes);
	for (unsigned int i = 0; i < CHUNKS; i++) {
		half(creation, &creating, create, bytes);
		half(deletion, &deleting, delete, bytes);
	}
	report(creation, creating, FILES);
	report(deletion, deleting, FILES);
}

void files_rows(void)
{
	for (unsigned int i = 0; i < FILES; i++)
		snprintf(names[i], sizeof(names[i]), "/tmp/f%u", i);
	rows("create_0K", "delete_0K", 0);
	rows("create_10K", "delete_10K", sizeof(contents));
}
