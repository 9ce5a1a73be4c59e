// SPDX-License-Identifier: GPL-2.0-only
/*
 * A world of guests for the tests of guest/, sched/, evtchn/ and grant/: dom0 and two guests, made of
 * the real rooms; a CPU that is a variable, time that passes when a test says so.
 *
 * w->dom0 is the control domain (64-bit, one vcpu), w->a and w->b are guests with two vcpus each, of
 * the width asked for. Whoever is `current` is who asks: world_as(). Guest memory is fakes/usercopy.h.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fakes/memory.h"
#include "fakes/usercopy.h"
#include "cpu/atomic.h"
#include "cpu/softirq.h"
#include "evtchn/channel.h"
#include "evtchn/vtimer.h"
#include "grant/table.h"
#include "guest/shared.h"
#include "lib/string.h"
#include "mem/alloc.h"
#include "mem/heap.h"
#include "paging/paging.h"
#include "sched/sched.h"
#include "time/clock.h"

#define GUEST_AT(offset)	(FAKE_GUEST_BASE + (offset))

struct world {
	struct domain *dom0, *a, *b;
	uint64_t frames_before, heap_before;
};

struct world *world_new(bool is_32bit);
/* Ends all three as lifecycle.c does, and proves that nothing has leaked. */
void world_free(struct world *w);

/* This vcpu runs here, and asks. */
void world_as(struct vcpu *v);
/* A hypercall of current's, restarted until it is done. */
int64_t call(hcall_fn fn, uint64_t a0, uint64_t a1, uint64_t a2);
/* Time passes; timers that are due fire; then softirqs run, as on the way to a guest. */
void pass(uint64_t ns);
void on_the_way_out(void);

/* Steps until hcall_should_yield() says yes; 0: never. */
extern unsigned int budget;
extern uint64_t now_ns;
/* Restarts that call() saw. */
extern unsigned int restarts;
/* What pirq_bind() shall answer, and which are bound now. */
extern int pirq_answer;
extern uint32_t pirq_port[16];

struct frame *frame_new(struct domain *d);

/* Is port p of d pending, and would the vcpu hear? */
static inline bool pending(struct domain *d, uint32_t port)
{
	return test_bit(port, shared_evtchn_pending(d));
}

static inline void take(struct domain *d, struct vcpu *v, uint32_t port)
{
	clear_bit(port, shared_evtchn_pending(d));
	clear_bit(port / shared_word_bits(d), vcpu_pending_sel(v));
	*vcpu_upcall_pending(v) = 0;
}
