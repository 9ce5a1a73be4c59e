// SPDX-License-Identifier: GPL-2.0-only
// sources: guest/world.c guest/domain.c guest/vcpu.c guest/access.c guest/shared.c guest/pvclock.c sched/sched.c evtchn/channel.c evtchn/op.c evtchn/virq.c evtchn/vtimer.c grant/table.c grant/map.c grant/copy.c grant/op.c compat/grant.c paging/type.c paging/table.c paging/pte.c paging/update.c paging/base.c paging/teardown.c paging/segdesc.c paging/m2p.c mem/frame.c
/*
 * Grants: a lends, b borrows. What b may do with it, what both are told, and that every way back
 * gives exactly what was taken. Mappings go into an L1 table of b's by the entry's address.
 */
#include "guest/world.h"

#define ARG	GUEST_AT(0x1000)
#define REF	9u

struct lent {
	struct world *w;
	struct frame *f;		/* a's */
	struct frame *table;		/* b's L1 */
	struct grant_entry_v1 *entry;
};

static void lend(struct lent *l, uint16_t flags)
{
	l->entry->domid = l->w->b->id;
	l->entry->frame = (uint32_t)frame_mfn(l->f).n;
	l->entry->flags = flags;
}

static int setup(void **state, bool is_32bit)
{
	struct lent *l = calloc(1, sizeof(*l));

	l->w = world_new(is_32bit);
	l->f = frame_new(l->w->a);
	l->table = frame_new(l->w->b);
	assert_int_equal(type_get(l->table, PT_L1, NULL), 0);
	l->entry = (struct grant_entry_v1 *)map_mfn(mfn(grant_shared_number(l->w->a, 0))) + REF;
	lend(l, GTF_permit_access);
	world_as(l->w->b->vcpu[0]);
	*state = l;
	return 0;
}

static int setup64(void **state)
{
	return setup(state, false);
}

static int setup32(void **state)
{
	return setup(state, true);
}

static int teardown(void **state)
{
	struct lent *l = *state;

	type_put(l->table);
	world_free(l->w);
	free(l);
	return 0;
}

static int64_t ask_n(unsigned int cmd, void *req, size_t bytes, unsigned int count)
{
	bool narrow = current->domain->is_32bit;
	int64_t rc;

	memcpy(fake_guest_at(ARG), req, bytes * count);
	rc = call(narrow ? hc32_grant_table_op : hc_grant_table_op, cmd, ARG, count);
	memcpy(req, fake_guest_at(ARG), bytes * count);
	return rc;
}

static int64_t ask(unsigned int cmd, void *req, size_t bytes)
{
	return ask_n(cmd, req, bytes, 1);
}

static uint64_t slot_address(const struct lent *l, unsigned int slot)
{
	return (frame_mfn(l->table).n << PAGE_SHIFT) + slot * 8;
}

static uint64_t slot_value(const struct lent *l, unsigned int slot)
{
	return ((uint64_t *)frame_map(l->table))[slot];
}

static struct gnttab_map_grant_ref map_ref(struct lent *l, grant_ref_t ref, unsigned int slot,
					   uint32_t flags)
{
	struct gnttab_map_grant_ref op = {
		.host_addr = slot_address(l, slot), .ref = ref, .dom = l->w->a->id,
		.flags = GNTMAP_host_map | GNTMAP_contains_pte | flags,
	};

	assert_int_equal(ask(GNTTABOP_map_grant_ref, &op, sizeof(op)), 0);
	return op;
}

static int unmap(struct lent *l, uint32_t handle, unsigned int slot)
{
	struct gnttab_unmap_grant_ref op = {
		.host_addr = slot_address(l, slot), .handle = handle,
	};

	assert_int_equal(ask(GNTTABOP_unmap_grant_ref, &op, sizeof(op)), 0);
	return op.status;
}

/* Nothing is lent any more: the frame is as it was, and the granter's word says so. */
static void assert_all_back(const struct lent *l)
{
	assert_int_equal(l->f->refs, 1);
	assert_int_equal(l->f->type & TYPE_COUNT, 0);
	assert_int_equal(l->entry->flags & (GTF_reading | GTF_writing), 0);
	assert_int_equal(l->w->b->grant->track_used, 0);
}

/* --- map and unmap --- */

