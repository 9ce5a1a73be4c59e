// SPDX-License-Identifier: GPL-2.0-only
/*
 * The rings: where a guest kernel and its programs run, and what of the machine each can touch.
 *
 * Rule: a 32-bit kernel runs in ring 1 and its programs in ring 3; a 64-bit kernel and its programs
 * both run in ring 3, on page tables of their own. No privileged instruction does its work by
 * itself: for the kernel each is emulated (E) or refused with #GP or #UD (R); for programs each is
 * refused. Some may be either for the kernel (X), by the taste of the hypervisor, if they do no
 * harm.
 *
 * Each instruction is executed twice, in the kernel and in ring 3. FAIL when one that must be
 * emulated is refused, when one that must be refused goes through, or when any trap but #GP and #UD
 * comes.
 */
#include "rt.h"

enum what { EMULATED, REFUSED, EITHER };

#ifdef __x86_64__
#define CLOBBERS "rax", "rcx", "rdx", "rbx", "rsi", "rdi", "cc", "memory"
#else
#define CLOBBERS "eax", "ecx", "edx", "esi", "edi", "cc", "memory"
#endif
#define ZERO "xor %%eax, %%eax; xor %%ecx, %%ecx; xor %%edx, %%edx; "

/* One instruction in both rings; the last line of `text` is the instruction itself. */
#define INSN(name, before, text)						\
	static int kernel_##name(void)						\
	{									\
		return PROBE(before text, : : : CLOBBERS);			\
	}									\
	__user static word user_##name(word arg)				\
	{									\
		asm volatile(before text : : : CLOBBERS);			\
		return arg;							\
	}

#define MEM "sub $128, %%" SP "; "
#ifdef __x86_64__
#define SP "rsp"
#define AX "rax"
#else
#define SP "esp"
#define AX "eax"
#endif
#define PUSH(x) "push $" x "; "

INSN(mov_from_cr0, "", "mov %%cr0, %%" AX)
INSN(mov_same_to_cr0, "mov $0x8005003b, %%eax; ", "mov %%" AX ", %%cr0")
INSN(mov_from_cr2, "", "mov %%cr2, %%" AX)
INSN(mov_to_cr2, ZERO, "mov %%" AX ", %%cr2")
INSN(mov_from_cr3, "", "mov %%cr3, %%" AX)
INSN(mov_from_cr4, "", "mov %%cr4, %%" AX)
INSN(mov_zero_to_cr0, ZERO, "mov %%" AX ", %%cr0")
INSN(mov_bad_to_cr3, "mov $0x7ffff000, %%eax; ", "mov %%" AX ", %%cr3")
INSN(mov_from_dr7, "", "mov %%dr7, %%" AX)
INSN(mov_from_dr0, "", "mov %%dr0, %%" AX)
INSN(mov_to_dr0, ZERO, "mov %%" AX ", %%dr0")
INSN(clts, "", "clts")
INSN(hlt, "", "hlt")
INSN(lmsw, "xor %%eax, %%eax; ", "lmsw %%ax")
INSN(lgdt, "", "lgdt -64(%%" SP ")")
INSN(lidt, "", "lidt -64(%%" SP ")")
INSN(lldt, ZERO, "lldt %%ax")
INSN(ltr, "mov $0x40, %%eax; ", "ltr %%ax")
INSN(invlpg, "", "invlpg (%%" SP ")")
INSN(invd, "", "invd")
INSN(wbinvd, "", "wbinvd")
INSN(rdmsr_efer, "mov $0xc0000080, %%ecx; ", "rdmsr")
INSN(rdmsr_nothing, "mov $0x12345678, %%ecx; ", "rdmsr")
INSN(wrmsr_nothing, "mov $0x12345678, %%ecx; xor %%eax, %%eax; xor %%edx, %%edx; ", "wrmsr")
INSN(wrmsr_lstar, "mov $0xc0000082, %%ecx; mov $0x1000, %%eax; xor %%edx, %%edx; ", "wrmsr")
INSN(rdpmc, ZERO, "rdpmc")
INSN(xsetbv_zero, ZERO, "xsetbv")
INSN(in_b, "", "in $0x80, %%al")
INSN(out_b, ZERO, "out %%al, $0x80")
INSN(in_dx, "mov $0xcf8, %%edx; ", "in %%dx, %%eax")
INSN(cli, "", "cli")
INSN(sti, "", "sti")
INSN(monitor, ZERO "mov %%" SP ", %%" AX "; ", "monitor")
INSN(mwait, ZERO, "mwait")
INSN(vmcall, ZERO, "vmcall")
INSN(vmmcall, ZERO, "vmmcall")
INSN(vmxoff, ZERO, "vmxoff")
INSN(vmrun, ZERO, "vmrun")
INSN(clgi, ZERO, "clgi")
INSN(stgi, ZERO, "stgi")
INSN(skinit, ZERO, "skinit")
INSN(invlpga, ZERO, "invlpga")
INSN(rsm, "", "rsm")
INSN(stac, "", ".byte 0x0f, 0x01, 0xcb")
INSN(clac, "", ".byte 0x0f, 0x01, 0xca")
INSN(sysexit, ZERO, ".byte 0x0f, 0x35")
INSN(mov_from_cr1, "", ".byte 0x0f, 0x20, 0xc8")
#ifdef __x86_64__
INSN(swapgs, "", "swapgs")
INSN(mov_from_cr8, "", "mov %%cr8, %%rax")
INSN(sysret, "mov $0xffff800000000000, %%rcx; ", "sysretq")
#endif

