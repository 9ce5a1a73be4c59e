// SPDX-License-Identifier: GPL-2.0-only
// sources: guest/world.c guest/domain.c guest/vcpu.c guest/access.c guest/shared.c guest/pvclock.c sched/sched.c evtchn/channel.c evtchn/op.c evtchn/virq.c evtchn/vtimer.c grant/table.c grant/map.c grant/copy.c grant/op.c compat/grant.c paging/type.c paging/table.c paging/pte.c paging/update.c paging/base.c paging/teardown.c paging/segdesc.c paging/m2p.c mem/frame.c hypercall/vcpu_op.c compat/vcpu_op.c
/* Domains and their references, guest memory, the pages a guest shares with us, and vcpu_op. */
#include "guest/world.h"

#include <xen/foreign/x86_32.h>

#include "control/context.h"
#include "guest/access.h"
#include "hypercall/hypercall.h"

#define ARG	GUEST_AT(0x100)

int64_t vcpu_set_context64(struct vcpu *v, const struct vcpu_guest_context *c, struct hcall *h)
{
	(void)c;
	(void)h;
	v->initialised = true;
	return 0;
}

int64_t vcpu_set_context32(struct vcpu *v, const struct vcpu_guest_context_x86_32 *c,
			   struct hcall *h)
{
	(void)c;
	(void)h;
	v->initialised = true;
	return 0;
}

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

static int64_t vcpu_op(unsigned int cmd, unsigned int vcpu, const void *req, size_t bytes)
{
	if (req)
		memcpy(fake_guest_at(ARG), req, bytes);
	return call(current->domain->is_32bit ? hc32_vcpu_op : hc_vcpu_op, cmd, vcpu, ARG);
}

/* --- domains --- */

static void domains_are_found_by_number(void **state)
{
	struct world *w = *state;
	struct domain *d = domain_get_by_id(1);

	assert_ptr_equal(d, w->a);
	assert_int_equal(d->refs, 2);
	domain_put(d);
	assert_null(domain_get_by_id(3));
	assert_null(domain_get_by_id(DOMID_XEN));
	d = domain_get_by_id(DOMID_SELF);
	assert_ptr_equal(d, w->a);
	domain_put(d);
	/* What the tools' loops ask: the first with this number or a greater one. */
	d = domain_get_from(2);
	assert_ptr_equal(d, w->b);
	domain_put(d);
	assert_null(domain_get_from(3));
}

static void only_the_control_domain_touches_others(void **state)
{
	struct world *w = *state;
	struct domain *d = NULL;

	assert_int_equal(domain_get_target(2, &d), -EPERM);
	assert_null(d);
	assert_int_equal(domain_get_target(7, &d), -ESRCH);
	assert_int_equal(domain_get_target(1, &d), 0);
	domain_put(d);
	world_as(w->dom0->vcpu[0]);
	assert_int_equal(domain_get_target(2, &d), 0);
	domain_put(d);
	assert_int_equal(w->b->refs, 1);
}

/* --- guest memory --- */

static void only_the_guests_own_addresses_are_copied(void **state)
{
	struct world *w = *state;
	uint64_t value = 1;

	assert_int_equal(guest_write(gva(GUEST_AT(8)), &value, 8), 0);
	assert_int_equal(guest_read(&value, gva(GUEST_AT(8)), 8), 0);
	assert_int_equal(value, 1);
	assert_int_equal(guest_read(&value, gva(HV_VIRT_START), 8), -EFAULT);
	assert_int_equal(value, 0);		/* nothing of ours on the way out */
	assert_int_equal(guest_write(gva(0x00007ffffffffffcul), &value, 8), -EFAULT);
	assert_int_equal(guest_write(gva(~0ul - 3), &value, 8), -EFAULT);
	assert_false(guest_array_ok(gva(GUEST_AT(0)), 1ul << 61, 8));
	assert_false(guest_array_ok(gva(0x00007ffffffff000ul), 513, 8));
	assert_true(guest_array_ok(gva(GUEST_AT(0)), 0, 8));
	if (w->a->is_32bit) {
		assert_false(guest_array_ok(gva(0xfffffffc), 1, 8));
		assert_true(guest_array_ok(gva(0xfffffff8), 1, 8));
		assert_false(guest_array_ok(gva(1ul << 32), 1, 1));
	} else {
		assert_true(guest_array_ok(gva(0xfffffffc), 1, 8));
		assert_true(guest_array_ok(gva(HV_VIRT_END), 1, 8));
		assert_false(guest_array_ok(gva(HV_VIRT_END - 1), 1, 8));
	}
}

