// SPDX-License-Identifier: GPL-2.0-only
/*
 * Address spaces in motion: mmap, munmap, mprotect, mremap, copy on write, pages given up and
 * written out.
 *
 * Every one of these changes page tables the hypervisor guards; an entry that was not flushed, or
 * lost its accessed or dirty mark on the way, shows as old contents or a fault that should not be.
 */
#include "test.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define PAGE	4096u
#define PAGES	256u

static sigjmp_buf back;
static volatile sig_atomic_t faults;

static void fault(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)info;
	(void)context;
	faults++;
	siglongjmp(back, 1);
}

static bool writable(volatile uint32_t *at)
{
	if (sigsetjmp(back, 1))
		return false;
	*at = *at;
	return true;
}

static bool readable(volatile uint32_t *at)
{
	if (sigsetjmp(back, 1))
		return false;
	(void)*at;
	return true;
}

static uint32_t *pages(unsigned int count)
{
	void *at = mmap(NULL, count * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(at != MAP_FAILED, "mmap of %u pages", count);
	return at;
}

static uint32_t *page_of(uint32_t *at, unsigned int page)
{
	return at + page * (PAGE / 4);
}

static void protection_is_what_was_asked(unsigned long round)
{
	uint32_t *at = pages(PAGES);
	unsigned int seed = round, i;
	char rights[PAGES];

	for (i = 0; i < PAGES; i++)
		*page_of(at, i) = i;
	for (i = 0; i < PAGES; i++) {
		static const int kinds[] = { PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE };

		rights[i] = rand_r(&seed) % 3;
		CHECK(!mprotect(page_of(at, i), PAGE, kinds[(int)rights[i]]), "mprotect");
	}
	for (i = 0; i < PAGES; i++) {
		CHECK(readable(page_of(at, i)) == (rights[i] >= 1), "page %u, rights %d", i, rights[i]);
		CHECK(writable(page_of(at, i)) == (rights[i] == 2), "page %u, rights %d", i, rights[i]);
	}
	CHECK(!mprotect(at, PAGES * PAGE, PROT_READ | PROT_WRITE), "mprotect");
	for (i = 0; i < PAGES; i++)
		CHECK(*page_of(at, i) == i, "page %u is %#x", i, *page_of(at, i));
	CHECK(!munmap(at, PAGES * PAGE), "munmap");
	CHECK(!readable(at), "a page that was unmapped can be read");
}

static void a_fork_takes_write_permission_and_gives_it_back(void)
{
	uint32_t *at = pages(PAGES);
	unsigned int i;
	pid_t child;
	int status;

	for (i = 0; i < PAGES; i++)
		*page_of(at, i) = i;
	child = fork();
	if (!child) {
		for (i = 0; i < PAGES; i++) {
			*page_of(at, i) += 1000;
			CHECK(*page_of(at, i) == i + 1000, "child page %u", i);
		}
		/* Entries of the child alone change now. */
		CHECK(!mprotect(at, PAGES * PAGE, PROT_READ), "mprotect");
		CHECK(!writable(at), "read-only in the child");
		_exit(0);
	}
	for (i = 0; i < PAGES; i++)
		*page_of(at, i) += 2000;
	CHECK(waitpid(child, &status, 0) == child && status == 0, "child: %#x", status);
	for (i = 0; i < PAGES; i++)
		CHECK(*page_of(at, i) == i + 2000, "page %u is %#x", i, *page_of(at, i));
	munmap(at, PAGES * PAGE);
}

static void moving_keeps_contents(void)
{
	uint32_t *at = pages(PAGES), *to = pages(PAGES * 4), *moved;
	unsigned int i;

	for (i = 0; i < PAGES; i++)
		*page_of(at, i) = i ^ 0x5555;
	moved = mremap(at, PAGES * PAGE, PAGES * 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	CHECK(moved == to, "mremap");
	CHECK(!readable(at), "the old place can be read");
	for (i = 0; i < PAGES; i++)
		CHECK(*page_of(to, i) == (i ^ 0x5555), "page %u is %#x", i, *page_of(to, i));
	for (; i < PAGES * 4; i++)
		CHECK(*page_of(to, i) == 0, "new page %u is %#x", i, *page_of(to, i));
	moved = mremap(to, PAGES * 4 * PAGE, PAGE, 0);
	CHECK(moved == to && !readable(page_of(to, 1)) && readable(to), "shrinking");
	munmap(to, PAGE);
}

static void given_up_pages_are_zero(void)
{
	uint32_t *at = pages(PAGES);
	unsigned int i;

	for (i = 0; i < PAGES; i++)
		*page_of(at, i) = 0xffffffff;
	CHECK(!madvise(at, PAGES * PAGE, MADV_DONTNEED), "madvise");
	for (i = 0; i < PAGES; i++)
		CHECK(*page_of(at, i) == 0, "page %u is %#x", i, *page_of(at, i));
	munmap(at, PAGES * PAGE);
}

static void shared_files_keep_what_was_written(void)
{
	char name[] = "/tmp/mappings.XXXXXX";
	int file = mkstemp(name), i, status;
	uint32_t *one, *two;
	pid_t child;

	CHECK(file >= 0 && !unlink(name) && !ftruncate(file, PAGES * PAGE), "file");
	one = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	two = mmap(NULL, PAGES * PAGE, PROT_READ, MAP_SHARED, file, 0);
	CHECK(one != MAP_FAILED && two != MAP_FAILED, "mmap");
	for (int round = 1; round <= 3; round++) {
		for (i = 0; i < (int)PAGES; i++) {
			*page_of(one, i) = i * round;
			CHECK(*page_of(two, i) == (uint32_t)(i * round), "page %d", i);
		}
		CHECK(!msync(one, PAGES * PAGE, MS_SYNC), "msync");
		for (i = 0; i < (int)PAGES; i++) {
			uint32_t word;

			CHECK(pread(file, &word, 4, i * PAGE) == 4 && word == (uint32_t)(i * round),
			      "page %d of the file is %#x", i, word);
		}
	}
	child = fork();
	if (!child) {
		*page_of(one, 3) = 0xabcdef;
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child && !status, "child");
	CHECK(*page_of(two, 3) == 0xabcdef, "the child's store is not seen");
	munmap(one, PAGES * PAGE);
	munmap(two, PAGES * PAGE);
	close(file);
}

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT	21
#endif

static bool have_swap(void)
{
	FILE *file = fopen("/proc/swaps", "r");
	char line[256];
	int lines = 0;

	while (file && fgets(line, sizeof(line), file))
		lines++;
	if (file)
		fclose(file);
	return lines > 1;
}

static void written_out_pages_come_back(void)
{
	uint32_t *at = pages(PAGES);
	unsigned char in_core[PAGES];
	unsigned int i, out = 0;

	for (i = 0; i < PAGES * PAGE / 4; i++)
		at[i] = i * 2654435761u;
	CHECK(!madvise(at, PAGES * PAGE, MADV_PAGEOUT), "madvise");
	CHECK(!mincore(at, PAGES * PAGE, in_core), "mincore");
	for (i = 0; i < PAGES; i++)
		out += !(in_core[i] & 1);
	for (i = 0; i < PAGES * PAGE / 4; i++)
		CHECK(at[i] == i * 2654435761u, "word %u is %#x", i, at[i]);
	printf("%u of %u pages were out\n", out, PAGES);
	munmap(at, PAGES * PAGE);
}

/* Many small mappings: page tables made and dropped all over the address space. */
static void all_over_the_place(void)
{
	uintptr_t at;
	int made = 0;

	for (at = 0x10000000; at < 0xa0000000; at += 0x01000000) {
		uint32_t *p = mmap((void *)at, PAGE, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

		if (p == MAP_FAILED)
			continue;
		*p = at;
		made++;
	}
	CHECK(made > 50, "only %d mappings", made);
	for (at = 0x10000000; at < 0xa0000000; at += 0x01000000) {
		unsigned char in_core;

		if (!mincore((void *)at, PAGE, &in_core) && *(uint32_t *)at == at)
			munmap((void *)at, PAGE);
	}
}

int main(int argc, char **argv)
{
	unsigned long count = rounds(argc, argv, 5), i;

	on_signal(SIGSEGV, fault, 0);
	on_signal(SIGBUS, fault, 0);
	for (i = 0; i < count; i++) {
		protection_is_what_was_asked(i);
		a_fork_takes_write_permission_and_gives_it_back();
		moving_keeps_contents();
		given_up_pages_are_zero();
		all_over_the_place();
	}
	shared_files_keep_what_was_written();
	if (have_swap())
		written_out_pages_come_back();
	printf("%lu rounds, %d faults taken\n", count, (int)faults);
	return 0;
}