static void mapping_tells_and_holds(void **state)
{
	struct lent *l = *state;
	struct gnttab_map_grant_ref op = map_ref(l, REF, 3, 0);

	assert_int_equal(op.status, GNTST_okay);
	assert_int_equal(op.dev_bus_addr, frame_mfn(l->f).n << PAGE_SHIFT);
	assert_int_equal(slot_value(l, 3) & PTE_FRAME, frame_mfn(l->f).n << PAGE_SHIFT);
	assert_true(slot_value(l, 3) & PTE_W);
	assert_int_equal(l->entry->flags & (GTF_reading | GTF_writing), GTF_reading | GTF_writing);
	assert_int_equal(l->f->refs, 2);
	assert_true(type_is(l->f, PT_WRITABLE));

	assert_int_equal(unmap(l, op.handle, 3), GNTST_okay);
	assert_int_equal(slot_value(l, 3), 0);
	assert_all_back(l);
}

static void a_readonly_map_is_readonly(void **state)
{
	struct lent *l = *state;
	struct gnttab_map_grant_ref op;

	lend(l, GTF_permit_access | GTF_readonly);
	op = map_ref(l, REF, 0, 0);
	assert_int_equal(op.status, GNTST_general_error);
	assert_all_back(l);

	op = map_ref(l, REF, 0, GNTMAP_readonly);
	assert_int_equal(op.status, GNTST_okay);
	assert_false(slot_value(l, 0) & PTE_W);
	assert_int_equal(l->entry->flags & (GTF_reading | GTF_writing), GTF_reading);
	assert_int_equal(l->f->type & TYPE_COUNT, 0);
	assert_int_equal(unmap(l, op.handle, 0), GNTST_okay);
	assert_all_back(l);
}

static void maps_of_one_ref_are_counted(void **state)
{
	struct lent *l = *state;
	struct gnttab_map_grant_ref op[4];

	for (unsigned int i = 0; i < 4; i++) {
		op[i] = map_ref(l, REF, i, i == 3 ? GNTMAP_readonly : 0);
		assert_int_equal(op[i].status, GNTST_okay);
	}
	assert_int_equal(l->f->refs, 5);
	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(unmap(l, op[i].handle, i), GNTST_okay);
	assert_int_equal(l->entry->flags & (GTF_reading | GTF_writing), GTF_reading);
	assert_int_equal(unmap(l, op[3].handle, 3), GNTST_okay);
	assert_all_back(l);
}

static void what_was_not_granted_is_not_mapped(void **state)
{
	struct lent *l = *state;
	struct gnttab_map_grant_ref op;

	assert_int_equal(map_ref(l, REF + 1, 0, 0).status, GNTST_general_error);
	assert_int_equal(map_ref(l, GRANTS_PER_FRAME, 0, 0).status, GNTST_bad_gntref);
	assert_int_equal(map_ref(l, UINT32_MAX, 0, 0).status, GNTST_bad_gntref);
	lend(l, GTF_accept_transfer);
	assert_int_equal(map_ref(l, REF, 0, 0).status, GNTST_general_error);
	lend(l, GTF_transitive);
	assert_int_equal(map_ref(l, REF, 0, 0).status, GNTST_general_error);
	lend(l, GTF_permit_access);
	l->entry->domid = 0;
	assert_int_equal(map_ref(l, REF, 0, 0).status, GNTST_general_error);
	lend(l, GTF_permit_access);
	l->entry->frame = (uint32_t)frame_mfn(l->table).n;	/* b's own, not a's to lend */
	assert_int_equal(map_ref(l, REF, 0, 0).status, GNTST_bad_page);
	l->entry->frame = 0xffffffff;
	assert_int_equal(map_ref(l, REF, 0, 0).status, GNTST_bad_page);
	op = (struct gnttab_map_grant_ref){ .dom = 77, .flags = GNTMAP_host_map };
	assert_int_equal(ask(GNTTABOP_map_grant_ref, &op, sizeof(op)), 0);
	assert_int_equal(op.status, GNTST_bad_domain);
	op = (struct gnttab_map_grant_ref){ .dom = l->w->a->id, .flags = GNTMAP_readonly };
	assert_int_equal(ask(GNTTABOP_map_grant_ref, &op, sizeof(op)), 0);
	assert_int_equal(op.status, GNTST_bad_gntref);
	assert_all_back(l);
}

