// SPDX-License-Identifier: GPL-2.0-only
/*
 * Domains: the guests, and the few special owners that are no guests.
 *
 * A domain is created by control/lifecycle.c, which calls each room's <room>_domain_init() in turn;
 * a room keeps its state behind a forward-declared pointer here, so this header includes no room
 * above guest/.
 *
 * Life: created (paused, no context) -> running <-> paused -> shut down (by itself: sched_op; by a
 * mistake: domain_crash()) -> dying (domctl destroy; its memory is given back in restartable steps)
 * -> dead (only frames held by others keep the structure) -> freed with the last reference.
 *
 * Locks: d->lock guards life and limits; d->frame_lock the list of frames and its counts; the rest
 * says so. The list of domains is read under domain_list_lock.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <xen/xen.h>
#include <xen/domctl.h>

#include "cpu/lock.h"
#include "cpu/percpu.h"
#include "guest/vcpu.h"
#include "lib/list.h"
#include "lib/rangeset.h"
#include "mem/addr.h"
#include "mem/e820.h"

#define MAX_VCPUS	64	/* of one domain; XEN_LEGACY_MAX_VCPUS (32) have a slot in shared_info */

struct evtchn_table;
struct grant_table;
struct pirq_table;
struct cpu_policy;

enum domain_life {
	DOMAIN_ALIVE,
	DOMAIN_DYING,		/* being destroyed */
	DOMAIN_DEAD,		/* nothing of its own is left */
};

struct domain {
	domid_t id;
	uint16_t index;		/* small, unique while it lives */
	bool privileged;	/* the control domain */
	bool is_32bit;		/* kernel in ring 1, PAE tables, 32-bit layouts */
	bool special;		/* dom_xen, dom_io, idle: owns frames, has no vcpus of a guest */
	uint64_t serial;	/* which of all that ever were, from 1; ids come again, this does not */
	uint64_t hold_one;	/* of a frame of its, with one reference: struct frame.hold */
	uint8_t uuid[16];
	uint32_t ssidref;
	struct list_node link;	/* all domains, by id */
	uint32_t refs;		/* domain_get()/domain_put() */
	spinlock_t lock;

	/* --- life --- */
	enum domain_life life;
	bool created;		/* unpaused for the first time by its creator */
	bool shutting_down, shut_down;
	unsigned int shutdown_code;	/* SHUTDOWN_* */
	bool crashed_said;	/* one console line about a crash is enough */
	uint32_t pause_count;	/* domain_pause() nesting, by whoever */
	uint32_t control_pauses;	/* DOMCTL_pausedomain less _unpausedomain */
	uint32_t teardown_step;	/* control/lifecycle.c: where destruction goes on */
	uint64_t created_at;	/* ns */

	/* --- processors --- */
	struct vcpu *vcpu[MAX_VCPUS];	/* NULL beyond vcpu_count */
	unsigned int vcpu_count;	/* DOMCTL_max_vcpus */

	/* --- memory --- */
	spinlock_t frame_lock;
	struct list frames;	/* all it owns, FRAME_HV ones excepted */
	struct list frames_gone;	/* those it let go when it died and others still hold */
	uint64_t page_count;	/* of both */
	uint64_t max_pages;
	uint64_t outstanding_claim;
	unsigned int address_bits;	/* frames it can name; 0: all (XENMEM address width) */
	void *shared;		/* shared_info: one page, in the guest's layout */
	struct frame *shared_frame;
	struct e820_entry *e820;		/* XENMEM_set_memory_map, or NULL */
	unsigned int e820_count;
	pte_t *perdomain_l3;	/* the per-domain area (mem/layout.h) */
	struct frame *teardown_table;	/* a table whose dismantling was interrupted, paging/ */
	uint32_t settling;		/* 1: some CPU is at it */

	/* --- permissions of a domain that drives hardware --- */
	struct rangeset *ioports, *iomem, *irqs;
	uint32_t pci_latch;	/* what it wrote to port 0xcf8 */

	/* --- what the ABI lets it choose --- */
	uint64_t vm_assist;	/* bits VMASST_TYPE_* */
	int64_t time_offset_s;
	uint32_t tsc_mode, tsc_khz, tsc_incarnation;
	bool suspended_evtchn;
	struct timer watchdog[2];	/* SCHEDOP_watchdog: crash it unless it says so in time */

