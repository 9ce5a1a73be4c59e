// SPDX-License-Identifier: GPL-2.0-only
// sources: paging/world.c paging/type.c paging/table.c paging/pte.c paging/update.c paging/base.c paging/teardown.c paging/segdesc.c paging/m2p.c mem/frame.c
/* Entries: which bits may stand in which table, which frames may be named, and what changes hold. */
#include "paging/world.h"

#include "cpu/features.h"
#include "mem/heap.h"

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

static struct pt_context context(struct world *w)
{
	return (struct pt_context){ w->mine, w->mine, &w->h };
}

/* Every single bit beside P, in a table of every type: accepted or refused as listed. */
static void check_bits(struct world *w, unsigned int type, uint64_t allowed)
{
	struct pt_context ctx = context(w);
	struct frame *f = frame_new(w->mine);

	for (unsigned int bit = 1; bit < 64; bit++) {
		uint64_t flag = 1ul << bit;
		pte_t got;
		int rc;

		if (flag & PTE_FRAME)
			continue;
		rc = pte_admit(&ctx, type, 0, gpte(entry_of(f, PTE_P | flag)), &got);
		if (rc != ((allowed & flag) ? 0 : -EINVAL))
			fail_msg("type %u, bit %u: %d", type, bit, rc);
		if (rc) {
			assert_untouched(f);
			continue;
		}
		assert_int_equal(refs(f), 2);
		pte_drop(type, got);
		assert_int_equal(paging_settle(w->mine, NULL), 0);
		assert_untouched(f);
	}
}

#define BASE_BITS (PTE_W | PTE_U | PTE_A | PTE_D | PTE_AVAIL)
#define L1_BITS (BASE_BITS | PTE_PWT | PTE_PCD | PTE_PAT | PTE_G | PTE_AVAIL_HIGH | PTE_NX)
#define UPPER_BITS (BASE_BITS | PTE_AVAIL_HIGH | PTE_NX)

static void each_bit_is_allowed_or_refused_as_listed(void **state)
{
	struct world *w = *state;

	check_bits(w, PT_L1, L1_BITS);
	check_bits(w, PT_L2, UPPER_BITS);
	if (w->mine->is_32bit) {
		check_bits(w, PT_L2_LAST32, UPPER_BITS);
		check_bits(w, PT_L3, BASE_BITS | PTE_PWT | PTE_PCD);
	} else {
		check_bits(w, PT_L3, UPPER_BITS);
		check_bits(w, PT_L4, UPPER_BITS);
	}
}

static void a_large_page_is_never_admitted(void **state)
{
	struct world *w = *state;
	struct pt_context ctx = context(w);
	struct frame *f = frame_new(w->mine);
	pte_t got;

	for (unsigned int type = PT_L2; type <= PT_L3; type++) {
		assert_int_equal(pte_admit(&ctx, type, 0, gpte(entry_of(f, TBL | PTE_PS)), &got),
				 -EINVAL);
		assert_untouched(f);
	}
}

static void our_bits_are_added_and_taken_away(void **state)
{
	struct world *w = *state;
	struct pt_context ctx = context(w);
	struct frame *f = frame_new(w->mine);
	bool wide = !w->mine->is_32bit;
	pte_t got;

	assert_int_equal(pte_admit(&ctx, PT_L1, 0,
				   gpte(entry_of(f, PTE_P | PTE_G | PTE_PCD | PTE_PWT | PTE_PAT)),
				   &got), 0);
	assert_int_equal(got.raw, entry_of(f, PTE_P | (wide ? PTE_U : 0)));
	pte_drop(PT_L1, got);
	assert_int_equal(pte_admit(&ctx, PT_L3, 0, gpte(entry_of(f, PTE_P)), &got), 0);
	assert_int_equal(got.raw, entry_of(f, wide ? PTE_P | PTE_U :
						     PTE_P | PTE_W | PTE_U | PTE_A));
	pte_drop(PT_L3, got);
	assert_int_equal(paging_settle(w->mine, NULL), 0);
	assert_untouched(f);
}

static void an_absent_entry_is_stored_as_it_is(void **state)
{
	struct world *w = *state;
	struct pt_context ctx = context(w);
	uint64_t swap = 0x1234567800000000ul | 0x7fe;
	pte_t got;

	assert_int_equal(pte_admit(&ctx, PT_L1, 0, gpte(swap), &got), 0);
	assert_int_equal(got.raw, swap);
	pte_drop(PT_L1, got);
}

