// SPDX-License-Identifier: GPL-2.0-only
/* The state behind cpu/asm.h and cpu/percpu.h, and stand-ins for what of cpu/ needs a real one. Those
 * are weak: a test may bring its own. */
#include <errno.h>
#include <string.h>

#include "cpu/asm.h"
#include "cpu/cpumask.h"
#include "cpu/descriptor.h"
#include "cpu/features.h"
#include "cpu/fpu.h"
#include "cpu/percpu.h"

#define weak __attribute__((weak))

struct fake fake;
struct fake_cpuid fake_cpuid[32];
struct cpu_info fake_cpu_info[NR_CPUS];
unsigned int fake_cpu;

uint64_t stack_base[NR_CPUS];
unsigned int cpu_count = 1;
cpumask_t cpus_online = 1;

struct cpu_features host = {
	.vendor_string = "GenuineIntel",
	.vendor = VENDOR_INTEL,
	.family = 6,
	.max_leaf = 0xd,
	.max_extended_leaf = 0x80000008,
	.physical_bits = 46,
	.virtual_bits = 48,
	.nx = true, .syscall = true, .sysenter = true, .fsgsbase = true, .smep = true,
};

struct descriptor *gdt_native[NR_CPUS], *gdt_compat[NR_CPUS];

void fake_reset(void)
{
	memset(&fake, 0, sizeof(fake));
	memset(fake_cpuid, 0, sizeof(fake_cpuid));
	memset(fake_cpu_info, 0, sizeof(fake_cpu_info));
	for (unsigned int i = 0; i < NR_CPUS; i++)
		fake_cpu_info[i].cpu = i;
	fake_cpu = 0;
	cpu_count = 1;
	cpus_online = 1;
}

__attribute__((constructor)) static void number_cpus(void)
{
	fake_reset();
}

bool percpu_stack_ok(void)
{
	return true;
}

struct cpu_info *cpu_info_of(unsigned int cpu)
{
	return &fake_cpu_info[cpu];
}

weak struct cpuid_regs cpuid_count(uint32_t leaf, uint32_t subleaf)
{
	for (unsigned int i = 0; i < 32; i++)
		if (fake_cpuid[i].leaf == leaf && fake_cpuid[i].subleaf == subleaf)
			return fake_cpuid[i].regs;
	return (struct cpuid_regs){ 0 };
}

static unsigned int msr_slot(uint32_t msr)
{
	unsigned int i = 0;

	while (i < fake.msr_count && fake.msr[i].msr != msr)
		i++;
	return i;
}

weak uint64_t rdmsr(uint32_t msr)
{
	unsigned int i = msr_slot(msr);

	return i < fake.msr_count ? fake.msr[i].value : 0;
}

weak void wrmsr(uint32_t msr, uint64_t value)
{
	unsigned int i = msr_slot(msr);

	if (i == FAKE_MSRS)
		return;
	if (i == fake.msr_count)
		fake.msr_count++;
	fake.msr[i].msr = msr;
	fake.msr[i].value = value;
}

weak int rdmsr_safe(uint32_t msr, uint64_t *value)
{
	unsigned int i = msr_slot(msr);

	*value = 0;
	if (i == fake.msr_count)
		return -EIO;
	*value = fake.msr[i].value;
	return 0;
}

weak int wrmsr_safe(uint32_t msr, uint64_t value)
{
	if (fake.wrmsr_fails)
		return -EIO;
	wrmsr(msr, value);
	return 0;
}

weak void descriptor_load(uint64_t gdt_base) { (void)gdt_base; }
weak void descriptor_load_idle(void) { }
weak void descriptor_load_ldt(uint64_t base, unsigned int entries) { (void)base; (void)entries; }

weak uint64_t features_cr4(void) { return CR4_PAE | CR4_DE | CR4_OSFXSR | CR4_OSXMMEXCPT; }
weak size_t fpu_area_size(void) { return 512; }
weak uint64_t fpu_xcr0_host(void) { return 0; }
weak void fpu_area_init(void *area) { memset(area, 0, 512); }
weak void fpu_save(void *area, uint64_t xcr0_accum) { (void)area; (void)xcr0_accum; }
weak int fpu_restore(void *area, uint64_t xcr0_accum, uint64_t xcr0)
{
	(void)area;
	(void)xcr0_accum;
	(void)xcr0;
	return 0;
}
weak int fpu_xcr0_check(uint64_t xcr0) { return xcr0 & 1 ? 0 : -EINVAL; }
