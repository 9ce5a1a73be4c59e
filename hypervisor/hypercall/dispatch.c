// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of handlers, and how a guest is made to ask again.
 *
 * A handler that answers HC_RESTART has changed h->args: they go back to the registers they came in
 * (rdi rsi rdx r10 r8 r9, or ebx ecx edx esi edi ebp) and the instruction pointer goes back over the
 * instruction, so the guest asks again by itself, after whatever was more urgent.
 */
#include "hypercall/hypercall.h"

#include "cpu/percpu.h"
#include "lib/bits.h"
#include "lib/log.h"
#include "trap/trap.h"

#define CALL_INSN_BYTES	2	/* SYSCALL and INT 0x82 */

/* Why there is no handler. */
struct refusal {
	int error;
	const char *called;
	const char *reason;
};

#define HC(number, called, h64, h32, arg_count, who)
#define REFUSE(number, called, err, why)	[number] = { -(err), #called, why },
static const struct refusal refusals[HYPERCALL_COUNT + 1] = {
#include "hypercall/table.def"
	[HYPERCALL_COUNT] = { -ENOSYS, "hypercall", "no such number" },
};
#undef HC
#undef REFUSE

static int64_t hc_refused(struct hcall *h)
{
	const struct refusal *r;
	unsigned int slot;

	index_within(h->nr, ARRAY_SIZE(refusals), &slot);
	r = &refusals[slot];
	return refuse(r->error, "%s: %s", r->called, r->reason);
}

/* Those for the control domain alone. */
#define HC(number, called, h64, h32, arg_count, who)	who(number, called, h64, h32)
#define REFUSE(number, called, err, why)
#define ANY(number, called, h64, h32)
#define CONTROL(number, called, h64, h32)						\
	static int64_t control_##called(struct hcall *h)				\
	{										\
		if (!h->d->privileged)							\
			return refuse(-EPERM, #called " is for the control domain");	\
		return h->d->is_32bit ? h32(h) : h64(h);				\
	}
#include "hypercall/table.def"
#undef HC
#undef REFUSE
#undef ANY
#undef CONTROL

#define ANY(called, handler)		handler
#define CONTROL(called, handler)	control_##called
#define REFUSE(number, called, err, why)	[number] = hc_refused,

const hcall_fn hypercall_doors[2][HYPERCALL_COUNT + 1] = {
	{
#define HC(number, called, h64, h32, arg_count, who)	[number] = who(called, h64),
#include "hypercall/table.def"
#undef HC
		[HYPERCALL_COUNT] = hc_refused,
	}, {
#define HC(number, called, h64, h32, arg_count, who)	[number] = who(called, h32),
#include "hypercall/table.def"
#undef HC
		[HYPERCALL_COUNT] = hc_refused,
	},
};

void hypercall_restart(const struct hcall *h)
{
	struct guest_regs *regs = guest_regs();

	if (h->left_kernel) {
		regs->rax = (uint64_t)HC_RESTART;	/* iret gave a guest's rax: any number */
		return;
	}
	regs->rip -= CALL_INSN_BYTES;
	if (h->d->is_32bit) {
		regs->rbx = (uint32_t)h->args[0];
		regs->rcx = (uint32_t)h->args[1];
		regs->rdx = (uint32_t)h->args[2];
		regs->rsi = (uint32_t)h->args[3];
		regs->rdi = (uint32_t)h->args[4];
		regs->rbp = (uint32_t)h->args[5];
	} else {
		regs->rdi = h->args[0];
		regs->rsi = h->args[1];
		regs->rdx = h->args[2];
		regs->r10 = h->args[3];
		regs->r8 = h->args[4];
		regs->r9 = h->args[5];
	}
}
