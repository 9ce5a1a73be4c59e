// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exceptions and their bounce: what a guest kernel is told when its own code, or ring 3's, faults.
 *
 * Rule: each exception reaches the handler of its vector with the error code the hardware would
 * have given (the user bit of a page fault seen from the guest: set only for ring 3), the address
 * of the instruction (or the one after, for int3 and int n), cr2 in vcpu_info before a page fault,
 * and eflags.IF equal to "upcalls are not masked". The iret hypercall goes back to either ring.
 */
#include "rt.h"

#define NOWHERE	0x30000000ul

static void kernel_faults(void)
{
	word x = 0;

	expect_eq(PROBE("ud2", : :), 6, "ud2");
	expect_eq(PROBE("int3", : :), 3, "int3");
	expect_eq(PROBE("int $0x80", : :), 0x80, "int 0x80");
	/* A gate of DPL 0 is for exceptions: the kernel's own int needs DPL 1, as if it were
	 * ring 1. */
	expect_eq(PROBE("int $0x90", : :), 13, "int 0x90 through a gate of DPL 0");
	expect_eq(trap_set_one(0x91, 1, KERNEL_CS, entry_table[0x91]), 0, "a gate of DPL 1");
	expect_eq(PROBE("int $0x91", : :), 0x91, "int 0x91 through a gate of DPL 1");
	expect_eq(PROBE("xor %%ecx, %%ecx; xor %%edx, %%edx; mov $1, %%eax; div %%ecx",
			:
			:
			: "eax", "ecx", "edx"),
		  0, "divide by zero");

	expect_eq(probe_read(NOWHERE, &x), 14, "read of nothing");
	expect_eq(last.cr2, NOWHERE, "cr2");
	expect_eq(last.error, 0, "error code of a kernel read of nothing");
	expect_eq(probe_write(NOWHERE + 8, 1), 14, "write to nothing");
	expect_eq(last.cr2, NOWHERE + 8, "cr2");
	expect_eq(last.error, 2, "error code of a kernel write to nothing");

	/* A read-only page that is no page table: an ordinary fault. */
	{
		char *p = page_alloc();

		expect_eq(page_protect(p, false), 0, "make a page read-only");
		expect_eq(probe_write((word)p, 1), 14, "write to a read-only page");
		expect_eq(last.cr2, (word)p, "cr2");
		expect_eq(last.error, 3, "error code of a write to a read-only page");
		expect_eq(page_protect(p, true), 0, "make it writable again");
		expect_eq(probe_write((word)p, 1), -1, "write to a writable page");
	}

	/* A selector of a system descriptor or beyond any table. */
	expect_eq(PROBE("mov %0, %%ds",
			:
			: "r"(0xfff8)),
		  13, "load of a selector beyond the table");
	expect_eq(last.error, 0xfff8, "error code: the selector");
	if (WIDE) {
		expect_eq(probe_read((word)0x800000000000ull, &x), 13, "non-canonical read");
		expect_eq(last.error, 0, "error code of a non-canonical read");
	}
}

static void upcall_mask_in_frames(void)
{
	events_mask();
	PROBE("ud2", : :);
	expect(!(last.flags & 0x200), "IF set in a frame though upcalls were masked: %#lx",
	       last.flags);
	expect_eq(last.upcall_mask, 1, "the mask in the frame, above cs");
	expect_eq(vinfo->evtchn_upcall_mask, 1, "mask after the round trip");
	events_unmask();
	PROBE("ud2", : :);
	expect(last.flags & 0x200, "IF clear in a frame though upcalls were open: %#lx",
	       last.flags);
	expect_eq(last.upcall_mask, 0, "the mask in the frame, above cs");
	expect_eq(vinfo->evtchn_upcall_mask, 0, "mask after the round trip");
	events_mask();
}

static uint8_t mask_inside;

static bool look_at_mask(struct regs *regs)
{
	if (regs->vector != 6)
		return false;
	mask_inside = vinfo->evtchn_upcall_mask;
	return false;
}

