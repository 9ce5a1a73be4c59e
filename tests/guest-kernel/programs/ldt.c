// SPDX-License-Identifier: GPL-2.0-only
/*
 * Descriptors of a program's own: modify_ldt and set_thread_area.
 *
 * The table itself is memory the hypervisor guards.  When an entry goes away while a program
 * still has its selector loaded, the way back to the program faults inside the hypervisor, and
 * the guest's kernel is told by its failsafe callback: the program reads zero from the register.
 */
#include "test.h"

#include <asm/ldt.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define LDT_SELECTOR(n)	((n) * 8 + 7)

static uint32_t words[1024];
static sigjmp_buf back;
static volatile sig_atomic_t faulted;

static void fault(int signal, siginfo_t *info, void *context)
{
	(void)info;
	(void)context;
	faulted = signal;
	siglongjmp(back, 1);
}

static int set_entry(unsigned int n, struct user_desc *desc)
{
	desc->entry_number = n;
	return syscall(SYS_modify_ldt, 0x11, desc, sizeof(*desc));
}

static struct user_desc data_segment(void *base, unsigned int limit)
{
	return (struct user_desc){ .base_addr = (uintptr_t)base, .limit = limit, .seg_32bit = 1,
				   .useable = 1 };
}

static uint32_t read_by_fs(uint16_t selector, uint32_t offset)
{
	uint32_t value = 0xdeadbeef;

	faulted = 0;
	if (!sigsetjmp(back, 1))
		asm volatile("push %%fs; mov %w1, %%fs; mov %%fs:(%2), %0; pop %%fs"
			     : "=&r"(value) : "r"((uint32_t)selector), "r"(offset) : "memory");
	else
		asm volatile("mov %0, %%fs" : : "r"(0));
	return value;
}

static void entries_are_used(void)
{
	bool limits_hold = true;
	struct user_desc desc;
	unsigned int n;

	for (n = 0; n < 64; n += 9) {
		desc = data_segment(words + n, 4 * 16 - 1);
		CHECK(!set_entry(n, &desc), "entry %u", n);
	}
	for (n = 0; n < 64; n += 9) {
		CHECK(read_by_fs(LDT_SELECTOR(n), 8) == words[n + 2] && !faulted, "entry %u", n);
		read_by_fs(LDT_SELECTOR(n), 4 * 16);
		limits_hold &= faulted == SIGSEGV;
	}
	/* Processors do; QEMU's emulator looks at no limit. */
	if (!limits_hold)
		printf("this processor does not look at segment limits\n");
	read_by_fs(LDT_SELECTOR(1), 0);
	CHECK(faulted == SIGSEGV, "an empty entry was loaded");
	read_by_fs(LDT_SELECTOR(8000), 0);
	CHECK(faulted == SIGSEGV, "an entry beyond the table was loaded");
}

static void many_entries(void)
{
	struct user_desc desc;
	uint64_t table[1024];
	unsigned int n;
	int size;

	for (n = 0; n < 1000; n += 37) {
		desc = data_segment(words + n, 3);
		CHECK(!set_entry(n, &desc), "entry %u", n);
		CHECK(read_by_fs(LDT_SELECTOR(n), 0) == words[n] && !faulted, "entry %u", n);
	}
	size = syscall(SYS_modify_ldt, 0, table, sizeof(table));
	CHECK(size > 0 && table[37] && !table[38], "reading gave %d", size);
}

