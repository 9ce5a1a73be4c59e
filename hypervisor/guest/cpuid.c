// SPDX-License-Identifier: GPL-2.0-only
#include "guest/cpuid.h"

#include <xen/arch-x86/cpuid.h>
#include <xen/sysctl.h>

#include "cpu/asm.h"
#include "cpu/features.h"
#include "cpu/fpu.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "lib/log.h"
#include "lib/string.h"
#include "mem/frame.h"
#include "mem/heap.h"
#include "time/clock.h"

#define BASIC_LAST		0x0du
#define EXTENDED_FIRST		0x80000000u
#define EXTENDED_LAST_INTEL	0x80000008u
#define EXTENDED_LAST_AMD	0x80000021u
#define ANY_SUBLEAF		XEN_CPUID_NO_SUBLEAF
#define XEN_LEAVES		5

#define LEAF1_EDX_MTRR		(1u << 12)
#define LEAF1_EDX_SEP		(1u << 11)
#define LEAF1_ECX_XSAVE		(1u << 26)
#define LEAF1_ECX_OSXSAVE	(1u << 27)
#define LEAF1_ECX_HYPERVISOR	(1u << 31)
/* Those two, FMA, AVX and F16C. */
#define LEAF1_ECX_NEED_XSAVE	(LEAF1_ECX_XSAVE | LEAF1_ECX_OSXSAVE | 1u << 12 | 1u << 28 | 1u << 29)
#define EXT1_EDX_SYSCALL	(1u << 11)

/*
 * What a paravirtual guest may use, as a whitelist (bits: <xen/arch-x86/cpufeatureset.h>). Not
 * there: large and global pages, PSE36, VME; VMX, SVM and what comes with them; x2APIC,
 * PCID, INVPCID, SMEP, SMAP, UMIP, PKU, CET, 5-level paging; TSC deadline, MONITOR; performance
 * counters; speculation controls, whose MSRs guests cannot reach.
 */
struct mask {
	uint32_t leaf, subleaf;
	uint32_t a, b, c, d;
};

static const struct mask feature_masks[] = {
	{ 1, ANY_SUBLEAF, ~0u, 0x0000ff00, 0xfed83203, 0x0fc9dbf5 },
	{ 7, 0, ~0u, 0xf1af2369, 0x1a405f42, 0x00004510 },
	{ 7, 1, 0x00001c30, 0, 0, 0 },
	{ 0xd, 1, 0x00000007, 0, 0, 0 },
	{ 0x80000001, ANY_SUBLEAF, ~0u, 0, 0x002109e3, 0xe9d1dbf5 },
	{ 0x80000007, ANY_SUBLEAF, 0, 0, 0, 0x00000100 },
	{ 0x80000008, ANY_SUBLEAF, 0x0000ffff, 0x00000205, 0, 0 },
	{ 0x80000021, ANY_SUBLEAF, 0x00000044, 0, 0, 0 },
};

/* Leaves shown as the host has them; all that is in no list reads as zero. */
static bool plain_leaf(uint32_t leaf)
{
	return leaf == 0 || leaf == 2 || leaf == EXTENDED_FIRST ||
	       (leaf >= 0x80000002 && leaf <= 0x80000006) || leaf == 0x8000001a;
}

static struct cpu_policy raw, pv;

static const struct mask *mask_of(uint32_t leaf, uint32_t subleaf)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(feature_masks); i++)
		if (feature_masks[i].leaf == leaf && feature_masks[i].subleaf == subleaf)
			return &feature_masks[i];
	return NULL;
}

static struct xen_cpuid_leaf *find_leaf(const struct cpu_policy *p, uint32_t leaf,
					uint32_t subleaf)
{
	for (unsigned int i = 0; i < p->leaf_count; i++) {
		const struct xen_cpuid_leaf *l = &p->leaf[i];

		if (l->leaf == leaf && (l->subleaf == ANY_SUBLEAF || l->subleaf == subleaf))
			return (struct xen_cpuid_leaf *)l;
	}
	return NULL;
}

