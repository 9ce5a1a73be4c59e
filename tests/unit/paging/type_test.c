// SPDX-License-Identifier: GPL-2.0-only
// sources: paging/world.c paging/type.c paging/table.c paging/pte.c paging/update.c paging/base.c paging/teardown.c paging/segdesc.c paging/m2p.c mem/frame.c
/* Page types: what a frame may be at the same time, and what a check takes and gives back. */
#include "paging/world.h"

static int setup64(void **state)
{
	*state = world_new(false);
	return 0;
}

static int setup32(void **state)
{
	*state = world_new(true);
	return 0;
}

static int teardown(void **state)
{
	world_free(*state);
	return 0;
}

static void writable_is_counted_and_excludes_tables(void **state)
{
	struct world *w = *state;
	struct frame *f = frame_new(w->mine);

	assert_int_equal(type_get(f, PT_WRITABLE, NULL), 0);
	assert_int_equal(type_get(f, PT_WRITABLE, NULL), 0);
	assert_int_equal(type_refs(f), 2);
	assert_int_equal(type_get(f, PT_L1, NULL), -EBUSY);
	assert_int_equal(type_get(f, PT_SEGDESC, NULL), -EBUSY);
	type_put(f);
	assert_int_equal(type_get(f, PT_L1, NULL), -EBUSY);
	type_put(f);
	assert_int_equal(type_get(f, PT_L1, NULL), 0);
	assert_int_equal(type_get(f, PT_WRITABLE, NULL), -EBUSY);
	type_put(f);
	assert_untouched(f);
}

static void a_change_of_type_flushes_only_if_nobody_has_since(void **state)
{
	struct world *w = *state;
	struct frame *f = frame_new(w->mine);
	unsigned int before;

	assert_int_equal(type_get(f, PT_WRITABLE, NULL), 0);
	type_put(f);
	before = fake.cr3_loads;
	assert_int_equal(type_get(f, PT_L1, NULL), 0);
	assert_int_equal(fake.cr3_loads, before + 1);
	type_put(f);
	tlb_flush_mask(cpus_online);
	before = fake.cr3_loads;
	assert_int_equal(type_get(f, PT_WRITABLE, NULL), 0);
	assert_int_equal(fake.cr3_loads, before);
	type_put(f);
}

static void l1_takes_a_reference_for_each_entry(void **state)
{
	struct world *w = *state;
	struct frame *l1 = frame_new(w->mine), *a = frame_new(w->mine), *b = frame_new(w->mine);

	words(l1)[0] = entry_of(a, RW);
	words(l1)[7] = entry_of(a, RO);
	words(l1)[511] = entry_of(b, RO);
	assert_int_equal(type_get(l1, PT_L1, NULL), 0);
	assert_int_equal(refs(a), 3);
	assert_int_equal(type_refs(a), 1);
	assert_int_equal(refs(b), 2);
	assert_int_equal(type_refs(b), 0);
	type_put(l1);
	assert_untouched(a);
	assert_untouched(b);
	assert_untouched(l1);
}

static void l1_refused_at_its_last_entry_has_moved_nothing(void **state)
{
	struct world *w = *state;
	struct frame *l1 = frame_new(w->mine), *a = frame_new(w->mine);
	struct frame *foreign = frame_new(w->theirs);

	for (unsigned int i = 0; i < 511; i++)
		words(l1)[i] = entry_of(a, RW);
	words(l1)[511] = entry_of(foreign, RO);
	assert_int_equal(type_get(l1, PT_L1, NULL), -EPERM);
	assert_untouched(a);
	assert_untouched(foreign);
	assert_untouched(l1);
	assert_null(w->mine->teardown_table);
}

static void a_table_that_maps_itself_writable_is_refused(void **state)
{
	struct world *w = *state;
	struct frame *l1 = frame_new(w->mine), *l2 = frame_new(w->mine);

	words(l1)[3] = entry_of(l1, RW);
	assert_int_equal(type_get(l1, PT_L1, NULL), -EBUSY);
	assert_untouched(l1);
	words(l1)[3] = entry_of(l1, RO);
	assert_int_equal(type_get(l1, PT_L1, NULL), 0);
	type_put(l1);
	assert_untouched(l1);

	words(l2)[0] = entry_of(l2, TBL);	/* a linear table */
	assert_int_equal(type_get(l2, PT_L2, NULL), -EBUSY);
	assert_int_equal(paging_settle(w->mine, NULL), 0);
	assert_untouched(l2);
}

/* A whole tree of the domain's width, each level with several entries. */
struct tree {
	struct frame *root, *upper[16], *l1[8], *page;
	unsigned int upper_count, l1_count;
};

