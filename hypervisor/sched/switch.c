// SPDX-License-Identifier: GPL-2.0-only
/*
 * Leaving one vcpu and entering another: see switch.h.
 *
 * The order matters where one thing is found through another: the GDT lies in the per-domain area
 * of the page tables, so a table of this CPU's own is loaded while those change, unless both vcpus
 * have theirs at the same place; selectors come after the GDT and LDT they index, segment bases
 * after the selectors, which reset them.
 *
 * CR0.TS is set in the CPU where v->ts is of the vcpu that runs there, and clear while none does.
 *
 * A 32-bit guest's bases are what its descriptors say. 64-bit guests' are values, kept by MSR.
 */
#include "sched/switch.h"

#include "cpu/asm.h"
#include "cpu/descriptor.h"
#include "cpu/features.h"
#include "cpu/fpu.h"
#include "cpu/percpu.h"
#include "cpu/tlb.h"
#include "lib/bits.h"
#include "mem/map.h"
#include "paging/segdesc.h"

#define DR7_OFF		0x400ul
#define DR7_ENABLES	0xfful

/* Per CPU: the vcpu that was switched in has selectors that could not be loaded. */
bool bad_selectors[NR_CPUS];

uint64_t vcpu_real_cr4(const struct vcpu *v)
{
	uint64_t cr4 = features_cr4();

	if (v->is_idle)
		return cr4;
	/* A ring-1 kernel may run from pages its users can read. */
	if (v->domain->is_32bit)
		cr4 &= ~CR4_SMEP;
	if (host.fsgsbase)
		cr4 |= v->cr4 & CR4_FSGSBASE;
	cr4 |= v->cr4 & CR4_TSD;	/* its kernel's own RDTSC is then done for it */
	return cr4;
}

void vcpu_load_cr4(struct vcpu *v)
{
	uint64_t cr4 = vcpu_real_cr4(v);

	if (v == current && read_cr4() != cr4)
		write_cr4(cr4);
}

void vcpu_load_debugregs(struct vcpu *v)
{
	if (!(v->debugreg[7] & DR7_ENABLES)) {
		write_dr7(DR7_OFF);
		return;
	}
	write_dr0(v->debugreg[0]);
	write_dr1(v->debugreg[1]);
	write_dr2(v->debugreg[2]);
	write_dr3(v->debugreg[3]);
	write_dr6(v->debugreg[6]);
	write_dr7(v->debugreg[7]);
}

static void save(struct vcpu *v)
{
	v->regs = *guest_regs();
	if (!bad_selectors[this_cpu()]) {	/* else it has not run, and is yet to be told */
		v->ds = read_ds();
		v->es = read_es();
		v->fs = read_fs();
		v->gs = read_gs();
	}
	if (!v->domain->is_32bit) {
		v->fs_base = rdmsr(MSR_FS_BASE);
		v->gs_base = rdmsr(MSR_GS_BASE);
		v->gs_base_other = rdmsr(MSR_KERNEL_GS_BASE);
	}
	if (v->debugreg[7] & DR7_ENABLES)
		write_dr7(DR7_OFF);
	if (v->ts)
		clts();
	fpu_save(v->fpu, v->xcr0_accum);
}

/* A CPU's descriptor page: in the image for the first CPU, else from the allocator. */
static mfn_t page_mfn(const struct descriptor *page)
{
	uint64_t va = (uint64_t)page;

	return va >= DIRECTMAP_START ? mfn_of(page) : mfn((va - HV_TEXT_START) >> PAGE_SHIFT);
}

static void load_tables(const struct vcpu *prev, struct vcpu *v)
{
	unsigned int cpu = this_cpu();
	const struct descriptor *page = v->domain->is_32bit ? gdt_compat[cpu] : gdt_native[cpu];
	/* At the same place in both areas, with our own page in it: then it is always there. */
	bool stays = !prev->is_idle && prev->id == v->id;

	if (!stays && !prev->is_idle)
		descriptor_load_idle();
	if (prev->ldt_entries)
		descriptor_load_ldt(0, 0);
	if (stays)
		gdt_window_install(v, page_mfn(page));
	tlb_load_cr3(v->cr3);
	if (!stays) {
		gdt_window_install(v, page_mfn(page));
		descriptor_load(VCPU_GDT(v->id));
	}
	if (v->ldt_entries)
		descriptor_load_ldt(VCPU_LDT(v->id), v->ldt_entries);
}

static void load_selectors(struct vcpu *v)
{
	/* The null selector need not be loaded again: it is the same in every table. */
	bool ok = !(v->ds | read_ds()) || load_ds(v->ds);

	ok &= !(v->es | read_es()) || load_es(v->es);
	ok &= !(v->fs | read_fs()) || load_fs(v->fs);
	ok &= !(v->gs | read_gs()) || load_gs(v->gs);
	bad_selectors[this_cpu()] = !ok;
	if (v->domain->is_32bit)
		return;
	wrmsr(MSR_FS_BASE, v->fs_base);
	wrmsr(MSR_GS_BASE, v->gs_base);
	wrmsr(MSR_KERNEL_GS_BASE, v->gs_base_other);
}

void vcpu_load_tsc_aux(const struct vcpu *v)
{
	static uint64_t loaded[NR_CPUS];	/* one more than that; 0: what the firmware left */
	uint64_t *now = &loaded[this_cpu()];

	if (v != current || *now == v->tsc_aux + 1ul)
		return;
	*now = v->tsc_aux + 1ul;
	wrmsr(MSR_TSC_AUX, v->tsc_aux);
}

static void load(const struct vcpu *prev, struct vcpu *v)
{
	*guest_regs() = v->regs;
	load_tables(prev, v);
	vcpu_load_cr4(v);
	load_selectors(v);
	/* Contents only the tools could have spoilt; then it starts anew. */
	(void)!fpu_restore(v->fpu, v->xcr0_accum, v->xcr0);
	if (v->ts)
		write_cr0(read_cr0() | CR0_TS);
	if (v->debugreg[7] & DR7_ENABLES)
		vcpu_load_debugregs(v);
	if (host.rdtscp)
		vcpu_load_tsc_aux(v);
}

static void load_idle(struct vcpu *v)
{
	descriptor_load_idle();
	descriptor_load_ldt(0, 0);
	load_ds(0);
	load_es(0);
	load_fs(0);
	load_gs(0);
	tlb_load_cr3(hv_cr3);
	vcpu_load_cr4(v);
}

void switch_to(struct vcpu *prev, struct vcpu *next)
{
	if (!prev->is_idle)
		save(prev);
	vcpu_make_current(next);
	if (next->is_idle)
		load_idle(next);
	else
		load(prev, next);
}

bool switch_bad_selectors(struct vcpu *v, uint16_t wanted[4])
{
	bool *bad = &bad_selectors[this_cpu()];

	if (!*bad)
		return false;
	*bad = false;
	wanted[0] = v->ds;
	wanted[1] = v->es;
	wanted[2] = v->fs;
	wanted[3] = v->gs;
	return true;
}
