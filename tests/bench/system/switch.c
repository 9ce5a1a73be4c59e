// SPDX-License-Identifier: GPL-2.0-only
/*
 * Going from process to process: a ring of them passes a token through pipes, each reading an array of
 * its own before it passes it on.
 *
 * A switch is what remains of one hop when the pipes and the arrays, used the same way by one process
 * alone, are taken off. Then the latencies, which take nothing off: a word there and a word back.
 */
#include "measure.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES_MAX	16

static int pipes[PROCESSES_MAX][2];
static pid_t children[PROCESSES_MAX];
static unsigned int processes;
static unsigned int words;
static unsigned int *array;
static volatile unsigned int total;

static __attribute__((noinline)) void read_array(void)
{
	unsigned int sum = 0;

	for (unsigned int i = 0; i < words; i++)
		sum += array[i];
	total = sum;
}

static void take(int fd)
{
	int token;

	if (read(fd, &token, sizeof(token)) != sizeof(token))
		_exit(0);
}

static void give(int fd)
{
	int token = 1;

	if (write(fd, &token, sizeof(token)) != sizeof(token))
		_exit(0);
}

/* A token that meets nobody: the cost of hops without switches. */
static void alone(unsigned int n)
{
	while (n--)
		for (unsigned int i = 0; i < processes; i++) {
			give(pipes[i][1]);
			take(pipes[i][0]);
			read_array();
		}
}

static void around(unsigned int n)
{
	while (n--) {
		give(pipes[1][1]);
		take(pipes[0][0]);
		read_array();
	}
}

static void own_array(void)
{
	array = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (array == MAP_FAILED)
		must(-1, "mmap");
	memset(array, 1, 65536);
}

static void pass_on(unsigned int i)
{
	own_array();
	for (;;) {
		take(pipes[i][0]);
		read_array();
		give(pipes[(i + 1) % processes][1]);
	}
}

static void ring(unsigned int n, unsigned int kilobytes)
{
	char name[32], off[33];
	unsigned int rounds = n * kilobytes > 256 ? 2 : 64 / n;
	uint64_t without;

	snprintf(name, sizeof(name), "switch_%up_%uK", n, kilobytes);
	snprintf(off, sizeof(off), "%s-", name);
	if (!wanted(name))
		return;
	processes = n;
	words = kilobytes * 1024 / sizeof(*array);
	own_array();
	for (unsigned int i = 0; i < n; i++)
		must(pipe(pipes[i]), "pipe");
	without = best(off, alone, rounds, 20, n);
	for (unsigned int i = 1; i < n; i++) {
		children[i] = must(fork(), "fork");
		if (!children[i])
			pass_on(i);
	}
	report(name, best(name, around, rounds, 20, n) - without, rounds * n);
	for (unsigned int i = 1; i < n; i++) {
		kill(children[i], SIGKILL);
		waitpid(children[i], NULL, 0);
	}
	for (unsigned int i = 0; i < n; i++) {
		close(pipes[i][0]);
		close(pipes[i][1]);
	}
	munmap(array, 65536);
}

/* From us to the other, and back. */
static int to_us[2], to_other[2];

static void there_and_back(unsigned int n)
{
	while (n--) {
		give(to_other[1]);
		take(to_us[0]);
	}
}

static void latency(const char *name)
{
	pid_t other = must(fork(), "fork");

	if (!other)
		for (;;) {
			take(to_other[0]);
			give(to_us[1]);
		}
	measure(name, there_and_back, 30, 20);
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
	close(to_us[0]);
	close(to_us[1]);
}

void switch_rows(void)
{
	static const unsigned int sizes[][2] = {
		{ 2, 0 }, { 2, 16 }, { 2, 64 }, { 8, 16 }, { 8, 64 }, { 16, 16 }, { 16, 64 },
	};

	for (unsigned int i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		ring(sizes[i][0], sizes[i][1]);
	if (wanted("pipe")) {
		must(pipe(to_us), "pipe");
		must(pipe(to_other), "pipe");
		latency("pipe");
		close(to_other[0]);
		close(to_other[1]);
	}
	if (wanted("unix_socket")) {
		must(socketpair(AF_UNIX, SOCK_STREAM, 0, to_us), "socketpair");
		to_other[1] = to_us[0];
		to_other[0] = to_us[1];
		latency("unix_socket");
	}
}
