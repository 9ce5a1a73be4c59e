// SPDX-License-Identifier: GPL-2.0-only
/*
 * The two-level interface: one bitmap of pending ports and one of masked ones in shared_info, and in
 * each vcpu_info a word that says which words of the first to look at.
 *
 * Invariant, unless the guest breaks it: pending and not masked  =>  the selector bit of the vcpu to
 * be told is set, and its upcall is pending. The bitmaps are the guest's to write: a bit we find
 * there means nothing beyond this page.
 * In: channel.c, and nobody else: it is all in line, for the short way of a send.
 * Out: sched/ (vcpu_kick).
 * Locks: none, atomic bit operations. Both widths see bit n at the same place (little-endian words).
 */
#pragma once

#include "cpu/atomic.h"
#include "guest/shared.h"
#include "lib/bug.h"
#include "sched/sched.h"

/* A word of pending bits needs looking at. Gives whether v is to be kicked for it. */
must_check static inline bool two_level_select(struct vcpu *v, uint32_t port)
{
	unsigned int word = port >> shared_word_shift(v->domain);

	if (test_and_set_bit(word, vcpu_pending_sel(v)))
		return false;
	write_once(*vcpu_upcall_pending(v), 1);
	return vcpu_needs_kick(v);
}

/* A port that is open lies within its domain's bitmaps: port_alloc() gives no other. */
must_check static inline bool two_level_set_pending(struct vcpu *v, uint32_t port)
{
	struct domain *d = v->domain;

	return likely(d->shared) && !test_and_set_bit(port, shared_evtchn_pending(d)) &&
	       !test_bit(port, shared_evtchn_mask(d)) && two_level_select(v, port);
}

must_check static inline bool two_level_unmask(struct vcpu *v, uint32_t port)
{
	struct domain *d = v->domain;

	return likely(d->shared) && test_and_clear_bit(port, shared_evtchn_mask(d)) &&
	       test_bit(port, shared_evtchn_pending(d)) && two_level_select(v, port);
}

static inline void two_level_clear(struct domain *d, uint32_t port)
{
	if (d->shared)
		clear_bit(port, shared_evtchn_pending(d));
}
