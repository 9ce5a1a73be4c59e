// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls: by INT 0x80 and by the vdso (SYSENTER where the kernel offers it), with all six
 * arguments, interrupted and restarted; and what the kernel does with pointers that are wrong.
 *
 * A bad pointer faults inside ring 1: the hypervisor must hand that fault to the guest's kernel
 * as one of its own, at the instruction its exception table knows.
 */
#include "test.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>

static long by_int80(long n, long a, long b, long c, long d, long e, long f)
{
	long args[7] = { n, a, b, c, d, e, f }, result;

	asm volatile("push %%ebx; push %%ebp; mov %1, %%edi\n\t"
		     "mov 4(%%edi), %%ebx; mov 8(%%edi), %%ecx; mov 12(%%edi), %%edx\n\t"
		     "mov 16(%%edi), %%esi; mov 24(%%edi), %%ebp; mov (%%edi), %%eax\n\t"
		     "mov 20(%%edi), %%edi; int $0x80; pop %%ebp; pop %%ebx"
		     : "=a"(result) : "r"(args) : "ecx", "edx", "esi", "edi", "memory");
	return result;
}

static long by_vdso(long n, long a, long b, long c, long d, long e, long f)
{
	long args[8] = { n, a, b, c, d, e, f, getauxval(AT_SYSINFO) }, result;

	CHECK(args[7], "no AT_SYSINFO");
	asm volatile("push %%ebx; push %%ebp; mov %1, %%edi; push 28(%%edi)\n\t"
		     "mov 4(%%edi), %%ebx; mov 8(%%edi), %%ecx; mov 12(%%edi), %%edx\n\t"
		     "mov 16(%%edi), %%esi; mov 24(%%edi), %%ebp; mov (%%edi), %%eax\n\t"
		     "mov 20(%%edi), %%edi; call *(%%esp); add $4, %%esp; pop %%ebp; pop %%ebx"
		     : "=a"(result) : "r"(args) : "ecx", "edx", "esi", "edi", "memory");
	return result;
}

static void both_doors_lead_to_the_same(unsigned long count)
{
	unsigned long i;

	for (i = 0; i < count; i++) {
		CHECK(by_int80(SYS_getpid, 0, 0, 0, 0, 0, 0) == getpid(), "int 0x80");
		CHECK(by_vdso(SYS_getpid, 0, 0, 0, 0, 0, 0) == getpid(), "vdso");
	}
	CHECK(by_int80(99999, 0, 0, 0, 0, 0, 0) == -ENOSYS, "no such call");
	CHECK(by_vdso(99999, 0, 0, 0, 0, 0, 0) == -ENOSYS, "no such call");
	CHECK(by_vdso(-1, 0, 0, 0, 0, 0, 0) == -ENOSYS, "no such call");
}

static void six_arguments_arrive(void)
{
	long (*const doors[])(long, long, long, long, long, long, long) = { by_int80, by_vdso };
	char name[] = "/tmp/calls.XXXXXX";
	int file = mkstemp(name), i;
	char text[8192 + 16];

	CHECK(file >= 0 && !unlink(name), "file");
	memset(text, 'x', sizeof(text));
	memcpy(text + 8192, "the second page", 16);
	CHECK(write(file, text, sizeof(text)) == (ssize_t)sizeof(text), "write");
	for (i = 0; i < 2; i++) {
		/* mmap2: address, length, protection, flags, file, page: the sixth is in ebp. */
		long at = doors[i](SYS_mmap2, 0, 4096, PROT_READ, MAP_PRIVATE, file, 2);

		CHECK(at < -4095 || at > 0, "mmap2 gave %ld", at);
		CHECK(!memcmp((char *)at, "the second page", 16), "the wrong page: %.16s", (char *)at);
		munmap((void *)at, 4096);
	}
	close(file);
}

static volatile sig_atomic_t alarms;

static void alarm_came(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)info;
	(void)context;
	alarms++;
}

