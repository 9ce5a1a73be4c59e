/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The least runtime a test kernel needs, in either width.
 *
 * A test is a folder with one main.c that defines test_main().  Before it runs: the console speaks,
 * the trap table is set (every vector), event and failsafe callbacks are registered, shared_info is
 * mapped, the kernel stack for traps from ring 3 is known to the hypervisor.  Events stay masked.
 * When test_main() returns, the verdict is printed and the domain shuts down.
 *
 * FAIL is the hypervisor's fault, ERROR the test's.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/xen.h>
#include <xen/callback.h>
#include <xen/event_channel.h>
#include <xen/features.h>
#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/nmi.h>
#include <xen/physdev.h>
#include <xen/platform.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>
#include <xen/domctl.h>
#include <xen/sysctl.h>
#define XEN_ERRNO(name, value) X##name = value,
enum {
#include <xen/errno.h>
	XERESTART = 85,	/* of the hypervisor only; the public list has it no more */
};

#include "layout.h"

typedef unsigned long word;

#ifdef __x86_64__
#define WIDE		1
#define KERNEL_CS	FLAT_RING3_CS64
#define KERNEL_SS	FLAT_RING3_SS64
#define USER_CS		FLAT_RING3_CS64
#define USER_SS		FLAT_RING3_SS64
#define TOP_LEVEL	4
#else
#define WIDE		0
#define KERNEL_CS	FLAT_RING1_CS
#define KERNEL_SS	FLAT_RING1_SS
#define USER_CS		FLAT_RING3_CS
#define USER_SS		FLAT_RING3_SS
#define TOP_LEVEL	3
#endif

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define barrier()	asm volatile("" ::: "memory")
#define read_once(x)	(*(volatile typeof(x) *)&(x))
#define write_once(x, v) (*(volatile typeof(x) *)&(x) = (v))
#define __page		__attribute__((section(".bss.page"), aligned(PAGE_SIZE)))
/* Code for ring 3: no calls outside the section, no data but its arguments. */
#define __user		__attribute__((section(".user"), noinline, used))

/* ------------------------------------------------------------------ the test itself */

void test_main(void);
extern const char *const test_name;	/* set by the build */

__attribute__((format(printf, 1, 2))) void note(const char *fmt, ...);
__attribute__((format(printf, 1, 2))) void test_fail(const char *fmt, ...);
__attribute__((format(printf, 1, 2))) void test_error(const char *fmt, ...);
__attribute__((format(printf, 1, 2))) void test_skip(const char *fmt, ...);
__attribute__((format(printf, 3, 4))) int format_text(char *out, size_t size, const char *fmt, ...);
void __attribute__((noreturn)) test_end(void);
void bench_report(const char *what, uint64_t value, const char *unit);

#define expect(cond, ...)						\
	do {								\
		if (!(cond))						\
			test_fail(__VA_ARGS__);				\
	} while (0)

/* Both sides as signed numbers: errnos read well. */
#define expect_eq(got, want, what) \
	do { \
		long long g_ = (long long)(got), w_ = (long long)(want); \
		if (g_ != w_) \
			test_fail("%s: got %lld (%#llx), want %lld (%#llx)", what, g_, g_, w_, \
				  w_); \
	} while (0)

#define expect_refused(got, what)					\
	do {								\
		long r_ = (long)(got);					\
		if (r_ >= 0 || r_ < -4095)				\
			test_fail("%s: got %ld, want an errno", what, r_);	\
	} while (0)

/* ------------------------------------------------------------------ start_info and friends */

extern struct start_info *si;
extern struct shared_info shared_info_page;
#define shared	((volatile struct shared_info *)&shared_info_page)
#define vinfo	(&shared->vcpu_info[0])

/* ------------------------------------------------------------------ hypercalls */

/* By the instruction itself, by the hypercall page: the same bargain. */
word hcall_direct(unsigned int nr, word a, word b, word c, word d, word e, word f);
word hcall_page(unsigned int nr, word a, word b, word c, word d, word e, word f);
extern char hypercall_page[PAGE_SIZE];