static void an_absent_entry_may_not_name_ram_where_the_cpu_leaks(void **state)
{
	struct world *w = *state;
	struct pt_context ctx = context(w);
	pte_t got;

	pte_init();	/* the fake CPU is an Intel without RDCL_NO */
	assert_int_equal(pte_admit(&ctx, PT_L1, 0, gpte(0x300ul << PAGE_SHIFT), &got), -EINVAL);
	assert_int_equal(pte_admit(&ctx, PT_L1, 0, gpte(1ul << 50), &got), 0);
	assert_int_equal(pte_admit(&ctx, PT_L1, 0, gpte(0x6), &got), 0);
	host.arch_capabilities = true;
	host.arch_cap_value = 1;
	pte_init();
	assert_int_equal(pte_admit(&ctx, PT_L1, 0, gpte(0x300ul << PAGE_SHIFT), &got), 0);
}

static void another_domains_frame_needs_to_be_named(void **state)
{
	struct world *w = *state;
	struct pt_context ctx = context(w);
	struct frame *f = frame_new(w->theirs);
	pte_t got;

	assert_int_equal(pte_admit(&ctx, PT_L1, 0, gpte(entry_of(f, RO)), &got), -EPERM);
	assert_untouched(f);
	ctx.frame_owner = w->theirs;
	assert_int_equal(pte_admit(&ctx, PT_L1, 0, gpte(entry_of(f, RW)), &got), 0);
	assert_int_equal(refs(f), 2);
	assert_int_equal(type_refs(f), 1);
	pte_drop(PT_L1, got);
	assert_untouched(f);
	/* Tables are one's own, whoever was named. */
	assert_int_equal(pte_admit(&ctx, PT_L2, 0, gpte(entry_of(f, TBL)), &got), -EPERM);
	assert_untouched(f);
}

static void device_memory_needs_a_permission_and_no_reference(void **state)
{
	struct world *w = *state;
	struct pt_context ctx = context(w);
	uint64_t beyond = WORLD_FRAMES + 10;
	pte_t got;

	assert_int_equal(pte_admit(&ctx, PT_L1, 0, gpte(beyond << PAGE_SHIFT | RW), &got), -EPERM);
	w->mine->iomem = rangeset_create(8);
	assert_int_equal(rangeset_add(w->mine->iomem, beyond, beyond), 0);
	assert_int_equal(pte_admit(&ctx, PT_L1, 0, gpte(beyond << PAGE_SHIFT | RW | PTE_PCD), &got),
			 0);
	assert_true(got.raw & PTE_PCD);
	pte_drop(PT_L1, got);
	assert_int_equal(pte_admit(&ctx, PT_L1, 0, gpte((beyond + 1) << PAGE_SHIFT | RW), &got),
			 -EPERM);
	assert_int_equal(pte_admit(&ctx, PT_L2, 0, gpte(beyond << PAGE_SHIFT | TBL), &got), -EINVAL);
	/* Beyond what the CPU can address, whatever the permission says. */
	assert_int_equal(rangeset_add(w->mine->iomem, 1ul << 35, 1ul << 36), 0);
	assert_int_equal(pte_admit(&ctx, PT_L1, 0, gpte(1ul << 35 << PAGE_SHIFT | RW), &got), -EINVAL);
}

static void free_frames_and_our_own_are_nobodys_to_map(void **state)
{
	struct world *w = *state;
	struct pt_context ctx = context(w);
	pte_t got;

	assert_int_equal(pte_admit(&ctx, PT_L1, 0, gpte(0x800ul << PAGE_SHIFT | RO), &got), -EPERM);
	assert_int_equal(pte_admit(&ctx, PT_L1, 0,
				   gpte(pa_of(w->mine->perdomain_l3) | RO), &got), -EPERM);
}

static void a_shared_frame_of_ours_is_mapped_as_it_was_lent(void **state)
{
	struct world *w = *state;
	struct pt_context ctx = context(w);
	struct frame *rw = frames_alloc(0, 0), *ro = frames_alloc(0, 0);
	pte_t got;

	frame_share(rw, w->mine, true);
	frame_share(ro, w->mine, false);
	assert_int_equal(pte_admit(&ctx, PT_L1, 0, gpte(entry_of(rw, RW)), &got), 0);
	assert_int_equal(frame_unshare(rw), -EBUSY);	/* frees it with the mapping */
	pte_drop(PT_L1, got);
	assert_int_equal(pte_admit(&ctx, PT_L1, 0, gpte(entry_of(ro, RW)), &got), -EBUSY);
	assert_int_equal(pte_admit(&ctx, PT_L1, 0, gpte(entry_of(ro, RO)), &got), 0);
	pte_drop(PT_L1, got);
	assert_int_equal(type_get(ro, PT_L1, NULL), -EBUSY);
	assert_int_equal(type_get(ro, PT_SEGDESC, NULL), -EBUSY);
	assert_int_equal(frame_unshare(ro), 0);
	frames_free(ro, 0);
}

