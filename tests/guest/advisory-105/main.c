// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisories 105 and 110: the emulator forgot to ask for the ring before privileged instructions
 * and far jumps.
 *
 * Rule: with virtual IOPL 3, which gives a program its ports, HLT, LGDT, LIDT, LMSW, CLTS, MSRs and
 * control registers stay refused; so do far jumps into the hypervisor's selectors. FAIL if one goes
 * through.
 */
#include "rt.h"

#define USER(name, text)					\
	__user static word user_##name(word arg)		\
	{							\
		asm volatile(text : : "c"(0xc0000080) : "memory", "cc");	\
		return arg;					\
	}

#ifdef __x86_64__
#define SP "rsp"
#define FAR ".byte 0x48; ljmp *(%%rdi)"
#else
#define SP "esp"
#define FAR "ljmp *(%%edi)"
#endif

USER(hlt, "hlt")
USER(lgdt, "lgdt (%%" SP ")")
USER(lidt, "lidt (%%" SP ")")
USER(lmsw, "lmsw (%%" SP ")")
USER(clts, "clts")
USER(rdmsr, "rdmsr")
USER(wrmsr, "wrmsr")
USER(cr0, "mov %%cr0, %%" SP)
USER(cr3, "mov %%cr3, %%" SP)
USER(dr7, "mov %%dr7, %%" SP)

static const struct {
	const char *name;
	word (*fn)(word);
} table[] = {
	{ "hlt", user_hlt },	      { "lgdt", user_lgdt },	    { "lidt", user_lidt },
	{ "lmsw", user_lmsw },	      { "clts", user_clts },	    { "rdmsr", user_rdmsr },
	{ "wrmsr", user_wrmsr },      { "mov from cr0", user_cr0 }, { "mov from cr3", user_cr3 },
	{ "mov from dr7", user_dr7 },
};

struct far {
	word offset;
	uint16_t selector;
} __attribute__((packed));

__user static word user_far(word arg)
{
	asm volatile(FAR : : "D"(arg) : "memory");
	return arg;
}

void test_main(void)
{
	struct physdev_set_iopl iopl = { .iopl = 3 };
	extern char *user_stack_page;
	struct far *f;

	expect_eq(physdev_op(PHYSDEVOP_set_iopl, &iopl), 0, "IOPL 3");
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		int v = user_run(table[i].fn, 0);

		expect(v == 13 || v == 6, "%s with IOPL 3: vector %d", table[i].name, v);
	}
	f = (struct far *)user_stack_page;
	f->offset = user_address(user_far);
	for (unsigned int sel = 0xe000; sel < 0xe080; sel += 8) {
		int v;

		/* The flat code segments are for anyone. */
		if ((sel & ~7) == (USER_CS & ~7) || sel == 0xe020 || sel == 0xe030 || sel == 0xe028)
			continue;
		for (unsigned int rpl = 0; rpl < 4; rpl++) {
			f->selector = sel | rpl;
			v = user_run(user_far, USER_STACK);
			expect(v == 13 || v == 11, "a far jump to selector %#x: vector %d",
			       sel | rpl, v);
		}
	}
	iopl.iopl = 0;
	physdev_op(PHYSDEVOP_set_iopl, &iopl);
}
