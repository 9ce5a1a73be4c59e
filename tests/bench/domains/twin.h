// SPDX-License-Identifier: GPL-2.0-only
/* A second domain with our own image in it, and what both say to each other through one page. */
#pragma once

#include "measure.h"

enum { IDLE, ANSWER_POLLING, ANSWER_BLOCKING };

/* The twin's page of this is ours to read and write. */
struct mailbox {
	uint32_t mode, port, turns;
};

struct twin {
	int dom;
	evtchn_port_t port;		/* our end of the channel between us */
	volatile struct mailbox *box;
	volatile struct shared_info *info;
};

#define TAKE_BACK_FROM(s)						\
	do {								\
		(s)->vcpu_info[0].evtchn_upcall_pending = 0;		\
		(s)->vcpu_info[0].evtchn_pending_sel = 0;		\
		(s)->evtchn_pending[0] = 0;				\
	} while (0)

/* Wait for an event on this port without a handler. */
static inline void wait_polling(evtchn_port_t port)
{
	struct sched_poll poll = { .nr_ports = 1 };

	set_xen_guest_handle(poll.ports, &port);
	DO(HC(__HYPERVISOR_sched_op, SCHEDOP_poll, &poll, 0, 0));
	TAKE_BACK_FROM(shared);
}

/* Wait for any event as a kernel does: blocked, until the handler has run. `seen` is what it counted before. */
static inline void wait_blocking(unsigned int seen)
{
	while (fast_events == seen) {
		DO(HC(__HYPERVISOR_sched_op, SCHEDOP_block, 0, 0, 0));
		vinfo->evtchn_upcall_mask = 1;
	}
}

void twin_start(struct twin *t);	/* it runs, and waits polling; ERROR if it cannot be made */
void twin_ask(struct twin *t, uint32_t mode);
void twin_pause(struct twin *t, bool pause);
