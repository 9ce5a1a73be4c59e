// SPDX-License-Identifier: GPL-2.0-only
// sources: paging/world.c paging/type.c paging/table.c paging/pte.c paging/update.c paging/base.c paging/teardown.c paging/segdesc.c paging/m2p.c mem/frame.c
/* Frames: references, owners, limits, and frames that go from one to another. */
#include "paging/world.h"

static int setup(void **state)
{
	*state = world_new(false);
	return 0;
}

static int teardown(void **state)
{
	world_free(*state);
	return 0;
}

static void only_the_owner_gets_a_reference(void **state)
{
	struct world *w = *state;
	struct frame *f = frame_new(w->mine), *got;

	assert_false(frame_get(f, w->theirs));
	assert_true(frame_get(f, w->mine));
	assert_int_equal(refs(f), 2);
	frame_put(f);
	assert_int_equal(frame_get_owned(w->mine, gfn(frame_mfn(f).n), &got), 0);
	assert_ptr_equal(got, f);
	frame_put(f);
	assert_int_equal(frame_get_owned(w->theirs, gfn(frame_mfn(f).n), &got), -EPERM);
	assert_int_equal(frame_get_owned(w->mine, gfn(WORLD_FRAMES), &got), -EINVAL);
	assert_int_equal(frame_get_owned(w->mine, gfn(~0ul), &got), -EINVAL);
	assert_int_equal(frame_get_owned(w->mine, gfn(1ul << 52), &got), -EINVAL);
	assert_untouched(f);
}

static void references_do_not_wrap(void **state)
{
	struct world *w = *state;
	struct frame *f = frame_new(w->mine);

	const uint32_t none_more[] = { 0, REFS_MAX, REFS_MAX + 1, 0x7fffffff, 0x80000000, UINT32_MAX };
	uint64_t before = f->hold;

	for (unsigned int i = 0; i < ARRAY_SIZE(none_more); i++) {
		f->refs = none_more[i];
		assert_false(frame_get(f, w->mine));
		assert_int_equal(f->refs, none_more[i]);
		assert_int_equal(f->hold >> 32, before >> 32);	/* whose they are stands beside it */
	}
	f->refs = REFS_MAX - 1;
	assert_true(frame_get(f, w->mine));
	assert_int_equal(f->refs, REFS_MAX);
	f->hold = before;
}

static void the_owner_lets_go_once(void **state)
{
	struct world *w = *state;
	struct frame *f = frame_new(w->mine);
	uint64_t before = free_frame_count();

	assert_true(frame_get(f, w->mine));
	assert_true(frame_drop_owner(f));
	assert_false(frame_drop_owner(f));
	assert_int_equal(refs(f), 1);
	assert_int_equal(free_frame_count(), before);
	frame_put(f);
	assert_int_equal(free_frame_count(), before + 1);
	assert_false(frame_get(f, w->mine));
	assert_int_equal(w->mine->page_count, 0);
}

static void a_limit_is_kept_and_refusal_changes_nothing(void **state)
{
	struct world *w = *state;
	struct frame *f = frames_alloc(3, 0);

	w->mine->max_pages = 7;
	assert_int_equal(frames_assign(w->mine, f, 3), -E2BIG);
	assert_int_equal(w->mine->page_count, 0);
	assert_int_equal(w->mine->refs, 1);
	w->mine->max_pages = 8;
	assert_int_equal(frames_assign(w->mine, f, 3), 0);
	assert_int_equal(w->mine->page_count, 8);
	assert_int_equal(w->mine->refs, 2);	/* held by its frames */
	for (unsigned int i = 0; i < 8; i++)
		assert_true(frame_drop_owner(f + i));
	assert_int_equal(w->mine->refs, 1);
}

static void frames_are_given_and_taken_together_or_not_at_all(void **state)
{
	struct world *w = *state;
	struct frame *f[8];

	assert_int_equal(frames_alloc_each(0, f, 8, 0), 8);
	w->mine->max_pages = 7;
	assert_int_equal(frames_assign_each(w->mine, f, 8), -E2BIG);
	assert_int_equal(w->mine->page_count, 0);
	assert_int_equal(f[0]->refs, 0);
	w->mine->max_pages = 8;
	assert_int_equal(frames_assign_each(w->mine, f, 8), 0);
	assert_int_equal(w->mine->page_count, 8);

	/* One of them is held by somebody else: it goes with him, the others now. */
	assert_true(frame_get(f[3], w->mine));
	for (unsigned int i = 0; i < 8; i++) {
		assert_true(frame_get(f[i], w->mine));
		assert_true(frame_take_owner_ref(f[i]));
		assert_false(frame_take_owner_ref(f[i]));
	}
	w->mine->serial = 7;
	frames_drop(w->mine, f, 8);
	assert_int_equal(w->mine->page_count, 1);
	assert_int_equal(w->mine->refs, 2);
	assert_int_equal(f[3]->refs, 1);
	assert_int_equal(f[2]->left_by, 7);
	frame_put(f[3]);
	assert_int_equal(f[3]->left_by, 7);
	assert_int_equal(w->mine->page_count, 0);
	assert_int_equal(w->mine->refs, 1);
}

