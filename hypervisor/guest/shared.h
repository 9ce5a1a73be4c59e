// SPDX-License-Identifier: GPL-2.0-only
/*
 * shared_info and vcpu_info: the pages a guest and the hypervisor both write, in the guest's own
 * width, behind one accessor each. Everything in them is the guest's word: read once, never trusted.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <xen/foreign/x86_32.h>

#include "guest/domain.h"
#include "lib/bug.h"

/* In either layout. */
#define INFO(v)		((struct vcpu_info *)(v)->info)
#define INFO32(v)	((struct vcpu_info_x86_32 *)(v)->info)

/* The two bytes lie first, in both. */
static inline volatile uint8_t *vcpu_upcall_pending(struct vcpu *v)
{
	return &INFO(v)->evtchn_upcall_pending;
}
static inline volatile uint8_t *vcpu_upcall_mask(struct vcpu *v)
{
	return &INFO(v)->evtchn_upcall_mask;
}
/* The guest has news, and wants to hear it. */
static inline bool vcpu_upcall_due(const struct vcpu *v)
{
	const volatile uint8_t *info = v->info;

	return info[0] && !info[1];
}
/* u64 or u32, atomically set bits */
static inline volatile void *vcpu_pending_sel(struct vcpu *v)
{
	return v->domain->is_32bit ? (volatile void *)&INFO32(v)->evtchn_pending_sel :
				     (volatile void *)&INFO(v)->evtchn_pending_sel;
}
static inline void vcpu_info_set_cr2(struct vcpu *v, uint64_t cr2)	/* also v->cr2 */
{
	v->cr2 = cr2;
	if (v->domain->is_32bit)
		write_once(INFO32(v)->arch.cr2, (uint32_t)cr2);
	else
		write_once(INFO(v)->arch.cr2, cr2);
}

/* Bitmaps of ports, while d->shared is there. */
static inline volatile void *shared_evtchn_pending(struct domain *d)
{
	return ((struct shared_info *)d->shared)->evtchn_pending;
}
static inline volatile void *shared_evtchn_mask(struct domain *d)
{
	return d->is_32bit ? (volatile void *)((struct shared_info_x86_32 *)d->shared)->evtchn_mask :
			     (volatile void *)((struct shared_info *)d->shared)->evtchn_mask;
}
static inline unsigned int shared_word_shift(const struct domain *d) { return d->is_32bit ? 5 : 6; }
static inline unsigned int shared_word_bits(const struct domain *d)
{
	return 1u << shared_word_shift(d);
}
/* 4096 or 1024 (advisory 342) */
static inline unsigned int shared_max_ports(const struct domain *d)
{
	return 1u << 2 * shared_word_shift(d);
}

void shared_init(struct domain *d);			/* a zeroed page in the guest's layout */
int shared_domain_init(struct domain *d);		/* allocate, share, -ENOMEM */
void shared_domain_free(struct domain *d);

/* VCPUOP_register_vcpu_info: move v's vcpu_info to (gfn, offset). The caller has the pending events
 * raised again (evtchn_raise_all()). Fails: -ENXIO misplaced; -EINVAL already moved, or not a frame
 * the guest may write. */
int vcpu_info_register(struct vcpu *v, gfn_t frame, uint32_t offset);
void vcpu_info_unregister(struct vcpu *v);		/* back to shared_info; drops the frame */

/* guest/pvclock.c */
void pvclock_update(struct vcpu *v);			/* publish time to v, about to run */
void pvclock_wallclock(struct domain *d);		/* publish boot wall clock */
void runstate_publish(struct vcpu *v);			/* to its registered area, about to run */
/* v's runstate to an address of the current guest, in v's layout. 0 or -EFAULT. */
must_check int runstate_copy(struct vcpu *v, gva_t to);
/* Bytes of one, as v's guest lays it out. */
size_t runstate_bytes(const struct vcpu *v);
/* v is current, its tables loaded: write both registered areas. A 64-bit guest's kernel addresses
 * are there only in kernel mode; otherwise v->areas_stale stays true, and whoever toggles it to
 * kernel mode calls this again. */
void vcpu_areas_publish(struct vcpu *v);
/* The value for state_entry_time, sum of times: kept by the scheduler (sched/sched.h). */
extern void (*vcpu_runstate_hook)(struct vcpu *v, struct vcpu_runstate_info *out);
