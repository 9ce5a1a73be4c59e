// SPDX-License-Identifier: GPL-2.0-only
/*
 * Trap tables and callbacks of 32-bit guests: the narrow layouts, widened.
 *
 * Only the layout differs; what may be registered is decided in trap/callbacks.c.
 */
#include "trap/trap.h"

#include <xen/callback.h>
#include <xen/nmi.h>

#include "guest/access.h"
#include "lib/log.h"

struct trap_info32 {
	uint8_t vector, flags;
	uint16_t cs;
	uint32_t address;
};

struct callback_register32 {
	uint16_t type, flags;
	uint32_t cs, eip;
};

struct nmi_callback32 {
	uint32_t handler_address, pad;
};

static_assert(sizeof(struct trap_info32) == 8, "struct trap_info, 32-bit");
static_assert(sizeof(struct callback_register32) == 12, "struct callback_register, 32-bit");

int64_t hc32_set_trap_table(struct hcall *h)
{
	gva_t list = gva(h->args[0]);
	struct trap_info32 info;
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

/* event_selector, event_address, failsafe_selector, failsafe_address */
int64_t hc32_set_callbacks(struct hcall *h)
{
	int rc = callback_register(h->v, CALLBACKTYPE_event, 0, (uint16_t)h->args[0], h->args[1]);

	if (!rc)
		rc = callback_register(h->v, CALLBACKTYPE_failsafe, 0, (uint16_t)h->args[2],
				       h->args[3]);
	return rc;
}

int64_t hc32_callback_op(struct hcall *h)
{
	struct callback_unregister which;
	struct callback_register32 req;
	int rc;

	switch (h->args[0]) {
	case CALLBACKOP_register:
		rc = copy_from_guest(&req, gva(h->args[1]));
		return rc ? rc : callback_register(h->v, req.type, req.flags, (uint16_t)req.cs,
						   req.eip);
	case CALLBACKOP_unregister:
		rc = copy_from_guest(&which, gva(h->args[1]));
		return rc ? rc : callback_unregister(h->v, which.type);
	default:
		return refuse(-ENOSYS, "callback_op %lu", h->args[0]);
	}
}

/* A flat kernel: the handler has no selector of its own, the one running is used. */
int64_t hc32_nmi_op(struct hcall *h)
{
	struct nmi_callback32 req;
	int rc;

	switch (h->args[0]) {
	case XENNMI_register_callback:
		rc = copy_from_guest(&req, gva(h->args[1]));
		return rc ? rc : callback_register(h->v, CALLBACKTYPE_nmi, 0,
						   (uint16_t)guest_regs()->cs, req.handler_address);
	case XENNMI_unregister_callback:
		return callback_unregister(h->v, CALLBACKTYPE_nmi);
	default:
		return refuse(-ENOSYS, "nmi_op %lu", h->args[0]);
	}
}
