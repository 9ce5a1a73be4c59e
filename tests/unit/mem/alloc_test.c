// SPDX-License-Identifier: GPL-2.0-only
// sources: mem/alloc.c mem/heap.c
/*
 * Free frames and small objects: nobody gets what another has, or what another left, and all comes
 * back whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cpu/asm.h"
#include "cpu/tlb.h"
#include "fakes/memory.h"
#include "lib/bits.h"
#include "mem/alloc.h"
#include "mem/frame.h"
#include "mem/heap.h"

#define FRAMES	8192ul		/* 32 MiB */
#define ALL	(FRAMES - FRAMES_LOW_COUNT)

static jmp_buf stopped;

static void note_stop(const char *line)
{
	(void)line;
	longjmp(stopped, 1);
}

#define assert_stops(statement)				\
	do {						\
		bug_set_hook(note_stop);		\
		if (!setjmp(stopped)) {			\
			statement;			\
			fail_msg("it went on");		\
		}					\
		bug_set_hook(NULL);			\
	} while (0)

static int set_up(void **state)
{
	(void)state;
	fake_memory(FRAMES);
	return 0;
}

static void all_frames_can_be_had_once(void **state)
{
	static uint8_t seen[FRAMES];
	struct frame *f;
	uint64_t count = 0;

	(void)state;
	memset(seen, 0, sizeof(seen));
	assert_int_equal(free_frame_count(), ALL);
	while ((f = frames_alloc(0, 0))) {
		uint64_t n = frame_mfn(f).n;

		assert_in_range(n, FRAMES_LOW_COUNT, FRAMES - 1);
		assert_false(seen[n]);
		seen[n] = 1;
		count++;
	}
	assert_int_equal(count, ALL);
	assert_int_equal(free_frame_count(), 0);
}

static void freed_frames_join_again(void **state)
{
	static struct frame *got[FRAMES];
	uint64_t count = 0;
	struct frame *big;

	(void)state;
	while ((got[count] = frames_alloc(0, FRAMES_UNSCRUBBED)))
		count++;
	assert_null(frames_alloc(10, 0));
	srand(2);
	while (count) {
		uint64_t i = (uint64_t)rand() % count;

		frames_free(got[i], 0);
		got[i] = got[--count];
	}
	assert_int_equal(free_frame_count(), ALL);
	big = frames_alloc(11, 0);
	assert_non_null(big);
	assert_true(IS_ALIGNED(frame_mfn(big).n, 2048));
	frames_free(big, 11);
}

static void nothing_a_former_owner_left_can_be_read(void **state)
{
	struct frame *f = frames_alloc(3, 0);
	uint8_t *bytes;

	(void)state;
	memset(frame_map(f), 0xaa, 8 * PAGE_SIZE);
	frames_free(f, 3);
	/* However the freed frames are cut and joined. */
	while ((f = frames_alloc(1, 0))) {
		bytes = frame_map(f);
		for (unsigned int i = 0; i < 2 * PAGE_SIZE; i += 64)
			assert_int_equal(bytes[i], 0);
	}
}

/* Who left it, who takes it, and whether it comes as it was. */
static void only_who_left_a_frame_finds_it_as_it_was(void **state)
{
	static const struct { uint64_t left_by, taker; bool as_it_was, large; } cases[] = {
		{ 7, 7, true, false },
		{ 7, 7, true, true },
		{ 7, 8, false, false },
		{ 7, 8, false, true },
		{ 7, FRAMES_LEFT_BY_ANY, false, true },
		{ FRAMES_LEFT_BY_ANY, 7, false, false },
		{ FRAMES_LEFT_BY_ANY, FRAMES_LEFT_BY_ANY, false, true },
		{ FRAMES_LEFT_BY_ANY, FRAMES_LEFT_BY_ANY, false, false },
	};

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		struct frame *f = frames_alloc(3, 0), *all[8], *got[8];

		memset(frame_map(f), 0xaa, 8 * PAGE_SIZE);
		for (unsigned int k = 0; k < 8; k++)
			all[k] = f + k;
		frames_free_each(all, 8, cases[i].left_by);
		if (!cases[i].large)
			assert_int_equal(frames_alloc_each(cases[i].taker, got, 8, 0), 8);
		else
			assert_ptr_equal(frames_alloc_for(cases[i].taker, 3, 0), f);
		for (unsigned int k = 0; k < 8; k++) {
			assert_true(cases[i].large || got[k] == f + k);
			for (unsigned int at = 0; at < PAGE_SIZE; at += 64)
				assert_int_equal(((uint8_t *)frame_map(f + k))[at],
						 cases[i].as_it_was ? 0xaa : 0);
		}
		frames_free(f, 3);
	}
	assert_int_equal(free_frame_count(), ALL);
}