static void bad_entries_are_refused(void)
{
	struct user_desc desc = data_segment(words, 100);
	int flat;

	CHECK(set_entry(8192, &desc) && errno == EINVAL, "entry 8192");
	/* A code segment of another kind than the kernel's own is still ring 3 only. */
	desc = (struct user_desc){ .limit = 0xfffff, .limit_in_pages = 1, .seg_32bit = 1, .contents = 2,
				   .useable = 1 };
	flat = set_entry(5, &desc);
	CHECK(!flat, "a flat code segment: %d", flat);
	faulted = 0;
	if (!sigsetjmp(back, 1)) {
		/* There and back: far to the new segment, far to the old one. */
		asm volatile("mov %%cs, %%ecx; push %0; push $1f; lret; 1: push %%ecx; push $2f; lret; 2:"
			     : : "r"((uint32_t)LDT_SELECTOR(5)) : "ecx", "memory");
	}
	CHECK(!faulted, "code in a segment of the LDT: %d", (int)faulted);
	desc.contents = 3;	/* conforming code: never for programs when present */
	desc.seg_not_present = 0;
	CHECK(set_entry(6, &desc), "a conforming code segment was taken");
}

static void children_inherit_it(void)
{
	struct user_desc desc = data_segment(words + 100, 0xfff);
	pid_t child;
	int status;

	CHECK(!set_entry(20, &desc), "entry");
	child = fork();
	if (!child) {
		CHECK(read_by_fs(LDT_SELECTOR(20), 4) == words[101] && !faulted, "in the child");
		desc = data_segment(words + 200, 0xfff);
		CHECK(!set_entry(20, &desc), "entry in the child");
		CHECK(read_by_fs(LDT_SELECTOR(20), 4) == words[201] && !faulted, "changed in the child");
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child && status == 0, "child: %#x", status);
	CHECK(read_by_fs(LDT_SELECTOR(20), 4) == words[101] && !faulted, "the parent's is as it was");
}

static volatile int stage;

static void *keeps_it_loaded(void *argument)
{
	uint32_t value;

	(void)argument;
	asm volatile("mov %0, %%fs" : : "r"((uint32_t)LDT_SELECTOR(30)));
	stage = 1;
	while (stage == 1)
		;
	asm volatile("mov %%fs, %0" : "=r"(value));
	asm volatile("mov %0, %%fs" : : "r"(0));
	return (void *)(uintptr_t)value;
}

static void an_entry_goes_away_under_a_program(unsigned long count)
{
	unsigned long i;

	for (i = 0; i < count; i++) {
		struct user_desc desc = data_segment(words, 0xfff), empty;
		pthread_t thread;
		void *value;

		memset(&empty, 0, sizeof(empty));
		empty.read_exec_only = empty.seg_not_present = 1;
		CHECK(!set_entry(30, &desc), "entry");
		stage = 0;
		CHECK(!pthread_create(&thread, NULL, keeps_it_loaded, NULL), "thread");
		while (!stage)
			usleep(100);
		CHECK(!set_entry(30, &empty), "clearing the entry");
		usleep(2000);
		stage = 2;
		CHECK(!pthread_join(thread, &value), "join");
		CHECK(value == NULL || (uintptr_t)value == LDT_SELECTOR(30), "%%fs is %p", value);
	}
}

static void thread_areas(void)
{
	struct user_desc desc = data_segment(words + 300, 0xfff);
	uint32_t selector;

	desc.entry_number = -1;
	CHECK(!syscall(SYS_set_thread_area, &desc), "set_thread_area");
	selector = desc.entry_number * 8 + 3;
	CHECK(read_by_fs(selector, 12) == words[303] && !faulted, "through the thread area");
	desc = data_segment(words + 400, 0xfff);
	desc.entry_number = selector / 8;
	CHECK(!syscall(SYS_set_thread_area, &desc), "set_thread_area");
	CHECK(read_by_fs(selector, 12) == words[403] && !faulted, "after a change");
}

int main(int argc, char **argv)
{
	unsigned int i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		words[i] = 0x1000 + i;
	on_signal(SIGSEGV, fault, 0);
	on_signal(SIGBUS, fault, 0);
	on_signal(SIGILL, fault, 0);
	entries_are_used();
	many_entries();
	bad_entries_are_refused();
	children_inherit_it();
	an_entry_goes_away_under_a_program(rounds(argc, argv, 20));
	thread_areas();
	printf("entries used, refused, inherited, taken away\n");
	return 0;
}