static void a_dying_domain_gets_nothing(void **state)
{
	struct world *w = *state;
	struct frame *f = frames_alloc(0, 0);

	w->mine->life = DOMAIN_DYING;
	assert_int_equal(frame_assign(w->mine, f), -ESRCH);
	w->mine->life = DOMAIN_ALIVE;
	frames_free(f, 0);
}

static void only_an_unused_frame_can_be_taken_away(void **state)
{
	struct world *w = *state;
	struct frame *f = frame_new(w->mine);

	words(f)[0] = 42;
	assert_int_equal(frame_steal(w->theirs, f), -EINVAL);
	assert_int_equal(frame_get_and_type(f, w->mine, PT_WRITABLE, NULL), 0);
	assert_int_equal(frame_steal(w->mine, f), -EBUSY);
	assert_int_equal(f->refs, 2);
	assert_true(f->flags & FRAME_ALLOCATED);
	frame_put_and_type(f);
	assert_int_equal(frame_steal(w->mine, f), 0);
	assert_int_equal(w->mine->page_count, 0);
	assert_int_equal(words(f)[0], 42);
	assert_int_equal(frame_assign(w->theirs, f), 0);
	assert_true(frame_get(f, w->theirs));
	frame_put(f);
}

static void a_lent_frame_is_nobodys_while_it_is_lent_back(void **state)
{
	struct world *w = *state;
	struct frame *f = frames_alloc(0, 0);
	uint64_t before = free_frame_count();

	frame_share(f, w->mine, true);
	assert_true(frame_get(f, w->mine));
	assert_false(frame_drop_owner(f));
	assert_int_equal(frame_unshare(f), -EBUSY);
	assert_false(frame_get(f, w->mine));
	assert_int_equal(free_frame_count(), before);
	frame_put(f);
	assert_int_equal(free_frame_count(), before + 1);
}

static void claims_keep_memory_for_their_owner(void **state)
{
	struct world *w = *state;
	uint64_t free_now = free_frame_count();

	w->mine->max_pages = w->theirs->max_pages = 10000;
	assert_int_equal(frames_claim(w->mine, free_now + 1), -ENOMEM);
	assert_int_equal(frames_claim(w->mine, free_now - 5), 0);
	assert_true(frames_unclaimed(w->theirs, 5));
	assert_false(frames_unclaimed(w->theirs, 6));
	assert_true(frames_unclaimed(w->mine, free_now));
	assert_int_equal(frames_claim(w->theirs, 6), -ENOMEM);
	frame_new(w->mine);
	assert_int_equal(w->mine->outstanding_claim, free_now - 6);
	assert_int_equal(frames_claim(w->mine, 0), 0);
	assert_true(frames_unclaimed(w->theirs, free_now - 1));
	assert_int_equal(frames_claim(w->theirs, 10001), -EINVAL);
	w->theirs->life = DOMAIN_DYING;
	assert_int_equal(frames_claim(w->theirs, 1), -EINVAL);
	assert_int_equal(frames_claim(w->theirs, 0), 0);
	w->theirs->life = DOMAIN_ALIVE;
}

static void a_frame_held_by_another_outlives_its_domain(void **state)
{
	struct world *w = *state;
	struct frame *f = frame_new(w->theirs), *l1 = frame_new(w->mine);
	struct pt_context ctx = { w->mine, w->theirs, NULL };
	pte_t got;

	(void)l1;
	assert_int_equal(pte_admit(&ctx, PT_L1, 0, gpte(entry_of(f, RW)), &got), 0);
	w->theirs->life = DOMAIN_DYING;
	assert_int_equal(paging_relinquish(w->theirs, NULL), 0);
	assert_int_equal(w->theirs->page_count, 1);
	assert_int_equal(w->theirs->refs, 2);
	pte_drop(PT_L1, got);
	assert_int_equal(w->theirs->page_count, 0);
	assert_int_equal(w->theirs->refs, 1);
}

int main(void)
{
#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(only_the_owner_gets_a_reference),
		T(references_do_not_wrap),
		T(the_owner_lets_go_once),
		T(a_limit_is_kept_and_refusal_changes_nothing),
		T(frames_are_given_and_taken_together_or_not_at_all),
		T(a_dying_domain_gets_nothing),
		T(only_an_unused_frame_can_be_taken_away),
		T(a_lent_frame_is_nobodys_while_it_is_lent_back),
		T(claims_keep_memory_for_their_owner),
		T(a_frame_held_by_another_outlives_its_domain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