/* The interrupt-gate bit of a trap entry masks upcalls on the way in; iret puts them back. */
static void masking_gate(void)
{
	trap_hook = look_at_mask;
	events_unmask();
	expect_eq(trap_set_one(6, 4, KERNEL_CS, entry_table[6]), 0, "set a masking entry");
	PROBE("ud2", : :);
	expect_eq(mask_inside, 1, "mask inside a masking gate");
	expect_eq(vinfo->evtchn_upcall_mask, 0, "mask after a masking gate");
	expect_eq(trap_set_one(6, 0, KERNEL_CS, entry_table[6]), 0, "set an open entry");
	PROBE("ud2", : :);
	expect_eq(mask_inside, 0, "mask inside an open gate");
	trap_hook = NULL;
	events_mask();
}

__user static word user_ud2(word arg)
{
	asm volatile("ud2");
	return arg;
}

__user static word user_int80(word arg)
{
	asm volatile("int $0x80" : : "a"(arg));
	return 0;
}

__user static word user_int3(word arg)
{
	asm volatile("int3");
	return arg;
}

__user static word user_read(word arg)
{
	return *(volatile word *)arg;
}

__user static word user_write(word arg)
{
	*(volatile word *)arg = 1;
	return 0;
}

__user static word user_int90(word arg)
{
	asm volatile("int $0x90");
	return arg;
}

__user static word user_int91(word arg)
{
	asm volatile("int $0x91");
	return arg;
}

__user static word user_int81(word arg)
{
	asm volatile("int $0x81");
	return arg;
}

__user static word user_flags(word arg)
{
	asm volatile("pushf; pop %0" : "=r"(arg));
	return arg;
}

static void user_faults(void)
{
	expect_eq(user_run(user_flags, 0), VECTOR_USER_DONE, "to ring 3 and back");
	expect(last.regs.ax & 0x200, "ring 3 runs with IF clear: %#lx", last.regs.ax);
	expect(last.from_user, "cs %#lx is not ring 3", last.cs);
	expect_eq(user_run(user_ud2, 0), 6, "ring 3: ud2");
	expect_eq(user_run(user_int80, 0x1234), 0x80, "ring 3: int 0x80");
	expect_eq(last.regs.ax, 0x1234, "ring 3: registers at int 0x80");
	expect_eq(user_run(user_int3, 0), 3, "ring 3: int3");
	expect_eq(user_run(user_read, NOWHERE), 14, "ring 3: read of nothing");
	expect_eq(last.error, 4, "ring 3: error code of a read of nothing");
	expect_eq(last.cr2, NOWHERE, "ring 3: cr2");
	expect_eq(user_run(user_write, NOWHERE), 14, "ring 3: write to nothing");
	expect_eq(last.error, 6, "ring 3: error code of a write to nothing");
	expect_eq(user_run(user_write, USER_TEXT), 14, "ring 3: write to its text");
	expect_eq(last.error, 7, "ring 3: error code of a write to its text");
	expect_eq(user_run(user_int90, 0), 13, "ring 3: int 0x90, whose gate is the kernel's");
	/* The hardware says vector * 8 + 2; QEMU 7.2 says vector * 16 + 2, which may be passed on.
	 */
	expect(last.error == 0x90 * 8 + 2 || last.error == 0x90 * 16 + 2,
	       "ring 3: error code %#lx of int 0x90", last.error);
	expect_eq(user_run(user_int91, 0), 13, "ring 3: int 0x91, whose gate has DPL 1");
	expect_eq(user_run(user_int81, 0), 0x81, "ring 3: int 0x81, whose gate is open to it");
}

/* TF: a #DB after the next instruction. */
static void single_step(void)
{
	word flags = read_flags() | 0x100;

	expect_eq(PROBE("push %0; popf; nop; nop", : : "r"(flags) : "cc"), 1, "single step");
	expect(last.flags & 0x100, "TF is not in the frame: %#lx", last.flags);
	expect_eq(PROBE("nop; nop", : :), -1, "no step when TF is off again");
}

void test_main(void)
{
	kernel_faults();
	upcall_mask_in_frames();
	masking_gate();
	single_step();
	user_faults();
}
