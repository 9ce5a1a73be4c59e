// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time: it never runs backwards, on no processor and between none; sleeps last what was asked,
 * with the finer grain of high-resolution timers.
 */
#include "test.h"

#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>

static uint64_t by_system_call(clockid_t clock)
{
	struct timespec t;

	syscall(SYS_clock_gettime, clock, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static void forward_only(void)
{
	static const clockid_t clocks[] = { CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_BOOTTIME,
					    CLOCK_MONOTONIC_RAW };
	unsigned int c, i;

	for (c = 0; c < 4; c++) {
		uint64_t last = now_ns(clocks[c]);

		for (i = 0; i < 20000; i++) {
			uint64_t now = i % 16 ? now_ns(clocks[c]) : by_system_call(clocks[c]);

			CHECK(now >= last, "clock %d went back by %lld ns", clocks[c],
			      (long long)(last - now));
			last = now;
		}
	}
}

static volatile uint64_t handed;
static volatile int whose;

static void *hand_over(void *argument)
{
	int me = (int)(uintptr_t)argument, i;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(me, &set);
	CHECK(!sched_setaffinity(0, sizeof(set), &set), "affinity");
	for (i = 0; i < 2000; i++) {
		uint64_t now;

		while (whose != me)
			sched_yield();
		now = now_ns(CLOCK_MONOTONIC);
		CHECK(now >= handed, "processor %d is %lld ns behind the other", me,
		      (long long)(handed - now));
		handed = now;
		__sync_synchronize();
		whose = !me;
	}
	return NULL;
}

static void the_same_on_two_processors(void)
{
	pthread_t threads[2];
	uintptr_t i;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2) {
		printf("one processor only\n");
		return;
	}
	for (i = 0; i < 2; i++)
		CHECK(!pthread_create(&threads[i], NULL, hand_over, (void *)i), "thread");
	for (i = 0; i < 2; i++)
		CHECK(!pthread_join(threads[i], NULL), "join");
}

static int order(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void sleeps_last_what_was_asked(void)
{
	uint64_t took[100];
	int i;

	for (i = 0; i < 100; i++) {
		struct timespec t = { 0, 1000000 };
		uint64_t start = now_ns(CLOCK_MONOTONIC);

		CHECK(!clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL), "nanosleep");
		took[i] = now_ns(CLOCK_MONOTONIC) - start;
		CHECK(took[i] >= 1000000, "1 ms lasted %llu ns", (unsigned long long)took[i]);
	}
	qsort(took, 100, sizeof(*took), order);
	printf("1 ms lasts %llu us (half of the time less), the longest %llu us\n",
	       (unsigned long long)took[50] / 1000, (unsigned long long)took[99] / 1000);
	/* A tick is 4 ms: without timers of high resolution it could not be less. */
	CHECK(took[50] < 3500000, "1 ms lasts %llu ns", (unsigned long long)took[50]);
}

static void periodic_timers_keep_pace(void)
{
	struct itimerspec every = { { 0, 5000000 }, { 0, 5000000 } };
	int timer = timerfd_create(CLOCK_MONOTONIC, 0);
	uint64_t start = now_ns(CLOCK_MONOTONIC), expirations = 0, got, took;

	CHECK(timer >= 0 && !timerfd_settime(timer, 0, &every, NULL), "timerfd");
	while (expirations < 200) {
		CHECK(read(timer, &got, 8) == 8, "read");
		expirations += got;
	}
	took = now_ns(CLOCK_MONOTONIC) - start;
	close(timer);
	CHECK(took >= expirations * 5000000, "%llu periods of 5 ms in %llu ns",
	      (unsigned long long)expirations, (unsigned long long)took);
	CHECK(took < expirations * 5000000 + 500000000, "%llu periods of 5 ms in %llu ns",
	      (unsigned long long)expirations, (unsigned long long)took);
}

int main(void)
{
	uint64_t real = now_ns(CLOCK_REALTIME), monotonic = now_ns(CLOCK_MONOTONIC);
	int64_t apart;

	forward_only();
	the_same_on_two_processors();
	sleeps_last_what_was_asked();
	periodic_timers_keep_pace();
	apart = (int64_t)(now_ns(CLOCK_REALTIME) - real) - (int64_t)(now_ns(CLOCK_MONOTONIC) - monotonic);
	CHECK(apart < 20000000 && apart > -20000000, "real time and monotonic time part by %lld ns",
	      (long long)apart);
	return 0;
}