/* --- shared pages --- */

static int64_t register_info(unsigned int vcpu, const struct frame *f, uint32_t offset)
{
	struct vcpu_register_vcpu_info req = { .mfn = frame_mfn(f).n, .offset = offset };

	return vcpu_op(VCPUOP_register_vcpu_info, vcpu, &req, sizeof(req));
}

static void a_vcpu_info_has_its_place(void **state)
{
	struct world *w = *state;
	struct frame *mine = frame_new(w->a), *theirs = frame_new(w->b);
	uint32_t word = shared_word_bits(w->a) / 8;

	assert_int_equal(register_info(0, mine, PAGE_SIZE - 63), -ENXIO);
	assert_int_equal(register_info(0, mine, PAGE_SIZE - 64 + word), -ENXIO);
	assert_int_equal(register_info(0, mine, word / 2), -ENXIO);
	assert_int_equal(register_info(0, mine, UINT32_MAX), -ENXIO);
	assert_int_equal(register_info(0, theirs, 0), -EINVAL);
	assert_int_equal(mine->refs, 1);
	assert_int_equal(theirs->refs, 1);

	w->a->vcpu[1]->pause_flags = 0;		/* up, and not the one who asks */
	assert_int_equal(register_info(1, mine, 0), -EINVAL);
	w->a->vcpu[1]->pause_flags = VPF_DOWN;

	assert_int_equal(register_info(0, mine, PAGE_SIZE - 64), 0);
	assert_int_equal(mine->refs, 2);
	assert_true(type_is(mine, PT_WRITABLE));
	assert_int_equal(*vcpu_upcall_pending(w->a->vcpu[0]), 1);
	assert_int_equal(register_info(0, mine, 0), -EINVAL);
	assert_int_equal(mine->refs, 2);
	/* It stays what it is while we write there. */
	assert_int_equal(type_get(mine, PT_L1, NULL), -EBUSY);
}

static void a_page_table_is_no_vcpu_info(void **state)
{
	struct world *w = *state;
	struct frame *f = frame_new(w->a);

	assert_int_equal(type_get(f, PT_L1, NULL), 0);
	assert_int_equal(register_info(0, f, 0), -EINVAL);
	assert_int_equal(f->refs, 1);
	type_put(f);
}

static void time_is_published_between_two_versions(void **state)
{
	struct world *w = *state;
	struct vcpu *v = w->a->vcpu[0];
	struct vcpu_time_info *t = &((struct vcpu_info *)v->info)->time;
	struct shared_info *s64 = w->a->shared;
	struct shared_info_x86_32 *s32 = w->a->shared;
	uint32_t *wc = w->a->is_32bit ? &s32->wc_version : &s64->wc_version;
	uint32_t version;

	pvclock_update(v);
	version = t->version;
	assert_int_equal(version & 1, 0);
	assert_int_not_equal(version, 0);
	assert_int_equal(t->tsc_to_system_mul, tsc_scale.mul_frac);
	assert_int_equal(t->tsc_shift, tsc_scale.shift);
	pvclock_update(v);
	assert_int_equal(t->version, version);
	assert_int_equal(wc[0] & 1, 0);
	assert_int_equal(wc[1], 0x23456789);
	assert_int_equal(w->a->is_32bit ? s32->arch.wc_sec_hi : s64->wc_sec_hi, 1);
	/* A builder that cleared the page does not leave the guest without. */
	memset(w->a->shared, 0, PAGE_SIZE);
	pvclock_update(v);
	assert_int_equal(wc[1], 0x23456789);
	assert_int_equal(t->tsc_to_system_mul, tsc_scale.mul_frac);
}