static void a_page_table_is_not_lent_for_writing(void **state)
{
	struct lent *l = *state;
	struct gnttab_map_grant_ref op;

	assert_int_equal(type_get(l->f, PT_L1, NULL), 0);
	assert_int_equal(map_ref(l, REF, 0, 0).status, GNTST_general_error);
	op = map_ref(l, REF, 0, GNTMAP_readonly);
	assert_int_equal(op.status, GNTST_okay);
	assert_int_equal(unmap(l, op.handle, 0), GNTST_okay);
	type_put(l->f);
	assert_int_equal(l->f->refs, 1);
}

static void a_bad_place_takes_nothing(void **state)
{
	struct lent *l = *state;
	struct gnttab_map_grant_ref op = {
		.ref = REF, .dom = l->w->a->id, .flags = GNTMAP_host_map | GNTMAP_contains_pte,
	};
	static const uint64_t places[] = { 0, 1, 4, ~0ul };

	for (unsigned int i = 0; i < ARRAY_SIZE(places); i++) {
		op.host_addr = i == 1 ? slot_address(l, 0) + 4 : places[i];
		assert_int_equal(ask(GNTTABOP_map_grant_ref, &op, sizeof(op)), 0);
		assert_int_equal(op.status, GNTST_general_error);
	}
	op.host_addr = frame_mfn(l->f).n << PAGE_SHIFT;		/* a's frame, and no table */
	assert_int_equal(ask(GNTTABOP_map_grant_ref, &op, sizeof(op)), 0);
	assert_int_equal(op.status, GNTST_general_error);
	assert_all_back(l);
}

static void unmapping_wants_the_right_words(void **state)
{
	struct lent *l = *state;
	struct gnttab_map_grant_ref op = map_ref(l, REF, 3, 0);

	assert_int_equal(unmap(l, op.handle + 1, 3), GNTST_bad_handle);
	assert_int_equal(unmap(l, UINT32_MAX, 3), GNTST_bad_handle);
	assert_int_equal(unmap(l, op.handle, 4), GNTST_general_error);
	assert_int_equal(l->f->refs, 2);
	assert_int_equal(unmap(l, op.handle, 3), GNTST_okay);
	assert_int_equal(unmap(l, op.handle, 3), GNTST_bad_handle);
	assert_all_back(l);
}

/* Advisory 234: two maps of one frame, and the handle of the writable one taken for the other's. */
static void a_handle_takes_only_its_kind_of_entry(void **state)
{
	struct lent *l = *state;
	struct gnttab_map_grant_ref rw = map_ref(l, REF, 1, 0), ro = map_ref(l, REF, 2, GNTMAP_readonly);

	assert_int_equal(unmap(l, rw.handle, 2), GNTST_general_error);
	assert_int_equal(unmap(l, ro.handle, 1), GNTST_general_error);
	assert_int_equal(l->entry->flags & (GTF_reading | GTF_writing), GTF_reading | GTF_writing);
	assert_int_equal(l->f->refs, 3);
	assert_int_equal(unmap(l, rw.handle, 1), GNTST_okay);
	assert_int_equal(l->entry->flags & (GTF_reading | GTF_writing), GTF_reading);
	assert_int_equal(unmap(l, ro.handle, 2), GNTST_okay);
	assert_all_back(l);
}

static void device_maps_count_by_themselves(void **state)
{
	struct lent *l = *state;
	struct gnttab_map_grant_ref op = map_ref(l, REF, 3, GNTMAP_device_map);
	struct gnttab_unmap_grant_ref un = { .handle = op.handle, .dev_bus_addr = op.dev_bus_addr };

	assert_int_equal(op.status, GNTST_okay);
	assert_int_equal(l->f->refs, 3);
	assert_int_equal(unmap(l, op.handle, 3), GNTST_okay);
	assert_int_equal(l->f->refs, 2);
	assert_int_equal(l->entry->flags & GTF_reading, GTF_reading);
	un.dev_bus_addr += PAGE_SIZE;
	assert_int_equal(ask(GNTTABOP_unmap_grant_ref, &un, sizeof(un)), 0);
	assert_int_equal(un.status, GNTST_bad_dev_addr);
	un.dev_bus_addr -= PAGE_SIZE;
	assert_int_equal(ask(GNTTABOP_unmap_grant_ref, &un, sizeof(un)), 0);
	assert_int_equal(un.status, GNTST_okay);
	assert_all_back(l);
}

