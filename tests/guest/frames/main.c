// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exception frames in all their shapes, and everything they must leave alone.
 *
 * Rule: a trap changes no register but those the frame tells of; the frame lies where the segment
 * in force at the time of the trap says, aligned or not, over a page border or not; upcalls that
 * wait come at the latest when a trap has been delivered; DPL of a gate counts for INT alone. What
 * cannot be done in the usual short way must look the same.
 */
#include "rt.h"

#define NOWHERE	0x30000000ul
#define WINDOW	0x20000000ul
#define WINDOW2	0x20400000ul
#define SLOT	5

extern char trap_stack_top[];

/* ------------------------------------------------------------------ registers */

#ifdef __x86_64__
#define REG_COUNT	14
#define FILL							\
	"mov $0x1101, %%eax; mov $0x1102, %%ebx; mov $0x1103, %%edx; mov $0x1104, %%esi;"	\
	"mov $0x1105, %%edi; mov $0x1106, %%r8d; mov $0x1107, %%r9d; mov $0x1108, %%r10d;"	\
	"mov $0x1109, %%r12d; mov $0x110a, %%r13d; mov $0x110b, %%r14d; mov $0x110c, %%r15d;"	\
	"mov $0x110d, %%ecx; mov $0x110e, %%r11d;"
#define CLOBBERS "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13",	\
		 "r14", "r15", "memory"
#define SI "rsi"
#define TAKE							\
	"mov %%rax, %0; mov %%rbx, 8+%0; mov %%rdx, 16+%0; mov %%rsi, 24+%0; mov %%rdi, 32+%0;"	\
	"mov %%r8, 40+%0; mov %%r9, 48+%0; mov %%r10, 56+%0; mov %%r12, 64+%0; mov %%r13, 72+%0;"	\
	"mov %%r14, 80+%0; mov %%r15, 88+%0; mov %%rcx, 96+%0; mov %%r11, 104+%0;"
#else
#define REG_COUNT	6
#define FILL							\
	"mov $0x1101, %%eax; mov $0x1102, %%ebx; mov $0x1103, %%edx; mov $0x1104, %%esi;"	\
	"mov $0x1105, %%edi; mov $0x1106, %%ecx;"
#define CLOBBERS "eax", "ebx", "ecx", "edx", "esi", "edi", "memory"
#define SI "esi"
#define TAKE							\
	"mov %%eax, %0; mov %%ebx, 4+%0; mov %%edx, 8+%0; mov %%esi, 12+%0; mov %%edi, 16+%0;"	\
	"mov %%ecx, 20+%0;"
#endif

static word inside[REG_COUNT], after[REG_COUNT];

static void note_registers(const struct regs *r)
{
#ifdef __x86_64__
	const word all[] = { r->ax, r->bx, r->dx, r->si, r->di, r->r8, r->r9, r->r10, r->r12, r->r13,
			     r->r14, r->r15, r->cx, r->r11 };
#else
	const word all[] = { r->ax, r->bx, r->dx, r->si, r->di, r->cx };
#endif
	for (unsigned int i = 0; i < REG_COUNT; i++)
		inside[i] = all[i];
}

static unsigned int stepped;

/* Steps over an instruction of two bytes where it would fault again. */
static bool step(struct regs *regs)
{
	if (regs->vector != 6 && regs->vector != 14 && regs->vector != 3 && regs->vector != 0x80)
		return false;
	note_registers(regs);
	stepped++;
	if (regs->vector == 6 || regs->vector == 14)
		regs->ip += 2;
	return true;
}

static void check_registers(const char *what)
{
	expect_eq(stepped, 1, what);
	for (unsigned int i = 0; i < REG_COUNT; i++) {
		expect(inside[i] == 0x1101 + i, "%s: register %u in the handler: %#lx", what, i,
		       inside[i]);
		expect(after[i] == 0x1101 + i, "%s: register %u afterwards: %#lx", what, i,
		       after[i]);
		inside[i] = after[i] = 0;
	}
	stepped = 0;
}

