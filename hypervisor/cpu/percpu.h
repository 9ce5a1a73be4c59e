// SPDX-License-Identifier: GPL-2.0-only
/*
 * What each CPU has of its own: its stack, and at the top of it struct cpu_info.
 *
 * The block of STACK_SIZE bytes, aligned to its size, from the bottom: one page each for #MC, NMI,
 * #DF and #DB (interrupt stack table), then the stack everything else runs on, then struct
 * cpu_info. So whichever of them rsp is in, rounding it up finds the same struct cpu_info, and
 * neither GS nor FS is needed: they are the guest's.
 *
 * Other per-CPU data are plain arrays of NR_CPUS, indexed by this_cpu().
 */
#pragma once

#ifdef __ASSEMBLER__
#define NR_CPUS		64
#define STACK_SIZE	0x8000
#else

#include "cpu/regs.h"
#include "lib/bug.h"

#define NR_CPUS		64u
#define STACK_SIZE	0x8000ul
#define IST_STACK_SIZE	0x1000ul

/* Entries of the interrupt stack table, as gates name them; 0 is no switch. */
enum ist {
	IST_NONE,
	IST_MC,
	IST_NMI,
	IST_DF,
	IST_DB,
	IST_COUNT = IST_DB,
};

struct vcpu;

/* The size after regs must be a multiple of 16: the CPU pushes the guest's ss just below. */
struct cpu_info {
	struct guest_regs regs;		/* TSS.rsp0 is the end of it */
	struct vcpu *vcpu;		/* `current`: who runs, or ran last, in guest mode here */
	union {
		uint64_t owed;		/* 0: nothing but perhaps an upcall (entry/exit.S) */
		struct {
			uint32_t softirqs;	/* cpu/softirq.h; other CPUs set bits too */
			uint32_t look;		/* current has a bounce, an NMI or the like */
		};
	};
	uint32_t cpu;
	uint32_t ring;			/* the least privilege level current may have: 1 or 3 */
	uint64_t guest_start;		/* current may name so many bytes from here on; behind the */
	uint64_t guest_span;		/* last address comes 0 (guest/access.h) */
#define GUEST_SPAN_LEAST	4096
	uint64_t unused;
};

static_assert(sizeof(struct guest_regs) == 21 * 8, "entry/*.S pushes 21 words");
static_assert((sizeof(struct cpu_info) - sizeof(struct guest_regs)) % 16 == 0, "TSS.rsp0");

struct cpu_info *cpu_info_of(unsigned int cpu);	/* another CPU's */
extern uint64_t stack_base[NR_CPUS];		/* lowest address of each CPU's block, 0: none */
extern unsigned int cpu_count;			/* CPUs that run, numbered from 0 */

static inline struct cpu_info *this_cpu_info(void)
{
	uint64_t sp;

	__asm__("mov %%rsp, %0" : "=r" (sp));
	return (struct cpu_info *)((sp | (STACK_SIZE - 1)) + 1) - 1;
}

static inline unsigned int this_cpu(void) { return this_cpu_info()->cpu; }
static inline struct guest_regs *guest_regs(void) { return &this_cpu_info()->regs; }
#define current	(this_cpu_info()->vcpu)

/* What current has waiting for it is to be looked at before it goes on. */
static inline void look_before_guest(void) { this_cpu_info()->look = 1; }

/* A block of memory becomes a CPU's stack. Boot does CPU 0's before C runs. */
void percpu_stack_init(unsigned int cpu, void *block);
/* Has this CPU's stack never grown into the interrupt stacks below it? */
bool percpu_stack_ok(void);

#endif
