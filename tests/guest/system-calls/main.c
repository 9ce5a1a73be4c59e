// SPDX-License-Identifier: GPL-2.0-only
/*
 * What processes do most: system calls (INT 0x80, and SYSCALL of 64-bit ones) and page faults (nothing
 * there, the kernel's own page, a page that may only be read); and the iret hypercall that brings them there.
 *
 * Rule: the frame is whole and true (instruction, code segment with the mask of upcalls above it, flags
 * with the virtual IF, stack), every register is what it was, the handler finds TF and NT clear. And what
 * the kernel has said last counts at the very next trap, however often it went the other way before:
 * where its handlers are, whether they mask upcalls and who may call them, where its stack is, whether
 * the flags shall show IOPL. The mask and the flags that iret sets are those of its frame.
 * FAIL is anything else.
 */
#include "rt.h"

#define NOWHERE		0x5000000ul
#define FLAGS_ODD	(0x240000ul | 0xcd5)	/* AC, ID, DF, those of arithmetic */
#define SYSTEM_CALL	(WIDE ? ENTRY_SYSCALL : 0x80)

extern char user_syscall[], user_syscall_next[], user_int80[], user_int80_next[], user_fault[],
	user_write[];

#ifdef __x86_64__
#define MAGIC	"mov $0x1a1a1a1a1a1a1a1a, %rax\n mov $0x2b2b2b2b2b2b2b2b, %rbx\n"		\
		"mov $0x3c3c3c3c3c3c3c3c, %rbp\n mov $0x4d4d4d4d4d4d4d4d, %rdx\n"		\
		"mov $0x5e5e5e5e5e5e5e5e, %rsi\n mov $0x6f6f6f6f6f6f6f6f, %r8\n"		\
		"mov $0x7171717171717171, %r9\n mov $0x7272727272727272, %r10\n"		\
		"mov $0x7373737373737373, %r11\n mov $0x7474747474747474, %r12\n"		\
		"mov $0x7575757575757575, %r13\n mov $0x7676767676767676, %r14\n"		\
		"mov $0x7777777777777777, %r15\n mov $0x7878787878787878, %rcx\n"
#define LOAD	"mov (%rdi), %rax\n"
#define STORE	"mov %rax, (%rdi)\n"
#define ALL_OF(byte)	(0x0101010101010101ul * (byte))
#else
#define MAGIC	"mov $0x1a1a1a1a, %eax\n mov $0x2b2b2b2b, %ebx\n mov $0x3c3c3c3c, %ebp\n"	\
		"mov $0x4d4d4d4d, %edx\n mov $0x5e5e5e5e, %esi\n mov $0x78787878, %ecx\n"
#define LOAD	"mov (%edi), %eax\n"
#define STORE	"mov %eax, (%edi)\n"
#define ALL_OF(byte)	(0x01010101ul * (byte))
#endif

asm(".pushsection .user, \"ax\"\n"
    "user_syscall:\n" MAGIC "syscall\n user_syscall_next: ud2\n"
    "user_int80:\n" MAGIC "int $0x80\n user_int80_next: ud2\n"
    "user_fault:\n" MAGIC "77: " LOAD "ud2\n .equ user_fault_at, 77b\n .globl user_fault_at\n"
    "user_write:\n" MAGIC "78: " STORE "ud2\n .equ user_write_at, 78b\n .globl user_write_at\n"
    ".popsection\n");
extern char user_fault_at[], user_write_at[];
static char trap_page[PAGE_SIZE] __page;

static struct {
	unsigned int handler_flags;
	uint8_t handler_mask;
	word frame_at;
} seen;

static bool look(struct regs *regs)
{
	if ((regs->cs & 3) == 3) {
		seen.handler_flags = read_flags();
		seen.handler_mask = vinfo->evtchn_upcall_mask;
		seen.frame_at = (word)regs;
	}
	return false;
}

struct kind {
	const char *name;
	const char *start, *next;
	int vector;
	word address, error;	/* of a page fault */
};
static const struct kind system_call = { "system call", WIDE ? user_syscall : user_int80,
					 WIDE ? user_syscall_next : user_int80_next, SYSTEM_CALL,
					 NOWHERE, 0 };
static const struct kind int80 = { "int 0x80", user_int80, user_int80_next, 0x80, NOWHERE, 0 };
static const struct kind fault = { "page fault", user_fault, user_fault_at, 14, NOWHERE, 4 };
/* 64-bit users have tables without it. */
static const struct kind kernels = { "the kernel's page", user_fault, user_fault_at, 14,
				     (word)trap_page, WIDE ? 4 : 5 };
