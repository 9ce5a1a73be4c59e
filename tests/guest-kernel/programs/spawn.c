// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processes come and go: fork, vfork and exec in numbers, from several at once.
 *
 * Every fork makes every page table anew and takes write permission off shared pages; every exec
 * builds and drops a whole address space.  A child must see what its parent had, and what it
 * writes must stay its own.
 */
#include "test.h"

#include <sys/mman.h>
#include <sys/wait.h>

#define PAGES	64
#define PAGE	4096

static void child_ended_well(pid_t child, const char *what)
{
	int status;

	CHECK(waitpid(child, &status, 0) == child, "%s", what);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s ended with %#x", what, status);
}

static void copies_are_private(uint32_t *shared, unsigned long round)
{
	pid_t child;
	int i;

	for (i = 0; i < PAGES; i++)
		shared[i * PAGE / 4] = round + i;
	child = fork();
	CHECK(child >= 0, "fork in round %lu", round);
	if (!child) {
		for (i = 0; i < PAGES; i++) {
			CHECK(shared[i * PAGE / 4] == round + i, "page %d in the child", i);
			shared[i * PAGE / 4] = ~0u;
		}
		_exit(0);
	}
	for (i = 0; i < PAGES; i += 2)
		shared[i * PAGE / 4] = round * 7;
	child_ended_well(child, "a forked child");
	for (i = 0; i < PAGES; i++)
		CHECK(shared[i * PAGE / 4] == (i % 2 ? round + i : round * 7),
		      "page %d of the parent is %#x", i, shared[i * PAGE / 4]);
}

static void programs_start(bool by_vfork)
{
	char *const argv[] = { "/bin/true", NULL };
	char *const envp[] = { NULL };
	pid_t child = by_vfork ? vfork() : fork();

	CHECK(child >= 0, "fork before exec");
	if (!child) {
		execve(argv[0], argv, envp);
		_exit(127);
	}
	child_ended_well(child, "/bin/true");
}

/* A chain: each forks the next, and ends with how the rest of the chain ended. */
static void children_of_children(int depth)
{
	pid_t child;

	if (!depth)
		return;
	child = fork();
	CHECK(child >= 0, "fork at depth %d", depth);
	if (!child) {
		children_of_children(depth - 1);
		_exit(0);
	}
	child_ended_well(child, "a link of the chain");
}

int main(int argc, char **argv)
{
	unsigned long count = rounds(argc, argv, 60), i;
	int workers = 3, w;

	for (w = 0; w < workers; w++) {
		pid_t child = fork();

		CHECK(child >= 0, "worker");
		if (!child) {
			uint32_t *shared = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
						MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

			CHECK(shared != MAP_FAILED, "memory");
			for (i = 0; i < count; i++) {
				copies_are_private(shared, i);
				programs_start(i & 1);
				if (i % 16 == 0)
					children_of_children(8);
			}
			_exit(0);
		}
	}
	for (w = 0; w < workers; w++) {
		int status;

		CHECK(wait(&status) > 0 && status == 0, "a worker ended with %#x", status);
	}
	printf("%d workers, %lu rounds each\n", workers, count);
	return 0;
}