/* --- changes of live entries --- */

static struct frame *live_l1(struct world *w)
{
	struct frame *l1 = frame_new(w->mine);

	assert_int_equal(type_get(l1, PT_L1, NULL), 0);
	return l1;
}

static void a_change_moves_exactly_the_references_it_must(void **state)
{
	struct world *w = *state;
	struct frame *l1 = live_l1(w), *a = frame_new(w->mine), *b = frame_new(w->mine);

	assert_int_equal(pt_update_entry(w->mine, w->mine, l1, 5, gpte(entry_of(a, RW)), false, NULL), 0);
	assert_int_equal(type_refs(a), 1);
	assert_int_equal(pt_update_entry(w->mine, w->mine, l1, 5, gpte(entry_of(a, RO)), false, NULL), 0);
	assert_int_equal(refs(a), 2);
	assert_int_equal(type_refs(a), 0);
	/* Bits that hold nothing. */
	assert_int_equal(pt_update_entry(w->mine, w->mine, l1, 5,
					 gpte(entry_of(a, RO | PTE_D | PTE_NX)), false, NULL), 0);
	assert_int_equal(refs(a), 2);
	assert_int_equal(words(l1)[5], entry_of(a, RO | PTE_D | PTE_NX));
	/* ... but not together with a bit that is refused. */
	assert_int_equal(pt_update_entry(w->mine, w->mine, l1, 5, gpte(entry_of(b, RW)), false, NULL), 0);
	assert_untouched(a);
	assert_int_equal(pt_update_entry(w->mine, w->mine, l1, 5, gpte(0), false, NULL), 0);
	assert_untouched(b);
	type_put(l1);
}

static void a_refused_change_leaves_the_entry_standing(void **state)
{
	struct world *w = *state;
	struct frame *l1 = live_l1(w), *a = frame_new(w->mine), *other = frame_new(w->theirs);

	assert_int_equal(pt_update_entry(w->mine, w->mine, l1, 1, gpte(entry_of(a, RW)), false, NULL), 0);
	assert_int_equal(pt_update_entry(w->mine, w->mine, l1, 1, gpte(entry_of(other, RO)), false, NULL),
			 -EPERM);
	assert_int_equal(pt_update_entry(w->mine, w->mine, l1, 1, gpte(entry_of(l1, RW)), false, NULL),
			 -EBUSY);
	assert_int_equal(pt_update_entry(w->mine, w->mine, l1, PT_ENTRIES, gpte(0), false, NULL), -EINVAL);
	assert_int_equal(pt_update_entry(w->theirs, w->mine, l1, 1, gpte(0), false, NULL), -EPERM);
	assert_int_equal(pt_update_entry(w->mine, w->mine, a, 1, gpte(0), false, NULL), -EINVAL);
	assert_int_equal(words(l1)[1] & PTE_FRAME, entry_of(a, 0));
	assert_int_equal(type_refs(a), 1);
	assert_untouched(other);
	type_put(l1);
	assert_untouched(a);
}

static void accessed_and_dirty_survive_when_asked(void **state)
{
	struct world *w = *state;
	struct frame *l1 = live_l1(w), *a = frame_new(w->mine), *b = frame_new(w->mine);
	uint64_t rw = PTE_P | PTE_W | PTE_U;

	assert_int_equal(pt_update_entry(w->mine, w->mine, l1, 1, gpte(entry_of(a, rw)), false, NULL), 0);
	words(l1)[1] |= PTE_A | PTE_D;		/* the CPU's doing */
	assert_int_equal(pt_update_entry(w->mine, w->mine, l1, 1,
					 gpte(entry_of(a, PTE_P | PTE_U)), true, NULL), 0);
	assert_int_equal(words(l1)[1], entry_of(a, PTE_P | PTE_U | PTE_A | PTE_D));
	assert_int_equal(pt_update_entry(w->mine, w->mine, l1, 1, gpte(entry_of(b, rw)), false, NULL), 0);
	assert_int_equal(words(l1)[1], entry_of(b, rw));
	type_put(l1);
}