/* A block made of what several left: each frame of it is looked at. */
static void a_block_of_many_owners_is_cleaned_frame_by_frame(void **state)
{
	struct frame *f = frames_alloc(3, 0), *one;

	(void)state;
	memset(frame_map(f), 0xaa, 8 * PAGE_SIZE);
	for (unsigned int k = 0; k < 8; k++) {
		one = f + k;
		frames_free_each(&one, 1, 7 + k % 2);
	}
	assert_ptr_equal(frames_alloc_for(7, 3, 0), f);
	for (unsigned int k = 0; k < 8; k++)
		assert_int_equal(*(uint8_t *)frame_map(f + k), k % 2 ? 0 : 0xaa);
	frames_free(f, 3);
}

/* In any order and with holes between: all come back, and join again. */
static void frames_freed_together_join_again(void **state)
{
	static struct frame *got[FRAMES];
	uint64_t count = 0;
	struct frame *big;

	(void)state;
	while ((got[count] = frames_alloc(0, FRAMES_UNSCRUBBED)))
		count++;
	srand(4);
	for (uint64_t i = count - 1; i; i--) {
		uint64_t k = i - (uint64_t)rand() % MIN(i, 3ul);
		struct frame *f = got[i];

		got[i] = got[k];
		got[k] = f;
	}
	for (uint64_t i = 0; i < count;) {
		unsigned int n = (unsigned int)MIN(1 + (uint64_t)rand() % 32, count - i);

		frames_free_each(&got[i], n, 7);
		i += n;
	}
	assert_int_equal(free_frame_count(), ALL);
	big = frames_alloc(11, FRAMES_UNSCRUBBED);
	assert_non_null(big);
	frames_free(big, 11);
}

/* As many as there are, none twice, and the address limit is kept. */
static void single_frames_are_had_together(void **state)
{
	struct frame *got[32];
	uint64_t count = 0;
	unsigned int n;

	(void)state;
	assert_int_equal(frames_alloc_each(7, got, 32, PAGE_SHIFT + 12), 32);
	for (unsigned int k = 0; k < 32; k++) {
		assert_true(frame_mfn(got[k]).n < 4096);
		got[k]->refs = 1;
	}
	while ((n = frames_alloc_each(7, got, 31, 0))) {
		for (unsigned int k = 0; k < n; k++) {
			assert_int_equal(got[k]->refs, 0);
			got[k]->refs = 1;
		}
		count += n;
	}
	assert_int_equal(count + 32, ALL);
	assert_int_equal(free_frame_count(), 0);
}

static void random_takers_never_share(void **state)
{
	static struct { struct frame *f; unsigned int order; } held[256];
	unsigned int count = 0;

	(void)state;
	srand(3);
	for (int round = 0; round < 20000; round++) {
		if (count < 256 && rand() & 1) {
			unsigned int order = (unsigned int)rand() % 6;
			struct frame *f = frames_alloc(order, FRAMES_UNSCRUBBED);

			if (!f)
				continue;
			for (uint64_t i = 0; i < BIT(order); i++) {
				assert_int_equal(f[i].refs, 0);
				f[i].refs = 1;
			}
			held[count].f = f;
			held[count++].order = order;
		} else if (count) {
			unsigned int at = (unsigned int)rand() % count;

			for (uint64_t i = 0; i < BIT(held[at].order); i++)
				held[at].f[i].refs = 0;
			frames_free(held[at].f, held[at].order);
			held[at] = held[--count];
		}
	}
	while (count--) {
		for (uint64_t i = 0; i < BIT(held[count].order); i++)
			held[count].f[i].refs = 0;
		frames_free(held[count].f, held[count].order);
	}
	assert_int_equal(free_frame_count(), ALL);
}

static void an_address_limit_is_kept(void **state)
{
	struct frame *f;

	(void)state;
	/* 24 bits: the first 16 MiB. */
	while ((f = frames_alloc_bits(0, FRAMES_UNSCRUBBED, 24)))
		assert_true(frame_mfn(f).n < 4096);
	assert_int_equal(free_frame_count(), FRAMES - 4096);
	assert_null(frames_alloc_bits(0, 0, 12));
	assert_non_null(frames_alloc_bits(0, FRAMES_UNSCRUBBED, 25));
}

static void high_frames_go_first(void **state)
{
	(void)state;
	assert_true(frame_mfn(frames_alloc(0, 0)).n >= 4096);
}

