// SPDX-License-Identifier: GPL-2.0-only
/*
 * One vcpu of a guest about another, or itself: life, areas of memory it shares with us, timers.
 *
 * Both widths come here; where a structure differs the vcpu's width says which it is, and only the
 * context of VCPUOP_initialise has a file of its own (compat/vcpu_op.c).
 * In: dispatch.c.  Out: control/context.c, guest/shared.c, sched/, evtchn/vtimer.c.
 */
#include "hypercall/hypercall.h"

#include <xen/sched.h>
#include <xen/vcpu.h>

#include "control/context.h"
#include "evtchn/channel.h"
#include "evtchn/vtimer.h"
#include "guest/access.h"
#include "lib/log.h"
#include "mem/heap.h"
#include "sched/sched.h"
#include "time/clock.h"
#include "time/timer.h"

#define FAR_FUTURE_NS	(1ull << 50)	/* nobody means that */
#define MAYBE_SOON_NS	(100 * NS_PER_MS)

/* --- life --- */

static int64_t op_initialise(struct hcall *h, struct vcpu *v, gva_t arg)
{
	struct vcpu_guest_context *c;
	int64_t rc = -EFAULT;

	if (v->initialised)
		return refuse(-EEXIST, "vcpu %u has a context", v->id);
	c = heap_alloc(sizeof(*c));
	if (!c)
		return -ENOMEM;
	if (!copy_from_guest(c, arg))
		rc = vcpu_set_context64(v, c, h);
	heap_free(c);
	return rc;
}

static int64_t op_up(struct vcpu *v)
{
	if (!v->initialised)
		return refuse(-EINVAL, "vcpu %u has no context", v->id);
	if (v->pause_flags & VPF_DOWN)
		sched_vcpu_up(v);
	return 0;
}

/* The last one that goes down takes the domain with it. */
static int64_t op_down(struct vcpu *v)
{
	struct vcpu *other;

	for_each_vcpu(v->domain, other)
		if (other != v && !(other->pause_flags & VPF_DOWN)) {
			sched_vcpu_down(v);
			return 0;
		}
	domain_shutdown(v->domain, SHUTDOWN_poweroff);
	return 0;
}

/* --- areas --- */

static int64_t op_register_info(struct vcpu *v, gva_t arg)
{
	struct vcpu_register_vcpu_info req;
	int rc;

	if (copy_from_guest(&req, arg))
		return -EFAULT;
	if (v != current && !(v->pause_flags & VPF_DOWN))
		return refuse(-EINVAL, "vcpu_info of vcpu %u: it is up", v->id);
	rc = vcpu_info_register(v, gfn(req.mfn), req.offset);
	if (rc)
		return rc;
	pvclock_update(v);
	evtchn_raise_all(v);
	return 0;
}

/* The address in a registration: 32-bit guests write only half of it. */
static int area_address(const struct vcpu *v, gva_t arg, gva_t *out)
{
	uint64_t at = 0;
	int rc = guest_read(&at, arg, v->domain->is_32bit ? sizeof(uint32_t) : sizeof(uint64_t));

	*out = gva(at);
	return rc;
}

static int64_t op_register_runstate(struct vcpu *v, gva_t arg)
{
	gva_t area;

	if (area_address(v, arg, &area))
		return -EFAULT;
	if (gva_null(area)) {
		v->runstate_at = area;
		return 0;
	}
	if (!guest_array_ok(area, runstate_bytes(v), 1))
		return -EFAULT;
	v->runstate_at = area;
	/* A page that is not there yet may be when the vcpu runs next. */
	(void)!runstate_copy(v, area);
	return 0;
}

static int64_t op_register_time(struct vcpu *v, gva_t arg)
{
	gva_t area;

	if (area_address(v, arg, &area) ||
	    !guest_array_ok(area, sizeof(struct vcpu_time_info), 1))
		return -EFAULT;
	v->time_at = area;
	v->areas_stale = true;
	if (v == current)
		vcpu_areas_publish(v);
	return 0;
}

