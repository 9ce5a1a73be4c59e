// SPDX-License-Identifier: GPL-2.0-only
/*
 * The way out of a hypercall: what is due comes before the guest's next instruction.
 *
 * Rule: an upcall is delivered when its pending byte is not 0 and its mask byte is 0, whatever else
 * the two hold, even if only the guest has written them; an NMI is delivered at once, one that came
 * while another was handled when that returns, one that came before there was a handler when there is
 * one; a vcpu that went to sleep in a batch is woken by the event the same batch sends it; rax after
 * iret is the frame's, whatever number it is, and ends a batch. FAIL is one that came late or
 * never (then the test hangs: a vcpu that sleeps on).
 */
#include "rt.h"

static unsigned int port;

/* --- upcalls --- */

static void by_bytes(uint8_t pending, uint8_t mask, unsigned int want)
{
	unsigned int n;

	events_mask();
	port_send(port);
	n = event_count[port];
	vinfo->evtchn_upcall_pending = pending;
	vinfo->evtchn_upcall_mask = mask;
	xen_version(XENVER_version, NULL);
	events_mask();
	if (event_count[port] - n != want)
		test_fail("pending %#x, mask %#x: %u upcalls, want %u", pending, mask,
			  event_count[port] - n, want);
	port_clear(port);
	vinfo->evtchn_pending_sel = 0;
	vinfo->evtchn_upcall_pending = 0;
}

static void upcalls(void)
{
	static const uint8_t odd[] = { 0x01, 0x02, 0x7f, 0x80, 0xff };

	for (unsigned int i = 0; i < ARRAY_SIZE(odd); i++) {
		by_bytes(odd[i], 0, 1);
		by_bytes(odd[i], odd[i], 0);
		by_bytes(0, odd[i], 0);
	}
	by_bytes(0, 0, 0);
}

/* --- NMIs --- */

static unsigned int nmis, nmis_inside, again;

static bool on_nmi(struct regs *regs)
{
	if (regs->vector != 2)
		return false;
	nmis++;
	if (again) {
		again--;
		vcpu_op(VCPUOP_send_nmi, 0, NULL);
		nmis_inside = nmis;
	}
	return true;
}

static void nmi(void)
{
	struct xennmi_callback cb = { .handler_address = entry_table[2] };

	trap_hook = on_nmi;
	expect_eq(vcpu_op(VCPUOP_send_nmi, 0, NULL), 0, "an NMI without a handler");
	expect_eq(nmis, 0, "NMIs then");
	expect_eq(hcall2(__HYPERVISOR_nmi_op, XENNMI_register_callback, &cb), 0, "register");
	expect_eq(nmis, 1, "NMIs when there is a handler");
	expect_eq(vcpu_op(VCPUOP_send_nmi, 0, NULL), 0, "an NMI to ourselves");
	expect_eq(nmis, 2, "NMIs by the time that returned");
	again = 1;
	expect_eq(vcpu_op(VCPUOP_send_nmi, 0, NULL), 0, "an NMI that sends another");
	expect_eq(nmis_inside, 3, "NMIs inside the first");
	expect_eq(nmis, 4, "NMIs after both");
	expect_eq(hcall2(__HYPERVISOR_nmi_op, XENNMI_unregister_callback, NULL), 0, "unregister");
	trap_hook = NULL;
}

/* --- asleep in a batch --- */

static void asleep(unsigned int how, void *arg, bool masked, const char *what)
{
	struct evtchn_send send = { .port = port };
	struct multicall_entry batch[2] = {
		{ .op = __HYPERVISOR_sched_op, .args = { how, (word)arg } },
		{ .op = __HYPERVISOR_event_channel_op, .args = { EVTCHNOP_send, (word)&send } },
	};
	unsigned int n = event_count[port];

	events_mask();
	if (masked)
		port_mask(port);
	expect_eq(hcall2(__HYPERVISOR_multicall, batch, 2), 0, what);
	expect_eq(batch[1].result, 0, "the send of it");
	events_mask();
	if (masked) {
		expect(port_pending(port), "%s: the event is lost", what);
		port_clear(port);
		port_unmask_local(port);
	} else {
		expect_eq(event_count[port], n + 1, what);
	}
}

/* --- rax by iret, from inside a batch --- */

#ifdef __x86_64__
static struct ctx back;
static word landed_rax;
extern char rax_land[];
void rax_landed(word rax);

asm("rax_land: mov %rax, %rdi; call rax_landed");