static struct frame *upper_new(struct world *w, struct tree *t)
{
	return t->upper[t->upper_count++] = frame_new(w->mine);
}

static void l2_fill(struct world *w, struct tree *t, struct frame *l2, unsigned int first)
{
	for (unsigned int i = 0; i < 2; i++) {
		struct frame *l1 = frame_new(w->mine);

		t->l1[t->l1_count++] = l1;
		words(l1)[0] = entry_of(t->page, RW);
		words(l1)[1] = entry_of(l1, RO);
		words(l2)[first + 5 * i] = entry_of(l1, TBL);
	}
}

static struct tree tree_new(struct world *w)
{
	struct tree t = { .page = frame_new(w->mine) };

	t.root = frame_new(w->mine);
	if (w->mine->is_32bit) {
		for (unsigned int i = 0; i < 4; i++) {
			struct frame *l2 = upper_new(w, &t);

			words(t.root)[i] = entry_of(l2, PTE_P);
			if (i == 0 || i == 3)
				l2_fill(w, &t, l2, 0);
		}
		return t;
	}
	for (unsigned int i = 0; i < 2; i++) {
		struct frame *l3 = upper_new(w, &t);

		words(t.root)[i ? 300 : 1] = entry_of(l3, TBL);
		for (unsigned int j = 0; j < 2; j++) {
			struct frame *l2 = upper_new(w, &t);

			words(l3)[j * 9] = entry_of(l2, TBL);
			l2_fill(w, &t, l2, j);
		}
	}
	return t;
}

static unsigned int root_type(const struct world *w)
{
	return w->mine->is_32bit ? PT_L3 : PT_L4;
}

static void tree_assert_untouched(const struct tree *t)
{
	assert_untouched(t->root);
	for (unsigned int i = 0; i < t->upper_count; i++)
		assert_untouched(t->upper[i]);
	for (unsigned int i = 0; i < t->l1_count; i++)
		assert_untouched(t->l1[i]);
	assert_untouched(t->page);
}

static void tree_assert_live(const struct tree *t)
{
	assert_int_equal(type_refs(t->root), 1);
	assert_true(t->root->type & TYPE_VALIDATED);
	assert_false(t->root->type & TYPE_PARTIAL);
	for (unsigned int i = 0; i < t->upper_count; i++) {
		assert_int_equal(refs(t->upper[i]), 2);
		assert_int_equal(type_refs(t->upper[i]), 1);
		assert_true(t->upper[i]->type & TYPE_VALIDATED);
	}
	for (unsigned int i = 0; i < t->l1_count; i++) {
		assert_int_equal(refs(t->l1[i]), 3);	/* owner, L2, its own mapping of itself */
		assert_int_equal(type_refs(t->l1[i]), 1);
	}
	assert_int_equal(type_refs(t->page), t->l1_count);
}

static int get_to_the_end(struct world *w, struct frame *f, unsigned int type, unsigned int *rounds)
{
	int rc;

	for (*rounds = 0;; ++*rounds) {
		rc = type_get(f, type, &w->h);
		if (rc != HC_RESTART)
			return rc;
		assert_true(*rounds < 10000);
	}
}

static void settle_to_the_end(struct world *w)
{
	for (unsigned int i = 0; paging_settle(w->mine, &w->h); i++)
		assert_true(i < 10000);
}

/* Empty slots are passed over in groups: in none of them, nor beside one, is anything missed. */
static void an_entry_is_found_wherever_it_stands(void **state)
{
	struct world *w = *state;
	struct frame *l1 = frame_new(w->mine), *l2 = frame_new(w->mine);
	struct frame *a = frame_new(w->mine), *b = frame_new(w->mine);

	for (unsigned int i = 0; i < PT_ENTRIES; i++) {
		words(l1)[i] = entry_of(a, RW);
		words(l1)[(i + 9) % PT_ENTRIES] = entry_of(b, RO);
		words(l1)[(i + 300) % PT_ENTRIES] = PTE_A;	/* not present, and not empty */
		words(l2)[i] = entry_of(l1, TBL);
		assert_int_equal(type_get(l2, PT_L2, NULL), 0);
		assert_int_equal(type_refs(l1), 1);
		assert_int_equal(refs(a), 2);
		assert_int_equal(type_refs(a), 1);
		assert_int_equal(refs(b), 2);
		type_put(l2);
		settle_to_the_end(w);
		assert_untouched(a);
		assert_untouched(b);
		assert_untouched(l1);
		assert_untouched(l2);
		memset(words(l1), 0, PAGE_SIZE);
		memset(words(l2), 0, PAGE_SIZE);
	}
}