#define hcall0(nr)		((long)hcall_direct(nr, 0, 0, 0, 0, 0, 0))
#define hcall1(nr, a)		((long)hcall_direct(nr, (word)(a), 0, 0, 0, 0, 0))
#define hcall2(nr, a, b)	((long)hcall_direct(nr, (word)(a), (word)(b), 0, 0, 0, 0))
#define hcall3(nr, a, b, c)	((long)hcall_direct(nr, (word)(a), (word)(b), (word)(c), 0, 0, 0))
#define hcall4(nr, a, b, c, d) \
	((long)hcall_direct(nr, (word)(a), (word)(b), (word)(c), (word)(d), 0, 0))

static inline long memory_op(unsigned int cmd, void *arg)
{
	return hcall2(__HYPERVISOR_memory_op, cmd, arg);
}

static inline long event_op(unsigned int cmd, void *arg)
{
	return hcall2(__HYPERVISOR_event_channel_op, cmd, arg);
}

static inline long sched_op(unsigned int cmd, void *arg)
{
	return hcall2(__HYPERVISOR_sched_op, cmd, arg);
}

static inline long vcpu_op(unsigned int cmd, unsigned int id, void *arg)
{
	return hcall3(__HYPERVISOR_vcpu_op, cmd, id, arg);
}

static inline long physdev_op(unsigned int cmd, void *arg)
{
	return hcall2(__HYPERVISOR_physdev_op, cmd, arg);
}

static inline long grant_op(unsigned int cmd, void *arg, unsigned int count)
{
	return hcall3(__HYPERVISOR_grant_table_op, cmd, arg, count);
}

static inline long xen_version(unsigned int cmd, void *arg)
{
	return hcall2(__HYPERVISOR_xen_version, cmd, arg);
}

static inline long set_trap_table(const struct trap_info *t)
{
	return hcall1(__HYPERVISOR_set_trap_table, t);
}

static inline long set_gdt(const word *frames, unsigned int entries)
{
	return hcall2(__HYPERVISOR_set_gdt, frames, entries);
}

static inline long stack_switch(word ss, word sp)
{
	return hcall2(__HYPERVISOR_stack_switch, ss, sp);
}

static inline long vm_assist(unsigned int cmd, unsigned int type)
{
	return hcall2(__HYPERVISOR_vm_assist, cmd, type);
}

static inline long set_debugreg(unsigned int reg, word value)
{
	return hcall2(__HYPERVISOR_set_debugreg, reg, value);
}

static inline long get_debugreg(unsigned int reg)
{
	return hcall1(__HYPERVISOR_get_debugreg, reg);
}

static inline long fpu_taskswitch(int set)
{
	return hcall1(__HYPERVISOR_fpu_taskswitch, set);
}

long update_descriptor(uint64_t maddr, uint64_t desc);
long set_timer_op(uint64_t when);

/* ------------------------------------------------------------------ traps */

#ifdef __x86_64__
struct regs {
	word r15, r14, r13, r12, r11, r10, r9, r8, di, si, bp, bx, dx, cx, ax;
	word vector, error, ip, cs, flags, sp, ss;
};
struct iret_frame {
	word ax, flags_word, ip, cs, flags, sp, ss;
};
#else
struct regs {
	word es, ds, di, si, bp, bx, dx, cx, ax;
	word vector, error, ip, cs, flags, sp, ss;	/* sp and ss only from ring 3 */
};
struct iret_frame {
	word ax, pad, ip, cs, flags, sp, ss;
};
#endif

struct trap {
	int vector;	/* -1: none came */
	unsigned int count;
	word error, ip, cr2, flags, cs;
	uint8_t upcall_mask;	/* as the frame has it, above cs */
	bool from_user;
	struct regs regs;
};

struct ctx {
	word saved[8];
};

extern volatile struct trap last;
extern word failsafe_segments[4];	/* ds, es, fs, gs of the last failsafe frame */
extern const word entry_table[256];
extern char entry_event[], entry_failsafe[], entry_syscall[], entry_syscall32[], entry_sysenter[],
	entry_nmi[];

/* A test may look at a trap first; true: handled, go back. */
extern bool (*trap_hook)(struct regs *regs);
extern void (*event_hook)(unsigned int port);
extern void (*upcall_hook)(struct regs *regs);

int ctx_save(struct ctx *c) __attribute__((returns_twice));
void ctx_resume(struct ctx *c, int value) __attribute__((noreturn));
void iret_to(const struct iret_frame *f, word arg);
void bad_stack_trap(word sp) __attribute__((noreturn));