static void add_raw(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid_regs r = cpuid_count(leaf, subleaf == ANY_SUBLEAF ? 0 : subleaf);

	if (raw.leaf_count == CPU_POLICY_MAX_LEAVES)
		return;
	raw.leaf[raw.leaf_count++] = (struct xen_cpuid_leaf){
		.leaf = leaf, .subleaf = subleaf,
		.a = r.eax, .b = r.ebx, .c = r.ecx, .d = r.edx,
	};
}

static void collect_basic(uint32_t leaf)
{
	uint64_t states;

	switch (leaf) {
	case 4:
		for (uint32_t i = 0; i < 6; i++) {
			add_raw(leaf, i);
			if (!(cpuid_count(4, i).eax & 0x1f))
				break;	/* the one that ends the list is on it */
		}
		break;
	case 7:
		add_raw(leaf, 0);
		if (cpuid_count(7, 0).eax >= 1)
			add_raw(leaf, 1);
		break;
	case 0xb:
		add_raw(leaf, 0);
		break;
	case 0xd:
		states = fpu_xcr0_host();
		for (uint32_t i = 0; i < 63; i++)
			if (i < 2 || states >> i & 1)
				add_raw(leaf, i);
		break;
	default:
		add_raw(leaf, ANY_SUBLEAF);
	}
}

/*
 * In the order, and with the entries, in which the tools write a policy down: they read ours into a
 * buffer of just our size and use that for their own list.
 */
static void collect_raw(void)
{
	uint32_t last = host.vendor == VENDOR_INTEL ? EXTENDED_LAST_INTEL : EXTENDED_LAST_AMD;

	for (uint32_t leaf = 0; leaf <= MIN(host.max_leaf, BASIC_LAST); leaf++)
		collect_basic(leaf);
	for (uint32_t base = 0x40000000; base <= 0x40000100; base += 0x100)
		raw.leaf[raw.leaf_count++] = (struct xen_cpuid_leaf){ .leaf = base,
								      .subleaf = ANY_SUBLEAF };
	for (uint32_t leaf = EXTENDED_FIRST; leaf <= MIN(host.max_extended_leaf, last); leaf++)
		add_raw(leaf, ANY_SUBLEAF);
}

static void narrow_states(struct xen_cpuid_leaf *l)
{
	uint64_t states = fpu_xcr0_host();

	if (l->subleaf == 0) {
		l->a = (uint32_t)states;
		l->d = (uint32_t)(states >> 32);
		l->c = (uint32_t)fpu_area_size();
	} else if (l->subleaf > 1) {
		l->c = l->d = 0;
	}
}

/* One leaf as a paravirtual guest may see it at most. */
static void narrow(struct xen_cpuid_leaf *l)
{
	const struct mask *m = mask_of(l->leaf, l->subleaf);

	if (m) {
		l->a &= m->a;
		l->b &= m->b;
		l->c &= m->c;
		l->d &= m->d;
	} else if (l->leaf == 4) {
		l->a &= 0x3fff;		/* no cores and threads */
	} else if (l->leaf == 0xd) {
		narrow_states(l);
	} else if (!plain_leaf(l->leaf)) {
		l->a = l->b = l->c = l->d = 0;
	}

	if (l->leaf == 0)
		l->a = MIN(l->a, BASIC_LAST);
	if (l->leaf == EXTENDED_FIRST)
		l->a = MIN(l->a, host.vendor == VENDOR_INTEL ? EXTENDED_LAST_INTEL :
							       EXTENDED_LAST_AMD);
	if (l->leaf == 1) {
		l->c |= LEAF1_ECX_HYPERVISOR;
		if (!fpu_xcr0_host())
			l->c &= ~LEAF1_ECX_NEED_XSAVE;
		if (host.vendor != VENDOR_INTEL)
			l->d &= ~LEAF1_EDX_SEP;
	}
	if (l->leaf == 0x80000001 && host.vendor == VENDOR_INTEL)
		l->d |= EXT1_EDX_SYSCALL;	/* Intel shows it to 64-bit code only; we are */
}

void cpu_policy_boot_init(void)
{
	collect_raw();
	pv = raw;
	for (unsigned int i = 0; i < pv.leaf_count; i++)
		narrow(&pv.leaf[i]);
	pv.msr[pv.msr_count++] = (struct xen_msr_entry){ .idx = 0xce };
	pv.msr[pv.msr_count++] = (struct xen_msr_entry){ .idx = 0x10a };
	raw.msr_count = pv.msr_count;
	memcpy(raw.msr, pv.msr, sizeof(raw.msr));
}

