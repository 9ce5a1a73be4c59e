// SPDX-License-Identifier: GPL-2.0-only
/*
 * A kernel's usual services, each with its price in instructions: the rows of lmbench that the Xen paper
 * shows. Runs as the first program of a kernel, natively or in a guest, and says BENCH lines.
 *
 * Each row runs in chunks and the best counts, because the timer's tick may fall into the others. The
 * environment (the kernel's command line) may name the rows wanted: bench=fork,page_ .
 */
#include "measure.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOTHING	"nothing"

static uint64_t ticks_of(void (*op)(unsigned int n), unsigned int n)
{
	uint64_t began = ticks();

	op(n);
	return ticks() - began;
}

uint64_t best(const char *name, void (*op)(unsigned int n), unsigned int n, unsigned int chunks,
	      unsigned int per)
{
	uint64_t least = ~0ull;

	op(n);
	printf("ROW %s %u\n", name, n * chunks * per);
	MARK(0);
	while (chunks--) {
		uint64_t this = ticks_of(op, n);

		if (this < least)
			least = this;
	}
	MARK(1);
	return least;
}

void report(const char *name, uint64_t count, unsigned int n)
{
	printf("BENCH %s %llu insn\n", name, (unsigned long long)(count + n / 2) / n);
}

void measure(const char *name, void (*op)(unsigned int n), unsigned int n, unsigned int chunks)
{
	if (wanted(name))
		report(name, best(name, op, n, chunks, 1), n);
}

int wanted(const char *name)
{
	const char *list = getenv("bench");

	while (list && *list) {
		size_t length = strcspn(list, "+");

		if (!strncmp(name, list, length))
			return 1;
		list += length + (list[length] == '+');
		if (!*list)
			return 0;
	}
	return 1;
}

long must(long result, const char *what)
{
	if (result >= 0)
		return result;
	printf("BENCH-ERROR %s: %s\n", what, strerror(errno));
	if (getpid() == 1) {
		sync();
		reboot(RB_POWER_OFF);
	}
	_exit(1);
}

int file_of(unsigned int bytes)
{
	static char block[4096];
	int fd = must(open("/tmp/data", O_RDWR | O_CREAT | O_TRUNC, 0600), "data file");

	memset(block, 'x', sizeof(block));
	for (unsigned int at = 0; at < bytes; at += sizeof(block))
		must(write(fd, block, sizeof(block)), "data file");
	unlink("/tmp/data");
	return fd;
}

/* TCP needs the loopback interface. */
static void loopback_up(void)
{
	struct ifreq lo = { .ifr_name = "lo" };
	int fd = must(socket(AF_INET, SOCK_DGRAM, 0), "socket");

	must(ioctl(fd, SIOCGIFFLAGS, &lo), "lo");
	lo.ifr_flags |= IFF_UP;
	must(ioctl(fd, SIOCSIFFLAGS, &lo), "lo up");
	close(fd);
}

static void nothing(unsigned int n)
{
	while (n--)
		asm volatile("");
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (getpid() == 1) {
		mkdir("/tmp", 0700);
		must(mount("tmpfs", "/tmp", "tmpfs", 0, NULL), "tmpfs");
		mount("dev", "/dev", "devtmpfs", 0, NULL);
		loopback_up();
	}
	printf("BENCH-BEGIN %u bits\n", (unsigned int)sizeof(long) * 8);
	if (wanted(NOTHING))
		measure(NOTHING, nothing, 1000, 10);
	calls_rows();
	processes_rows();
	switch_rows();
	files_rows();
	memory_rows();
	printf("BENCH-END\n");
	if (getpid() == 1) {
		sync();
		reboot(RB_POWER_OFF);
	}
	return 0;
}