/* --- areas by address --- */

static uint64_t runstate_at(const struct domain *d, unsigned int byte64, unsigned int byte32)
{
	uint64_t value;

	memcpy(&value, (uint8_t *)fake_guest_at(GUEST_AT(0x800)) + (d->is_32bit ? byte32 : byte64), 8);
	return value;
}

static void a_runstate_area_is_filled_in_the_guests_layout(void **state)
{
	struct world *w = *state;
	struct vcpu *v = w->a->vcpu[0];
	uint64_t area = GUEST_AT(0x800);

	memset(fake_guest_at(area), 0xee, 64);
	assert_int_equal(vcpu_op(VCPUOP_register_runstate_memory_area, 0, &area, sizeof(area)), 0);
	now_ns += 12345;
	w->a->vm_assist = 1ul << VMASST_TYPE_runstate_update_flag;
	v->areas_stale = true;
	vcpu_areas_publish(v);
	assert_int_equal(runstate_at(w->a, 8, 4) & XEN_RUNSTATE_UPDATE, 0);
	assert_int_equal(runstate_at(w->a, 8, 4), v->runstate.state_entry_time);
	/* time[offline] */
	assert_int_equal(runstate_at(w->a, 16 + 24, 12 + 24), now_ns - v->runstate.state_entry_time);
	assert_int_equal(((uint8_t *)fake_guest_at(area))[w->a->is_32bit ? 44 : 48], 0xee);
}

static void user_mode_waits_for_kernel_mode(void **state)
{
	struct world *w = *state;
	struct vcpu *v = w->a->vcpu[0];
	uint64_t area = GUEST_AT(0x800);

	assert_int_equal(vcpu_op(VCPUOP_register_runstate_memory_area, 0, &area, sizeof(area)), 0);
	memset(fake_guest_at(area), 0xee, 64);
	v->areas_stale = true;
	v->kernel_mode = false;
	vcpu_areas_publish(v);
	assert_int_equal(v->areas_stale, !w->a->is_32bit);
	v->kernel_mode = true;
	vcpu_areas_publish(v);
	assert_false(v->areas_stale);
	assert_int_equal(runstate_at(w->a, 8, 4), v->runstate.state_entry_time);
}

static void an_area_that_is_gone_harms_nobody(void **state)
{
	struct world *w = *state;
	struct vcpu *v = w->a->vcpu[0];
	uint64_t area = 0x1000, bad = HV_VIRT_START;

	assert_int_equal(vcpu_op(VCPUOP_register_runstate_memory_area, 0, &area, sizeof(area)), 0);
	v->areas_stale = true;
	vcpu_areas_publish(v);
	if (!w->a->is_32bit)
		assert_int_equal(vcpu_op(VCPUOP_register_vcpu_time_memory_area, 0, &bad, 8), -EFAULT);
	area = GUEST_AT(0x900);
	assert_int_equal(vcpu_op(VCPUOP_register_vcpu_time_memory_area, 0, &area, 8), 0);
	assert_int_equal(((struct vcpu_time_info *)fake_guest_at(area))->version, 2);
	area = 0;
	assert_int_equal(vcpu_op(VCPUOP_register_runstate_memory_area, 0, &area, sizeof(area)), 0);
	assert_true(gva_null(v->runstate_at));
}

/* --- vcpu_op --- */

static void vcpus_are_counted_by_asking(void **state)
{
	struct world *w = *state;

	assert_int_equal(vcpu_op(VCPUOP_is_up, 1, NULL, 0), 0);
	assert_int_equal(vcpu_op(VCPUOP_is_up, 2, NULL, 0), -ENOENT);
	assert_int_equal(vcpu_op(VCPUOP_is_up, UINT32_MAX, NULL, 0), -ENOENT);
	assert_int_equal(vcpu_op(VCPUOP_up, 0, NULL, 0), 0);
	assert_int_equal(vcpu_op(VCPUOP_up, 1, NULL, 0), 0);
	assert_int_equal(vcpu_op(VCPUOP_is_up, 1, NULL, 0), 1);
	assert_int_equal(vcpu_op(VCPUOP_down, 1, NULL, 0), 0);
	assert_int_equal(vcpu_op(VCPUOP_is_up, 1, NULL, 0), 0);
	assert_int_equal(vcpu_op(VCPUOP_initialise, 1, NULL, 0), -EEXIST);
	w->a->vcpu[1]->initialised = false;
	assert_int_equal(vcpu_op(VCPUOP_up, 1, NULL, 0), -EINVAL);
	assert_int_equal(vcpu_op(VCPUOP_initialise, 1, NULL, 0), 0);
	assert_true(w->a->vcpu[1]->initialised);
	/* The last one down takes the domain along. */
	assert_int_equal(vcpu_op(VCPUOP_down, 0, NULL, 0), 0);
	assert_true(w->a->shutting_down);
}