void trap_forget(void);
void traps_init(void);
void trap_entry_fill(struct trap_info *t, unsigned int vector);
long trap_set_one(unsigned int vector, unsigned int flags, uint16_t cs, word address);

/*
 * Run one instruction (or a few); yields the vector of the trap it raised, or -1.  Details in
 * `last`. The operands follow as in asm: PROBE("mov %%cr0, %0", : "=r"(x)).
 */
#define FIXUP_WORD	(WIDE ? ".quad" : ".long")
#ifdef __x86_64__
#define FIXUP_ENTRY	".pushsection .fixups, \"a\"\n .quad 771b, 772b\n .popsection\n"
#else
#define FIXUP_ENTRY	".pushsection .fixups, \"a\"\n .long 771b, 772b\n .popsection\n"
#endif
#define PROBE(text, ...)						\
	({								\
		trap_forget();						\
		asm volatile("771: " text "\n772: nop\n" FIXUP_ENTRY	\
			     __VA_ARGS__);				\
		last.vector;						\
	})

/* Call fn; any trap in it, wherever, comes back here: its vector, or -1. */
int try_call(void (*fn)(word), word arg);

/* Write or read one word and say what came of it. */
int probe_write(word va, word value);
int probe_read(word va, word *value);
int probe_write8(word va, uint8_t value);
int probe_write64(word va, uint64_t value);

/* ------------------------------------------------------------------ memory */

#define PTE_P		0x001ull
#define PTE_RW		0x002ull
#define PTE_US		0x004ull
#define PTE_PWT		0x008ull
#define PTE_PCD		0x010ull
#define PTE_A		0x020ull
#define PTE_D		0x040ull
#define PTE_PS		0x080ull
#define PTE_G		0x100ull
#define PTE_AVAIL	0xe00ull
#define PTE_NX		(1ull << 63)
#define PTE_ADDR	0x000ffffffffff000ull
#define PROT_KERNEL	(PTE_P | PTE_RW | PTE_A | PTE_D)
#define PROT_USER	(PROT_KERNEL | PTE_US)
#define PROT_TABLE	(PTE_P | PTE_RW | PTE_US | PTE_A)
#define INVALID_MFN	(~0ull)

extern const word *m2p;			/* what the hypervisor shows, read-only */
extern word m2p_start, m2p_end, m2p_entries;

void mm_init(void);
void *page_alloc(void);			/* zeroed, mapped writable; ERROR if none is left */
void page_free(void *page);
uint64_t pfn_to_mfn(word pfn);
uint64_t mfn_of(const void *va);	/* of an address in the image or the initial area */
void *mfn_to_va(uint64_t mfn);
word va_to_pfn(const void *va);

/* The entry of `level` (1-4) that maps va in the running address space, or NULL. */
uint64_t *pt_entry(word va, int level);
uint64_t pt_entry_maddr(word va, int level);
uint64_t pte_get(word va);

long update_va(word va, uint64_t pte, word flags);
long update_va_otherdomain(word va, uint64_t pte, word flags, domid_t dom);
long mmu_update_many(struct mmu_update *req, unsigned int count, unsigned int *done, domid_t dom);
long mmu_update_one(uint64_t ptr, uint64_t val);	/* ptr includes the MMU_ type */
long mmuext(unsigned int cmd, uint64_t mfn, word arg2);
long mmuext_many(struct mmuext_op *op, unsigned int count, unsigned int *done, domid_t dom);
long page_protect(void *va, bool writable);
long va_map(word va, uint64_t pte);	/* builds the tables on the way; ERROR if it cannot */
void user_init(void); /* builds ring 3's text, stack and root; called by user_run */
extern uint64_t user_root_mfn;		/* 64-bit: the root of ring 3 */

/* ------------------------------------------------------------------ ring 3 */

/*
 * Run fn (of the .user section) in ring 3 with one argument.  Yields the vector that ended it
 * (VECTOR_USER_DONE when it returned; ENTRY_SYSCALL and the like); its registers are in last.regs.
 */
int user_run(word (*fn)(word), word arg);
int user_run_at(word ip, word sp, word arg, word flags, word cs, word ss);
extern struct ctx *volatile user_landing;	/* for tests that enter ring 3 in their own way */
word user_address(const void *p);	/* where ring 3 sees code of the .user section */