static void interrupted_calls_go_on(void)
{
	struct itimerval tick = { { 0, 5000 }, { 0, 5000 } }, off = { { 0, 0 }, { 0, 0 } };
	struct timespec t = { 0, 100000000 }, left = { 0, 0 };
	int ends[2], status;
	uint64_t start;
	pid_t child;
	char byte;

	CHECK(!pipe(ends), "pipe");
	child = fork();
	if (!child) {
		usleep(100000);
		CHECK(write(ends[1], "x", 1) == 1, "write");
		_exit(0);
	}
	on_signal(SIGALRM, alarm_came, SA_RESTART);
	setitimer(ITIMER_REAL, &tick, NULL);
	CHECK(read(ends[0], &byte, 1) == 1, "a read is started again after each signal");
	on_signal(SIGALRM, alarm_came, 0);
	CHECK(nanosleep(&t, &left) == -1 && errno == EINTR && left.tv_nsec, "nanosleep is interrupted");
	setitimer(ITIMER_REAL, &off, NULL);
	CHECK(alarms >= 2, "%d alarms", (int)alarms);
	CHECK(waitpid(child, &status, 0) == child && !status, "child");

	/* Stopped and continued, a sleep goes on by restart_syscall. */
	child = fork();
	if (!child) {
		start = now_ns(CLOCK_MONOTONIC);
		t.tv_nsec = 200000000;
		_exit(nanosleep(&t, NULL) || now_ns(CLOCK_MONOTONIC) - start < 200000000);
	}
	usleep(30000);
	kill(child, SIGSTOP);
	waitpid(child, &status, WUNTRACED);
	kill(child, SIGCONT);
	CHECK(waitpid(child, &status, 0) == child && status == 0, "the sleep ended with %#x", status);
}

static void bad_pointers_are_refused(void)
{
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	static void *const nowhere[] = { (void *)8, (void *)0xc0000000, (void *)0xc1000000,
					 (void *)0xf5800000, (void *)0xfffffff8 };
	int zero = open("/dev/zero", O_RDWR), null = open("/dev/null", O_RDWR), ends[2];
	unsigned int i;

	CHECK(page != MAP_FAILED && zero >= 0 && null >= 0 && !pipe(ends), "set-up");
	for (i = 0; i < (kernel_is_64() ? 1 : sizeof(nowhere) / sizeof(*nowhere)); i++) {
		CHECK(read(zero, nowhere[i], 8) == -1 && errno == EFAULT, "read to %p", nowhere[i]);
		CHECK(write(ends[1], nowhere[i], 8) == -1 && errno == EFAULT, "write from %p", nowhere[i]);
		CHECK(open(nowhere[i], O_RDONLY) == -1 && errno == EFAULT, "open of %p", nowhere[i]);
		CHECK(by_int80(SYS_gettimeofday, (long)nowhere[i], 0, 0, 0, 0, 0) == -EFAULT, "%p", nowhere[i]);
	}
	/* Half of it is there. */
	munmap(page + 4096, 4096);
	CHECK(read(zero, page + 4090, 100) != 100, "a read across the end");
	CHECK(write(ends[1], page + 4090, 100) != 100, "a write across the end");
	/* The kernel's stores honour read-only pages, its first ones copy shared ones. */
	CHECK(!mprotect(page, 4096, PROT_READ), "mprotect");
	CHECK(read(zero, page, 8) == -1 && errno == EFAULT, "a read to a read-only page");
	CHECK(!mprotect(page, 4096, PROT_READ | PROT_WRITE), "mprotect");
	memset(page, 1, 4096);
	if (fork() == 0) {
		CHECK(read(zero, page, 4096) == 4096, "a read to a page that is shared until written");
		CHECK(page[0] == 0 && page[4095] == 0, "the child's page");
		_exit(0);
	}
	CHECK(wait((int *)&i) > 0 && i == 0, "child");
	CHECK(page[0] == 1 && page[4095] == 1, "the parent's page");
}

static void pipes_switch_back_and_forth(unsigned long count)
{
	int there[2], back[2], status;
	unsigned long i, word;
	pid_t child;

	CHECK(!pipe(there) && !pipe(back), "pipe");
	child = fork();
	if (!child) {
		for (i = 0; i < count; i++) {
			CHECK(read(there[0], &word, sizeof(word)) == sizeof(word), "child's read");
			word = ~word;
			CHECK(write(back[1], &word, sizeof(word)) == sizeof(word), "child's write");
		}
		_exit(0);
	}
	for (i = 0; i < count; i++) {
		CHECK(write(there[1], &i, sizeof(i)) == sizeof(i), "write");
		CHECK(read(back[0], &word, sizeof(word)) == sizeof(word) && word == ~i, "answer %lu", i);
	}
	CHECK(waitpid(child, &status, 0) == child && !status, "child");
}

int main(int argc, char **argv)
{
	unsigned long count = rounds(argc, argv, 2000);

	both_doors_lead_to_the_same(count);
	six_arguments_arrive();
	interrupted_calls_go_on();
	bad_pointers_are_refused();
	pipes_switch_back_and_forth(count);
	printf("%lu calls by each door, restarts, bad pointers, %lu answers by pipe\n", count * 2, count);
	return 0;
}
