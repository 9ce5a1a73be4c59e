// SPDX-License-Identifier: GPL-2.0-only
/*
 * Making processes: a copy of oneself, another program, a shell that runs one.
 */
#include "measure.h"

#include <sys/wait.h>
#include <unistd.h>

static char *const nobody[] = { NULL };

static void wait_for(pid_t child, int code)
{
	int status;

	must(waitpid(must(child, "fork"), &status, 0), "waitpid");
	if (!WIFEXITED(status) || WEXITSTATUS(status) != code)
		must(-1, "a child's end");
}

static void fork_exit(unsigned int n)
{
	while (n--) {
		pid_t child = fork();

		if (!child)
			_exit(0);
		wait_for(child, 0);
	}
}

static void run(char *const words[])
{
	pid_t child = fork();

	if (!child) {
		execve(words[0], words, nobody);
		_exit(1);
	}
	wait_for(child, 0);
}

static void fork_exec(unsigned int n)
{
	char *words[] = { "/bin/hello", NULL };

	while (n--)
		run(words);
}

static void fork_shell(unsigned int n)
{
	char *words[] = { "/bin/sh", "-c", "/bin/hello", NULL };

	while (n--)
		run(words);
}

void processes_rows(void)
{
	measure("fork", fork_exit, 2, 20);
	measure("exec", fork_exec, 1, 20);
	measure("shell", fork_shell, 1, 20);
}
