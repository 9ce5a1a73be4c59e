// SPDX-License-Identifier: GPL-2.0-only
/*
 * Model-specific registers as guests see them: a whitelist. Anything else is #GP, reads and writes
 * alike, never an access to the CPU's own (advisories 293, 333).
 *
 * Values are the guest's own (segment bases, TSC_AUX), harmless facts of the host, or constants
 * that say "not there" to what kernels probe.
 */
#include "trap/trap.h"

#include "control/lifecycle.h"
#include "cpu/asm.h"
#include "cpu/features.h"
#include "lib/log.h"
#include "paging/paging.h"
#include "sched/switch.h"

#define MSR_MCG_STATUS		0x17a
#define MSR_MCG_CTL		0x17b
#define MSR_MC0_CTL		0x400
#define MSR_MC_LAST		0x47f
#define MSR_TEMPERATURE_TARGET	0x1a2
#define MSR_PERF_STATUS		0x198
#define MSR_PERF_CTL		0x199
#define MSR_K7_EVNTSEL0		0xc0010000
#define MSR_K7_PERFCTR3		0xc0010007
#define MSR_HWCR		0xc0010015
#define MSR_PATCH_LOADER	0xc0010020
#define MSR_DE_CFG		0xc0011029
#define MSR_FAM15H_EVNTSEL0	0xc0010200
#define MSR_FAM15H_PERFCTR5	0xc001020b
#define MSR_HYPERCALL_PAGE	0x40000000

#define APIC_BASE_X2APIC	(1ul << 10)
#define DE_CFG_LFENCE_SERIAL	2

static bool amd(void)
{
	return host.vendor == VENDOR_AMD || host.vendor == VENDOR_HYGON;
}

static uint64_t efer_shown(const struct domain *d)
{
	uint64_t efer = rdmsr(MSR_EFER) & (EFER_SCE | EFER_LME | EFER_LMA | EFER_NX);

	return d->is_32bit ? efer & ~(EFER_LME | EFER_LMA | EFER_SCE) : efer;
}

/* Probed by kernels of one vendor, absent for all we know. */
static bool reads_zero(uint32_t msr)
{
	if (msr >= MSR_MC0_CTL && msr <= MSR_MC_LAST)
		return true;
	if (amd())
		return (msr >= MSR_K7_EVNTSEL0 && msr <= MSR_K7_PERFCTR3) || msr == MSR_HWCR ||
		       (msr >= MSR_FAM15H_EVNTSEL0 && msr <= MSR_FAM15H_PERFCTR5);
	return msr == MSR_PERF_STATUS || msr == MSR_PERF_CTL || msr == MSR_TEMPERATURE_TARGET ||
	       msr == MSR_FEATURE_CONTROL;
}

bool msr_read(struct vcpu *v, uint32_t msr, uint64_t *value)
{
	const struct domain *d = v->domain;

	*value = 0;
	switch (msr) {
	case MSR_FS_BASE: case MSR_GS_BASE: case MSR_KERNEL_GS_BASE:
		if (d->is_32bit)
			return false;
		*value = rdmsr(msr);
		return true;
	case MSR_EFER:
		*value = efer_shown(d);
		return true;
	case MSR_TSC:
		*value = rdtsc();
		return true;
	case MSR_TSC_AUX:
		*value = v->tsc_aux;
		return host.rdtscp;
	case MSR_APIC_BASE:
		*value = rdmsr(msr) & ~APIC_BASE_X2APIC;
		return true;
	case MSR_PAT:
		*value = PAT_VALUE;
		return true;
	case MSR_UCODE_REV: case MSR_PLATFORM_ID: case MSR_MISC_ENABLE:
		return rdmsr_safe(msr, value) == 0;
	case MSR_PLATFORM_INFO: case MSR_MISC_FEATURES:
		return !amd();
	case MSR_MCG_CAP: case MSR_MCG_STATUS: case MSR_MCG_CTL:
		return true;
	case MSR_DE_CFG:
		*value = DE_CFG_LFENCE_SERIAL;
		return amd();
	default:
		return reads_zero(msr);
	}
}

/* The guest's wish to have the hypercall page at this frame. */
static bool hypercall_page_at(struct vcpu *v, uint64_t value)
{
	struct frame *f;

	if (value & ~PAGE_MASK)
		return false;
	if (frame_get_owned(v->domain, gfn(value >> PAGE_SHIFT), &f))
		return false;
	if (type_get(f, PT_WRITABLE, NULL)) {
		frame_put(f);
		return false;
	}
	hypercall_page_fill(frame_map(f), v->domain->is_32bit);
	frame_put_and_type(f);
	return true;
}

bool msr_write(struct vcpu *v, uint32_t msr, uint64_t value)
{
	const struct domain *d = v->domain;

	switch (msr) {
	case MSR_FS_BASE: case MSR_GS_BASE: case MSR_KERNEL_GS_BASE:
		if (d->is_32bit || !is_canonical(value))
			return false;
		wrmsr(msr, value);
		return true;
	case MSR_EFER:
		return ((value ^ efer_shown(d)) & ~(uint64_t)EFER_SCE) == 0;
	case MSR_TSC_AUX:
		if (!host.rdtscp || value >> 32)
			return false;
		v->tsc_aux = (uint32_t)value;
		vcpu_load_tsc_aux(v);
		return true;
	case MSR_PAT:
		return value == PAT_VALUE;
	case MSR_UCODE_REV:
		return value == 0;
	case MSR_MISC_ENABLE: case MSR_MCG_STATUS: case MSR_MCG_CTL:
		return true;
	case MSR_MISC_FEATURES:
		return !amd() && value == 0;
	case MSR_DE_CFG: case MSR_PATCH_LOADER:
		return amd() && d->privileged && msr == MSR_DE_CFG;
	case MSR_HYPERCALL_PAGE:
		return hypercall_page_at(v, value);
	default:
		return reads_zero(msr);
	}
}
