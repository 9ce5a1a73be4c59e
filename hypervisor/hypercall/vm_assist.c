// SPDX-License-Identifier: GPL-2.0-only
/*
 * Deviations from plain paravirtualisation that a guest may switch on and off for itself.
 *
 *	4gb_segments		descriptors may say 4 GiB: we never cut them anyway
 *	writable_pagetables	stores to live page tables are emulated: they always are
 *	pae_extended_cr3	a PAE table may lie above 4 GiB
 *	architectural_iopl	the flags in frames show the virtual IOPL (trap/bounce.c)
 *	runstate_update_flag	runstate areas say when they are being changed (guest/pvclock.c)
 */
#include "cpu/atomic.h"
#include "hypercall/hypercall.h"
#include "lib/log.h"

#define VALID	(BIT(VMASST_TYPE_4gb_segments) | BIT(VMASST_TYPE_writable_pagetables) | \
		 BIT(VMASST_TYPE_pae_extended_cr3) | BIT(VMASST_TYPE_architectural_iopl) | \
		 BIT(VMASST_TYPE_runstate_update_flag))

int64_t hc_vm_assist(struct hcall *h)
{
	unsigned int cmd = (unsigned int)h->args[0], type;
	struct vcpu *v;

	if (!index_within((uint32_t)h->args[1], 64, &type) || !(VALID & BIT(type)))
		return refuse(-EINVAL, "vm_assist type %lu", h->args[1]);
	switch (cmd) {
	case VMASST_CMD_enable:
		atomic_or64(&h->d->vm_assist, BIT(type));
		for_each_vcpu(h->d, v)
			vcpu_assists_changed(v);
		return 0;
	case VMASST_CMD_disable:
		atomic_and64(&h->d->vm_assist, ~BIT(type));
		return 0;
	default:
		return refuse(-ENOSYS, "vm_assist %u: no such command", cmd);
	}
}
