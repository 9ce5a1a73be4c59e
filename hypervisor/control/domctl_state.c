// SPDX-License-Identifier: GPL-2.0-only
/*
 * domctl on what makes a domain one that can be saved and restored: of a vcpu what its context
 * (control/context.h) does not hold, and the question of dirty pages.
 *
 * Nothing that comes in is believed: it was a file in between. What the CPU would refuse to load is
 * refused here, before anything of the vcpu has changed.
 * Not here: log-dirty mode. A domain is saved while it stands still.
 */
#include "control/domctl_op.h"

#include "cpu/features.h"
#include "cpu/fpu.h"
#include "cpu/msr.h"
#include "guest/access.h"
#include "lib/log.h"
#include "lib/string.h"
#include "mem/heap.h"
#include "sched/sched.h"

/* --- extended states: the vector registers --- */

/* What the tools carry: two words, then an XSAVE area for the states of the second. */
struct states {
	uint64_t xcr0, xcr0_accum;
	uint8_t area[];
};

static size_t states_bytes(uint64_t accum)
{
	return sizeof(struct states) + fpu_bytes(accum);
}

/* Without a buffer it is a question for the size; a mask of 0 says that there is nothing to fetch. */
int64_t domctl_getvcpuextstate(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
			       bool *reply)
{
	struct xen_domctl_vcpuextstate *want = &ctl->u.vcpuextstate;
	gva_t buffer = handle_gva(want->buffer);
	struct vcpu *v = domctl_vcpu(d, want->vcpu);
	struct states head;
	size_t bytes;
	int rc;

	if (!v)
		return -ESRCH;
	if (d == h->d)
		return refuse(-EINVAL, "getvcpuextstate: not of oneself");
	*reply = true;
	if (gva_null(buffer) || !fpu_xcr0_host()) {
		want->xfeature_mask = fpu_xcr0_host();
		want->size = fpu_xcr0_host() ? sizeof(head) + fpu_area_size() : 0;
		return 0;
	}
	vcpu_pause(v);
	head = (struct states){ .xcr0 = v->xcr0, .xcr0_accum = v->xcr0_accum };
	bytes = states_bytes(head.xcr0_accum);
	if (want->size < bytes || want->xfeature_mask != fpu_xcr0_host()) {
		vcpu_unpause(v);
		return refuse(-EINVAL, "getvcpuextstate: %lu bytes of states %#lx; there are %zu, "
			      "of %#lx", want->size, want->xfeature_mask, bytes, fpu_xcr0_host());
	}
	rc = guest_write(buffer, &head, sizeof(head));
	if (!rc)
		rc = guest_write(gva_add(buffer, sizeof(head)), v->fpu, bytes - sizeof(head));
	vcpu_unpause(v);
	want->size = bytes;
	return rc;
}

/* Would this CPU and this vcpu take it? Size is that of all at *s. */
static int states_check(const struct states *s, size_t size)
{
	if (fpu_xcr0_check(s->xcr0_accum) || fpu_xcr0_check(s->xcr0))
		return refuse(-EINVAL, "setvcpuextstate: states %#lx, once %#lx: this CPU has %#lx",
			      s->xcr0, s->xcr0_accum, fpu_xcr0_host());
	if (s->xcr0 & ~s->xcr0_accum)
		return refuse(-EINVAL, "setvcpuextstate: states %#lx, but never more than %#lx",
			      s->xcr0, s->xcr0_accum);
	if (size != states_bytes(s->xcr0_accum))
		return refuse(-EINVAL, "setvcpuextstate: %zu bytes for states %#lx", size,
			      s->xcr0_accum);
	if (fpu_area_check(s->area, s->xcr0_accum))
		return refuse(-EINVAL, "setvcpuextstate: not an area of the standard layout");
	return 0;
}

static void states_take(struct vcpu *v, const struct states *s, size_t size)
{
	vcpu_pause(v);
	v->xcr0 = s->xcr0;
	v->xcr0_accum = s->xcr0_accum;
	memset(v->fpu, 0, fpu_area_size());
	memcpy(v->fpu, s->area, size - sizeof(*s));
	vcpu_unpause(v);
}

