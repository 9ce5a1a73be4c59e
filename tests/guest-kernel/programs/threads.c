// SPDX-License-Identifier: GPL-2.0-only
/*
 * glibc's threads: thread-local storage, creation and end, mutexes, cancellation.
 *
 * glibc reaches thread-local variables by negative offsets from %gs, whose descriptor covers four
 * gigabytes and is exchanged at every switch of threads.  If the descriptor of another thread is
 * ever in the table, a thread reads another's variables.
 */
#include "test.h"

#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>

#define THREADS	8

static __thread uintptr_t mine;
static __thread char big[5000];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn = PTHREAD_COND_INITIALIZER;
static unsigned long count, sum, next_turn;

static void *worker(void *argument)
{
	uintptr_t me = (uintptr_t)argument;
	unsigned long i;

	mine = me;
	memset(big, me, sizeof(big));
	for (i = 0; i < count; i++) {
		pthread_mutex_lock(&lock);
		sum++;
		pthread_mutex_unlock(&lock);
		if (i % 16 == 0)
			sched_yield();
		CHECK(mine == me, "thread %u reads %u", (unsigned int)me, (unsigned int)mine);
		CHECK(big[i % sizeof(big)] == (char)me, "thread %u, byte %lu", (unsigned int)me, i);
		CHECK(syscall(SYS_gettid) == gettid(), "gettid");
	}
	return argument;
}

static void threads_keep_their_variables(void)
{
	pthread_t threads[THREADS];
	uintptr_t i;
	void *result;

	for (i = 0; i < THREADS; i++)
		CHECK(!pthread_create(&threads[i], NULL, worker, (void *)(i + 1)), "create");
	for (i = 0; i < THREADS; i++) {
		CHECK(!pthread_join(threads[i], &result), "join");
		CHECK(result == (void *)(i + 1), "result of thread %u", (unsigned int)i);
	}
	CHECK(sum == THREADS * count, "%lu counted, not %lu", sum, THREADS * count);
}

static void *take_turns(void *argument)
{
	uintptr_t me = (uintptr_t)argument;
	unsigned long i;

	mine = me;
	for (i = 0; i < count / 8; i++) {
		pthread_mutex_lock(&lock);
		while (next_turn % THREADS != me)
			pthread_cond_wait(&turn, &lock);
		next_turn++;
		pthread_cond_broadcast(&turn);
		pthread_mutex_unlock(&lock);
		CHECK(mine == me, "thread %u reads %u after a wait", (unsigned int)me, (unsigned int)mine);
	}
	return NULL;
}

static void turns_are_kept(void)
{
	pthread_t threads[THREADS];
	uintptr_t i;

	for (i = 0; i < THREADS; i++)
		CHECK(!pthread_create(&threads[i], NULL, take_turns, (void *)i), "create");
	for (i = 0; i < THREADS; i++)
		CHECK(!pthread_join(threads[i], NULL), "join");
	CHECK(next_turn == THREADS * (count / 8), "%lu turns", next_turn);
}

static void *brief(void *argument)
{
	mine = (uintptr_t)argument;
	return (void *)mine;
}

static void many_brief_threads(void)
{
	unsigned long i;

	for (i = 0; i < count / 8; i++) {
		pthread_t thread;
		void *result;

		CHECK(!pthread_create(&thread, NULL, brief, (void *)(uintptr_t)i), "create %lu", i);
		CHECK(!pthread_join(thread, &result) && result == (void *)(uintptr_t)i, "join %lu", i);
	}
}

static void *wait_for_ever(void *argument)
{
	for (;;)
		pause();
	return argument;
}

static void a_thread_is_cancelled(void)
{
	pthread_t thread;
	void *result;

	CHECK(!pthread_create(&thread, NULL, wait_for_ever, NULL), "create");
	CHECK(!pthread_cancel(thread), "cancel");
	CHECK(!pthread_join(thread, &result) && result == PTHREAD_CANCELED, "join");
}

int main(int argc, char **argv)
{
	count = rounds(argc, argv, 2000);
	threads_keep_their_variables();
	turns_are_kept();
	many_brief_threads();
	a_thread_is_cancelled();
	printf("%d threads, %lu rounds\n", THREADS, count);
	return 0;
}
