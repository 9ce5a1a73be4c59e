// SPDX-License-Identifier: GPL-2.0-only
/*
 * The least shell: `sh -c COMMAND` splits the command at blanks, runs it in a child and waits. There is
 * no 32-bit shell without libraries in a 64-bit Debian; with this one both widths run the same.
 */
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS_MAX	16

int main(int argc, char **argv)
{
	char *words[WORDS_MAX + 1] = { NULL };
	unsigned int count = 0;
	int status = 1;
	pid_t child;

	if (argc != 3 || strcmp(argv[1], "-c"))
		return 2;
	for (char *word = strtok(argv[2], " "); word && count < WORDS_MAX; word = strtok(NULL, " "))
		words[count++] = word;
	if (!count)
		return 0;
	child = fork();
	if (!child) {
		execve(words[0], words, (char *[]){ NULL });
		_exit(127);
	}
	return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