static void an_answer_that_cannot_be_written_leaves_no_map(void **state)
{
	struct lent *l = *state;
	struct gnttab_map_grant_ref op = map_ref(l, REF, 3, 0);

	assert_int_equal(unmap(l, op.handle, 3), GNTST_okay);
	assert_int_equal(call(hc_grant_table_op, GNTTABOP_map_grant_ref, 0x1000, 1), -EFAULT);
	assert_int_equal(call(hc_grant_table_op, GNTTABOP_map_grant_ref, ~0ul - 8, 1), -EFAULT);
	assert_all_back(l);
}

static void batches_are_restarted(void **state)
{
	struct lent *l = *state;
	struct gnttab_map_grant_ref op[20];
	struct gnttab_unmap_grant_ref un[20];

	for (unsigned int i = 0; i < 20; i++)
		op[i] = (struct gnttab_map_grant_ref){
			.host_addr = slot_address(l, i), .ref = REF, .dom = l->w->a->id,
			.flags = GNTMAP_host_map | GNTMAP_contains_pte,
		};
	budget = 3;
	assert_int_equal(ask_n(GNTTABOP_map_grant_ref, op, sizeof(op[0]), 20), 0);
	assert_true(restarts >= 5);
	for (unsigned int i = 0; i < 20; i++) {
		assert_int_equal(op[i].status, GNTST_okay);
		un[i] = (struct gnttab_unmap_grant_ref){ .host_addr = op[i].host_addr,
							 .handle = op[i].handle };
	}
	budget = 1;
	assert_int_equal(ask_n(GNTTABOP_unmap_grant_ref, un, sizeof(un[0]), 20), 0);
	for (unsigned int i = 0; i < 20; i++)
		assert_int_equal(un[i].status, GNTST_okay);
	assert_all_back(l);
}

/* --- death --- */

static void a_dead_borrower_gives_back(void **state)
{
	struct lent *l = *state;
	struct hcall h = { .d = l->w->dom0, .v = l->w->dom0->vcpu[0] };
	unsigned int rounds = 0;

	map_ref(l, REF, 1, 0);
	map_ref(l, REF, 2, GNTMAP_readonly | GNTMAP_device_map);
	l->w->b->life = DOMAIN_DYING;
	budget = 1;
	while (grant_relinquish(l->w->b, &h) == HC_RESTART)
		rounds++;
	assert_true(rounds > 0);
	assert_int_equal(l->w->b->grant->track_used, 0);
	assert_int_equal(l->entry->flags & (GTF_reading | GTF_writing), 0);
	assert_int_equal(l->f->refs, 3);	/* the page tables' share comes with them */
	l->w->b->life = DOMAIN_ALIVE;
}

static void a_dead_lender_lives_on_in_the_map(void **state)
{
	struct lent *l = *state;
	struct gnttab_map_grant_ref op = map_ref(l, REF, 1, 0);
	uint32_t held = l->w->a->refs;

	assert_true(held > 1);
	l->w->a->life = DOMAIN_DYING;
	assert_int_equal(map_ref(l, REF, 2, 0).status, GNTST_bad_domain);
	l->w->a->life = DOMAIN_ALIVE;
	assert_int_equal(unmap(l, op.handle, 1), GNTST_okay);
	assert_true(l->w->a->refs < held);
	assert_all_back(l);
}

/* --- copy --- */

static int copy(struct lent *l, bool to_grant, gfn_t own, uint16_t from, uint16_t to, uint16_t len,
		domid_t own_domid)
{
	if (current->domain->is_32bit) {
		struct side { uint32_t number; domid_t domid; uint16_t offset; };
		struct { struct side from, to; uint16_t len, flags; int16_t status; } op = {
			.len = len, .flags = to_grant ? GNTCOPY_dest_gref : GNTCOPY_source_gref,
		};
		struct side lent = { REF, l->w->a->id, to_grant ? to : from };
		struct side mine = { (uint32_t)own.n, own_domid, to_grant ? from : to };

		op.from = to_grant ? mine : lent;
		op.to = to_grant ? lent : mine;
		assert_int_equal(ask(GNTTABOP_copy, &op, sizeof(op)), 0);
		return op.status;
	} else {
		struct gnttab_copy op = { .len = len };
		struct gnttab_copy_ptr mine = { .u.gmfn = own.n, .domid = own_domid };
		struct gnttab_copy_ptr lent = { .u.ref = REF, .domid = l->w->a->id };

		mine.offset = to_grant ? from : to;
		lent.offset = to_grant ? to : from;
		op.source = to_grant ? mine : lent;
		op.dest = to_grant ? lent : mine;
		op.flags = to_grant ? GNTCOPY_dest_gref : GNTCOPY_source_gref;
		assert_int_equal(ask(GNTTABOP_copy, &op, sizeof(op)), 0);
		return op.status;
	}
}