static void a_tree_is_checked_and_taken_apart_whatever_interrupts(void **state)
{
	struct world *w = *state;
	struct tree t = tree_new(w);
	bool restarted = false;

	for (unsigned int b = 0; b < 40; b++) {
		unsigned int rounds;

		budget = b;		/* 1: there is always something more urgent */
		assert_int_equal(get_to_the_end(w, t.root, root_type(w), &rounds), 0);
		restarted |= rounds > 0;
		tree_assert_live(&t);
		type_put(t.root);
		settle_to_the_end(w);
		tree_assert_untouched(&t);
	}
	assert_true(restarted);
}

/* Two tables of level 2 that name the same ones, in runs with others between. */
static void shared_tables_are_counted_in_runs(void **state)
{
	struct world *w = *state;
	struct frame *l2 = frame_new(w->mine), *other = frame_new(w->mine);
	struct frame *shared = frame_new(w->mine), *own = frame_new(w->mine);
	unsigned int rounds;

	words(other)[0] = entry_of(shared, TBL);
	assert_int_equal(type_get(other, PT_L2, NULL), 0);
	for (budget = 0; budget < 5; budget++) {
		for (unsigned int i = 0; i < PT_ENTRIES; i++)
			words(l2)[i] = entry_of(i % 100 == 50 ? own : shared, TBL);
		words(l2)[300] = 0;
		words(l2)[400] = entry_of(shared, TBL | PTE_PS);
		assert_int_equal(get_to_the_end(w, l2, PT_L2, &rounds), -EINVAL);
		settle_to_the_end(w);
		assert_int_equal(refs(shared), 2);
		assert_int_equal(type_refs(shared), 1);
		assert_untouched(own);
		assert_untouched(l2);

		words(l2)[400] = entry_of(shared, RO);
		assert_int_equal(get_to_the_end(w, l2, PT_L2, &rounds), 0);
		assert_int_equal(refs(own), 1 + 5);
		assert_int_equal(refs(shared), 2 + 506);
		assert_int_equal(type_refs(shared), 1 + 506);
		type_put(l2);
		settle_to_the_end(w);
		assert_int_equal(refs(shared), 2);
		assert_int_equal(type_refs(shared), 1);
		assert_untouched(own);
		assert_untouched(l2);
	}
	budget = 0;
	type_put(other);
	settle_to_the_end(w);
	assert_untouched(shared);
}

static struct world *shared_world;
static struct frame *given_up;

/* Another vcpu of the guest lets go of a table of its own and wants to settle, too. */
static void another_vcpu(void)
{
	struct hcall h = { .d = shared_world->mine };

	if (given_up)
		type_put(given_up);
	given_up = NULL;
	assert_int_equal(paging_settle(shared_world->mine, &h), HC_RESTART);
}

static void two_vcpus_do_not_take_one_table_apart(void **state)
{
	struct world *w = *state;
	struct tree t = tree_new(w);
	unsigned int rounds;

	shared_world = w;
	given_up = frame_new(w->mine);
	assert_int_equal(type_get(given_up, PT_L2, NULL), 0);
	assert_int_equal(get_to_the_end(w, t.root, root_type(w), &rounds), 0);
	type_put(t.root);
	meanwhile = another_vcpu;
	settle_to_the_end(w);
	meanwhile = NULL;
	assert_null(given_up);
	tree_assert_untouched(&t);
}

static void a_tree_refused_deep_down_gives_everything_back(void **state)
{
	struct world *w = *state;
	struct tree t = tree_new(w);
	struct frame *foreign = frame_new(w->theirs), *last = t.l1[t.l1_count - 1];

	words(last)[500] = entry_of(foreign, RO);
	for (unsigned int b = 0; b < 40; b++) {
		unsigned int rounds;

		budget = b;
		assert_int_equal(get_to_the_end(w, t.root, root_type(w), &rounds), -EPERM);
		settle_to_the_end(w);
		tree_assert_untouched(&t);
		assert_untouched(foreign);
	}
}

static void a_check_that_is_abandoned_goes_with_the_domain(void **state)
{
	struct world *w = *state;
	struct tree t = tree_new(w);

	budget = 4;
	assert_int_equal(type_get(t.root, root_type(w), &w->h), HC_RESTART);
	/* world_free() finds nothing left. */
}

