// SPDX-License-Identifier: GPL-2.0-only
/*
 * sched_op in the 32-bit layout: only poll has a pointer in it.
 */
#include "hypercall/hypercall.h"

#include <xen/sched.h>

#include "guest/access.h"
#include "sched/sched.h"

struct sched_poll32 {
	uint32_t ports;
	uint32_t nr_ports;
	uint64_t timeout __packed;
};

static_assert(sizeof(struct sched_poll32) == 16, "as i386 lays it out");

int64_t hc32_sched_op(struct hcall *h)
{
	struct sched_poll32 req;

	if ((uint32_t)h->args[0] != SCHEDOP_poll)
		return hc_sched_op(h);
	if (copy_from_guest(&req, gva(h->args[1])))
		return -EFAULT;
	return sched_poll(h->v, gva(req.ports), req.nr_ports, req.timeout);
}