static void registers(void)
{
	trap_hook = step;
	asm volatile(FILL "ud2;" TAKE : "=m"(after) : : CLOBBERS);
	check_registers("ud2");
	asm volatile(FILL "int3;" TAKE : "=m"(after) : : CLOBBERS);
	check_registers("int3");
	asm volatile(FILL "int $0x80;" TAKE : "=m"(after) : : CLOBBERS);
	check_registers("int 0x80");
	/* 0x1104 in the register: nothing is mapped that low. */
	asm volatile(FILL "mov (%%" SI "), %%eax;" TAKE : "=m"(after) : : CLOBBERS);
	check_registers("page fault");
	trap_hook = NULL;
}

/* ------------------------------------------------------------------ upcalls that wait */

#ifndef __x86_64__
extern char native_back[];
asm(".pushsection .text\n"
    "native_back: iret\n"
    ".popsection\n");
#endif

static void waiting_upcall(void)
{
	unsigned int port = port_bind_ipi(0), before = event_count[port];

	events_mask();
	port_send(port);
	expect_eq(event_count[port], before, "no upcall while masked");
	vinfo->evtchn_upcall_mask = 0;		/* and no hypercall */
	barrier();
	expect_eq(PROBE("ud2", : :), 6, "ud2");
	expect_eq(event_count[port], before + 1, "upcalls by the time ud2 was over");
	events_mask();
	port_send(port);
	vinfo->evtchn_upcall_mask = 0;
	barrier();
	expect_eq(PROBE("int $0x80", : :), 0x80, "int 0x80");
	expect_eq(event_count[port], before + 2, "upcalls by the time int 0x80 was over");
	events_mask();
	port_send(port);
	vinfo->evtchn_upcall_mask = 0;
	barrier();
	expect_eq(probe_read(NOWHERE, NULL), 14, "page fault");
	expect_eq(event_count[port], before + 3, "upcalls by the time the page fault was over");
	events_mask();
#ifndef __x86_64__
	/* A handler that goes back without a hypercall: then the trap itself brings the upcall. */
	expect_eq(trap_set_one(0x80, 3, KERNEL_CS, (word)native_back), 0, "a handler");
	port_send(port);
	vinfo->evtchn_upcall_mask = 0;
	barrier();
	asm volatile("int $0x80" : : : "memory");
	expect_eq(event_count[port], before + 4, "upcalls by a trap and nothing else");
	expect_eq(trap_set_one(0x80, 3, KERNEL_CS, entry_table[0x80]), 0, "the old handler");
	events_mask();
#endif
	port_close(port);
}

/* ------------------------------------------------------------------ gates */

static uint8_t mask_in_handler;

static bool see_mask(struct regs *regs)
{
	(void)regs;
	mask_in_handler = vinfo->evtchn_upcall_mask;
	return false;
}

__user static word user_int80(word arg)
{
	return arg;		/* the way out is INT 0x80 */
}

