// SPDX-License-Identifier: GPL-2.0-only
/*
 * Address spaces: mapping, and the faults that fill a mapping in.
 *
 * lmbench's three rows first. Its page fault walks a mapped file page by page; a kernel of today maps
 * sixteen pages around a fault. So two rows more where one page is one fault: of memory of one's own
 * (the clearing of a page included), and of writing to a mapped file.
 */
#include "measure.h"

#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE		4096u
#define FILE_BYTES	(8u << 20)
#define STRIDE		(160u << 10)	/* lmbench's */
#define FAULTS		64u		/* pages a chunk */

static int fd;
static volatile char *at;

static volatile char *map(unsigned int bytes, int protection, int flags, int from)
{
	void *found = mmap(NULL, bytes, protection, flags, from, 0);

	if (found == MAP_FAILED)
		must(-1, "mmap");
	return found;
}

static void map_touch_unmap(unsigned int n)
{
	while (n--) {
		volatile char *p = map(FILE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd);

		for (unsigned int i = 0; i < FILE_BYTES; i += STRIDE)
			p[i] = 1;
		munmap((void *)p, FILE_BYTES);
	}
}

static sigjmp_buf back;
static volatile unsigned int faults;

static void on_fault(int nr)
{
	(void)nr;
	if (--faults == 0)
		siglongjmp(back, 1);
}

/* The handler mends nothing: the store faults again until it has done so n times. */
static void protection_fault(unsigned int n)
{
	faults = n;
	if (!sigsetjmp(back, 1))
		*at = 1;
}

static void protection_row(void)
{
	struct sigaction act = { .sa_handler = on_fault };
	uint64_t all, handling;

	if (!wanted("protection_fault"))
		return;
	handling = signal_handling("protection_fault-", "protection_fault+", 50);
	at = map(PAGE, PROT_READ, MAP_PRIVATE, fd);
	(void)*at;
	must(sigaction(SIGSEGV, &act, NULL), "sigaction");
	all = best("protection_fault", protection_fault, 50, 20, 1);
	signal(SIGSEGV, SIG_DFL);
	/* As lmbench does: without the handler's share. */
	report("protection_fault", all > handling ? all - handling : 0, 50);
	munmap((void *)at, PAGE);
}

/* One row of faults: the mapping is made and taken away outside of what counts. */
static void fault_row(const char *name, int flags, int from, unsigned int pages, int store)
{
	uint64_t least = ~0ull;

	if (!wanted(name))
		return;
	for (unsigned int chunk = 0; chunk <= 20; chunk++) {
		volatile char *p = map(pages * PAGE, PROT_READ | PROT_WRITE, flags, from);
		uint64_t took;

		/* Its tables are there already: not the second page's fault is to pay for them. */
		p[0] = 1;
		printf("ROW %s %u\n", name, chunk ? pages - 1 : 0);
		MARK(0);
		took = ticks();
		for (unsigned int i = pages - 1; i; i--)
			if (store)
				p[i * PAGE] = 1;
			else
				(void)p[i * PAGE];
		took = ticks() - took;
		MARK(1);
		if (chunk && took < least)
			least = took;
		munmap((void *)p, pages * PAGE);
	}
	report(name, least, pages - 1);
}

void memory_rows(void)
{
	fd = file_of(FILE_BYTES);
	measure("mmap", map_touch_unmap, 1, 20);
	protection_row();
	fault_row("page_fault", MAP_SHARED, fd, 4 * FAULTS, 0);
	fault_row("page_fault_own", MAP_PRIVATE | MAP_ANONYMOUS, -1, FAULTS, 1);
	fault_row("page_fault_file_write", MAP_SHARED, fd, FAULTS, 1);
	close(fd);
}
