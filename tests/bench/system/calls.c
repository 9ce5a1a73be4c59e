// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls and signals: what a process asks of its kernel without another one in the game.
 */
#include "measure.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SELECT_FDS	100

static int zero_fd, null_fd, first_fd;
static char name[] = "/tmp/file";

static void null_call(unsigned int n)
{
	while (n--)
		syscall(SYS_getppid);
}

#ifdef __i386__
/* By the old gate, which a hypervisor may let through; libc prefers SYSENTER where there is one. */
static void null_call_int80(unsigned int n)
{
	long rc;

	while (n--)
		asm volatile("int $0x80" : "=a"(rc) : "0"(SYS_getppid) : "memory");
}
#endif

static void null_read(unsigned int n)
{
	char byte;

	while (n--)
		must(read(zero_fd, &byte, 1), "read");
}

static void null_write(unsigned int n)
{
	char byte = 0;

	while (n--)
		must(write(null_fd, &byte, 1), "write");
}

static void stat_file(unsigned int n)
{
	struct stat found;

	while (n--)
		must(stat(name, &found), "stat");
}

static void open_close(unsigned int n)
{
	while (n--)
		close(must(open(name, O_RDONLY), "open"));
}

/* Without waiting. 32-bit libc takes a call of old that small kernels leave out. */
static int select_now(int fds, fd_set *in)
{
#ifdef __i386__
	long long now[2] = { 0, 0 };

	return syscall(SYS_pselect6_time64, fds, in, NULL, NULL, now, NULL);
#else
	struct timeval now = { 0 };

	return select(fds, in, NULL, NULL, &now);
#endif
}

static void select_tcp(unsigned int n)
{
	while (n--) {
		fd_set in;

		FD_ZERO(&in);
		for (int fd = first_fd; fd < first_fd + SELECT_FDS; fd++)
			FD_SET(fd, &in);
		must(select_now(first_fd + SELECT_FDS, &in), "select");
	}
}

/* One end of a TCP connection, a hundred times. */
static void connect_tcp(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(at);
	int listener = must(socket(AF_INET, SOCK_STREAM, 0), "tcp");
	int fd = must(socket(AF_INET, SOCK_STREAM, 0), "tcp");

	must(bind(listener, (void *)&at, sizeof(at)), "bind");
	must(listen(listener, 1), "listen");
	must(getsockname(listener, (void *)&at, &length), "getsockname");
	must(connect(fd, (void *)&at, sizeof(at)), "connect");
	first_fd = must(dup(fd), "dup");
	for (int i = 1; i < SELECT_FDS; i++)
		if (must(dup(fd), "dup") != first_fd + i)
			must(-1, "descriptors out of line");
}

static void on_signal(int nr)
{
	(void)nr;
}

static void install(unsigned int n)
{
	struct sigaction act = { .sa_handler = on_signal };

	while (n--)
		must(sigaction(SIGUSR1, &act, NULL), "sigaction");
}

static void send_nothing(unsigned int n)
{
	pid_t me = getpid();

	while (n--)
		kill(me, 0);
}

static void send_one(unsigned int n)
{
	pid_t me = getpid();

	while (n--)
		kill(me, SIGUSR1);
}

uint64_t signal_handling(const char *all, const char *sending, unsigned int n)
{
	uint64_t off = best(sending, send_nothing, n, 20, 1);

	install(1);
	return best(all, send_one, n, 20, 1) - off;
}

void calls_rows(void)
{
	uint64_t in, out;

	zero_fd = must(open("/dev/zero", O_RDONLY), "/dev/zero");
	null_fd = must(open("/dev/null", O_WRONLY), "/dev/null");
	close(must(open(name, O_CREAT | O_WRONLY, 0600), name));

	measure("null_call", null_call, 200, 20);
#ifdef __i386__
	measure("null_call_int80", null_call_int80, 200, 20);
#endif
	if (wanted("null_io")) {
		in = best("null_io", null_read, 200, 20, 1);
		out = best("null_io", null_write, 200, 20, 1);
		report("null_io", in + out, 400);
	}
	measure("stat", stat_file, 100, 20);
	measure("open_close", open_close, 100, 20);
	if (wanted("select_tcp")) {
		connect_tcp();
		measure("select_tcp", select_tcp, 5, 20);
		for (int fd = first_fd; fd < first_fd + SELECT_FDS; fd++)
			close(fd);
	}
	measure("signal_install", install, 200, 20);
	if (wanted("signal_handle"))
		report("signal_handle", signal_handling("signal_handle", "signal_handle-", 50), 50);
	close(zero_fd);
	close(null_fd);
}
