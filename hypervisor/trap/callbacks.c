// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a guest registers: trap handlers, callbacks, its kernel stack; and small registers of its
 * CPU that it sets by hypercall (CR0.TS, segment bases).
 *
 * Addresses are checked to be canonical and the guest's to name (advisories 193, 215), code
 * selectors get the privilege of the guest's kernel (110). compat/vcpu.c does the 32-bit layouts.
 */
#include "trap/trap.h"

#include <xen/callback.h>
#include <xen/nmi.h>

#include "cpu/asm.h"
#include "cpu/percpu.h"
#include "guest/access.h"
#include "guest/shared.h"
#include "lib/bits.h"
#include "lib/log.h"
#include "lib/string.h"
#include "paging/paging.h"
#include "trap/direct.h"

static bool code_address_ok(const struct domain *d, uint64_t address)
{
	return d->is_32bit ? address <= UINT32_MAX :
	       is_canonical(address) && guest_range_ok(address, 1);
}

void trap_table_clear(struct vcpu *v)
{
	memset(v->traps, 0, sizeof(v->traps));
	vcpu_long_way(v);
}

int trap_table_set(struct vcpu *v, unsigned int vector, unsigned int flags, uint16_t cs,
		   uint64_t address)
{
	if (!code_address_ok(v->domain, address))
		return refuse(-EINVAL, "handler of vector %u: address %#lx", vector, address);
	v->traps[vector & 0xff] = (struct trap_handler){
		.address = address,
		.cs = fix_guest_cs(v->domain, cs),
		.dpl = flags & 3,
		.masks_events = flags & 4,
	};
	vcpu_long_way(v);
	return 0;
}

int64_t hc_set_trap_table(struct hcall *h)
{
	gva_t list = gva(h->args[0]);
	struct trap_info info;
	int rc;

	if (gva_null(list)) {
		trap_table_clear(h->v);
		return 0;
	}
	for (;;) {
		rc = copy_from_guest(&info, list);
		if (rc)
			return rc;
		if (!info.address)
			return 0;
		rc = trap_table_set(h->v, info.vector, info.flags, info.cs, info.address);
		if (rc)
			return rc;
		list = gva_add(list, sizeof(info));
		if (hcall_should_yield(h)) {
			h->args[0] = list.at;
			return HC_RESTART;
		}
	}
}

static struct guest_callback *callback_of(struct vcpu *v, unsigned int type)
{
	switch (type) {
	case CALLBACKTYPE_event:	return &v->cb_event;
	case CALLBACKTYPE_failsafe:	return &v->cb_failsafe;
	case CALLBACKTYPE_syscall:	return v->domain->is_32bit ? NULL : &v->cb_syscall;
	case CALLBACKTYPE_syscall32:	return &v->cb_syscall32;
	case CALLBACKTYPE_sysenter:	return &v->cb_sysenter;
	case CALLBACKTYPE_nmi:		return &v->cb_nmi;
	default:			return NULL;
	}
}

int callback_register(struct vcpu *v, unsigned int type, unsigned int flags, uint16_t cs,
		      uint64_t address)
{
	struct guest_callback *cb = callback_of(v, type);
	bool masks = flags & CALLBACKF_mask_events;

	if (!cb)
		return refuse(-ENOSYS, "callback type %u", type);
	if (!code_address_ok(v->domain, address))
		return refuse(-EINVAL, "callback type %u: address %#lx", type, address);
	if (type == CALLBACKTYPE_nmi && v->id != 0)
		return refuse(-EINVAL, "nmi callback of vcpu %u", v->id);

	*cb = (struct guest_callback){
		.address = address,
		.cs = fix_guest_cs(v->domain, cs),
		.masks_events = masks,
	};
	vcpu_long_way(v);
	if (type == CALLBACKTYPE_failsafe)
		v->failsafe_masks_events = masks;
	if (type == CALLBACKTYPE_syscall)
		v->syscall_masks_events = masks;
	if (type == CALLBACKTYPE_nmi)
		look_before_guest();	/* one may have come */
	return 0;
}

int callback_unregister(struct vcpu *v, unsigned int type)
{
	if (!callback_of(v, type))
		return refuse(-ENOSYS, "callback type %u", type);
	if (type != CALLBACKTYPE_nmi)
		return refuse(-EINVAL, "callback type %u cannot be taken back", type);
	v->cb_nmi = (struct guest_callback){ 0 };
	return 0;
}