int cpu_policy_init(struct domain *d)
{
	d->policy = heap_alloc(sizeof(*d->policy));
	if (!d->policy)
		return -ENOMEM;
	*d->policy = pv;
	return 0;
}

void cpu_policy_free(struct domain *d)
{
	heap_free(d->policy);
	d->policy = NULL;
}

const struct cpu_policy *cpu_policy_system(unsigned int index)
{
	switch (index) {
	case XEN_SYSCTL_cpu_policy_raw: case XEN_SYSCTL_cpu_policy_host:
		return &raw;
	case XEN_SYSCTL_cpu_policy_pv_max: case XEN_SYSCTL_cpu_policy_pv_default:
		return &pv;
	default:
		return NULL;
	}
}

/* The tools send all leaves they know of; those we do not show stay zero. */
static bool leaf_may_be_named(uint32_t leaf)
{
	return leaf < 0x100 || leaf >> 8 == 0x400000 || leaf >> 8 == 0x400001 ||
	       leaf >> 8 == 0x800000;
}

int cpu_policy_set_leaf(struct domain *d, const struct xen_cpuid_leaf *want)
{
	struct xen_cpuid_leaf *mine = find_leaf(d->policy, want->leaf, want->subleaf);
	const struct xen_cpuid_leaf *most = find_leaf(&pv, want->leaf, want->subleaf);

	if (!leaf_may_be_named(want->leaf))
		return refuse(-ERANGE, "cpuid leaf %#x", want->leaf);
	if (!mine || !most)
		return 0;
	if (mask_of(mine->leaf, mine->subleaf)) {
		uint32_t a = want->leaf == 1 || want->leaf == 0x80000001 ? ~0u : most->a;

		mine->a = want->a & a;
		mine->b = want->leaf == 1 ? most->b : want->b & most->b;
		mine->c = want->c & most->c;
		mine->d = want->d & most->d;
	} else if (want->leaf == 0 || want->leaf == EXTENDED_FIRST) {
		mine->a = MIN(want->a, most->a);
		mine->b = want->b;
		mine->c = want->c;
		mine->d = want->d;
	} else if (want->leaf == 0xd) {
		mine->a = want->subleaf ? most->a : want->a & most->a;
	} else if (plain_leaf(want->leaf) || want->leaf == 4) {
		mine->a = want->a;
		mine->b = want->b;
		mine->c = want->c;
		mine->d = want->d;
	}
	return 0;
}

int cpu_policy_set_msr(struct domain *d, const struct xen_msr_entry *msr)
{
	for (unsigned int i = 0; i < d->policy->msr_count; i++) {
		if (d->policy->msr[i].idx != msr->idx)
			continue;
		if (msr->flags || msr->val)
			return refuse(-EINVAL, "msr %#x: value %#lx", msr->idx, msr->val);
		return 0;
	}
	return refuse(-ERANGE, "msr %#x is in no policy", msr->idx);
}

/* Bytes of the standard XSAVE area for these states. */
static uint32_t state_bytes(const struct cpu_policy *p, uint64_t states)
{
	uint32_t bytes = 512 + 64;

	for (uint32_t i = 2; i < 63; i++) {
		const struct xen_cpuid_leaf *l = states >> i & 1 ? find_leaf(p, 0xd, i) : NULL;

		if (l)
			bytes = MAX(bytes, l->a + l->b);
	}
	return bytes;
}

