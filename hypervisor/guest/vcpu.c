// SPDX-License-Identifier: GPL-2.0-only
#include "guest/vcpu.h"

#include "cpu/fpu.h"
#include "guest/domain.h"
#include "guest/shared.h"
#include "mem/heap.h"

#define XCR0_X87_SSE	3ul

static bool vcpu_fpu_init(struct vcpu *v)
{
	v->fpu = heap_alloc(fpu_area_size());
	if (!v->fpu)
		return false;
	fpu_area_init(v->fpu);
	if (fpu_xcr0_host()) {
		v->xcr0 = 1;
		/* SSE works without the guest's asking, so it is always to be saved. */
		v->xcr0_accum = XCR0_X87_SSE;
	}
	return true;
}

/* A 64-bit guest's addresses go from the hypervisor's end over the top to those of its programs. */
void vcpu_make_current(struct vcpu *v)
{
	struct cpu_info *info = this_cpu_info();
	bool is_32bit = v->domain->is_32bit;

	info->vcpu = v;
	info->ring = is_32bit ? 1 : 3;
	info->guest_start = is_32bit ? 0 : HV_VIRT_END;
	info->guest_span = is_32bit ? 1ul << 32 : GUEST_LOW_END - HV_VIRT_END;
	if (v->is_idle) {		/* nobody's: nothing is mapped there */
		info->guest_start = 0;
		info->guest_span = GUEST_SPAN_LEAST;
	}
}

struct vcpu *vcpu_create(struct domain *d, unsigned int id)
{
	struct vcpu *v;

	if (id >= MAX_VCPUS || d->vcpu[id])
		return NULL;
	v = heap_alloc(sizeof(*v));
	if (!v)
		return NULL;
	v->domain = d;
	v->id = id;
	v->pause_flags = VPF_DOWN;
	v->kernel_mode = true;
	vcpu_long_way(v);
	v->debugreg[6] = 0xffff0ff0;
	v->debugreg[7] = 0x400;
	v->affinity_hard = v->affinity_soft = ~0ul;
	list_node_init(&v->run_link);
	if (!d->special && !vcpu_fpu_init(v)) {
		heap_free(v);
		return NULL;
	}
	vcpu_info_unregister(v);
	d->vcpu[id] = v;
	if (d->vcpu_count <= id)
		d->vcpu_count = id + 1;
	return v;
}

void vcpu_free(struct vcpu *v)
{
	struct domain *d = v->domain;

	vcpu_info_unregister(v);
	d->vcpu[v->id] = NULL;
	if (d->vcpu_count == v->id + 1)
		d->vcpu_count--;
	heap_free(v->io_bitmap);
	heap_free(v->fpu);
	heap_free(v);
}
