// SPDX-License-Identifier: GPL-2.0-only
/*
 * Signals: what the processor raises becomes the signal, code and address that Linux promises,
 * and a handler's return puts everything back.
 *
 * Each of these is an exception the hypervisor takes first and hands to the guest's kernel with
 * the right vector, error code and frame.  The returns go through the IRET hypercall.
 */
#include "test.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/ucontext.h>
#include <sys/wait.h>

static sigjmp_buf back;
static volatile sig_atomic_t seen, seen_code;
static void *volatile seen_address;
static volatile long seen_ip, seen_trap, seen_error;

static void note(int signal, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	seen = signal;
	seen_code = info->si_code;
	seen_address = info->si_addr;
	seen_ip = uc->uc_mcontext.gregs[REG_EIP];
	seen_trap = uc->uc_mcontext.gregs[REG_TRAPNO];
	seen_error = uc->uc_mcontext.gregs[REG_ERR];
	siglongjmp(back, 1);
}

#define PROVOKE(what)					\
	do {						\
		seen = 0;				\
		if (!sigsetjmp(back, 1)) {		\
			what;				\
		}					\
	} while (0)

#define EXPECT(sig, code, trap)								\
	CHECK(seen == (sig) && seen_code == (code) && seen_trap == (trap),		\
	      "signal %d code %d trap %ld error %#lx", (int)seen, (int)seen_code, seen_trap, seen_error)

static void faults_become_signals(void)
{
	char *page = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	volatile uint32_t at = 0x10;
	int zero = 0, file;

	CHECK(page != MAP_FAILED, "mmap");

	PROVOKE(*(volatile int *)at = 1);
	EXPECT(SIGSEGV, SEGV_MAPERR, 14);
	CHECK(seen_address == (void *)0x10, "address %p", seen_address);
	CHECK(seen_error == 6, "a user's write to nothing has error code %#lx", seen_error);

	CHECK(page[5] == 0, "an untouched page is zero");
	PROVOKE(*(volatile char *)(page + 5) = 1);
	EXPECT(SIGSEGV, SEGV_ACCERR, 14);
	CHECK(seen_address == page + 5, "address %p", seen_address);
	CHECK(seen_error == 7, "a user's write to a read-only page has error code %#lx", seen_error);

	/* The kernel's and the hypervisor's addresses are there, and not ours. */
	for (at = 0xc0000000; at >= 0xc0000000 && !kernel_is_64(); at += 0x400000) {
		PROVOKE((void)*(volatile char *)at);
		CHECK(seen == SIGSEGV && (seen_error & 4), "at %#x: signal %d error %#lx", at,
		      (int)seen, seen_error);
	}

	file = open("/tmp", O_TMPFILE | O_RDWR, 0600);
	if (file >= 0) {
		char *map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, file, 0);

		CHECK(map != MAP_FAILED, "mmap of an empty file");
		PROVOKE((void)*(volatile char *)map);
		EXPECT(SIGBUS, BUS_ADRERR, 14);
		munmap(map, 4096);
		close(file);
	}

	PROVOKE(asm volatile("divl %0" : : "r"(zero), "a"(1), "d"(0)));
	EXPECT(SIGFPE, FPE_INTDIV, 0);
	PROVOKE(asm volatile("ud2"));
	EXPECT(SIGILL, ILL_ILLOPN, 6);
	PROVOKE(asm volatile("int3"));
	EXPECT(SIGTRAP, SI_KERNEL, 3);
	PROVOKE(asm volatile("int $3"));
	EXPECT(SIGTRAP, SI_KERNEL, 3);
	PROVOKE(asm volatile("movb $127, %%al; addb $1, %%al; into" : : : "al", "cc"));
	CHECK(seen == SIGSEGV && seen_trap == 4, "into: signal %d trap %ld", (int)seen, seen_trap);
	PROVOKE(asm volatile("pushfl; orl $0x100, (%%esp); popfl; nop; nop" : : : "cc", "memory"));
	EXPECT(SIGTRAP, TRAP_TRACE, 1);
	munmap(page, 8192);
}

