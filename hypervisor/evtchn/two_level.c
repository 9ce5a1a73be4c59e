// SPDX-License-Identifier: GPL-2.0-only
/*
 * The two-level interface: one bitmap of pending ports and one of masked ones in shared_info, and in
 * each vcpu_info a word that says which words of the first to look at.
 *
 * Invariant, unless the guest breaks it: pending and not masked  =>  the selector bit of the vcpu to
 * be told is set, and its upcall is pending. The bitmaps are the guest's to write: a bit we find
 * there means nothing beyond this page.
 * In: channel.c, virq.c.  Out: sched/ (vcpu_kick).
 * Locks: none, atomic bit operations. Both widths see bit n at the same place (little-endian words).
 */
#include "cpu/atomic.h"
#include "evtchn/channel.h"
#include "sched/sched.h"

/* A word of pending bits needs looking at. */
static void select_word(struct vcpu *v, uint32_t port)
{
	unsigned int word = port / shared_word_bits(v->domain);

	if (!test_and_set_bit(word, vcpu_pending_sel(v))) {
		write_once(*vcpu_upcall_pending(v), 1);
		smp_mb();
		vcpu_kick(v);
	}
}

void two_level_set_pending(struct vcpu *v, uint32_t port)
{
	struct domain *d = v->domain;

	if (port >= shared_max_ports(d) || !d->shared)
		return;
	if (test_and_set_bit(port, shared_evtchn_pending(d)))
		return;
	if (!test_bit(port, shared_evtchn_mask(d)))
		select_word(v, port);
}

void two_level_unmask(struct vcpu *v, uint32_t port)
{
	struct domain *d = v->domain;

	if (port >= shared_max_ports(d) || !d->shared)
		return;
	if (test_and_clear_bit(port, shared_evtchn_mask(d)) &&
	    test_bit(port, shared_evtchn_pending(d)))
		select_word(v, port);
}

void two_level_clear(struct domain *d, uint32_t port)
{
	if (port < shared_max_ports(d) && d->shared)
		clear_bit(port, shared_evtchn_pending(d));
}