/* --- timers --- */

static int64_t op_set_periodic(struct vcpu *v, gva_t arg)
{
	struct vcpu_set_periodic_timer req;

	if (copy_from_guest(&req, arg))
		return -EFAULT;
	if (req.period_ns < VTIMER_PERIOD_MIN_NS || req.period_ns > FAR_FUTURE_NS)
		return refuse(-EINVAL, "periodic timer of %lu ns", req.period_ns);
	vtimer_periodic(v, req.period_ns);
	return 0;
}

static int64_t op_set_singleshot(struct vcpu *v, gva_t arg)
{
	/* The 32-bit layout ends without the padding of ours. */
	struct vcpu_set_singleshot_timer req = { 0 };
	size_t bytes = offsetof(struct vcpu_set_singleshot_timer, flags) + sizeof(req.flags);

	if (v != current)
		return refuse(-EINVAL, "singleshot timer of another vcpu");
	if (guest_read(&req, arg, bytes))
		return -EFAULT;
	if (req.flags & VCPU_SSHOTTMR_future && req.timeout_abs_ns < clock_now_ns())
		return -ETIME;
	vtimer_set_singleshot(v, req.timeout_abs_ns);
	return 0;
}

static int64_t op_stop_singleshot(struct vcpu *v)
{
	if (v != current)
		return refuse(-EINVAL, "singleshot timer of another vcpu");
	vtimer_set_singleshot(v, TIMER_NEVER);
	return 0;
}

/* --- */

int64_t hc_vcpu_op(struct hcall *h)
{
	unsigned int cmd = (unsigned int)h->args[0], id;
	gva_t arg = gva(h->args[2]);
	struct vcpu *v;

	if (!index_within((uint32_t)h->args[1], h->d->vcpu_count, &id) || !h->d->vcpu[id])
		return -ENOENT;		/* kernels count their vcpus by this answer */
	v = h->d->vcpu[id];
	switch (cmd) {
	case VCPUOP_initialise:
		return op_initialise(h, v, arg);
	case VCPUOP_up:
		return op_up(v);
	case VCPUOP_down:
		return op_down(v);
	case VCPUOP_is_up:
		return !(v->pause_flags & VPF_DOWN);
	case VCPUOP_get_runstate_info:
		return runstate_copy(v, arg);
	case VCPUOP_register_runstate_memory_area:
		return op_register_runstate(v, arg);
	case VCPUOP_set_periodic_timer:
		return op_set_periodic(v, arg);
	case VCPUOP_stop_periodic_timer:
		vtimer_periodic(v, 0);
		return 0;
	case VCPUOP_set_singleshot_timer:
		return op_set_singleshot(v, arg);
	case VCPUOP_stop_singleshot_timer:
		return op_stop_singleshot(v);
	case VCPUOP_register_vcpu_info:
		return op_register_info(v, arg);
	case VCPUOP_register_vcpu_time_memory_area:
		return op_register_time(v, arg);
	case VCPUOP_send_nmi:
		vcpu_send_nmi(v);
		return 0;
	case VCPUOP_get_physid:
		return refuse(-EINVAL, "get_physid: vcpus are not tied to processors");
	default:
		return refuse(-ENOSYS, "vcpu_op %u: no such op", cmd);
	}
}

/* A moment in the past is now; one far off is a guest that reckons wrong, and gets a tick soon. */
int64_t hc_set_timer_op(struct hcall *h)
{
	uint64_t at = h->args[0], now = clock_now_ns();

	if (h->d->is_32bit)
		at = (uint32_t)h->args[0] | (uint64_t)(uint32_t)h->args[1] << 32;
	if (!at)
		at = TIMER_NEVER;
	else if (at > now && at - now > FAR_FUTURE_NS)
		at = now + MAYBE_SOON_NS;
	vtimer_set_singleshot(h->v, at);
	return 0;
}