static void xen_leaf(const struct vcpu *v, uint32_t leaf, uint32_t subleaf, uint32_t out[4])
{
	const struct domain *d = v->domain;

	switch (leaf - XEN_CPUID_FIRST_LEAF) {
	case 0:
		out[0] = XEN_CPUID_FIRST_LEAF + XEN_LEAVES;
		out[1] = XEN_CPUID_SIGNATURE_EBX;
		out[2] = XEN_CPUID_SIGNATURE_ECX;
		out[3] = XEN_CPUID_SIGNATURE_EDX;
		break;
	case 1:
		out[0] = 4u << 16 | 17;
		break;
	case 2:
		out[0] = 1;		/* hypercall pages */
		out[1] = 0x40000000;	/* the MSR that places them */
		out[2] = XEN_CPUID_FEAT1_MMU_PT_UPDATE_PRESERVE_AD;
		break;
	case 3:
		if (subleaf == 0) {
			out[1] = d->tsc_mode;
			out[2] = d->tsc_khz;
			out[3] = d->tsc_incarnation;
		} else if (subleaf == 2) {
			out[0] = d->tsc_khz;
		}
		break;
	case 5:
		out[1] = frame_table_end ? highest_bit(frame_table_end) + 1 + PAGE_SHIFT : 0;
		break;
	}
}

static void fill_in_leaf1(const struct vcpu *v, uint32_t out[4])
{
	out[1] = (out[1] & 0x00ffffff) | v->id << 25;
	if (out[2] & LEAF1_ECX_XSAVE)
		out[2] |= LEAF1_ECX_OSXSAVE;
	else
		out[2] &= ~LEAF1_ECX_OSXSAVE;
	out[2] |= LEAF1_ECX_HYPERVISOR;
	if (!v->domain->privileged)
		out[3] &= ~LEAF1_EDX_MTRR;
}

void cpuid_for_guest(const struct vcpu *v, uint32_t leaf, uint32_t subleaf, uint32_t out[4])
{
	const struct cpu_policy *p = v->domain->policy;
	const struct xen_cpuid_leaf *l;

	out[0] = out[1] = out[2] = out[3] = 0;
	if (leaf >= XEN_CPUID_FIRST_LEAF && leaf <= XEN_CPUID_FIRST_LEAF + XEN_LEAVES) {
		xen_leaf(v, leaf, subleaf, out);
		return;
	}
	l = find_leaf(p, leaf, subleaf);
	if (!l)
		return;
	out[0] = l->a;
	out[1] = l->b;
	out[2] = l->c;
	out[3] = l->d;
	if (leaf == 1)
		fill_in_leaf1(v, out);
	else if (leaf == 0xd && subleaf == 0)
		out[1] = state_bytes(p, v->xcr0);
	else if (leaf == 0x80000001 && !v->domain->privileged)
		out[3] &= ~LEAF1_EDX_MTRR;
}

/* Where each word of a featureset stands: the order of <xen/arch-x86/cpufeatureset.h>. */
static const struct {
	uint32_t leaf, subleaf;
	unsigned int reg;
} featureset_words[CPU_FEATURESET_WORDS] = {
	{ 1, 0, 3 }, { 1, 0, 2 }, { 0x80000001, 0, 3 }, { 0x80000001, 0, 2 }, { 0xd, 1, 0 },
	{ 7, 0, 1 }, { 7, 0, 2 }, { 0x80000007, 0, 3 }, { 0x80000008, 0, 1 }, { 7, 0, 3 },
	{ 7, 1, 0 }, { 0x80000021, 0, 0 }, { 7, 1, 1 }, { 7, 2, 3 }, { 7, 1, 2 }, { 7, 1, 3 },
	/* two words of MSR_ARCH_CAPABILITIES, which nobody is shown: a leaf there is none of */
	{ ~0u, 0, 0 }, { ~0u, 0, 0 }, { 0x80000021, 0, 2 },
};

bool cpu_featureset(unsigned int index, uint32_t words[CPU_FEATURESET_WORDS])
{
	const struct cpu_policy *p;

	switch (index) {
	case XEN_SYSCTL_cpu_featureset_raw: case XEN_SYSCTL_cpu_featureset_host:
		p = &raw;
		break;
	case XEN_SYSCTL_cpu_featureset_pv: case XEN_SYSCTL_cpu_featureset_pv_max:
		p = &pv;
		break;
	default:
		return false;
	}
	for (unsigned int i = 0; i < CPU_FEATURESET_WORDS; i++) {
		const struct xen_cpuid_leaf *l = find_leaf(p, featureset_words[i].leaf,
							   featureset_words[i].subleaf);
		const uint32_t regs[4] = { l ? l->a : 0, l ? l->b : 0, l ? l->c : 0, l ? l->d : 0 };

		words[i] = regs[featureset_words[i].reg];
	}
	return true;
}