/* ------------------------------------------------------------------ events and time */

extern volatile unsigned int event_count[1024];
extern volatile unsigned int upcall_count;

static inline void events_mask(void)
{
	vinfo->evtchn_upcall_mask = 1;
	barrier();
}

void events_unmask(void);		/* and take what is pending */
unsigned int port_bind_virq(unsigned int virq, unsigned int vcpu);
unsigned int port_bind_ipi(unsigned int vcpu);
void port_mask(unsigned int port);
void port_unmask_local(unsigned int port);	/* clears the mask bit only */
long port_unmask(unsigned int port);	/* by hypercall */
long port_send(unsigned int port);
long port_close(unsigned int port);
bool port_pending(unsigned int port);
bool port_masked(unsigned int port);
void port_clear(unsigned int port);
/* Let the machine run until the count of a port changes from `before`; false after ms milliseconds.
 */
bool port_wait(unsigned int port, unsigned int before, unsigned int ms);

uint64_t rdtsc(void);
uint64_t system_time(void);		/* ns by pvclock */
void spin_ns(uint64_t ns);

/* ------------------------------------------------------------------ grants */

struct grant_entry_v1 *
grant_init(void); /* maps one frame of the grant table; NULL: ERROR reported */
void grant_access(unsigned int ref, domid_t dom, uint64_t mfn_or_pfn, bool readonly);
bool grant_end(unsigned int ref);

/* ------------------------------------------------------------------ a second domain */

long domctl(struct xen_domctl *op);
int other_create(unsigned int pages, xen_pfn_t *frames);	/* its domid; -1: ERROR reported */
long other_destroy(int dom);
uint64_t machine_free_pages(void);	/* as sysctl tells the tools */

/* Give frames back, or ask for others. */
long frame_give_back(uint64_t mfn);	/* how many were taken: 1 or 0 */
uint64_t frame_ask(word pfn);		/* the new frame at this place, or INVALID_MFN */

/* ------------------------------------------------------------------ a second processor */

/* Starts vcpu `id` in fn(arg) on a stack of its own. */
long vcpu_start(unsigned int id, void (*fn)(word), word arg);
struct vcpu_guest_context *vcpu_context(unsigned int id, void (*fn)(word), word arg);

/* ------------------------------------------------------------------ odds and ends */

uint64_t rng(void);			/* a fixed seed: the same numbers every time */
void rng_seed(uint64_t seed);
void *memcpy(void *to, const void *from, size_t n);
void *memset(void *to, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
char *strstr(const char *s, const char *what);
int strcmp(const char *a, const char *b);

static inline word read_cs(void)
{
	word v;

	asm("mov %%cs, %0" : "=r"(v));
	return v & 0xffff;
}

static inline word read_ss(void)
{
	word v;

	asm("mov %%ss, %0" : "=r"(v));
	return v & 0xffff;
}

static inline word read_flags(void)
{
	word v;

	asm volatile("pushf; pop %0" : "=r"(v));
	return v;
}

static inline void write_flags(word v)
{
	asm volatile("push %0; popf" : : "r"(v) : "cc", "memory");
}

/* The forced-emulation CPUID: what the hypervisor wants this domain to see. */
static inline void cpuid_forced(uint32_t leaf, uint32_t sub, uint32_t out[4])
{
	asm volatile(XEN_CPUID
		     : "=a"(out[0]), "=b"(out[1]), "=c"(out[2]), "=d"(out[3])
		     : "0"(leaf), "2"(sub));
}

static inline void cpuid_native(uint32_t leaf, uint32_t sub, uint32_t out[4])
{
	asm volatile("cpuid"
		     : "=a"(out[0]), "=b"(out[1]), "=c"(out[2]), "=d"(out[3])
		     : "0"(leaf), "2"(sub));
}

static inline int rdmsr_probe(uint32_t msr, uint64_t *value)
{
	uint32_t lo = 0, hi = 0;
	int vector = PROBE("rdmsr", : "+a"(lo), "+d"(hi) : "c"(msr));

	*value = lo | (uint64_t)hi << 32;
	return vector;
}

static inline int wrmsr_probe(uint32_t msr, uint64_t value)
{
	return PROBE("wrmsr",
		     :
		     : "a"((uint32_t)value), "d"((uint32_t)(value >> 32)), "c"(msr)
		     : "memory");
}
