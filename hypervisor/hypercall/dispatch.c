// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a guest's registers to a handler, and its answer back.
 *
 * Arguments come in rdi rsi rdx r10 r8 r9, or ebx ecx edx esi edi ebp. A handler that answers
 * HC_RESTART has changed h->args: they go back to the registers and the instruction pointer goes
 * back over the instruction (two bytes in both widths), so the guest asks again by itself, after
 * whatever was more urgent.
 *
 * The number is a guest's word: checked against the table, and clamped for a CPU that runs ahead
 * of the check.
 */
#include "hypercall/hypercall.h"

#include "cpu/percpu.h"
#include "lib/bits.h"
#include "lib/log.h"
#include "trap/trap.h"

#define CALL_INSN_BYTES	2

struct door {
	hcall_fn handler[2];	/* for 64-bit and 32-bit guests; NULL: refused */
	bool control_only;
	uint16_t refusal;
	const char *name;
	const char *reason;
};

#define ANY	false
#define CONTROL	true
#define HC(number, called, h64, h32, arg_count, who)			\
	[number] = { .handler = { h64, h32 }, .control_only = (who), .name = #called },
#define REFUSE(number, called, err, why)				\
	[number] = { .refusal = (err), .name = #called, .reason = (why) },

static const struct door doors[] = {
#include "hypercall/table.def"
};

static_assert(ARRAY_SIZE(doors) == HYPERCALL_COUNT, "a row for every number");

static inline int64_t call(struct hcall *h)
{
	const struct door *door;
	unsigned int slot;

	if (!index_within(h->nr, HYPERCALL_COUNT, &slot))
		return refuse(-ENOSYS, "hypercall %u", h->nr);
	door = &doors[slot];
	if (!door->handler[0])
		return refuse(-(int)door->refusal, "%s: %s", door->name, door->reason);
	if (door->control_only && !h->d->privileged)
		return refuse(-EPERM, "%s is for the control domain", door->name);
	return door->handler[h->d->is_32bit](h);
}

int64_t hypercall_one(struct hcall *h)
{
	return call(h);
}

/* All fields by name: nothing is cleared first that is filled in after. */
static inline struct hcall read_call(struct vcpu *v, struct guest_regs *regs)
{
	if (v->domain->is_32bit)
		return (struct hcall){
			.v = v, .d = v->domain, .regs = regs, .nr = (uint32_t)regs->rax,
			.args = {
				(uint32_t)regs->rbx, (uint32_t)regs->rcx, (uint32_t)regs->rdx,
				(uint32_t)regs->rsi, (uint32_t)regs->rdi, (uint32_t)regs->rbp,
			},
		};
	return (struct hcall){
		.v = v, .d = v->domain, .regs = regs, .nr = (uint32_t)regs->rax,
		.args = { regs->rdi, regs->rsi, regs->rdx, regs->r10, regs->r8, regs->r9 },
	};
}

static void write_args(const struct hcall *h)
{
	struct guest_regs *regs = h->regs;

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

void hypercall(struct guest_regs *regs)
{
	struct vcpu *v = current;
	struct hcall h = read_call(v, regs);
	int64_t rc;

	rc = call(&h);
	if (unlikely(h.left_kernel))
		return;
	if (unlikely(rc == HC_RESTART)) {
		write_args(&h);
		regs->rip -= CALL_INSN_BYTES;
	} else {
		regs->rax = h.d->is_32bit ? (uint32_t)rc : (uint64_t)rc;
	}
}