static void cmpxchg_happens_only_when_nothing_has_changed(void **state)
{
	struct world *w = *state;
	struct frame *l1 = live_l1(w), *a = frame_new(w->mine);
	uint64_t seen, rw = entry_of(a, RW);

	assert_int_equal(pt_cmpxchg_l1(w->mine, l1, 2, 0, gpte(rw), &seen), 0);
	assert_int_equal(seen, 0);
	assert_int_equal(words(l1)[2], rw);
	assert_int_equal(pt_cmpxchg_l1(w->mine, l1, 2, 0, gpte(entry_of(a, RO)), &seen), 0);
	assert_int_equal(seen, rw);
	assert_int_equal(words(l1)[2], rw);
	assert_int_equal(type_refs(a), 1);
	assert_int_equal(pt_cmpxchg_l1(w->mine, l1, 2, rw, gpte(entry_of(a, RO)), &seen), 0);
	assert_int_equal(type_refs(a), 0);
	assert_int_equal(refs(a), 2);
	assert_int_equal(pt_cmpxchg_l1(w->mine, a, 2, 0, gpte(0), &seen), -EINVAL);
	type_put(l1);
	assert_untouched(a);
}

static void an_upper_entry_is_compared_in_every_bit(void **state)
{
	struct world *w = *state;
	struct frame *l2 = frame_new(w->mine), *l1 = frame_new(w->mine);

	words(l2)[0] = entry_of(l1, TBL);
	assert_int_equal(type_get(l2, PT_L2, NULL), 0);
	/* Advisory 148: the same frame, with PS, is another thing. */
	assert_int_equal(pt_update_entry(w->mine, w->mine, l2, 0, gpte(entry_of(l1, TBL | PTE_PS)), false,
					 NULL), -EINVAL);
	assert_int_equal(pt_update_entry(w->mine, w->mine, l2, 0, gpte(entry_of(l1, TBL | PTE_D)), false,
					 NULL), 0);
	assert_int_equal(pt_update_entry(w->mine, w->mine, l2, 0,
					 gpte(entry_of(l1, PTE_P | PTE_U | PTE_A)), false, NULL), 0);
	assert_int_equal(type_refs(l1), 1);
	assert_int_equal(words(l2)[0], entry_of(l1, PTE_P | PTE_U | PTE_A));
	assert_int_equal(pt_update_entry(w->mine, w->mine, l2, 0, gpte(0), false, NULL), 0);
	assert_untouched(l1);
	type_put(l2);
	assert_int_equal(paging_settle(w->mine, NULL), 0);
}

static void slots_of_ours_are_not_the_guests_to_change(void **state)
{
	struct world *w = *state;
	struct frame *top = frame_new(w->mine);
	unsigned int type = w->mine->is_32bit ? PT_L2_LAST32 : PT_L4;
	unsigned int first = w->mine->is_32bit ? HV32_L2_FIRST : HV_SLOT_FIRST;
	unsigned int last = w->mine->is_32bit ? PT_ENTRIES - 1 : HV_SLOT_LAST;
	uint64_t before;

	assert_int_equal(type_get(top, type, NULL), 0);
	for (unsigned int slot = first; slot <= last; slot++) {
		before = words(top)[slot];
		assert_int_equal(pt_update_entry(w->mine, w->mine, top, slot, gpte(0), false, NULL),
				 -EINVAL);
		assert_int_equal(words(top)[slot], before);
	}
	assert_int_equal(pt_update_entry(w->mine, w->mine, top, first - 1, gpte(0), false, NULL), 0);
	type_put(top);
	assert_int_equal(paging_settle(w->mine, NULL), 0);
}

int main(void)
{
#define T64(t) cmocka_unit_test_setup_teardown(t, setup64, teardown)
#define T32(t) cmocka_unit_test_setup_teardown(t, setup32, teardown)
#define BOTH(t) T64(t), T32(t)
	const struct CMUnitTest tests[] = {
		BOTH(each_bit_is_allowed_or_refused_as_listed),
		BOTH(a_large_page_is_never_admitted),
		BOTH(our_bits_are_added_and_taken_away),
		BOTH(an_absent_entry_is_stored_as_it_is),
		BOTH(another_domains_frame_needs_to_be_named),
		BOTH(device_memory_needs_a_permission_and_no_reference),
		BOTH(free_frames_and_our_own_are_nobodys_to_map),
		BOTH(a_shared_frame_of_ours_is_mapped_as_it_was_lent),
		BOTH(a_change_moves_exactly_the_references_it_must),
		BOTH(a_refused_change_leaves_the_entry_standing),
		BOTH(accessed_and_dirty_survive_when_asked),
		BOTH(cmpxchg_happens_only_when_nothing_has_changed),
		BOTH(an_upper_entry_is_compared_in_every_bit),
		BOTH(slots_of_ours_are_not_the_guests_to_change),
		T64(an_absent_entry_may_not_name_ram_where_the_cpu_leaks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
