// SPDX-License-Identifier: GPL-2.0-only
/*
 * All the memory there is, high memory included: filled, read back, through two windows.
 *
 *	memory [PERCENT]	of what is free (60)
 *
 * Anonymous pages come from high memory first: the kernel reaches those by temporary mappings, to
 * clear, copy and write them to files.  A frame that two of them share, or a mapping that was not
 * flushed, shows as a wrong word.
 */
#include "test.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define PAGE	4096u

static unsigned long meminfo(const char *key)
{
	FILE *file = fopen("/proc/meminfo", "r");
	char line[256];
	unsigned long kb = 0;

	CHECK(file, "/proc/meminfo");
	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, key, strlen(key)) && line[strlen(key)] == ':')
			kb = strtoul(line + strlen(key) + 1, NULL, 10);
	fclose(file);
	return kb;
}

static uint32_t mark(unsigned long page, unsigned int salt)
{
	return (page * 2654435761u) ^ salt;
}

static void fill(uint32_t *at, unsigned long count, unsigned int salt)
{
	unsigned long page;

	for (page = 0; page < count; page++) {
		at[page * PAGE / 4] = mark(page, salt);
		at[page * PAGE / 4 + 517] = ~mark(page, salt);
		at[page * PAGE / 4 + 1023] = mark(page, salt) + 1;
	}
}

static void verify(const uint32_t *at, unsigned long count, unsigned int salt)
{
	unsigned long page;

	for (page = 0; page < count; page++)
		CHECK(at[page * PAGE / 4] == mark(page, salt) &&
		      at[page * PAGE / 4 + 517] == ~mark(page, salt) &&
		      at[page * PAGE / 4 + 1023] == mark(page, salt) + 1 && at[page * PAGE / 4 + 7] == 0,
		      "page %lu of %lu holds %#x %#x %#x", page, count, at[page * PAGE / 4],
		      at[page * PAGE / 4 + 517], at[page * PAGE / 4 + 1023]);
}

/* One process has 3 GiB of addresses: several share the work, each with its own part. */
static void filled_and_read_back(unsigned long pages)
{
	unsigned long each = 128 * 1024, done;	/* 512 MiB */
	int children = 0, pipe_ready[2], pipe_go[2], status, failed = 0;
	char byte;

	CHECK(!pipe(pipe_ready) && !pipe(pipe_go), "pipe");
	for (done = 0; done < pages; done += each) {
		unsigned long count = pages - done < each ? pages - done : each;

		if (fork() == 0) {
			uint32_t *at = mmap(NULL, count * PAGE, PROT_READ | PROT_WRITE,
					    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

			CHECK(at != MAP_FAILED, "mmap of %lu pages", count);
			fill(at, count, done);
			CHECK(write(pipe_ready[1], "r", 1) == 1, "pipe");
			/* Everybody's part is full before anybody looks at his own. */
			CHECK(read(pipe_go[0], &byte, 1) == 1, "pipe");
			verify(at, count, done);
			_exit(0);
		}
		children++;
	}
	close(pipe_ready[1]);
	for (int i = 0; i < children; i++)
		CHECK(read(pipe_ready[0], &byte, 1) == 1, "a child ended early; out of memory?");
	for (int i = 0; i < children; i++)
		CHECK(write(pipe_go[1], "g", 1) == 1, "pipe");
	while (wait(&status) > 0)
		failed += status != 0;
	CHECK(!failed, "%d of %d children failed", failed, children);
}

/* A file in memory: written and read by the kernel's own mappings of each page. */
static void through_a_file(unsigned long pages)
{
	int file = memfd_create("memory", 0);
	uint32_t buffer[PAGE / 4];
	unsigned long page;
	uint32_t *map;

	CHECK(file >= 0, "memfd");
	memset(buffer, 0, sizeof(buffer));
	for (page = 0; page < pages; page++) {
		fill(buffer, 1, page);
		CHECK(write(file, buffer, PAGE) == (ssize_t)PAGE, "page %lu", page);
	}
	map = mmap(NULL, 256 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	CHECK(map != MAP_FAILED, "mmap");
	for (page = 0; page < 256 && page < pages; page++)
		verify(map + page * PAGE / 4, 1, page);
	for (page = 0; page < pages; page++) {
		CHECK(pread(file, buffer, PAGE, (off_t)page * PAGE) == (ssize_t)PAGE, "page %lu", page);
		verify(buffer, 1, page);
	}
	close(file);
}

int main(int argc, char **argv)
{
	unsigned long percent = argc > 1 ? strtoul(argv[1], NULL, 0) : 60;
	unsigned long pages = meminfo("MemAvailable") / 4 / 100 * percent;
	unsigned long in_file = pages / 4 < 32768 ? pages / 4 : 32768;

	filled_and_read_back(pages);
	through_a_file(in_file);
	printf("%lu MiB filled and read back, %lu MiB through a file; %lu MiB of %lu are high\n",
	       pages / 256, in_file / 256, meminfo("HighTotal") / 1024, meminfo("MemTotal") / 1024);
	return 0;
}
