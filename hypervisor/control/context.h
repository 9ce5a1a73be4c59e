// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vcpu's registers as tools and guests write them down: struct vcpu_guest_context, both widths.
 *
 * A context comes from a guest (VCPUOP_initialise) or from the tools, and is believed by neither:
 * selectors get the ring they may have, addresses must be the guest's to name, frames are checked by
 * paging/ before they become tables. The vcpu must be off every CPU.
 *
 * The upcall mask is not taken from a context: it lies in shared memory, which the builder or the
 * guest has set up (tools leave it 0 in the context and mean 1).
 */
#pragma once

#include <stdint.h>

#include <xen/xen.h>
#include <xen/foreign/x86_32.h>

#include "guest/domain.h"
#include "guest/hcall.h"

/*
 * Make v's state what the context says. h may be NULL: then the tables are checked in one go.
 * Fails: -EINVAL addresses or frames that are not the guest's; HC_RESTART, with part of the state
 * taken: the same call must come again (a vcpu that is half set is not initialised).
 */
must_check int64_t vcpu_set_context64(struct vcpu *v, const struct vcpu_guest_context *c,
				      struct hcall *h);
must_check int64_t vcpu_set_context32(struct vcpu *v, const struct vcpu_guest_context_x86_32 *c,
				      struct hcall *h);

/* Write v's state down; every byte of *c is set. */
void vcpu_get_context64(struct vcpu *v, struct vcpu_guest_context *c);
void vcpu_get_context32(struct vcpu *v, struct vcpu_guest_context_x86_32 *c);

/* The registers of a first vcpu at its kernel's entry: flat segments of its width. */
void vcpu_set_start_state(struct vcpu *v, uint64_t entry, uint64_t stack, uint64_t start_info);