int64_t hc_set_callbacks(struct hcall *h)
{
	int rc = callback_register(h->v, CALLBACKTYPE_event, 0, 0, h->args[0]);

	if (!rc)
		rc = callback_register(h->v, CALLBACKTYPE_failsafe, 0, 0, h->args[1]);
	if (!rc)
		rc = callback_register(h->v, CALLBACKTYPE_syscall, 0, 0, h->args[2]);
	return rc;
}

int64_t hc_callback_op(struct hcall *h)
{
	struct callback_unregister which;
	struct callback_register req;
	int rc;

	switch (h->args[0]) {
	case CALLBACKOP_register:
		rc = copy_from_guest(&req, gva(h->args[1]));
		return rc ? rc : callback_register(h->v, req.type, req.flags, 0, req.address);
	case CALLBACKOP_unregister:
		rc = copy_from_guest(&which, gva(h->args[1]));
		return rc ? rc : callback_unregister(h->v, which.type);
	default:
		return refuse(-ENOSYS, "callback_op %lu", h->args[0]);
	}
}

int64_t hc_nmi_op(struct hcall *h)
{
	struct xennmi_callback req;
	int rc;

	switch (h->args[0]) {
	case XENNMI_register_callback:
		rc = copy_from_guest(&req, gva(h->args[1]));
		return rc ? rc : callback_register(h->v, CALLBACKTYPE_nmi, 0, 0,
						   req.handler_address);
	case XENNMI_unregister_callback:
		return callback_unregister(h->v, CALLBACKTYPE_nmi);
	default:
		return refuse(-ENOSYS, "nmi_op %lu", h->args[0]);
	}
}

int64_t hc_stack_switch(struct hcall *h)
{
	struct vcpu *v = h->v;
	uint64_t sp = h->args[1];

	if (unlikely(!direct_stack64(sp))) {
		if (!is_canonical(sp))
			return refuse(-EINVAL, "kernel stack %#lx", sp);
		vcpu_long_way(v);
	}
	v->kernel_ss = (uint16_t)h->args[0];
	v->kernel_sp = sp;
	return 0;
}

__attribute__((noinline)) static void stack_switch32(struct vcpu *v, uint16_t ss, uint32_t sp)
{
	if (v->kernel_ss != ss || !direct_stack32(sp))
		vcpu_long_way(v);
	v->kernel_ss = ss;
	v->kernel_sp = sp;
}

int64_t hc32_stack_switch(struct hcall *h)
{
	struct vcpu *v = h->v;
	uint64_t sp = h->args[1];

	if (likely(h->args[0] == v->kernel_ss) && likely(direct_stack32((uint32_t)sp)))
		v->kernel_sp = sp;
	else
		stack_switch32(v, fix_ring1((uint16_t)h->args[0]), (uint32_t)sp);
	return 0;
}

int64_t hc_fpu_taskswitch(struct hcall *h)
{
	h->v->ts = (uint32_t)h->args[0] != 0;
	if (h->v->ts)
		write_cr0(read_cr0() | CR0_TS);
	else
		clts();
	return 0;
}

/* The user GS selector, loaded without touching the kernel's base. */
__attribute__((noinline)) static int64_t set_user_gs(uint64_t which, uint16_t selector)
{
	if (which != SEGBASE_GS_USER_SEL)
		return refuse(-EINVAL, "segment %lu", which);
	swapgs();
	load_gs(selector);
	swapgs();
	return 0;
}

int64_t hc_set_segment_base(struct hcall *h)
{
	uint64_t which = h->args[0], base = h->args[1];
	uint32_t msr;

	if (which == SEGBASE_FS)
		msr = MSR_FS_BASE;
	else if (which == SEGBASE_GS_USER)
		msr = MSR_KERNEL_GS_BASE;
	else if (which == SEGBASE_GS_KERNEL)
		msr = MSR_GS_BASE;
	else
		return set_user_gs(which, (uint16_t)base);
	if (!is_canonical(base))
		return refuse(-EINVAL, "segment base %#lx", base);
	wrmsr(msr, base);
	return 0;
}

int64_t hc32_set_segment_base(struct hcall *h)
{
	(void)h;
	return refuse(-ENOSYS, "set_segment_base by a 32-bit guest");
}