static void a_pinned_tree_goes_with_the_domain_in_small_steps(void **state)
{
	struct world *w = *state;
	struct tree t = tree_new(w);
	unsigned int rounds = 0;

	assert_int_equal(frame_get_and_type(t.root, w->mine, root_type(w), NULL), 0);
	assert_int_equal(type_pin(t.root), 0);
	assert_int_equal(type_pin(t.root), -EBUSY);
	w->mine->life = DOMAIN_DYING;
	budget = 1;
	while (paging_relinquish(w->mine, &w->h) == HC_RESTART)
		assert_true(++rounds < 10000);
	assert_true(rounds > 3);
	assert_int_equal(w->mine->page_count, 0);
}

static void two_holders_check_once_and_the_last_takes_apart(void **state)
{
	struct world *w = *state;
	struct tree t = tree_new(w);

	assert_int_equal(type_get(t.root, root_type(w), NULL), 0);
	assert_int_equal(type_get(t.root, root_type(w), NULL), 0);
	assert_true(type_get_live(t.root, root_type(w)));
	assert_false(type_get_live(t.root, PT_WRITABLE));
	type_put(t.root);
	type_put(t.root);
	assert_int_equal(paging_settle(w->mine, NULL), 0);
	tree_assert_live(&t);
	type_put(t.root);
	assert_int_equal(paging_settle(w->mine, NULL), 0);
	tree_assert_untouched(&t);
}

static void our_slots_of_an_l4_are_ours_whatever_the_guest_wrote(void **state)
{
	struct world *w = *state;
	struct frame *l4 = frame_new(w->mine), *foreign = frame_new(w->theirs);

	for (unsigned int i = HV_SLOT_FIRST; i <= HV_SLOT_LAST; i++)
		words(l4)[i] = entry_of(foreign, TBL);
	assert_int_equal(type_get(l4, PT_L4, NULL), 0);
	assert_untouched(foreign);
	for (unsigned int i = HV_SLOT_FIRST; i <= HV_SLOT_LAST; i++)
		assert_int_equal(words(l4)[i],
				 i == PERDOMAIN_SLOT ? pa_of(w->mine->perdomain_l3) : 0);
	type_put(l4);
	assert_int_equal(paging_settle(w->mine, NULL), 0);
	/* ... and the guest does not read them when it has the page back. */
	for (unsigned int i = HV_SLOT_FIRST; i <= HV_SLOT_LAST; i++)
		assert_int_equal(words(l4)[i], 0);
}

/* A kernel's L4 names the same tables as all its others, on both sides of our slots. */
static void runs_of_an_l4_stop_at_our_slots(void **state)
{
	struct world *w = *state;
	struct frame *l4 = frame_new(w->mine), *other = frame_new(w->mine), *shared = frame_new(w->mine);
	unsigned int rounds, theirs_to_say = PT_ENTRIES - (HV_SLOT_LAST - HV_SLOT_FIRST + 1);

	words(other)[0] = entry_of(shared, TBL);
	assert_int_equal(type_get(other, PT_L4, NULL), 0);
	for (budget = 0; budget < 4; budget++) {
		for (unsigned int i = 0; i < PT_ENTRIES; i++)
			words(l4)[i] = entry_of(shared, TBL);
		assert_int_equal(get_to_the_end(w, l4, PT_L4, &rounds), 0);
		assert_int_equal(refs(shared), 2 + theirs_to_say);
		assert_int_equal(type_refs(shared), 1 + theirs_to_say);
		for (unsigned int i = HV_SLOT_FIRST; i <= HV_SLOT_LAST; i++)
			assert_int_not_equal(words(l4)[i] & PTE_FRAME, entry_of(shared, 0));
		type_put(l4);
		settle_to_the_end(w);
		assert_int_equal(refs(shared), 2);
		assert_int_equal(type_refs(shared), 1);
		assert_untouched(l4);

		/* The last one is refused: all are given back. */
		for (unsigned int i = 0; i < PT_ENTRIES; i++)
			words(l4)[i] = entry_of(shared, i == PT_ENTRIES - 1 ? TBL | PTE_PS : TBL);
		assert_int_equal(get_to_the_end(w, l4, PT_L4, &rounds), -EINVAL);
		settle_to_the_end(w);
		assert_int_equal(refs(shared), 2);
		assert_untouched(l4);
	}
	budget = 0;
	type_put(other);
	settle_to_the_end(w);
	assert_untouched(shared);
}

