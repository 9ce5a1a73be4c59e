// SPDX-License-Identifier: GPL-2.0-only
/*
 * Publishing time: how a guest computes system time from the TSC, when zero was on the wall, and
 * what its vcpus have been doing.
 *
 * A guest reads without asking, so each record says when it is being changed: version is odd, or
 * the top bit of state_entry_time is set (for guests that asked for that). vcpu_info is written by
 * address; areas that a guest registered by virtual address are written through its page tables
 * whenever it is about to run, and that only works in kernel mode.
 */
#include "guest/shared.h"

#include <xen/foreign/x86_32.h>

#include "guest/access.h"
#include "lib/string.h"
#include "time/clock.h"

void (*vcpu_runstate_hook)(struct vcpu *v, struct vcpu_runstate_info *out);

#define WRITE_BARRIER()	__atomic_thread_fence(__ATOMIC_RELEASE)

/* A vcpu's view of time: the scale is the machine's, the reference point is now. */
static void time_fill(struct vcpu_time_info *t)
{
	t->tsc_timestamp = tsc_base;
	t->system_time = 0;
	t->tsc_to_system_mul = tsc_scale.mul_frac;
	t->tsc_shift = tsc_scale.shift;
	t->flags = XEN_PVCLOCK_TSC_STABLE_BIT;
}

static void time_publish(struct vcpu_time_info *to, const struct vcpu_time_info *t,
			 uint32_t version)
{
	write_once(to->version, version | 1);
	WRITE_BARRIER();
	write_once(to->tsc_timestamp, t->tsc_timestamp);
	write_once(to->system_time, t->system_time);
	write_once(to->tsc_to_system_mul, t->tsc_to_system_mul);
	write_once(to->tsc_shift, t->tsc_shift);
	write_once(to->flags, t->flags);
	WRITE_BARRIER();
	write_once(to->version, (version | 1) + 1);
}

/* A builder that clears shared_info before the guest runs clears what we wrote there. */
static bool wallclock_missing(const struct domain *d)
{
	const struct shared_info_x86_32 *s32 = d->shared;
	const struct shared_info *s = d->shared;

	return !(d->is_32bit ? s32->wc_version : s->wc_version);
}

void pvclock_update(struct vcpu *v)
{
	struct vcpu_time_info *to = &((struct vcpu_info *)v->info)->time;
	struct vcpu_time_info t = { 0 };

	time_fill(&t);
	/* The scale never changes: what is there already need not be written at every switch. */
	if (to->tsc_to_system_mul != t.tsc_to_system_mul || to->tsc_timestamp != t.tsc_timestamp ||
	    to->tsc_shift != t.tsc_shift || to->flags != t.flags || to->system_time || to->version & 1) {
		v->time_version += 2;
		time_publish(to, &t, v->time_version);
	}
	if (!v->id && wallclock_missing(v->domain))
		pvclock_wallclock(v->domain);
	if (!gva_null(v->runstate_at) || !gva_null(v->time_at))
		v->areas_stale = true;
}

void pvclock_wallclock(struct domain *d)
{
	struct shared_info *s = d->shared;
	struct shared_info_x86_32 *s32 = d->shared;
	uint64_t sec;
	uint32_t nsec, version;

	clock_wall(&sec, &nsec);
	sec += (uint64_t)d->time_offset_s;
	version = s->wc_version;
	static_assert(sizeof(s->wc_version) == sizeof(s32->wc_version), "one counter a width");

	if (d->is_32bit) {
		version = s32->wc_version;
		write_once(s32->wc_version, version | 1);
		WRITE_BARRIER();
		write_once(s32->wc_sec, (uint32_t)sec);
		write_once(s32->wc_nsec, nsec);
		write_once(s32->arch.wc_sec_hi, (uint32_t)(sec >> 32));
		WRITE_BARRIER();
		write_once(s32->wc_version, (version | 1) + 1);
	} else {
		write_once(s->wc_version, version | 1);
		WRITE_BARRIER();
		write_once(s->wc_sec, (uint32_t)sec);
		write_once(s->wc_nsec, nsec);
		write_once(s->wc_sec_hi, (uint32_t)(sec >> 32));
		WRITE_BARRIER();
		write_once(s->wc_version, (version | 1) + 1);
	}
}

/* The 32-bit layout packs the 64-bit members to four bytes. */
struct runstate32 {
	int32_t state;
	uint64_t state_entry_time __packed;
	uint64_t time[4] __packed;
};

static_assert(sizeof(struct runstate32) == 44, "as i386 lays it out");

static int runstate_write(struct vcpu *v, gva_t to, const struct vcpu_runstate_info *info)
{
	struct runstate32 narrow = { .state = info->state, .state_entry_time = info->state_entry_time };

	if (!v->domain->is_32bit)
		return guest_write(to, info, sizeof(*info));
	memcpy(narrow.time, info->time, sizeof(narrow.time));
	return guest_write(to, &narrow, sizeof(narrow));
}

size_t runstate_bytes(const struct vcpu *v)
{
	return v->domain->is_32bit ? sizeof(struct runstate32) : sizeof(struct vcpu_runstate_info);
}

int runstate_copy(struct vcpu *v, gva_t to)
{
	struct vcpu_runstate_info info = { 0 };

	vcpu_runstate_hook(v, &info);
	return runstate_write(v, to, &info);
}

static gva_t entry_time_at(const struct vcpu *v)
{
	return gva_add(v->runstate_at, v->domain->is_32bit ?
		       offsetof(struct runstate32, state_entry_time) :
		       offsetof(struct vcpu_runstate_info, state_entry_time));
}

/* Where the guest's own page tables do not let us write, it has nothing to read either. */
void runstate_publish(struct vcpu *v)
{
	struct vcpu_runstate_info info;
	uint64_t entry_time;

	if (gva_null(v->runstate_at) || !vcpu_runstate_hook)
		return;
	vcpu_runstate_hook(v, &info);
	entry_time = info.state_entry_time;
	if (vm_assisted(v->domain, VMASST_TYPE_runstate_update_flag)) {
		info.state_entry_time |= XEN_RUNSTATE_UPDATE;
		if (copy_to_guest(entry_time_at(v), &info.state_entry_time))
			return;
		WRITE_BARRIER();
	}
	if (runstate_write(v, v->runstate_at, &info))
		return;
	WRITE_BARRIER();
	if (info.state_entry_time != entry_time && copy_to_guest(entry_time_at(v), &entry_time))
		return;
}

static void time_area_publish(struct vcpu *v)
{
	struct vcpu_time_info t = { .version = 1 };

	if (gva_null(v->time_at) || copy_to_guest(v->time_at, &t.version))
		return;
	WRITE_BARRIER();
	time_fill(&t);
	if (copy_to_guest(v->time_at, &t))
		return;
	WRITE_BARRIER();
	t.version = 2;
	if (copy_to_guest(v->time_at, &t.version))
		return;
}

void vcpu_areas_publish(struct vcpu *v)
{
	if (!v->areas_stale || (!v->domain->is_32bit && !v->kernel_mode))
		return;
	v->areas_stale = false;
	runstate_publish(v);
	time_area_publish(v);
}
