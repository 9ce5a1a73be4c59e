// SPDX-License-Identifier: GPL-2.0-only
/*
 * The CPU a guest is shown.
 *
 * A policy is a list of CPUID leaves (and a few MSRs) as the tools exchange them: struct
 * xen_cpuid_leaf. There are the host's raw leaves, and what a paravirtual guest may see of them;
 * each domain has a copy of the latter, which the tools may narrow. What depends on the asking vcpu
 * or moment (APIC id, OSXSAVE, XSAVE sizes, the 0x40000000 leaves) is filled in when asked.
 *
 * Invariant: no domain's policy has a feature bit that the PV maximum lacks.
 * Locks: a domain's policy is changed by the tools before it runs; none.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "guest/domain.h"
#include "lib/bug.h"

#define CPU_POLICY_MAX_LEAVES	128
#define CPU_POLICY_MAX_MSRS	2
#define CPU_FEATURESET_WORDS	19	/* <xen/arch-x86/cpufeatureset.h> */

struct cpu_policy {
	uint32_t leaf_count;
	uint32_t msr_count;
	struct xen_cpuid_leaf leaf[CPU_POLICY_MAX_LEAVES];
	struct xen_msr_entry msr[CPU_POLICY_MAX_MSRS];
};

/* Build the host's and the PV policies; once, after features_init(). */
void cpu_policy_boot_init(void);

must_check int cpu_policy_init(struct domain *d);	/* -ENOMEM */
void cpu_policy_free(struct domain *d);

/* CPUID as v sees it. v need not be current. out: eax, ebx, ecx, edx. */
void cpuid_for_guest(const struct vcpu *v, uint32_t leaf, uint32_t subleaf, uint32_t out[4]);

/* XEN_SYSCTL_cpu_policy_*: the system's own. NULL: no such index, or one of HVM. */
const struct cpu_policy *cpu_policy_system(unsigned int index);

/*
 * Take over leaves and MSRs the tools wrote into a domain's policy (XEN_DOMCTL_set_cpu_policy).
 * Bits a PV guest cannot have are dropped. Fails: -ERANGE a leaf or MSR there is none
 * of; -EINVAL an MSR's value. Nothing has changed then.
 */
must_check int cpu_policy_set_leaf(struct domain *d, const struct xen_cpuid_leaf *leaf);
must_check int cpu_policy_set_msr(struct domain *d, const struct xen_msr_entry *msr);

/* XEN_SYSCTL_cpu_featureset_* (raw, host, pv, hvm, ...). false: no such kind. */
bool cpu_featureset(unsigned int index, uint32_t words[CPU_FEATURESET_WORDS]);
