// SPDX-License-Identifier: GPL-2.0-only
/*
 * Traps: what came, was it expected, where to go on.
 *
 * A trap of ring 3 ends user_run().  A trap of the kernel is looked up in the fixup table (PROBE),
 * then given to try_call(), else it is a failure of the test.
 */
#include "rt.h"

volatile struct trap last;
word failsafe_segments[4];
bool (*trap_hook)(struct regs *regs);
void (*upcall_hook)(struct regs *regs);

struct ctx *volatile user_landing; /* where a trap of ring 3 goes that user_run() did not cause */

static struct ctx user_ctx, try_ctx;
static bool user_active, try_active;
static uint8_t frame_mask;
static struct trap_info trap_table[257];

struct fixup {
	word from, to;
};
extern const struct fixup fixups_start[], fixups_end[];

void rt_entry(struct regs *regs);
void event_upcall(struct regs *regs);

void trap_forget(void)
{
	last.vector = -1;
	last.error = last.ip = last.cr2 = 0;
	barrier();
}

static void remember(struct regs *regs)
{
	last.vector = regs->vector;
	last.count++;
	last.error = regs->error;
	last.ip = regs->ip;
	last.cs = regs->cs;
	last.upcall_mask = frame_mask;
	last.flags = regs->flags;
	last.cr2 = vinfo->arch.cr2;
	last.from_user = (regs->cs & 3) == 3;
	for (size_t i = 0; i < sizeof(*regs) / sizeof(word); i++) {
		/* From the kernel itself a 32-bit frame has no stack pointer; reading on is
		 * harmless. */
		((volatile word *)&last.regs)[i] = ((word *)regs)[i];
	}
}

static bool fix(struct regs *regs)
{
	for (const struct fixup *f = fixups_start; f < fixups_end; f++) {
		if (regs->ip >= f->from && regs->ip <= f->to) {
			regs->ip = f->to;
			regs->flags &= ~0x100ul;
			return true;
		}
	}
	return false;
}

void rt_entry(struct regs *regs)
{
	/* The hypervisor keeps the upcall mask above the selector, in both widths. */
	frame_mask = (uint64_t)regs->cs >> (WIDE ? 32 : 16);
	regs->cs &= 0xffff;
	if (regs->vector == ENTRY_EVENT) {
		event_upcall(regs);
		return;
	}
	if (trap_hook && trap_hook(regs))
		return;
	remember(regs);
	if (last.from_user && user_active) {
		user_active = false;
		ctx_resume(&user_ctx, 1);
	}
	if (last.from_user && user_landing)
		ctx_resume((struct ctx *)user_landing, 1);
	if (!last.from_user && fix(regs))
		return;
	if (!last.from_user && try_active) {
		try_active = false;
		ctx_resume(&try_ctx, 1);
	}
	test_fail("unexpected trap %ld, error %#lx, at %#lx, cs %#lx, flags %#lx, cr2 %#lx",
		  (long)regs->vector, regs->error, regs->ip, regs->cs, regs->flags, last.cr2);
	test_end();
}

int try_call(void (*fn)(word), word arg)
{
	trap_forget();
	if (ctx_save(&try_ctx))
		return last.vector;
	try_active = true;
	fn(arg);
	try_active = false;
	return -1;
}

void trap_entry_fill(struct trap_info *t, unsigned int vector)
{
	/* int3, into, int $0x80 (also the way out of user_run) and int $0x81 are for ring 3 too. */
	bool open = vector == 3 || vector == 4 || vector == 0x80 || vector == 0x81;

	t->vector = vector;
	t->flags = open ? 3 : 0;
	t->cs = KERNEL_CS;
	t->address = entry_table[vector];
}

void traps_init(void)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < 256; i++) {
		if (i == 0x82)
			continue;	/* the hypervisor's own */
		trap_entry_fill(&trap_table[n++], i);
	}
	trap_table[n].address = 0;
	if (set_trap_table(trap_table))
		test_error("set_trap_table refused the runtime's table");
}

long trap_set_one(unsigned int vector, unsigned int flags, uint16_t cs, word address)
{
	struct trap_info two[2] = {
		{ .vector = vector, .flags = flags, .cs = cs, .address = address },
	};

	return set_trap_table(two);
}

int probe_write(word va, word value)
{
	return PROBE("mov %0, (%1)", : : "r"(value), "r"(va) : "memory");
}

int probe_write8(word va, uint8_t value)
{
	return PROBE("movb %0, (%1)", : : "q"(value), "r"(va) : "memory");
}

int probe_write64(word va, uint64_t value)
{
#ifdef __x86_64__
	return probe_write(va, value);
#else
	/* cmpxchg8b with what is there: one whole store of eight bytes. */
	uint64_t old = *(volatile uint64_t *)va;

	return PROBE("lock cmpxchg8b (%1)", : "+A"(old) : "S"(va), "b"((uint32_t)value),
		     "c"((uint32_t)(value >> 32)) : "memory");
#endif
}

int probe_read(word va, word *value)
{
	word v = 0;
	int vector = PROBE("mov (%1), %0", : "+r"(v) : "r"(va) : "memory");

	if (value)
		*value = v;
	return vector;
}

word user_address(const void *p)
{
	extern char user_start[];

	return USER_TEXT + ((word)p - (word)user_start);
}

int user_run_at(word ip, word sp, word arg, word flags, word cs, word ss)
{
	struct iret_frame f = { .ip = ip, .cs = cs, .flags = flags, .sp = sp, .ss = ss };
	uint8_t mask = vinfo->evtchn_upcall_mask;

	user_init();
	trap_forget();
	if (!ctx_save(&user_ctx)) {
		user_active = true;
		iret_to(&f, arg);
		user_active = false;
		test_fail("iret to ring 3 came back");
	}
	if (mask)
		events_mask();
	else
		events_unmask();
	return last.vector;
}

/* The least crt0 of ring 3: call what rdi/edi holds below, then leave with the result in ax. */
asm(".pushsection .user, \"ax\"\n"
    ".globl user_crt\n"
    "user_crt:\n"
#ifdef __x86_64__
    "	mov (%rdi), %rax\n"
    "	mov 8(%rdi), %rdi\n"
    "	call *%rax\n"
#else
    "	pushl 4(%edi)\n"
    "	call *(%edi)\n"
    "	add $4, %esp\n"
#endif
    "	int $0x80\n"
    "	ud2\n"
    ".popsection\n");
extern char user_crt[];

extern char *user_stack_page;
int user_run(word (*fn)(word), word arg)
{
	word *args;

	user_init();
	args = (word *)(user_stack_page + PAGE_SIZE - 64);
	args[0] = user_address(fn);
	args[1] = arg;
	return user_run_at(user_address(user_crt), USER_STACK + PAGE_SIZE - 64,
			   USER_STACK + PAGE_SIZE - 64, 0x202, USER_CS | 3, USER_SS | 3);
}