__user static word user_ud2(word arg)
{
	asm volatile("ud2");
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

__user static word user_clear(word arg)
{
	*(volatile word *)arg = 0;
	return 0;
}

/* A live page table that ring 3 may read: its stores to it are its own mistake, not done for it. */
static void table_seen_by_ring_3(void)
{
	void *page = page_alloc();

	va_map(WINDOW, mfn_of(page) << 12 | PROT_KERNEL);
	va_map(WINDOW2, (pt_entry_maddr(WINDOW, 1) & PTE_ADDR) | PTE_P | PTE_US | PTE_A);
	expect_eq(user_run(user_read, WINDOW2), VECTOR_USER_DONE, "ring 3 reads a page table");
	expect_eq(user_run(user_clear, WINDOW2 + (pt_entry_maddr(WINDOW, 1) & 0xfff)), 14,
		  "ring 3 writes to a page table");
	expect_eq(last.error, 7, "its error code");
	expect_eq(pte_get(WINDOW) & PTE_ADDR, mfn_of(page) << 12, "the entry");
	update_va(WINDOW2, 0, UVMF_INVLPG);
	update_va(WINDOW, 0, UVMF_INVLPG);
}

static void gates(void)
{
	expect_eq(trap_set_one(0x80, 1, KERNEL_CS, entry_table[0x80]), 0, "a gate of DPL 1");
	expect_eq(PROBE("int $0x80", : :), 0x80, "int 0x80 of the kernel");
	expect_eq(user_run(user_int80, 0), 13, "int 0x80 of ring 3 through a gate of DPL 1");
	expect_eq(last.error, 0x80 * 8 + 2, "its error code");
	expect_eq(trap_set_one(0x80, 0, KERNEL_CS, entry_table[0x80]), 0, "a gate of DPL 0");
	expect_eq(PROBE("int $0x80", : :), 13, "int 0x80 of the kernel through a gate of DPL 0");

	events_unmask();
	trap_hook = see_mask;
	expect_eq(trap_set_one(0x80, 3 | 4, KERNEL_CS, entry_table[0x80]), 0, "a gate that masks");
	expect_eq(PROBE("int $0x80", : :), 0x80, "int 0x80");
	expect_eq(mask_in_handler, 1, "the mask in the handler of a gate that masks");
	expect_eq(last.upcall_mask, 0, "the mask in its frame");
	expect_eq(user_run(user_int80, 0), VECTOR_USER_DONE, "int 0x80 of ring 3");
	expect_eq(mask_in_handler, 1, "the mask in the handler, from ring 3");
	events_unmask();
	expect_eq(trap_set_one(0x80, 3, KERNEL_CS, entry_table[0x80]), 0, "one that does not");
	expect_eq(PROBE("int $0x80", : :), 0x80, "int 0x80");
	expect_eq(mask_in_handler, 0, "the mask in the handler of a gate that does not");
	trap_hook = NULL;
	events_mask();

	expect_eq(user_run(user_read, NOWHERE), 14, "a read of nothing in ring 3");
	expect_eq(last.error, 4, "its error code");
	expect_eq(last.cr2, NOWHERE, "its address");
	expect_eq(user_run(user_write, NOWHERE + 8), 14, "a write to nothing in ring 3");
	expect_eq(last.error, 6, "its error code");
	expect_eq(last.cr2, NOWHERE + 8, "its address");
	expect_eq(user_run(user_write, user_address(user_write)), 14, "a write to ring 3's own text");
	expect_eq(last.error, 7, "its error code");
	expect_eq(last.cr2, user_address(user_write), "its address");
}

/* ------------------------------------------------------------------ invalid instructions at odd places */

static void ud2_before_nothing(void)
{
	uint8_t *page = page_alloc();
	word at = WINDOW + PAGE_SIZE - 2;

	page[PAGE_SIZE - 2] = 0x0f;
	page[PAGE_SIZE - 1] = 0x0b;
	va_map(WINDOW, mfn_of(page) << 12 | PROT_KERNEL);
	expect_eq(try_call((void (*)(word))at, 0), 6, "ud2 at the end of what is mapped");
	expect_eq(last.ip, at, "its address");
	update_va(WINDOW, 0, UVMF_INVLPG);
}

static void almost_forced(void)
{
	expect_eq(PROBE("ud2; .ascii \"xeN\"", : :), 6, "ud2 and almost the prefix");
	expect_eq(PROBE("ud2; .ascii \"xen\"; nop; nop", : :), 6, "the prefix and no cpuid");
}

/* ------------------------------------------------------------------ where the frame lies */

static word seen_sp;

static bool see_sp(struct regs *regs)
{
	if (regs->vector == 0x80)
		seen_sp = (word)(&regs->ss + 1);
	return false;
}

/* The trap stack has several pages: each place near the border of two. */
static void over_a_border(void)
{
	trap_hook = see_sp;
	for (word off = 0; off <= 64; off += 4) {
		word want = (word)trap_stack_top - PAGE_SIZE + off;

		expect_eq(stack_switch(KERNEL_SS, want), 0, "stack_switch");
		expect_eq(user_run(user_int80, 0), VECTOR_USER_DONE, "a trap over a page border");
		want &= WIDE ? ~15ul : ~0ul;
		expect(seen_sp == want, "the frame ends at %#lx, not at %#lx", seen_sp, want);
	}
	expect_eq(stack_switch(KERNEL_SS, (word)trap_stack_top), 0, "stack_switch");
	trap_hook = NULL;
}

#ifndef __x86_64__
/* The frame on a segment that does not begin at 0: C cannot run there. */
static struct ctx landing;
extern char moved_entry[];
void moved_landed(void);

asm(".pushsection .text\n"
    "moved_entry:\n"
    "	mov $0xe021, %eax\n"
    "	mov %eax, %ss\n"
    "	mov $trap_stack_top - 4096, %esp\n"
    "	call moved_landed\n"
    ".popsection\n");

void moved_landed(void)
{
	ctx_resume(&landing, 1);
}

static void moved_segment(void)
{
	uint64_t *gdt = page_alloc(), slot = mfn_of(gdt) << 12 | SLOT * 8;
	word frame = mfn_of(gdt), top = (word)trap_stack_top, cr0;
	struct iret_frame f = {
		.ip = user_address(user_int80), .cs = USER_CS | 3, .flags = 0x202,
		.sp = USER_STACK + PAGE_SIZE - 64, .ss = USER_SS | 3,
	};

	page_protect(gdt, false);
	expect_eq(set_gdt(&frame, 512), 0, "set_gdt");
	expect_eq(update_descriptor(slot, 0x00cfb3000000ffffull), 0, "a flat segment");
	expect_eq(stack_switch(SLOT * 8, top), 0, "stack_switch, RPL 0");
	trap_hook = see_sp;
	expect_eq(user_run(user_int80, 0), VECTOR_USER_DONE, "a trap on a flat segment of ours");
	expect_eq(seen_sp, top, "where the frame ends");
	trap_hook = NULL;
	/* C came back on that stack. From now on the same selector begins a page further. */
	asm volatile("mov %0, %%ss" : : "r"(KERNEL_SS));
	expect_eq(update_descriptor(slot, 0x00cfb3001000ffffull), 0, "the segment is moved");
	expect_eq(stack_switch(SLOT * 8, top - PAGE_SIZE), 0, "stack_switch");
	expect_eq(trap_set_one(6, 0, KERNEL_CS, (word)moved_entry), 0, "a handler");
	memset((void *)(top - 64), 0, 64);
	f.ip = user_address(user_ud2);
	if (!ctx_save(&landing))
		iret_to(&f, 0);
	expect_eq(((word *)top)[-1], USER_SS | 3, "ss of the frame, where the segment has it");
	expect_eq(((word *)top)[-5], f.ip, "eip of the frame");
	expect_eq(trap_set_one(6, 0, KERNEL_CS, entry_table[6]), 0, "the old handler");
	expect_eq(stack_switch(KERNEL_SS, top), 0, "stack_switch");

	/* What is done for us is read where the code segment has it. */
	expect_eq(update_descriptor(slot, 0x00cfbb001000ffffull), 0, "a code segment that is moved");
	asm volatile("ljmp $0x29, $1f - 0x1000\n"
		     "1: mov %%cr0, %0\n"
		     "xor %%eax, %%eax\n" XEN_CPUID "\n"
		     "ljmp $0xe019, $2f\n"
		     "2:" : "=S"(cr0) : : "eax", "ebx", "ecx", "edx");
	expect(cr0 & 0x80000000, "cr0 by way of a segment that is moved: %#lx", cr0);
	expect_eq(set_gdt(NULL, 0), 0, "no GDT of ours");
}
#else
static void moved_segment(void)
{
}
#endif

void test_main(void)
{
	registers();
	waiting_upcall();
	gates();
	table_seen_by_ring_3();
	ud2_before_nothing();
	almost_forced();
	over_a_border();
	moved_segment();
}
