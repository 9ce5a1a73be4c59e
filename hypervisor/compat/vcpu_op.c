// SPDX-License-Identifier: GPL-2.0-only
/*
 * vcpu_op in the 32-bit layout: the context of a new vcpu. hypercall/vcpu_op.c knows the others.
 */
#include "hypercall/hypercall.h"

#include <xen/vcpu.h>

#include "control/context.h"
#include "guest/access.h"
#include "lib/log.h"
#include "mem/heap.h"

static int64_t initialise(struct hcall *h, struct vcpu *v, gva_t arg)
{
	struct vcpu_guest_context_x86_32 *c;
	int64_t rc = -EFAULT;

	if (v->initialised)
		return refuse(-EEXIST, "vcpu %u has a context", v->id);
	c = heap_alloc(sizeof(*c));
	if (!c)
		return -ENOMEM;
	if (!copy_from_guest(c, arg))
		rc = vcpu_set_context32(v, c, h);
	heap_free(c);
	return rc;
}

int64_t hc32_vcpu_op(struct hcall *h)
{
	unsigned int id;

	if ((uint32_t)h->args[0] != VCPUOP_initialise)
		return hc_vcpu_op(h);
	if (!index_within((uint32_t)h->args[1], h->d->vcpu_count, &id) || !h->d->vcpu[id])
		return -ENOENT;
	return initialise(h, h->d->vcpu[id], gva(h->args[2]));
}