static void a_frame_in_use_or_free_cannot_be_freed(void **state)
{
	struct frame *f = frames_alloc(0, 0);

	(void)state;
	f->refs = 1;
	assert_stops(frames_free(f, 0));
	f->refs = 0;
	frames_free(f, 0);
	f = frames_alloc(1, 0);
	frames_free(f, 1);
	assert_stops(frames_free(frames_alloc(2, 0) + 1, 1));
}

static void a_stale_translation_is_flushed_before_the_frame_is_given_out(void **state)
{
	struct frame *f = frames_alloc(0, 0);
	unsigned int before;

	(void)state;
	tlb_flush_local();
	frames_free(f, 0);
	before = fake.cr3_loads;
	f = frames_alloc(0, 0);
	assert_int_equal(fake.cr3_loads, before + 1);
	/* A flush in between is enough. */
	frames_free(f, 0);
	tlb_flush_local();
	before = fake.cr3_loads;
	assert_non_null(frames_alloc(0, 0));
	assert_int_equal(fake.cr3_loads, before);
}

static void objects_are_zeroed_aligned_and_apart(void **state)
{
	static const size_t sizes[] = { 1, 16, 17, 64, 100, 512, 1024, 2048, 2049, 5000, 70000 };
	uint8_t *p[ARRAY_SIZE(sizes)];

	(void)state;
	for (int round = 0; round < 50; round++) {
		for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
			p[i] = heap_alloc(sizes[i]);
			assert_non_null(p[i]);
			assert_true(IS_ALIGNED((uintptr_t)p[i], sizes[i] > 2048 ? 4096 :
					       sizes[i] >= 64 ? 64 : 16));
			for (size_t b = 0; b < sizes[i]; b++)
				assert_int_equal(p[i][b], 0);
			memset(p[i], (int)i + 1, sizes[i]);
		}
		for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
			assert_int_equal(p[i][0], i + 1);
			assert_int_equal(p[i][sizes[i] - 1], i + 1);
			heap_free(p[i]);
		}
	}
	assert_int_equal(heap_used(), 0);
	assert_int_equal(free_frame_count(), ALL);
}

static void the_heap_gives_every_page_back(void **state)
{
	static void *p[4000];

	(void)state;
	for (int i = 0; i < 4000; i++)
		p[i] = heap_alloc((size_t)(16 + i % 300));
	srand(4);
	for (int i = 0; i < 4000; i++) {
		int j = rand() % 4000;
		void *swap = p[i];

		p[i] = p[j];
		p[j] = swap;
	}
	for (int i = 0; i < 4000; i++)
		heap_free(p[i]);
	assert_int_equal(heap_used(), 0);
	assert_int_equal(free_frame_count(), ALL);
}

static void the_heap_says_no(void **state)
{
	(void)state;
	assert_null(heap_alloc(2ul << 20));
	assert_null(heap_alloc_array(1ul << 40, 1ul << 40));
	heap_free(NULL);
	while (frames_alloc(0, FRAMES_UNSCRUBBED))
		;
	assert_null(heap_alloc(16));
	assert_null(heap_alloc(5000));
}

static void a_second_free_stops_the_machine(void **state)
{
	void *keep = heap_alloc(32), *p = heap_alloc(32);

	(void)state;
	heap_free(p);
	assert_stops(heap_free((char *)keep + 1));
	heap_free(keep);
	assert_stops(heap_free(keep));
}

#define WITH_MEMORY(f) cmocka_unit_test_setup(f, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_MEMORY(all_frames_can_be_had_once),
		WITH_MEMORY(freed_frames_join_again),
		WITH_MEMORY(nothing_a_former_owner_left_can_be_read),
		WITH_MEMORY(only_who_left_a_frame_finds_it_as_it_was),
		WITH_MEMORY(a_block_of_many_owners_is_cleaned_frame_by_frame),
		WITH_MEMORY(frames_freed_together_join_again),
		WITH_MEMORY(single_frames_are_had_together),
		WITH_MEMORY(random_takers_never_share),
		WITH_MEMORY(an_address_limit_is_kept),
		WITH_MEMORY(high_frames_go_first),
		WITH_MEMORY(a_frame_in_use_or_free_cannot_be_freed),
		WITH_MEMORY(a_stale_translation_is_flushed_before_the_frame_is_given_out),
		WITH_MEMORY(objects_are_zeroed_aligned_and_apart),
		WITH_MEMORY(the_heap_gives_every_page_back),
		WITH_MEMORY(the_heap_says_no),
		WITH_MEMORY(a_second_free_stops_the_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