/* Ring 3 has none of these; each is a general protection fault and never more. */
static void privileged_instructions_are_refused(void)
{
	uint32_t table[2] = { 0, 0 };

	PROVOKE(asm volatile("hlt"));
	EXPECT(SIGSEGV, SI_KERNEL, 13);
	PROVOKE(asm volatile("cli"));
	CHECK(seen == SIGSEGV, "cli");
	PROVOKE(asm volatile("inb $0x80, %%al" : : : "al"));
	CHECK(seen == SIGSEGV, "in");
	PROVOKE(asm volatile("mov %%cr3, %%eax" : : : "eax"));
	CHECK(seen == SIGSEGV, "mov from cr3");
	PROVOKE(asm volatile("mov %0, %%cr0" : : "r"(0)));
	CHECK(seen == SIGSEGV, "mov to cr0");
	PROVOKE(asm volatile("mov %0, %%dr7" : : "r"(0)));
	CHECK(seen == SIGSEGV, "mov to dr7");
	PROVOKE(asm volatile("rdmsr" : : "c"(0xc0000080) : "eax", "edx"));
	CHECK(seen == SIGSEGV, "rdmsr");
	PROVOKE(asm volatile("wrmsr" : : "c"(0xc0000082), "a"(0), "d"(0)));
	CHECK(seen == SIGSEGV, "wrmsr");
	PROVOKE(asm volatile("lgdt %0" : : "m"(table)));
	CHECK(seen == SIGSEGV, "lgdt");
	PROVOKE(asm volatile("invlpg (%0)" : : "r"(table)));
	CHECK(seen == SIGSEGV, "invlpg");
	/* The hypervisor's door is for the kernel: sched_op(SCHEDOP_shutdown) among others. */
	PROVOKE(asm volatile("int $0x82" : : "a"(29), "b"(2), "c"(table)));
	EXPECT(SIGSEGV, SI_KERNEL, 13);
	/* A vector that is nobody's. */
	PROVOKE(asm volatile("int $0x90"));
	EXPECT(SIGSEGV, SI_KERNEL, 13);
	/* The prefix that asks a hypervisor for its CPUID is an invalid instruction to programs, or works. */
	PROVOKE(asm volatile("ud2a; .ascii \"xen\"; cpuid" : : "a"(0x40000000) : "ebx", "ecx", "edx"));
	CHECK(seen == 0 || seen == SIGILL, "signal %d", (int)seen);
}

/* No selector gives a program more than it has. */
static void bad_selectors_are_refused(void)
{
	static const uint16_t selectors[] = { 0x10, 0x60, 0x68, 0x61, 0x69, 0xe008, 0xe010, 0xe019, 0xe021,
					      0xfff8, 0xffff };
	unsigned int i;

	for (i = 0; i < sizeof(selectors) / sizeof(*selectors); i++) {
		PROVOKE(asm volatile("movw %0, %%ss" : : "r"(selectors[i]) : "memory"));
		CHECK(seen == SIGSEGV || seen == SIGBUS, "ss = %#x gave %d", selectors[i], (int)seen);
		PROVOKE(asm volatile("pushl %0; pushl $1f; lret; 1:" : : "r"((uint32_t)selectors[i]) : "memory"));
		CHECK(seen == SIGSEGV || seen == SIGBUS, "cs = %#x gave %d", selectors[i], (int)seen);
	}
}

static void count_only(int signal, siginfo_t *info, void *context)
{
	(void)info;
	(void)context;
	(void)signal;
	seen++;
}

static void use_the_fpu(int signal, siginfo_t *info, void *context)
{
	volatile double x = 3;

	(void)signal;
	(void)info;
	(void)context;
	asm volatile("fninit; xorps %%xmm0, %%xmm0; xorps %%xmm7, %%xmm7" : : : "xmm0", "xmm7");
	x = x / 7;
	seen++;
}

