// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 202: flags with interrupts off or IOPL raised reached a guest by roads that did not
 * clean them.
 *
 * Rule: whatever road leads to a guest, IF is on and IOPL, NT and VM are off there. Provocation:
 * iret with every bit of the flags word, to ring 3 and within the kernel; a vcpu's context with
 * them; popf. FAIL if the hardware has them.
 */
#include "rt.h"

__user static word user_flags(word arg)
{
	(void)arg;
	asm volatile("pushf; pop %0" : "=r"(arg));
	return arg;
}

static volatile word vcpu_flags;
static volatile bool ran;

static void second(word arg)
{
	(void)arg;
	vcpu_flags = read_flags();
	ran = true;
}

static void check(const char *road, unsigned int bit, word got)
{
	expect(got & 0x200, "%s, bit %u: interrupts are off: %#lx", road, bit, got);
	expect(!(got & 0x3000), "%s, bit %u: IOPL %#lx", road, bit, got);
	expect(!(got & 0x20000), "%s, bit %u: VM %#lx", road, bit, got);
}

void test_main(void)
{
	extern char user_crt[];
	extern char *user_stack_page;
	word *args;
	struct vcpu_guest_context *c;

	user_init();
	for (unsigned int bit = 0; bit < 32; bit++) {
		int v;

		if (bit == 8)
			continue;	/* single step is another test */
		if (bit == 17 && !WIDE)
			continue; /* virtual-8086 mode there is not: fatal to a 32-bit domain,
				     rightly */
		args = (word *)(user_stack_page + PAGE_SIZE - 64);
		args[0] = user_address(user_flags);
		v = user_run_at(user_address(user_crt), USER_STACK + PAGE_SIZE - 64,
				USER_STACK + PAGE_SIZE - 64, 1ul << bit, USER_CS | 3, USER_SS | 3);
		if (v == VECTOR_USER_DONE)
			check("iret to ring 3", bit, last.regs.ax);
		else
			note("bit %u: vector %d", bit, v);
		write_flags(1ul << bit);
		check("popf", bit, read_flags());
		write_flags(2);
	}
	c = vcpu_context(1, second, 0);
	c->user_regs.eflags = 0x3000 | 0x4000 | 0x20000;
	if (vcpu_op(VCPUOP_initialise, 1, c) || vcpu_op(VCPUOP_up, 1, NULL)) {
		note("a context with such flags is refused");
		return;
	}
	for (int i = 0; i < 1000 && !ran; i++)
		sched_op(SCHEDOP_yield, NULL);
	if (ran)
		check("a context", 0, vcpu_flags);
}