static void copying_goes_both_ways_inside_a_page(void **state)
{
	struct lent *l = *state;
	struct frame *mine = frame_new(l->w->b);
	gfn_t own = gfn(frame_mfn(mine).n);
	char *theirs = frame_map(l->f), *ours = frame_map(mine);

	memcpy(theirs + 100, "from a", 6);
	assert_int_equal(copy(l, false, own, 100, 200, 6, DOMID_SELF), GNTST_okay);
	assert_memory_equal(ours + 200, "from a", 6);
	memcpy(ours + 4090, "from b", 6);
	assert_int_equal(copy(l, true, own, 4090, 0, 6, DOMID_SELF), GNTST_okay);
	assert_memory_equal(theirs, "from b", 6);
	assert_int_equal(copy(l, true, own, 4090, 0, 7, DOMID_SELF), GNTST_bad_copy_arg);
	assert_int_equal(copy(l, false, own, 0, 4000, 97, DOMID_SELF), GNTST_bad_copy_arg);
	assert_int_equal(mine->refs, 1);
	assert_all_back(l);
}

static void copying_is_refused_where_mapping_would_be(void **state)
{
	struct lent *l = *state;
	struct frame *mine = frame_new(l->w->b);
	gfn_t own = gfn(frame_mfn(mine).n), foreign = gfn(frame_mfn(l->f).n);

	lend(l, GTF_permit_access | GTF_readonly);
	assert_int_equal(copy(l, true, own, 0, 0, 8, DOMID_SELF), GNTST_general_error);
	assert_int_equal(copy(l, false, own, 0, 0, 8, DOMID_SELF), GNTST_okay);
	/* By number only one's own; never a page table. */
	assert_int_equal(copy(l, false, foreign, 0, 0, 8, DOMID_SELF), GNTST_bad_page);
	assert_int_equal(copy(l, false, foreign, 0, 0, 8, l->w->a->id), GNTST_permission_denied);
	assert_int_equal(copy(l, false, gfn(frame_mfn(l->table).n), 0, 0, 8, DOMID_SELF),
			 GNTST_general_error);
	assert_all_back(l);
}

/* --- the table --- */

static void tables_grow_to_their_limit(void **state)
{
	struct lent *l = *state;
	struct gnttab_query_size q = { .dom = DOMID_SELF };
	uint64_t *list64 = fake_guest_at(GUEST_AT(0x3000));
	uint32_t *list32 = fake_guest_at(GUEST_AT(0x3000));
	int status;

	if (current->domain->is_32bit) {
		struct { domid_t dom; uint32_t nr; int16_t status; uint32_t list; } op = {
			DOMID_SELF, 3, 1, (uint32_t)GUEST_AT(0x3000),
		};

		assert_int_equal(ask(GNTTABOP_setup_table, &op, sizeof(op)), 0);
		status = op.status;
		assert_int_equal(list32[2], grant_shared_number(l->w->b, 2));
		op.nr = GRANT_FRAMES_DEFAULT + 1;
		assert_int_equal(ask(GNTTABOP_setup_table, &op, sizeof(op)), 0);
		assert_int_equal(op.status, GNTST_general_error);
	} else {
		struct gnttab_setup_table op = { .dom = DOMID_SELF, .nr_frames = 3 };

		op.frame_list.p = (void *)GUEST_AT(0x3000);
		assert_int_equal(ask(GNTTABOP_setup_table, &op, sizeof(op)), 0);
		status = op.status;
		assert_int_equal(list64[2], grant_shared_number(l->w->b, 2));
		op.nr_frames = GRANT_FRAMES_DEFAULT + 1;
		assert_int_equal(ask(GNTTABOP_setup_table, &op, sizeof(op)), 0);
		assert_int_equal(op.status, GNTST_general_error);
		op.dom = l->w->a->id;
		assert_int_equal(ask(GNTTABOP_setup_table, &op, sizeof(op)), 0);
		assert_int_equal(op.status, GNTST_permission_denied);
	}
	assert_int_equal(status, GNTST_okay);
	assert_int_equal(ask(GNTTABOP_query_size, &q, sizeof(q)), 0);
	assert_int_equal(q.status, GNTST_okay);
	assert_int_equal(q.nr_frames, 3);
	assert_int_equal(q.max_nr_frames, GRANT_FRAMES_DEFAULT);
}