static void registers_survive_a_handler(void)
{
	uint32_t before = 0x12345678, after, flags;
	double st;
	int i;

	on_signal(SIGUSR1, use_the_fpu, 0);
	seen = 0;
	for (i = 0; i < 100; i++) {
		asm volatile("movd %3, %%xmm7; fldpi; std; stc\n\t"
			     "push %%ebx; mov %6, %%ebx; int $0x80; pop %%ebx\n\t"
			     "pushfl; pop %1; cld; movd %%xmm7, %0; fstpl %2"
			     : "=&r"(after), "=&r"(flags), "=m"(st)
			     : "r"(before), "a"(37), "c"(SIGUSR1), "m"((int){ getpid() })
			     : "xmm7", "memory", "cc");
		CHECK(after == before, "xmm7 is %#x", after);
		CHECK(st > 3.14159265 && st < 3.14159266, "st(0) is %f", st);
		CHECK((flags & 0x401) == 0x401, "flags %#x", flags);
	}
	CHECK(seen == 100, "%d handlers ran", (int)seen);
}

static void a_stack_of_its_own(void)
{
	static char memory[65536];
	stack_t stack = { .ss_sp = memory, .ss_size = sizeof(memory) }, old = { .ss_flags = SS_DISABLE };

	CHECK(!sigaltstack(&stack, NULL), "sigaltstack");
	on_signal(SIGSEGV, note, SA_ONSTACK);
	/* The stack pointer itself is bad: only another stack lets the handler run. */
	PROVOKE(asm volatile("mov $16, %%esp; push %%eax" : : : "memory"));
	CHECK(seen == SIGSEGV, "signal %d", (int)seen);
	on_signal(SIGSEGV, note, 0);
	CHECK(!sigaltstack(&old, NULL), "sigaltstack");
}

static void alarms_come(void)
{
	struct itimerval tick = { { 0, 2000 }, { 0, 2000 } }, off = { { 0, 0 }, { 0, 0 } };
	uint64_t end = now_ns(CLOCK_MONOTONIC) + 400000000;
	volatile unsigned long spun = 0;

	on_signal(SIGALRM, count_only, SA_RESTART);
	seen = 0;
	setitimer(ITIMER_REAL, &tick, NULL);
	while (now_ns(CLOCK_MONOTONIC) < end)
		spun++;
	setitimer(ITIMER_REAL, &off, NULL);
	CHECK(seen >= 20, "%d of 200 alarms came", (int)seen);
}

static void a_child_dies_of_it(void)
{
	pid_t child = fork();
	int status;

	if (!child) {
		signal(SIGILL, SIG_DFL);
		asm volatile("ud2");
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child, "waitpid");
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGILL, "status %#x", status);

	child = fork();
	if (!child) {
		for (;;)
			pause();
	}
	usleep(10000);
	CHECK(!kill(child, SIGSTOP) && waitpid(child, &status, WUNTRACED) == child &&
	      WIFSTOPPED(status), "stop: %#x", status);
	CHECK(!kill(child, SIGCONT) && waitpid(child, &status, WCONTINUED) == child &&
	      WIFCONTINUED(status), "continue: %#x", status);
	CHECK(!kill(child, SIGKILL) && waitpid(child, &status, 0) == child && WIFSIGNALED(status) &&
	      WTERMSIG(status) == SIGKILL, "kill: %#x", status);
}

int main(void)
{
	static const int all[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP };
	unsigned int i;

	for (i = 0; i < sizeof(all) / sizeof(*all); i++)
		on_signal(all[i], note, 0);
	faults_become_signals();
	privileged_instructions_are_refused();
	bad_selectors_are_refused();
	registers_survive_a_handler();
	a_stack_of_its_own();
	alarms_come();
	a_child_dies_of_it();
	printf("faults, privileged instructions, selectors, alarms\n");
	return 0;
}
