// SPDX-License-Identifier: GPL-2.0-only
/*
 * Virtual CPUs: all that one processor of a guest is, while it does not run.
 *
 * A vcpu that runs has its registers at the top of its CPU's stack (cpu/percpu.h) and its segment
 * bases, debug registers and FPU in the CPU; sched/switch.c moves them here and back. Everything
 * else is always here. Rooms above write the values (trap tables, callbacks, page-table bases);
 * rooms below only load them.
 *
 * Locks: a vcpu's own state is touched by itself (running its hypercall or trap) or by others only
 * while it is paused and off every CPU (sched/sched.h: vcpu_pause()). Fields that are not so say it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <xen/xen.h>
#include <xen/vcpu.h>

#include "cpu/cpumask.h"
#include "cpu/regs.h"
#include "lib/bug.h"
#include "lib/list.h"
#include "mem/addr.h"
#include "mem/layout.h"
#include "time/timer.h"

struct domain;
struct frame;

#define TRAP_VECTORS	256

/* A guest's handler for one vector; address 0: none (xen.h, struct trap_info). */
struct trap_handler {
	uint64_t address;
	uint16_t cs;
	uint8_t dpl;		/* software interrupts from rings above this get #GP */
	bool masks_events;	/* TI_GET_IF */
};

/* An entry point registered by set_callbacks or callback_op. */
struct guest_callback {
	uint64_t address;	/* 0: none */
	uint16_t cs;		/* 32-bit guests only */
	bool masks_events;	/* CALLBACKF_mask_events */
};

/*
 * An exception that waits to be put on the guest's stack. One at a time: a second one before the
 * first is on the stack is a double fault of the guest (advisory 339).
 */
struct bounce {
	bool pending;
	bool has_error_code;
	uint32_t error_code;
	uint64_t address;	/* where the guest goes */
	uint16_t cs;		/* 32-bit guests */
	bool masks_events;
	bool has_selectors;	/* failsafe callback: told these, trap/bounce.c */
	uint16_t selectors[4];	/* ds, es, fs, gs */
};

/* Why a vcpu does not run. Bits of vcpu.pause_flags, changed atomically. */
#define VPF_DOWN	(1u << 0)	/* never brought up, or taken down */
#define VPF_BLOCKED	(1u << 1)	/* SCHEDOP_block or _poll; an event wakes it */
#define VPF_POLLING	(1u << 2)	/* in SCHEDOP_poll */

struct vcpu {
	/* --- known to the assembly: entry/offsets.h --- */
	struct domain *domain;
	void *info;			/* its struct vcpu_info (guest/shared.c), never NULL once created */
	union {
		uint64_t mode;		/* 0: a 64-bit guest's user, 1: its kernel; and nothing unusual */
		struct {
			bool kernel_mode;	/* 64-bit guests: kernel or user (32-bit: see CPL) */
			bool nmi_masked;
			bool iopl_shown;	/* or was: VMASST_TYPE_architectural_iopl */
			bool areas_stale __aligned(4);	/* the registered areas could not be written
						 * yet: its user page tables do not map them
						 * (guest/pvclock.c) */
			bool long_way;		/* entry/quick.S is not for it: vcpu_long_way() */
		};
	};
	uint64_t cr3;			/* what the CPU loads to run it now; follows kernel_mode */
	uint64_t kernel_cr3, user_cr3;	/* 64-bit guests: for either mode; 0: no user's table */
	uint64_t kernel_sp;		/* stack_switch */
	uint64_t kernel_ss;		/* 32-bit guests: a selector of ring 1 */
	const uint64_t *stack_descriptor;	/* 32-bit guests: kernel_ss's; or one of nothing */
	uint64_t cr2;			/* also in vcpu_info.arch.cr2 */
	uint64_t syscall_mask;		/* of upcalls, at cb_syscall (direct_open()) */
	struct guest_callback cb_syscall, cb_sysenter;
	struct trap_handler traps[TRAP_VECTORS];

	unsigned int id;
	unsigned int cpu;		/* the CPU it runs on, or ran on last */
	bool initialised;		/* has a context (VCPUOP_initialise, domctl) */
	bool is_idle;