static void timers_want_sense(void **state)
{
	struct world *w = *state;
	struct vcpu_set_periodic_timer p = { 999999 };
	struct vcpu_set_singleshot_timer s = { now_ns - 1, VCPU_SSHOTTMR_future };

	assert_int_equal(vcpu_op(VCPUOP_set_periodic_timer, 0, &p, sizeof(p)), -EINVAL);
	p.period_ns = 1000000;
	assert_int_equal(vcpu_op(VCPUOP_set_periodic_timer, 0, &p, sizeof(p)), 0);
	assert_int_equal(vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL, 0), 0);
	assert_int_equal(vcpu_op(VCPUOP_set_singleshot_timer, 0, &s, sizeof(s)), -ETIME);
	assert_int_equal(vcpu_op(VCPUOP_set_singleshot_timer, 1, &s, sizeof(s)), -EINVAL);
	s.flags = 0;
	assert_int_equal(vcpu_op(VCPUOP_set_singleshot_timer, 0, &s, sizeof(s)), 0);
	assert_true(w->a->vcpu[0]->singleshot.queued);
	assert_int_equal(vcpu_op(VCPUOP_stop_singleshot_timer, 0, NULL, 0), 0);
	assert_false(w->a->vcpu[0]->singleshot.queued);
	assert_int_equal(call(hc_set_timer_op, now_ns + 7000, 0, 0), 0);
	assert_int_equal(w->a->vcpu[0]->singleshot.deadline_ns, now_ns + 7000);
	assert_int_equal(call(hc_set_timer_op, 0, 0, 0), 0);
	assert_false(w->a->vcpu[0]->singleshot.queued);
	/* Two halves make a 32-bit guest's moment; one that nobody can mean becomes soon. */
	assert_int_equal(call(hc_set_timer_op, w->a->is_32bit ? 0 : 1ull << 60, 1u << 28, 0), 0);
	assert_in_range(w->a->vcpu[0]->singleshot.deadline_ns, now_ns, now_ns + NS_PER_SEC);
	vtimer_set_singleshot(w->a->vcpu[0], TIMER_NEVER);
}

static void unknown_ops_are_refused(void **state)
{
	(void)state;
	assert_int_equal(vcpu_op(99, 0, NULL, 0), -ENOSYS);
	assert_int_equal(vcpu_op(VCPUOP_get_physid, 0, NULL, 0), -EINVAL);
	assert_int_equal(call(hc_vcpu_op, VCPUOP_register_vcpu_info, 0, 0x10), -EFAULT);
	assert_int_equal(call(hc_vcpu_op, VCPUOP_get_runstate_info, 0, 0x10), -EFAULT);
}

#define both(f)	cmocka_unit_test_setup_teardown(f, setup64, teardown), \
		cmocka_unit_test_setup_teardown(f, setup32, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		both(domains_are_found_by_number),
		both(only_the_control_domain_touches_others),
		both(only_the_guests_own_addresses_are_copied),
		both(a_vcpu_info_has_its_place),
		both(a_page_table_is_no_vcpu_info),
		both(time_is_published_between_two_versions),
		both(a_runstate_area_is_filled_in_the_guests_layout),
		both(user_mode_waits_for_kernel_mode),
		both(an_area_that_is_gone_harms_nobody),
		both(vcpus_are_counted_by_asking),
		both(timers_want_sense),
		both(unknown_ops_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
