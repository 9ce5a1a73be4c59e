// SPDX-License-Identifier: GPL-2.0-only
// sources: paging/world.c paging/type.c paging/table.c paging/pte.c paging/update.c paging/base.c paging/teardown.c paging/segdesc.c paging/m2p.c mem/frame.c
/* Descriptors: what may stand in a guest's tables, and what becomes of what may not. */
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

#define P	(1ul << 47)
#define S	(1ul << 44)
#define DPL(n)	((uint64_t)(n) << 45)
#define TYPE(n)	((uint64_t)(n) << 40)
#define L	(1ul << 53)
#define CODE	TYPE(0xa)
#define DATA	TYPE(0x2)
#define ACCESSED TYPE(1)
#define FLAT	0x00cf00000000fffful

static void each_descriptor_is_raised_or_refused(void **state)
{
	struct world *w = *state;
	bool wide = !w->mine->is_32bit;
	unsigned int ring = wide ? 3 : 1;

	for (unsigned int type = 0; type < 16; type++)
		for (unsigned int dpl = 0; dpl < 4; dpl++) {
			uint64_t raw = FLAT | P | DPL(dpl) | TYPE(type), fixed;
			uint64_t raised = dpl < ring ? ring : dpl;

			/* System descriptors: none but the null type. */
			assert_int_equal(segdesc_check(w->mine, raw, &fixed), type ? -EINVAL : 0);
			/* Code and data. */
			assert_int_equal(segdesc_check(w->mine, raw | S, &fixed), 0);
			assert_int_equal(fixed, FLAT | P | S | DPL(raised) | TYPE(type) | ACCESSED);
			/* 64-bit code is for 64-bit guests. */
			assert_int_equal(segdesc_check(w->mine, raw | S | L, &fixed),
					 type & 8 && !wide ? -EINVAL : 0);
			/* What is not present faults whatever it says. */
			assert_int_equal(segdesc_check(w->mine, raw & ~P, &fixed), 0);
			assert_int_equal(fixed, raw & ~P);
		}
}

static void a_page_is_changed_as_a_whole_or_not_at_all(void **state)
{
	struct world *w = *state;
	struct frame *f = frame_new(w->mine);
	uint64_t data = FLAT | P | S | DATA;

	words(f)[1] = data;
	words(f)[511] = FLAT | P | TYPE(0xc);	/* a call gate */
	assert_int_equal(type_get(f, PT_SEGDESC, NULL), -EINVAL);
	assert_int_equal(words(f)[1], data);
	assert_untouched(f);
	words(f)[511] = 0;
	assert_int_equal(type_get(f, PT_SEGDESC, NULL), 0);
	assert_int_equal(words(f)[1], data | ACCESSED | DPL(w->mine->is_32bit ? 1 : 3));
	assert_int_equal(type_get(f, PT_WRITABLE, NULL), -EBUSY);
	type_put(f);
	assert_untouched(f);
}

/* A vcpu with its windows, as far as descriptors need one. */
static struct vcpu *vcpu_new(struct world *w)
{
	struct vcpu *v = calloc(1, sizeof(*v));

	v->domain = w->mine;
	assert_int_equal(paging_vcpu_init(v), 0);
	return v;
}

static void vcpu_end(struct vcpu *v)
{
	paging_vcpu_free(v);
	free(v);
}

static void a_gdt_is_taken_whole_or_the_old_one_stays(void **state)
{
	struct world *w = *state;
	struct vcpu *v = vcpu_new(w);
	struct frame *a = frame_new(w->mine), *b = frame_new(w->mine), *theirs = frame_new(w->theirs);
	gfn_t one[] = { gfn(frame_mfn(a).n) };
	gfn_t bad[] = { gfn(frame_mfn(b).n), gfn(frame_mfn(theirs).n) };

	assert_int_equal(gdt_set(v, one, 1, 512), 0);
	assert_int_equal(refs(a), 2);
	assert_int_equal(type_refs(a), 1);
	assert_int_equal(pte_mfn(v->window[0]).n, frame_mfn(a).n);
	assert_int_equal(gdt_set(v, bad, 2, 1024), -EPERM);
	assert_int_equal(gdt_set(v, bad, 1, 1024), -EINVAL);
	assert_int_equal(gdt_set(v, bad, 15, 15 * 512), -EINVAL);
	assert_untouched(b);
	assert_untouched(theirs);
	assert_int_equal(pte_mfn(v->window[0]).n, frame_mfn(a).n);
	assert_int_equal(v->gdt_entries, 512);
	gdt_clear(v);
	assert_untouched(a);
	assert_false(v->window[0].raw & PTE_W);
	vcpu_end(v);
}

static void ldt_bounds_are_checked(void **state)
{
	struct world *w = *state;
	struct vcpu *v = vcpu_new(w);

	assert_int_equal(ldt_set(v, 0x10000, 8193), -EINVAL);
	assert_int_equal(ldt_set(v, 0x10008, 1), -EINVAL);
	assert_int_equal(ldt_set(v, HV_VIRT_START, 1), -EINVAL);
	assert_int_equal(ldt_set(v, 0x0000800000000000, 1), -EINVAL);
	assert_int_equal(ldt_set(v, 0x00007ffffffff000, 513), -EINVAL);
	assert_int_equal(ldt_set(v, 0x10000, 8192), 0);
	assert_int_equal(v->ldt_entries, 8192);
	assert_false(ldt_fault(v, 8192 * 8));
	assert_int_equal(ldt_set(v, 0, 0), 0);
	assert_false(ldt_fault(v, 0));
	vcpu_end(v);
}

static void selectors_get_the_ring_the_kernel_runs_in(void **state)
{
	struct world *w = *state;
	unsigned int ring = w->mine->is_32bit ? 1 : 3;

	for (unsigned int rpl = 0; rpl < 4; rpl++) {
		unsigned int want = rpl < ring ? ring : rpl;

		assert_int_equal(fix_guest_cs(w->mine, (uint16_t)(0xe030 | rpl)), 0xe030 | want);
	}
}

int main(void)
{
#define T64(t) cmocka_unit_test_setup_teardown(t, setup64, teardown)
#define T32(t) cmocka_unit_test_setup_teardown(t, setup32, teardown)
#define BOTH(t) T64(t), T32(t)
	const struct CMUnitTest tests[] = {
		BOTH(each_descriptor_is_raised_or_refused),
		BOTH(a_page_is_changed_as_a_whole_or_not_at_all),
		BOTH(a_gdt_is_taken_whole_or_the_old_one_stays),
		BOTH(ldt_bounds_are_checked),
		BOTH(selectors_get_the_ring_the_kernel_runs_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