/* One that is a table, but of another level, is none of the run. */
static void a_run_ends_at_a_table_of_another_level(void **state)
{
	struct world *w = *state;
	struct frame *l4 = frame_new(w->mine), *l3 = frame_new(w->mine), *l2 = frame_new(w->mine);

	words(l3)[0] = entry_of(l2, TBL);
	assert_int_equal(type_get(l3, PT_L3, NULL), 0);
	words(l4)[0] = words(l4)[1] = entry_of(l3, TBL);
	words(l4)[2] = entry_of(l2, TBL);
	assert_int_equal(type_get(l4, PT_L4, NULL), -EBUSY);
	assert_int_equal(paging_settle(w->mine, NULL), 0);
	assert_untouched(l4);
	assert_int_equal(type_refs(l3), 1);
	assert_int_equal(type_refs(l2), 1);
	type_put(l3);
	assert_int_equal(paging_settle(w->mine, NULL), 0);
	assert_untouched(l2);
}

static void a_pae_guest_has_no_l4_and_64bit_ones_no_last_l2(void **state)
{
	struct world *w = *state;
	struct frame *f = frame_new(w->mine);
	unsigned int wrong = w->mine->is_32bit ? PT_L4 : PT_L2_LAST32;

	assert_int_equal(type_get(f, wrong, NULL), -EINVAL);
	assert_untouched(f);
}

static void the_last_l2_of_a_pae_guest_is_a_type_of_its_own(void **state)
{
	struct world *w = *state;
	struct frame *l3 = frame_new(w->mine), *l2 = frame_new(w->mine);
	struct frame *foreign = frame_new(w->theirs);

	words(l2)[HV32_L2_FIRST] = entry_of(foreign, TBL);	/* ours: ignored */
	words(l3)[3] = entry_of(l2, PTE_P);
	words(l3)[4] = entry_of(foreign, PTE_P);		/* beyond four: cleared */
	assert_int_equal(type_get(l3, PT_L3, NULL), 0);
	assert_true(type_is(l2, PT_L2_LAST32));
	assert_int_equal(words(l3)[4], 0);
	assert_int_equal(words(l2)[HV32_L2_FIRST] & PTE_FRAME, 0);
	assert_untouched(foreign);
	assert_int_equal(type_get(l2, PT_L2, NULL), -EBUSY);
	type_put(l3);
	assert_int_equal(paging_settle(w->mine, NULL), 0);

	words(l3)[0] = entry_of(l2, PTE_P);			/* twice, in two roles */
	assert_int_equal(type_get(l3, PT_L3, NULL), -EBUSY);
	assert_int_equal(paging_settle(w->mine, NULL), 0);
	assert_untouched(l2);
	assert_untouched(l3);
}

int main(void)
{
#define T64(t) cmocka_unit_test_setup_teardown(t, setup64, teardown)
#define T32(t) cmocka_unit_test_setup_teardown(t, setup32, teardown)
	const struct CMUnitTest tests[] = {
		T64(writable_is_counted_and_excludes_tables),
		T64(a_change_of_type_flushes_only_if_nobody_has_since),
		T64(l1_takes_a_reference_for_each_entry),
		T32(l1_takes_a_reference_for_each_entry),
		T64(l1_refused_at_its_last_entry_has_moved_nothing),
		T32(l1_refused_at_its_last_entry_has_moved_nothing),
		T64(a_table_that_maps_itself_writable_is_refused),
		T64(an_entry_is_found_wherever_it_stands),
		T64(a_tree_is_checked_and_taken_apart_whatever_interrupts),
		T32(a_tree_is_checked_and_taken_apart_whatever_interrupts),
		T64(shared_tables_are_counted_in_runs),
		T64(runs_of_an_l4_stop_at_our_slots),
		T64(a_run_ends_at_a_table_of_another_level),
		T32(shared_tables_are_counted_in_runs),
		T64(two_vcpus_do_not_take_one_table_apart),
		T32(two_vcpus_do_not_take_one_table_apart),
		T64(a_tree_refused_deep_down_gives_everything_back),
		T32(a_tree_refused_deep_down_gives_everything_back),
		T64(a_check_that_is_abandoned_goes_with_the_domain),
		T32(a_check_that_is_abandoned_goes_with_the_domain),
		T64(a_pinned_tree_goes_with_the_domain_in_small_steps),
		T32(a_pinned_tree_goes_with_the_domain_in_small_steps),
		T64(two_holders_check_once_and_the_last_takes_apart),
		T32(two_holders_check_once_and_the_last_takes_apart),
		T64(our_slots_of_an_l4_are_ours_whatever_the_guest_wrote),
		T64(a_pae_guest_has_no_l4_and_64bit_ones_no_last_l2),
		T32(a_pae_guest_has_no_l4_and_64bit_ones_no_last_l2),
		T32(the_last_l2_of_a_pae_guest_is_a_type_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