static const struct kind writes = { "a write", user_write, user_write_at, 14, USER_TEXT, 7 };
static const struct kind *const kinds[] = { &system_call, &int80, &fault, &kernels, &writes };

/* One trap of ring 3, entered with these flags; the frame must be right. shown: flags beside those. */
static void one(const struct kind *k, word flags, word shown, const char *what)
{
	word sp = USER_STACK + PAGE_SIZE - 64 - 4 * WIDE, real = (flags & ~0x1000ul) | 0x202;
	volatile struct regs *r = &last.regs;

	expect(user_run_at(user_address(k->start), sp, k->address, flags, USER_CS | 3,
			   USER_SS | 3) == k->vector, "%s, %s: trap %d at %#lx", k->name, what, last.vector, last.ip);
	expect(last.ip == user_address(k->next), "%s, %s: at %#lx", k->name, what, last.ip);
	expect(r->cs == (USER_CS | 3) && r->ss == (USER_SS | 3) && r->sp == sp,
	       "%s, %s: cs %#lx, stack %#lx:%#lx", k->name, what, r->cs, r->ss, r->sp);
	expect((r->flags & ~0x10000ul) == ((flags & ~0x4000ul) | shown | 2),
	       "%s, %s: flags %#lx, entered with %#lx", k->name, what, r->flags, flags);
	expect(last.upcall_mask == !(flags & 0x200), "%s, %s: mask %u above cs", k->name, what,
	       last.upcall_mask);
	expect(r->ax == ALL_OF(0x1a) && r->bx == ALL_OF(0x2b) && r->bp == ALL_OF(0x3c) &&
	       r->dx == ALL_OF(0x4d) && r->si == ALL_OF(0x5e) && r->di == k->address,
	       "%s, %s: registers changed", k->name, what);
#ifdef __x86_64__
	expect(r->r8 == ALL_OF(0x6f) && r->r9 == ALL_OF(0x71) && r->r10 == ALL_OF(0x72) &&
	       r->r12 == ALL_OF(0x74) && r->r13 == ALL_OF(0x75) && r->r14 == ALL_OF(0x76) &&
	       r->r15 == ALL_OF(0x77), "%s, %s: registers changed", k->name, what);
	if (k == &system_call)
		expect(r->cx == r->ip && (r->r11 & ~0x10000ul) == (real & ~0x4000ul),
		       "%s, %s: rcx %#lx, r11 %#lx", k->name, what, r->cx, r->r11);
	else
		expect(r->cx == ALL_OF(0x78) && r->r11 == ALL_OF(0x73), "%s, %s: rcx %#lx, r11 %#lx",
		       k->name, what, r->cx, r->r11);
#else
	expect(r->cx == ALL_OF(0x78) && real, "%s, %s: ecx %#lx", k->name, what, r->cx);
#endif
	expect(!(seen.handler_flags & 0x44100), "%s, %s: its handler has flags %#x", k->name, what,
	       seen.handler_flags);
	if (k->vector == 14)
		expect(last.error == k->error && last.cr2 == k->address, "%s, %s: error %#lx, cr2 %#lx",
		       k->name, what, last.error, last.cr2);
}

/* More than once: the first may go another way. */
static void usual(const char *what)
{
	for (unsigned int i = 0; i < 3 * ARRAY_SIZE(kinds); i++)
		one(kinds[i % ARRAY_SIZE(kinds)], 0x202, 0, what);
}

static void flags(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(kinds); i++) {
		one(kinds[i], 0x2, 0, "upcalls masked");
		one(kinds[i], 0x202 | FLAGS_ODD, 0, "odd flags");
		one(kinds[i], 0x2 | FLAGS_ODD, 0, "odd flags, upcalls masked");
		one(kinds[i], 0x202 | 0x4000, 0, "NT");
	}
	usual("after odd flags");
}

static long syscall_callback(word address, unsigned int flags_)
{
#ifdef __x86_64__
	struct callback_register cb = { .type = CALLBACKTYPE_syscall, .flags = flags_, .address = address };

	return hcall2(__HYPERVISOR_callback_op, CALLBACKOP_register, &cb);
#else
	(void)address;
	(void)flags_;
	return 0;
#endif
}