static const struct {
	const char *name;
	int (*kernel)(void);
	word (*user)(word);
	enum what what;
} table[] = {
#define ROW(name, what) { #name, kernel_##name, user_##name, what }
	ROW(mov_from_cr0, EMULATED),
	ROW(mov_from_cr2, EMULATED),
	ROW(mov_to_cr2, EMULATED),
	ROW(mov_from_cr3, EMULATED),
	ROW(mov_from_cr4, EMULATED),
	ROW(mov_same_to_cr0, EITHER),
	ROW(mov_zero_to_cr0, REFUSED),
	ROW(mov_bad_to_cr3, REFUSED),
	ROW(mov_from_cr1, REFUSED),
	ROW(mov_from_dr0, EMULATED),
	ROW(mov_from_dr7, EMULATED),
	ROW(mov_to_dr0, EMULATED),
	ROW(clts, EMULATED),
	ROW(lmsw, EITHER),
	ROW(lgdt, REFUSED),
	ROW(lidt, REFUSED),
	ROW(lldt, REFUSED),
	ROW(ltr, REFUSED),
	ROW(invlpg, EITHER),
	ROW(invd, EITHER),
	ROW(wbinvd, EMULATED),
	ROW(rdmsr_efer, EMULATED),
	ROW(rdmsr_nothing, REFUSED),
	ROW(wrmsr_nothing, REFUSED),
	ROW(wrmsr_lstar, REFUSED),
	ROW(rdpmc, EITHER),
	ROW(xsetbv_zero, REFUSED),
	ROW(in_b, REFUSED),	/* no virtual IOPL yet */
	ROW(out_b, REFUSED),
	ROW(in_dx, REFUSED),
	ROW(cli, REFUSED),
	ROW(sti, REFUSED),
	ROW(monitor, EITHER),
	ROW(mwait, EITHER),
	ROW(vmcall, REFUSED),
	ROW(vmmcall, REFUSED),
	ROW(vmxoff, REFUSED),
	ROW(vmrun, REFUSED),
	ROW(clgi, REFUSED),
	ROW(stgi, REFUSED),
	ROW(skinit, REFUSED),
	ROW(invlpga, REFUSED),
	ROW(rsm, REFUSED),
	ROW(stac, REFUSED),
	ROW(clac, REFUSED),
	ROW(sysexit, REFUSED),
#ifdef __x86_64__
	ROW(swapgs, REFUSED),
	ROW(mov_from_cr8, REFUSED),
	ROW(sysret, REFUSED),
#endif
};

static bool refused(int vector)
{
	return vector == 13 || vector == 6;
}

static void one(size_t i)
{
	/* QEMU 7.2 lets INVD and WBINVD through in any ring; that is its fault, not the
	 * hypervisor's. */
	bool emulator = !strcmp(table[i].name, "wbinvd") || !strcmp(table[i].name, "invd");
	int v = table[i].kernel();

	if (v != -1 && !refused(v))
		test_fail("%s in the kernel: vector %d", table[i].name, v);
	else if (table[i].what == EMULATED && v != -1)
		test_fail("%s in the kernel: refused with vector %d, should be emulated",
			  table[i].name, v);
	else if (table[i].what == REFUSED && v == -1)
		test_fail("%s in the kernel went through", table[i].name);

	v = user_run(table[i].user, 0);
	if (!refused(v) && !(emulator && v == VECTOR_USER_DONE))
		test_fail("%s in ring 3: vector %d, should be #GP or #UD", table[i].name, v);
}

__user static word user_selectors(word arg)
{
	word cs, ss;

	(void)arg;
	asm volatile("mov %%cs, %0; mov %%ss, %1" : "=r"(cs), "=r"(ss));
	return (cs & 0xffff) << 16 | (ss & 0xffff);
}

__user static word user_hypercall(word arg)
{
	word ax = 17; /* xen_version */

#ifdef __x86_64__
	asm volatile("syscall" : "+a"(ax) : "D"(arg) : "rcx", "r11", "memory");
#else
	asm volatile("int $0x82" : "+a"(ax) : "b"(arg) : "memory");
#endif
	return ax;
}