	/* --- other rooms' --- */
	struct evtchn_table *evtchn;
	struct grant_table *grant;
	struct pirq_table *pirq;
	struct cpu_policy *policy;

	uint16_t virq_port[24];	/* port bound to each global VIRQ; 0: none */
	uint32_t max_evtchn_port;
	uint32_t max_grant_frames, max_maptrack_frames;
	uint32_t weight, cap;	/* stored for the tools; the policy reads them when it comes */
};

extern struct domain *dom0, *dom_xen, *dom_io, *dom_idle;
extern struct list domain_list;		/* guests only, ascending id */
extern spinlock_t domain_list_lock;

/* `current` (struct vcpu *) comes from cpu/percpu.h. */
#define current_domain (current->domain)
/* What this CPU keeps of it at hand goes with it. Its state is loaded by sched/switch.c. */
void vcpu_make_current(struct vcpu *v);

/*
 * Find a guest by number (DOMID_SELF is the caller's).
 * Gives: one reference, returned with domain_put(); NULL: no such domain. A dying or dead one is
 * found until its last reference is gone: tools and grant holders still ask about it.
 */
struct domain *domain_get_by_id(domid_t id);
/* The first guest with this id or a greater one: what the tools' loops ask for. */
struct domain *domain_get_from(domid_t id);
void domain_get(struct domain *d);
/* The last one takes it out of the list, calls domain_free_hook (other rooms' parts), frees it. */
void domain_put(struct domain *d);

/*
 * The domain a request is about, when the caller may ask about it: itself, or anyone for the
 * control domain.
 * Fails: -ESRCH no such domain; -EPERM not the caller's to touch.
 */
must_check int domain_get_target(domid_t id, struct domain **out);

/*
 * The bare structure: alive, paused once (pause_count 1), one reference (its creator's), no vcpus,
 * no memory, in no list. NULL: no memory. Then either domain_publish(): from now on it is found by
 * its id; or domain_abandon(): creation failed, nothing remains.
 */
struct domain *domain_alloc(domid_t id);
void domain_publish(struct domain *d);
void domain_abandon(struct domain *d);

/*
 * End a guest that went wrong where the ABI has no errno: marks it crashed (SHUTDOWN_crash), says
 * why in one console line, and returns. It is taken off its CPUs before it runs again; callers
 * must cope with a dying domain. Never on the hypervisor's behalf: that is BUG_ON.
 */
#define domain_crash(d, fmt, ...) domain_crash_at(d, fmt, ##__VA_ARGS__)
void domain_crash_at(struct domain *d, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* A guest shut itself down, or was crashed: all vcpus stop, the tools hear VIRQ_DOM_EXC. */
void domain_shutdown(struct domain *d, unsigned int reason);
void domain_resume(struct domain *d);

#define for_each_vcpu(d, v) \
	for (unsigned int vcpu_i_ = 0; \
	     vcpu_i_ < (d)->vcpu_count && ((v) = (d)->vcpu[vcpu_i_], true); vcpu_i_++) \
		if (v)

/* Was the guest's kernel executing, when these registers were saved? */
static inline bool guest_kernel_mode(const struct vcpu *v, const struct guest_regs *regs)
{
	return v->domain->is_32bit ? regs_cpl(regs) <= 1 : v->kernel_mode;
}

static inline bool vm_assisted(const struct domain *d, unsigned int type)
{
	return d->vm_assist & (1ul << type);
}

/* From another vcpu, too. (Switched off again, it stays on the long way.) */
static inline void vcpu_assists_changed(struct vcpu *v)
{
	if (vm_assisted(v->domain, VMASST_TYPE_architectural_iopl))
		v->iopl_shown = true;
	vcpu_long_way(v);
}

/* A vcpu has left its CPU: if its domain is shutting down and it was the last, it is shut down. */
void domain_vcpu_stopped(struct vcpu *v);

/* Hooks that rooms above install once at start (guest/ may not include them). */
extern void (*domain_resched_hook)(struct domain *d);	/* sched: may its vcpus (still) run? */
extern void (*domain_free_hook)(struct domain *d);	/* control: the rooms' last words on it */
extern void (*domain_stopped_hook)(struct domain *d);	/* control: raise VIRQ_DOM_EXC */
extern void (*domain_free_hook)(struct domain *d);	/* control: free the rooms' parts */
