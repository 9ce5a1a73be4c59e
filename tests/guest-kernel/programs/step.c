// SPDX-License-Identifier: GPL-2.0-only
/*
 * A debugger's needs: single steps, breakpoints, hardware watchpoints, registers, memory.
 *
 * The trap flag and the debug registers are the processor's own, lent to one program at a time;
 * a step must stop after every instruction, system calls by either door included, and must not
 * be seen by anybody else.
 */
#include "test.h"

#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>

#define STEPS	64

extern char loop_start[], loop_end[], call_start[], after_call[], planted[], watched_store[];
volatile int watched;

/* Two instructions a round and one to begin with: 1 + 2 * STEPS steps, each of known address. */
asm(".text\n"
    "stepped:\n"
    "	push %ebx\n"
    "	mov $64, %ecx\n"
    "loop_start:\n"
    "	dec %ecx\n"
    "	jnz loop_start\n"
    "loop_end:\n"
    "	mov $20, %eax\n"		/* getpid */
    "call_start:\n"
    "	int $0x80\n"
    "after_call:\n"
    "	pushf\n"
    "	pop %eax\n"
    "planted:\n"
    "	nop\n"
    "	movl $7, watched\n"
    "watched_store:\n"
    "	nop\n"
    "	pop %ebx\n"
    "	ret\n");
uint32_t stepped(void);

static struct user_regs_struct registers(pid_t child)
{
	struct user_regs_struct regs;

	CHECK(!ptrace(PTRACE_GETREGS, child, NULL, &regs), "GETREGS");
	return regs;
}

static int wait_for_trap(pid_t child, const char *what)
{
	siginfo_t info;
	int status;

	CHECK(waitpid(child, &status, 0) == child, "%s", what);
	CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP, "%s: status %#x", what, status);
	CHECK(!ptrace(PTRACE_GETSIGINFO, child, NULL, &info), "%s: GETSIGINFO", what);
	return info.si_code;
}

static struct user_regs_struct step(pid_t child)
{
	CHECK(!ptrace(PTRACE_SINGLESTEP, child, NULL, NULL), "SINGLESTEP");
	wait_for_trap(child, "a step");
	return registers(child);
}

static void run_to(pid_t child, char *address)
{
	long text = ptrace(PTRACE_PEEKTEXT, child, address, NULL);
	struct user_regs_struct regs;

	CHECK(!ptrace(PTRACE_POKETEXT, child, address, (text & ~0xffl) | 0xcc), "POKETEXT");
	CHECK(!ptrace(PTRACE_CONT, child, NULL, NULL), "CONT");
	wait_for_trap(child, "the breakpoint");
	regs = registers(child);
	CHECK(regs.eip == (long)address + 1, "the breakpoint at %p stopped at %#lx", address, regs.eip);
	regs.eip = (long)address;
	CHECK(!ptrace(PTRACE_POKETEXT, child, address, text), "POKETEXT");
	CHECK(!ptrace(PTRACE_SETREGS, child, NULL, &regs), "SETREGS");
}

static void watch(pid_t child, volatile void *address, unsigned long control)
{
	CHECK(!ptrace(PTRACE_POKEUSER, child, offsetof(struct user, u_debugreg[0]), address), "DR0");
	CHECK(!ptrace(PTRACE_POKEUSER, child, offsetof(struct user, u_debugreg[7]), control), "DR7");
}

static pid_t begin(void)
{
	pid_t child = fork();
	int status;

	CHECK(child >= 0, "fork");
	if (!child) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		stepped();
		_exit(watched == 7 ? 0 : 1);
	}
	CHECK(waitpid(child, &status, 0) == child && WIFSTOPPED(status), "start: %#x", status);
	return child;
}

static void end(pid_t child)
{
	int status;

	CHECK(!ptrace(PTRACE_CONT, child, NULL, NULL), "CONT");
	CHECK(waitpid(child, &status, 0) == child, "end");
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the traced child ended with %#x", status);
}