/* Hypercalls are the kernel's: a program's SYSCALL is for its own kernel, its int 0x82 a fault. */
static void hypercalls_of_programs(void)
{
	expect_eq(user_run(user_hypercall, 0), WIDE ? ENTRY_SYSCALL : 13, "a hypercall of ring 3");
	if (WIDE)
		expect_eq(last.regs.ax, 17, "its number");
}

__user static word user_read(word at)
{
	return *(volatile uint32_t *)at;
}

/* The table that tells machine frames' places is for kernels; a 64-bit one is itself in ring 3. */
static void the_frames_places_are_the_kernels(void)
{
	word at = MACH2PHYS_VIRT_START;

	if (WIDE)
		return;
	expect_eq(PROBE("mov (%0), %%eax", : : "r"(at) : "eax"), -1, "the kernel's read of the table");
	expect_eq(user_run(user_read, at), 14, "a program's read of it");
}

static void where_we_run(void)
{
	unsigned int ring = WIDE ? 3 : 1;

	expect_eq(read_cs() & 3, ring, "ring of the kernel's code");
	expect_eq(read_ss() & 3, ring, "ring of the kernel's stack");
	expect_eq(user_run(user_selectors, 0), VECTOR_USER_DONE, "to ring 3 and back");
	expect_eq(last.regs.ax >> 16 & 3, 3, "ring of a program's code");
	expect_eq(last.regs.ax & 3, 3, "ring of a program's stack");
	note("kernel cs %#lx ss %#lx, program cs:ss %#lx", read_cs(), read_ss(), last.regs.ax);
}

/* HLT waits for an event, as SCHEDOP_block does. Upcalls are open, as on bare iron; a slow tick
 * rescues us. */
static void halting(void)
{
	unsigned int port = port_bind_virq(VIRQ_TIMER, 0), n;
	struct vcpu_set_periodic_timer rescue = { .period_ns = 300000000 };
	uint64_t when = system_time() + 20000000;

	vcpu_op(VCPUOP_set_periodic_timer, 0, &rescue);
	set_timer_op(when);
	events_unmask();
	n = event_count[port];
	expect_eq(kernel_hlt(), -1, "hlt in the kernel");
	events_mask();
	if (last.vector == -1 && system_time() < when)
		expect(event_count[port] != n,
		       "hlt came back before the timer and without an event");
	vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL);
	expect(refused(user_run(user_hlt, 0)), "hlt in ring 3: vector %d", last.vector);
	port_close(port);
}

/* Arithmetic flags may move; IOPL, and IF as the hardware sees it, may not. */
static void flags_stay(void)
{
	word flags = read_flags();

	write_flags(flags | 0x3000);
	expect(!(read_flags() & 0x3000), "popf raised IOPL: %#lx", read_flags());
	write_flags(flags & ~0x200ul);
	expect(read_flags() & 0x200, "popf turned interrupts off");
	write_flags(flags);
}

static long set_iopl(unsigned int level)
{
	struct physdev_set_iopl op = { .iopl = level };

	return physdev_op(PHYSDEVOP_set_iopl, &op);
}

/* With virtual IOPL the kernel's IN, OUT, CLI and STI go through and change nothing real. */
static void virtual_iopl(void)
{
	expect_eq(set_iopl(1), 0, "set_iopl(1)");
	expect_eq(kernel_in_b(), -1, "in with IOPL 1");
	expect_eq(kernel_out_b(), -1, "out with IOPL 1");
	expect_eq(kernel_in_dx(), -1, "in of 0xcf8 with IOPL 1");
	events_unmask();
	expect_eq(kernel_cli(), -1, "cli with IOPL 1");
	expect_eq(vinfo->evtchn_upcall_mask, 0, "the upcall mask after cli");
	expect(read_flags() & 0x200, "cli turned interrupts off");
	expect_eq(kernel_sti(), -1, "sti with IOPL 1");
	events_mask();
	expect(refused(user_run(user_in_b, 0)), "in of ring 3 with IOPL 1: vector %d", last.vector);
	expect(refused(user_run(user_cli, 0)), "cli of ring 3 with IOPL 1: vector %d", last.vector);
	expect_eq(set_iopl(3), 0, "set_iopl(3)");
	expect_eq(user_run(user_in_b, 0), VECTOR_USER_DONE, "in of ring 3 with IOPL 3");
	expect_eq(set_iopl(0), 0, "set_iopl(0)");
	expect(refused(user_run(user_in_b, 0)), "in of ring 3 with IOPL 0: vector %d", last.vector);
	expect(refused(kernel_in_b()), "in with IOPL 0");
	expect_refused(set_iopl(4), "set_iopl(4)");
}

void test_main(void)
{
	where_we_run();
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		one(i);
	hypercalls_of_programs();
	the_frames_places_are_the_kernels();
	halting();
	flags_stay();
	virtual_iopl();
	where_we_run();
}