static void there_is_version_1(void **state)
{
	struct gnttab_set_version set = { 1 };
	struct gnttab_get_version get = { .dom = DOMID_SELF };

	(void)state;
	assert_int_equal(ask(GNTTABOP_set_version, &set, sizeof(set)), 0);
	set.version = 2;
	assert_int_equal(ask(GNTTABOP_set_version, &set, sizeof(set)), -ENOSYS);
	set.version = 3;
	assert_int_equal(ask(GNTTABOP_set_version, &set, sizeof(set)), -EINVAL);
	assert_int_equal(ask(GNTTABOP_get_version, &get, sizeof(get)), 0);
	assert_int_equal(get.version, 1);
	get.dom = 1;
	assert_int_equal(ask(GNTTABOP_get_version, &get, sizeof(get)), -EPERM);
}

static void entries_in_use_do_not_change_places(void **state)
{
	struct lent *l = *state;
	struct gnttab_swap_grant_ref op = { REF, REF + 1, 0 };
	struct gnttab_map_grant_ref m = map_ref(l, REF, 0, 0);

	world_as(l->w->a->vcpu[0]);
	assert_int_equal(ask(GNTTABOP_swap_grant_ref, &op, sizeof(op)), 0);
	assert_int_equal(op.status, GNTST_eagain);
	world_as(l->w->b->vcpu[0]);
	assert_int_equal(unmap(l, m.handle, 0), GNTST_okay);
	world_as(l->w->a->vcpu[0]);
	assert_int_equal(ask(GNTTABOP_swap_grant_ref, &op, sizeof(op)), 0);
	assert_int_equal(op.status, GNTST_okay);
	assert_int_equal(l->entry[0].flags, 0);
	assert_int_equal(l->entry[1].frame, frame_mfn(l->f).n);
	op.ref_b = UINT32_MAX;
	assert_int_equal(ask(GNTTABOP_swap_grant_ref, &op, sizeof(op)), 0);
	assert_int_equal(op.status, GNTST_bad_gntref);
}

static void odd_calls_are_refused(void **state)
{
	struct gnttab_query_size q[2] = { { .dom = DOMID_SELF } };

	(void)state;
	assert_int_equal(call(hc_grant_table_op, 99, ARG, 1), -ENOSYS);
	assert_int_equal(call(hc_grant_table_op, GNTTABOP_cache_flush, ARG, 1), -ENOSYS);
	assert_int_equal(call(hc_grant_table_op, GNTTABOP_map_grant_ref, ARG, 0x80000000), -EINVAL);
	assert_int_equal(ask_n(GNTTABOP_query_size, q, sizeof(q[0]), 2), -EINVAL);
	assert_int_equal(call(hc_grant_table_op, GNTTABOP_setup_table, ARG, 0), -EINVAL);
}

#define both(f)	cmocka_unit_test_setup_teardown(f, setup64, teardown), \
		cmocka_unit_test_setup_teardown(f, setup32, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		both(mapping_tells_and_holds),
		both(a_readonly_map_is_readonly),
		both(maps_of_one_ref_are_counted),
		both(what_was_not_granted_is_not_mapped),
		both(a_page_table_is_not_lent_for_writing),
		both(a_bad_place_takes_nothing),
		both(unmapping_wants_the_right_words),
		both(a_handle_takes_only_its_kind_of_entry),
		both(device_maps_count_by_themselves),
		both(an_answer_that_cannot_be_written_leaves_no_map),
		both(batches_are_restarted),
		both(a_dead_borrower_gives_back),
		both(a_dead_lender_lives_on_in_the_map),
		both(copying_goes_both_ways_inside_a_page),
		both(copying_is_refused_where_mapping_would_be),
		both(tables_grow_to_their_limit),
		both(there_is_version_1),
		both(entries_in_use_do_not_change_places),
		both(odd_calls_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