static void single_steps(void)
{
	pid_t child = begin();
	struct user_regs_struct regs;
	int i;

	run_to(child, loop_start);
	CHECK(registers(child).ecx == STEPS, "ecx");
	for (i = STEPS; i > 0; i--) {
		regs = step(child);
		CHECK(regs.eip == (long)loop_start + 1 && regs.ecx == i - 1, "round %d: eip %#lx ecx %ld",
		      i, regs.eip, regs.ecx);
		regs = step(child);
		CHECK(regs.eip == (long)(i > 1 ? loop_start : loop_end), "round %d: eip %#lx", i, regs.eip);
	}
	regs = step(child);
	CHECK(regs.eip == (long)call_start, "before the call: eip %#lx", regs.eip);
	regs = step(child);
	CHECK(regs.eip == (long)after_call && regs.eax == child, "after the call: eip %#lx eax %ld",
	      regs.eip, regs.eax);
	regs = step(child);
	regs = step(child);
	CHECK(regs.eip == (long)planted, "eip %#lx", regs.eip);
	end(child);
}

static void hardware_breakpoint_and_watchpoint(void)
{
	pid_t child = begin();
	struct user_regs_struct regs;
	long status;

	watch(child, planted, 1);
	CHECK(!ptrace(PTRACE_CONT, child, NULL, NULL), "CONT");
	CHECK(wait_for_trap(child, "a hardware breakpoint") == TRAP_HWBKPT, "code");
	regs = registers(child);
	CHECK(regs.eip == (long)planted, "stopped at %#lx", regs.eip);
	status = ptrace(PTRACE_PEEKUSER, child, offsetof(struct user, u_debugreg[6]), NULL);
	CHECK(status & 1, "DR6 %#lx", status);

	watch(child, &watched, 0xd0001);	/* four bytes, when written */
	CHECK(!ptrace(PTRACE_CONT, child, NULL, NULL), "CONT");
	CHECK(wait_for_trap(child, "a watchpoint") == TRAP_HWBKPT, "code");
	regs = registers(child);
	CHECK(regs.eip == (long)watched_store, "stopped at %#lx, not %p", regs.eip, watched_store);
	CHECK(ptrace(PTRACE_PEEKDATA, child, &watched, NULL) == 7, "the store has happened");
	end(child);

	/* Nor may a watchpoint reach where the kernel or the hypervisor lives. */
	if (kernel_is_64())
		return;
	child = begin();
	CHECK(ptrace(PTRACE_POKEUSER, child, offsetof(struct user, u_debugreg[0]), 0xc0000000) ||
	      ptrace(PTRACE_POKEUSER, child, offsetof(struct user, u_debugreg[7]), 0xd0001),
	      "a watchpoint on the kernel was taken");
	end(child);
}

static void every_instruction_of_a_library_call(void)
{
	pid_t child = fork();
	unsigned long steps = 0;
	int status;

	if (!child) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		/* By the door glibc uses: SYSENTER where the kernel offers it. */
		getppid();
		_exit(42);
	}
	waitpid(child, &status, 0);
	while (WIFSTOPPED(status)) {
		CHECK(steps++ < 200000, "the child never ends");
		CHECK(!ptrace(PTRACE_SINGLESTEP, child, NULL, NULL), "SINGLESTEP");
		CHECK(waitpid(child, &status, 0) == child, "waitpid");
		CHECK(!WIFSTOPPED(status) || WSTOPSIG(status) == SIGTRAP, "status %#x", status);
	}
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 42, "status %#x", status);
	CHECK(steps > 20, "%lu steps only", steps);
}

static void system_calls_are_seen(void)
{
	pid_t child = fork();
	int status, stops = 0, getppids = 0;

	if (!child) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		getppid();
		getppid();
		_exit(7);
	}
	waitpid(child, &status, 0);
	ptrace(PTRACE_SETOPTIONS, child, NULL, PTRACE_O_TRACESYSGOOD);
	while (WIFSTOPPED(status)) {
		if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
			struct user_regs_struct regs = registers(child);

			stops++;
			getppids += regs.orig_eax == SYS_getppid;
		}
		CHECK(!ptrace(PTRACE_SYSCALL, child, NULL, NULL), "SYSCALL");
		CHECK(waitpid(child, &status, 0) == child, "waitpid");
	}
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7, "status %#x", status);
	CHECK(getppids == 4, "getppid was seen %d times of 4", getppids);
}

int main(void)
{
	single_steps();
	hardware_breakpoint_and_watchpoint();
	every_instruction_of_a_library_call();
	system_calls_are_seen();
	printf("steps, breakpoints, watchpoints, system calls\n");
	return 0;
}