static void masks(unsigned int want, const char *what)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(kinds); i++) {
		one(kinds[i], 0x202, 0, what);
		expect_eq(seen.handler_mask, want, what);
		one(kinds[i], 0x2, 0, what);
		expect_eq(seen.handler_mask, 1, what);
	}
}

static void handlers(void)
{
	masks(0, "handlers that do not mask");
	expect_eq(trap_set_one(14, 4, KERNEL_CS, entry_table[14]), 0, "#PF masks");
	expect_eq(trap_set_one(0x80, 7, KERNEL_CS, entry_table[0x80]), 0, "INT 0x80 masks");
	expect_eq(syscall_callback((word)entry_syscall, CALLBACKF_mask_events), 0, "SYSCALL masks");
	masks(1, "handlers that mask");
	expect_eq(trap_set_one(0x80, 4, KERNEL_CS, entry_table[0x80]), 0, "INT 0x80 is the kernel's");
	expect_eq(user_run_at(user_address(user_int80), USER_STACK + PAGE_SIZE - 64, 0, 0x202,
			      USER_CS | 3, USER_SS | 3), 13, "INT 0x80 that is the kernel's");
	expect_eq(last.error, 0x80 << 3 | 2, "the error code of that");
	expect_eq(trap_set_one(0x80, 3, KERNEL_CS, entry_table[0x80]), 0, "INT 0x80 is everybody's");
	expect_eq(syscall_callback((word)entry_syscall, 0), 0, "SYSCALL does not mask");
	expect_eq(trap_set_one(14, 0, KERNEL_CS, entry_table[17]), 0, "#PF at the handler of #AC");
	expect_eq(user_run_at(user_address(user_fault), USER_STACK + PAGE_SIZE - 64, NOWHERE, 0x202,
			      USER_CS | 3, USER_SS | 3), 17, "a page fault at another handler");
	expect_eq(trap_set_one(14, 0, KERNEL_CS, entry_table[14]), 0, "#PF at its handler");
	masks(0, "handlers that do not mask any more");
}

static void stacks(void)
{
	extern char trap_stack_top[];
	static const unsigned int off[] = { 0, 4, 8, 12, 1, 60, 64, 2048 };
	word top = (word)page_alloc() + PAGE_SIZE;

	for (unsigned int i = 0; i < ARRAY_SIZE(off); i++) {
		expect_eq(stack_switch(KERNEL_SS, top - off[i]), 0, "stack_switch");
		for (unsigned int k = 0; k < ARRAY_SIZE(kinds); k++) {
			one(kinds[k], 0x202, 0, "another stack");
			expect(seen.frame_at < top - off[i] && seen.frame_at > top - off[i] - 512,
			       "%s: frame at %#lx, stack from %#lx", kinds[k]->name, seen.frame_at,
			       top - off[i]);
		}
	}
	expect_eq(stack_switch(KERNEL_SS, (word)trap_stack_top), 0, "stack_switch");
	usual("the first stack again");
}

static void iopl(void)
{
	struct physdev_set_iopl one_ = { .iopl = 1 }, none = { .iopl = 0 };

	expect_eq(vm_assist(VMASST_CMD_enable, VMASST_TYPE_architectural_iopl), 0, "assist");
	for (unsigned int i = 0; i < ARRAY_SIZE(kinds); i++)
		one(kinds[i], 0x202 | 0x1000, 0, "IOPL 1 shown");
	expect_eq(vm_assist(VMASST_CMD_disable, VMASST_TYPE_architectural_iopl), 0, "no assist");
	expect_eq(physdev_op(PHYSDEVOP_set_iopl, &one_), 0, "set_iopl");
	usual("IOPL 1 not shown");
	expect_eq(physdev_op(PHYSDEVOP_set_iopl, &none), 0, "set_iopl");
}

/* iret's own say about the mask, where it stays in the kernel. */
static void kernel_iret(void)
{
	for (unsigned int i = 0; i < 4; i++) {
		events_mask();
		vinfo->evtchn_upcall_mask = i & 1;
		PROBE("ud2");
		expect_eq(vinfo->evtchn_upcall_mask, i & 1, "the mask after a trap of the kernel's");
		expect_eq(last.upcall_mask, i & 1, "the mask in its frame");
	}
	events_mask();
}

void test_main(void)
{
	trap_hook = look;
	usual("at first");
	flags();
	handlers();
	stacks();
	iopl();
	kernel_iret();
	usual("at last");
	trap_hook = NULL;
}
