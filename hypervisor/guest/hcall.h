// SPDX-License-Identifier: GPL-2.0-only
/*
 * One hypercall under way: its arguments, who asked, and how it asks to be restarted.
 *
 * A handler reads h->args (zero-extended for 32-bit guests), and returns a value for rax, or
 * HC_RESTART after writing its progress back to h->args: the dispatcher then lets the guest execute
 * the same instruction again with the new arguments. It must be right that the guest never does,
 * or does so with other arguments: progress is a guest's word like any other. Inside a multicall
 * the new arguments go into the batch's entry.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "guest/domain.h"
#include "lib/bug.h"
#include "lib/errno.h"

#define HC_RESTART	((int64_t)-85)	/* ERESTART: never shown to a guest */
#define HC_ARGS		6

/* Pushed word by word in entry/hypercall.S: the last one is the number alone, which clears the rest. */
struct hcall {
	struct vcpu *v;
	struct domain *d;
	uint64_t args[HC_ARGS];
	uint16_t nr;		/* a row of hypercall/table.def, or one beyond its last */
	bool in_multicall;
	bool left_kernel;	/* the handler changed the guest's mode or registers (iret), and gave the
				 * new rax: a multicall must stop (advisory 213) */
	uint32_t work;		/* units since the last look for something more urgent */
};

typedef int64_t (*hcall_fn)(struct hcall *h);

/*
 * Between two units of a long hypercall: is there something more urgent to do? Opens the
 * interrupt window every few units. The caller holds no lock.
 */
#ifndef HCALL_UNITS_BETWEEN_LOOKS
#define HCALL_UNITS_BETWEEN_LOOKS	64	/* unit tests would look at each */
#endif

bool hcall_look(struct hcall *h);	/* inside this room */
static inline bool hcall_should_yield(struct hcall *h)
{
	return unlikely(++h->work >= HCALL_UNITS_BETWEEN_LOOKS) && hcall_look(h);
}

/* What was just done is worth this many of the usual units (one: a page's worth of work). */
static inline void hcall_did(struct hcall *h, uint32_t units) { h->work += units; }