int64_t domctl_setvcpuextstate(struct hcall *h, struct domain *d, struct xen_domctl *ctl,
			       bool *reply)
{
	const struct xen_domctl_vcpuextstate *want = &ctl->u.vcpuextstate;
	struct vcpu *v = domctl_vcpu(d, want->vcpu);
	struct states *s;
	int rc;

	(void)reply;
	if (!v)
		return -ESRCH;
	if (d == h->d)
		return refuse(-EINVAL, "setvcpuextstate: not on oneself");
	if (!fpu_xcr0_host() || want->size < states_bytes(0) ||
	    want->size > sizeof(*s) + fpu_area_size())
		return refuse(-EINVAL, "setvcpuextstate: %lu bytes", want->size);
	s = heap_alloc(want->size);
	if (!s)
		return -ENOMEM;
	rc = guest_read(s, handle_gva(want->buffer), want->size);
	if (!rc)
		rc = states_check(s, want->size);
	if (!rc)
		states_take(v, s, want->size);
	heap_free(s);
	return rc;
}

/* --- MSRs: of those a guest may write only TSC_AUX is kept for it and in no context --- */

int64_t domctl_get_vcpu_msrs(struct hcall *h, struct domain *d, struct xen_domctl *ctl, bool *reply)
{
	struct xen_domctl_vcpu_msrs *want = &ctl->u.vcpu_msrs;
	gva_t list = handle_gva(want->msrs);
	struct vcpu *v = domctl_vcpu(d, want->vcpu);
	struct xen_domctl_vcpu_msr msr = { .index = MSR_TSC_AUX };
	uint32_t room = want->msr_count;

	(void)h;
	if (!v)
		return -ESRCH;
	*reply = true;
	msr.value = read_once(v->tsc_aux);
	want->msr_count = gva_null(list) || msr.value;	/* one, or none that is worth telling */
	if (gva_null(list) || !want->msr_count)
		return 0;
	if (!room)
		return refuse(-ENOBUFS, "get_vcpu_msrs: no room for one");
	return copy_to_guest(list, &msr);
}

int64_t domctl_set_vcpu_msrs(struct hcall *h, struct domain *d, struct xen_domctl *ctl, bool *reply)
{
	const struct xen_domctl_vcpu_msrs *want = &ctl->u.vcpu_msrs;
	struct vcpu *v = domctl_vcpu(d, want->vcpu);
	struct xen_domctl_vcpu_msr msr;
	int rc;

	(void)reply;
	if (!v)
		return -ESRCH;
	if (d == h->d)
		return refuse(-EINVAL, "set_vcpu_msrs: not on oneself");
	if (!want->msr_count)
		return 0;
	if (want->msr_count > 1)
		return refuse(-EINVAL, "set_vcpu_msrs: %u of them; there is one",
			      want->msr_count);
	rc = copy_from_guest(&msr, handle_gva(want->msrs));
	if (rc)
		return rc;
	if (msr.index != MSR_TSC_AUX || msr.reserved || msr.value >> 32 || !host.rdtscp)
		return refuse(-EINVAL, "set_vcpu_msrs: %#x to %#lx", msr.index, msr.value);
	vcpu_pause(v);
	v->tsc_aux = (uint32_t)msr.value;
	vcpu_unpause(v);
	return 0;
}

/* --- */

/* To turn off what was never on is no mistake; libxenguest ends every save so. */
int64_t domctl_shadow_op(struct hcall *h, struct domain *d, struct xen_domctl *ctl, bool *reply)
{
	(void)h;
	(void)d;
	(void)reply;
	if (ctl->u.shadow_op.op == XEN_DOMCTL_SHADOW_OP_OFF)
		return 0;
	return refuse(-EOPNOTSUPP, "shadow_op %u: dirty pages are not logged here",
		      ctl->u.shadow_op.op);
}