void rax_landed(word rax)
{
	landed_rax = rax;
	ctx_resume(&back, 1);
}

static void rax_by_iret(word rax)
{
	static struct multicall_entry batch[2];
	word frame[9] = { rax, 0, 0, 0, (word)rax_land, KERNEL_CS & ~3ul, 0x202, 0, KERNEL_SS };

	frame[7] = (word)page_alloc() + PAGE_SIZE - 64;
	batch[0] = (struct multicall_entry){ .op = __HYPERVISOR_iret };
	batch[1] = (struct multicall_entry){ .op = __HYPERVISOR_xen_version, .result = 0x55 };
	landed_rax = ~rax;
	if (!ctx_save(&back)) {
		word ax = __HYPERVISOR_multicall, save = 0;

		asm volatile("mov %%rsp, %[save]; mov %[frame], %%rsp; syscall; mov %[save], %%rsp"
			     : "+a"(ax), [save] "+&b"(save)
			     : [frame] "r"(frame), "D"(batch), "S"(2)
			     : "rcx", "r11", "rdx", "r8", "r9", "r10", "memory");
		test_fail("iret with rax %#lx came back with %#lx", rax, ax);
		return;
	}
	events_mask();
	expect_eq(landed_rax, rax, "rax after iret");
	expect_eq(batch[1].result, 0x55, "the entry behind iret");
}

/* An upcall between iret to the end of a system call and the program: SYSRET would have set both. */
static struct {
	unsigned int count;
	word ip, cx, flags, r11;
} before_user;

__user static word user_nothing(word arg)
{
	return arg;
}

static void note_frame(struct regs *regs)
{
	before_user.count++;
	before_user.ip = regs->ip;
	before_user.cx = regs->cx;
	before_user.flags = regs->flags;
	before_user.r11 = regs->r11;
}

static void upcall_before_sysret(void)
{
	extern char user_crt[], *user_stack_page;
	struct iret_frame f = {
		.flags_word = VGCF_in_syscall, .cs = USER_CS | 3, .flags = 0x202,
		.sp = USER_STACK + PAGE_SIZE - 64, .ss = USER_SS | 3,
	};
	word *args;

	user_init();
	args = (word *)(user_stack_page + PAGE_SIZE - 64);
	args[0] = user_address(user_nothing);
	args[1] = 0;
	f.ip = user_address(user_crt);
	events_mask();
	port_send(port);
	upcall_hook = note_frame;
	trap_forget();
	if (!ctx_save(&back)) {
		user_landing = &back;
		iret_to(&f, 0);
	}
	user_landing = NULL;
	upcall_hook = NULL;
	events_mask();
	expect_eq(before_user.count, 1, "upcalls before the program went on");
	expect_eq(before_user.ip, f.ip, "where the upcall came");
	expect_eq(before_user.cx, f.ip, "rcx in its frame");
	expect_eq(before_user.r11 & 0xcd5, before_user.flags & 0xcd5, "r11 in its frame");
	expect(before_user.r11 & 0x2, "r11 in its frame holds no flags: %#lx", before_user.r11);
}

static void high_half_of_the_number(void)
{
	expect_eq(hcall_direct(__HYPERVISOR_xen_version, XENVER_version, 0, 0, 0, 0, 0),
		  xen_version(XENVER_version, NULL), "the number alone");
	{
		word ax = 0xffffffff00000000ul | __HYPERVISOR_xen_version;

		asm volatile("syscall" : "+a"(ax) : "D"(XENVER_version), "S"(0)
			     : "rcx", "r11", "rdx", "r8", "r9", "r10", "memory");
		expect_eq(ax, xen_version(XENVER_version, NULL), "the number with its high half");
	}
}
#endif

void test_main(void)
{
	evtchn_port_t polled;
	struct sched_poll poll = { .nr_ports = 1 };

	port = port_bind_ipi(0);
	polled = port;
	set_xen_guest_handle(poll.ports, &polled);
	upcalls();
	nmi();
	asleep(SCHEDOP_block, NULL, false, "block, then an event");
	asleep(SCHEDOP_poll, &poll, true, "poll, then an event for the masked port");
#ifdef __x86_64__
	rax_by_iret(0);
	rax_by_iret(1);
	rax_by_iret((word)-85);		/* how the hypervisor tells itself to ask again */
	high_half_of_the_number();
	upcall_before_sysret();
#endif
	events_mask();
	port_close(port);
}
