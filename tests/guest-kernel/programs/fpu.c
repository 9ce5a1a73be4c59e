// SPDX-License-Identifier: GPL-2.0-only
/*
 * Floating point and vector registers belong to whom they belong: many processes and threads
 * compute at once, and each must find its own registers after every switch.
 */
#include "test.h"

#include <pthread.h>
#include <sched.h>
#include <sys/wait.h>

static unsigned long count;

static void keep_registers(uint32_t seed)
{
	uint32_t in[4] = { seed, ~seed, seed * 3, seed + 1 }, out[4], mxcsr = 0x1f80 | (seed % 4) << 13, back;
	double first = seed, second;
	unsigned long i;
	uint16_t control = 0x37f, control_back;

	asm volatile("fninit; fldcw %0; ldmxcsr %1" : : "m"(control), "m"(mxcsr));
	for (i = 0; i < count; i++) {
		asm volatile("movups %4, %%xmm5; fldl %5\n\t"
			     "mov %6, %%eax; push %%ebx; int $0x80; pop %%ebx\n\t"
			     "fstpl %1; movups %%xmm5, %0; stmxcsr %2; fnstcw %3"
			     : "=m"(out), "=m"(second), "=m"(back), "=m"(control_back)
			     : "m"(in), "m"(first), "i"(158)	/* sched_yield */
			     : "eax", "ebx", "ecx", "edx", "xmm5", "memory");
		CHECK(!memcmp(in, out, sizeof(in)), "xmm5 of %u is %#x", seed, out[0]);
		CHECK(first == second, "st(0) of %u is %f", seed, second);
		CHECK((back & ~0x3f) == (mxcsr & ~0x3f), "mxcsr %#x, not %#x", back, mxcsr);
		CHECK(control_back == control, "control word %#x", control_back);
	}
}

static void *thread(void *argument)
{
	keep_registers((uintptr_t)argument);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[3];
	uintptr_t i;
	int status, failed = 0;

	count = rounds(argc, argv, 1500);
	for (i = 0; i < 3; i++)
		if (fork() == 0) {
			keep_registers(100 + i);
			_exit(0);
		}
	for (i = 0; i < 3; i++)
		CHECK(!pthread_create(&threads[i], NULL, thread, (void *)(i + 1)), "thread");
	for (i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	while (wait(&status) > 0)
		failed += status != 0;
	CHECK(!failed, "%d processes failed", failed);
	printf("6 computing at once, %lu switches each\n", count);
	return 0;
}
