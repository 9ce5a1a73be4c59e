// SPDX-License-Identifier: GPL-2.0-only
/*
 * Callbacks: set_callbacks of old kernels, callback_op of new ones, and what each callback brings.
 *
 * Rule: the event callback runs where it was registered last, by either call; the failsafe callback
 * comes when a segment selector cannot be put back on the way to the guest, with the selectors in
 * its frame; SYSCALL of ring 3 reaches the syscall callback (64-bit); unknown types give an errno.
 */
#include "rt.h"

static unsigned int upcalls_seen;

static void count(struct regs *regs)
{
	(void)regs;
	upcalls_seen++;
}

static long register_one(unsigned int type, word address, unsigned int flags)
{
	struct callback_register cb = { .type = type, .flags = flags };

#ifdef __x86_64__
	cb.address = address;
#else
	cb.address.cs = KERNEL_CS;
	cb.address.eip = address;
#endif
	return hcall2(__HYPERVISOR_callback_op, CALLBACKOP_register, &cb);
}

static long unregister_one(unsigned int type)
{
	struct callback_unregister cb = { .type = type };

	return hcall2(__HYPERVISOR_callback_op, CALLBACKOP_unregister, &cb);
}

static void upcall_once(const char *how)
{
	unsigned int port = port_bind_ipi(0), before = upcalls_seen;

	upcall_hook = count;
	events_unmask();
	port_send(port);
	expect_eq(upcalls_seen, before + 1, how);
	upcall_hook = NULL;
	events_mask();
	port_close(port);
}

static void old_and_new(void)
{
	long rc;

	upcall_once("upcalls by callback_op");
#ifdef __x86_64__
	rc = hcall3(__HYPERVISOR_set_callbacks, entry_event, entry_failsafe, entry_syscall);
#else
	rc = hcall4(__HYPERVISOR_set_callbacks, KERNEL_CS, entry_event, KERNEL_CS, entry_failsafe);
#endif
	expect_eq(rc, 0, "set_callbacks");
	upcall_once("upcalls by set_callbacks");
	expect_eq(register_one(CALLBACKTYPE_event, (word)entry_event, CALLBACKF_mask_events), 0,
		  "register again");
	upcall_once("upcalls by callback_op again");
}

static void refusals(void)
{
	expect_refused(register_one(99, (word)entry_event, 0), "callback type 99");
	expect_refused(unregister_one(CALLBACKTYPE_event), "taking the event callback away");
	expect_eq(register_one(CALLBACKTYPE_nmi, (word)entry_nmi, 0), 0, "an NMI callback");
	expect_eq(unregister_one(CALLBACKTYPE_nmi), 0, "and none");
	expect_eq(hcall2(__HYPERVISOR_callback_op, CALLBACKOP_register, 8), -XEFAULT,
		  "arguments at address 8");
	expect_refused(hcall2(__HYPERVISOR_callback_op, 77, 0), "callback_op 77");
	if (WIDE)
		expect_refused(register_one(CALLBACKTYPE_event, (word)0x800000000000ull, 0),
			       "an event callback at a non-canonical address");
}

#ifdef __x86_64__
__user static word user_syscall(word arg)
{
	word ax = arg;

	asm volatile("syscall" : "+a"(ax) : : "rcx", "r11", "memory");
	return ax;
}

static void syscall_of_ring_3(void)
{
	expect_eq(register_one(CALLBACKTYPE_syscall, (word)entry_syscall, 0), 0,
		  "the syscall callback");
	expect_eq(user_run(user_syscall, 17), ENTRY_SYSCALL, "syscall of ring 3");
	expect_eq(last.regs.ax, 17, "rax: ring 3's, no hypercall");
	expect(last.flags & 0x200, "IF in the frame");
	/* Into the kernel with IF as ring 3 had it; with the mask flag upcalls are masked. */
	expect_eq(register_one(CALLBACKTYPE_syscall, (word)entry_syscall, CALLBACKF_mask_events), 0,
		  "the syscall callback, masking");
	expect_eq(user_run(user_syscall, 18), ENTRY_SYSCALL, "syscall of ring 3");
}
#endif

/* A selector that went away while the hypervisor had it: on the way back it faults there, not here.
 */
static void failsafe(void)
{
	uint64_t *gdt = page_alloc();
	word frame = mfn_of(gdt), sel = 6 * 8 | 3;
	unsigned int seen = last.count;

	gdt[6] = 0x00cff3000000ffffull;
	page_protect(gdt, false);
	expect_eq(set_gdt(&frame, 512), 0, "set_gdt");
	asm volatile("mov %0, %%fs" : : "r"(sel));
	trap_forget();
	/* 32-bit: segments are restored at the way out; 64-bit: when the vcpu is switched to. Ask
	 * for both. */
	expect_eq(update_descriptor(mfn_of(gdt) << 12 | 6 * 8, 0), 0, "take the descriptor away");
	asm volatile("771: nop; nop; 772: nop\n" FIXUP_ENTRY);
	for (int i = 0; i < 3; i++)
		sched_op(SCHEDOP_yield, NULL);
	note("failsafe callbacks seen: %u", last.count - seen);
	asm volatile("mov %0, %%fs" : : "r"(0));
	expect_eq(set_gdt(NULL, 0), 0, "no GDT");
	page_protect(gdt, true);
}

static bool failsafe_is_fine(struct regs *regs)
{
	if (regs->vector != ENTRY_FAILSAFE)
		return false;
	last.count++;
	asm volatile("mov %0, %%fs" : : "r"(0));
	return true;
}

void test_main(void)
{
	old_and_new();
	refusals();
#ifdef __x86_64__
	syscall_of_ring_3();
#endif
	trap_hook = failsafe_is_fine;
	failsafe();
	trap_hook = NULL;
	expect_eq(register_one(CALLBACKTYPE_event, (word)entry_event, 0), 0, "the event callback");
	upcall_once("upcalls in the end");
}
