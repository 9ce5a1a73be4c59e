// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pointing the CPU at the ways in: gates of the IDT, SYSCALL and SYSENTER.
 *
 * A gate's DPL says who may call it by an INT instruction: everyone the breakpoint (3), overflow
 * (4) and classic system call (0x80) ones, ring 1 the hypercall (0x82). Any other INT is a
 * #GP, which trap/ hands to the guest's own handler.
 */
#include "entry/entry.h"

#include "cpu/asm.h"
#include "cpu/descriptor.h"
#include "cpu/features.h"
#include "cpu/msr.h"
#include "cpu/percpu.h"
#include "trap/trap.h"

#define STUB_SIZE		16
#define SYSCALL_STUB_SIZE	32

extern const char entry_stubs[], syscall_stubs[], syscall_compat_stubs[], int82_entry[],
	sysenter_entry[], quick_int80[], quick_pf[];
extern uint64_t syscall_stack[NR_CPUS];

static unsigned int gate_dpl(unsigned int vector)
{
	if (vector == VEC_BP || vector == VEC_OF || vector == VEC_SYSCALL32)
		return 3;
	return vector == VEC_HYPERCALL32 ? 1 : 0;
}

static enum ist gate_ist(unsigned int vector)
{
	switch (vector) {
	case VEC_DB:	return IST_DB;
	case VEC_NMI:	return IST_NMI;
	case VEC_DF:	return IST_DF;
	case VEC_MC:	return IST_MC;
	default:	return IST_NONE;
	}
}

void entry_init(void)
{
	for (unsigned int vector = 0; vector < VECTOR_COUNT; vector++)
		idt_set_gate(vector, entry_stubs + vector * STUB_SIZE, gate_dpl(vector),
			     gate_ist(vector));
	idt_set_gate(VEC_PF, quick_pf, gate_dpl(VEC_PF), IST_NONE);
	idt_set_gate(VEC_SYSCALL32, quick_int80, gate_dpl(VEC_SYSCALL32), IST_NONE);
	idt_set_gate(VEC_HYPERCALL32, int82_entry, gate_dpl(VEC_HYPERCALL32), IST_NONE);
}

void entry_init_cpu(void)
{
	unsigned int cpu = this_cpu();

	syscall_stack[cpu] = (uint64_t)(&this_cpu_info()->regs + 1);
	wrmsr(MSR_STAR, (uint64_t)NATIVE_RING3_CS32 << 48 | (uint64_t)HYPERVISOR_CS << 32);
	wrmsr(MSR_LSTAR, (uint64_t)syscall_stubs + cpu * SYSCALL_STUB_SIZE);
	wrmsr(MSR_CSTAR, (uint64_t)syscall_compat_stubs + cpu * SYSCALL_STUB_SIZE);
	wrmsr(MSR_SFMASK, X86_EFLAGS_IF | X86_EFLAGS_TF | X86_EFLAGS_DF | X86_EFLAGS_NT |
	      X86_EFLAGS_AC | X86_EFLAGS_VM | X86_EFLAGS_RF | X86_EFLAGS_IOPL);
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE);
	if (host.sysenter) {
		wrmsr(MSR_SYSENTER_ESP, syscall_stack[cpu]);
		wrmsr(MSR_SYSENTER_EIP, (uint64_t)sysenter_entry);
		wrmsr(MSR_SYSENTER_CS, HYPERVISOR_CS);
	} else {
		/* Whatever the firmware left: a null segment makes SYSENTER a #GP. */
		(void)!wrmsr_safe(MSR_SYSENTER_CS, 0);
	}
}