	/* --- registers, while off a CPU --- */
	struct guest_regs regs;
	uint16_t ds, es, fs, gs;
	uint64_t fs_base;
	uint64_t gs_base;		/* the base GS has now in the guest's eyes (its active one) */
	uint64_t gs_base_other;		/* what swapgs would bring: user base in kernel mode, and back */
	uint64_t debugreg[8];		/* [0..3], [6], [7]; as the guest set them, checked */
	void *fpu;			/* XSAVE area (cpu/fpu.h) */
	uint64_t xcr0, xcr0_accum;
	bool ts;			/* virtual CR0.TS: fpu_taskswitch(1) or mov to cr0 */
	uint32_t tsc_aux;

	/* --- virtual control state (trap/) --- */
	uint64_t cr0;			/* guest-visible CR0 less TS, read-mostly */
	uint64_t cr4;			/* guest-visible, whitelisted */
	unsigned int iopl;		/* virtual IOPL, 0..3 */
	struct guest_callback cb_event, cb_failsafe, cb_syscall32, cb_nmi;
	bool failsafe_masks_events, syscall_masks_events;	/* VGCF_* */
	struct bounce bounce;
	bool nmi_pending;
	uint8_t *io_bitmap;		/* our copy of PHYSDEVOP_set_iobitmap's, or NULL */
	gva_t io_bitmap_at;
	unsigned int io_bitmap_ports;

	/* --- page-table bases (paging/mmuext.c writes them, switch.c loads them) --- */
	struct frame *table;		/* kernel L4, or a 32-bit guest's L3; holds a typed reference */
	struct frame *table_user;	/* 64-bit: user L4, or NULL */
	pte_t *monitor;			/* 32-bit: our L4 above the guest's L3 (a hypervisor page) */
	mfn_t monitor_mfn;
	uint64_t pt_stores;		/* to page tables, done for it one by one (trap/pt_write.c) */

	/* --- descriptor tables (paging/segdesc.c) --- */
	struct frame *gdt_frames[GDT_GUEST_FRAMES];	/* typed references, or NULL */
	unsigned int gdt_entries;
	uint64_t ldt_base;		/* guest linear address; its pages are mapped on demand */
	unsigned int ldt_entries;
	pte_t *window;			/* the L1 of its windows in the per-domain area: [0..15] GDT,
					 * [16..31] LDT */

	/* --- shared memory (guest/shared.c) --- */
	struct vcpu_info info_nowhere;	/* while it has no place for one; its guest never sees it */
	struct frame *info_frame;	/* of VCPUOP_register_vcpu_info, typed reference, or NULL */

	/* --- time (guest/pvclock.c, evtchn/vtimer.c, hypercall/vcpu_op.c) --- */
	gva_t runstate_at;		/* registered areas; 0: none. Written through the guest's
					 * own page tables when it is about to run */
	gva_t time_at;
	struct vcpu_runstate_info runstate;	/* kept by sched/sched.c under its lock */
	struct timer singleshot, periodic, poll_timer;
	uint64_t periodic_ns;		/* 0: off */
	uint64_t periodic_next;
	uint32_t time_version;

	/* --- scheduling (sched/) --- */
	struct list_node run_link;	/* on a run queue, when queued */
	bool queued;
	bool running;			/* on a CPU now */
	volatile uint32_t pause_flags;	/* VPF_* */
	volatile uint32_t pause_count;	/* vcpu_pause() nesting */
	uint64_t slice_end;		/* ns */
	uint64_t slice_left_ns;		/* kept over blocking */
	bool boosted;			/* woken with some of its slice left: goes first */
	uint64_t run_time_ns;		/* total, to the last switch */
	uint64_t switched_in;		/* ns */
	cpumask_t affinity_hard, affinity_soft;
	unsigned int poll_port;		/* SCHEDOP_poll on one port: its number, 0: several or none */

	/* --- event channels (evtchn/) --- */
	uint16_t virq_port[24];		/* port bound to each per-vcpu VIRQ; 0: none */
};

/*
 * Something that entry/quick.S relies on changes: a handler, the kernel's stack, a vm_assist. What it
 * was made for goes the long way, until trap/direct.c finds that all is in order.
 */
static inline void vcpu_long_way(struct vcpu *v)
{
	static const uint64_t nothing;

	v->stack_descriptor = &nothing;
	v->long_way = true;
}

static_assert(24 == NR_VIRQS, "virq_port has a slot for every VIRQ");

struct vcpu *vcpu_create(struct domain *d, unsigned int id);	/* NULL: no memory */
void vcpu_free(struct vcpu *v);
