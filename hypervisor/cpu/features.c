// SPDX-License-Identifier: GPL-2.0-only
#include "cpu/features.h"

#include "cpu/asm.h"
#include "lib/bits.h"
#include "lib/string.h"

struct cpu_features host;

/* Leaf 1 */
#define ECX1_PCID		BIT(17)
#define ECX1_X2APIC		BIT(21)
#define ECX1_TSC_DEADLINE	BIT(24)
#define ECX1_XSAVE		BIT(26)
#define ECX1_HYPERVISOR		BIT(31)
#define EDX1_APIC		BIT(9)
#define EDX1_SEP		BIT(11)
#define EDX1_PAT		BIT(16)
#define EDX1_FXSR		BIT(24)
#define EDX1_SSE2		BIT(26)
/* Leaf 7 */
#define EBX7_FSGSBASE		BIT(0)
#define EBX7_SMEP		BIT(7)
#define EBX7_INVPCID		BIT(10)
#define EBX7_SMAP		BIT(20)
#define ECX7_UMIP		BIT(2)
#define EDX7_MD_CLEAR		BIT(10)
#define EDX7_IBRS_IBPB		BIT(26)
#define EDX7_STIBP		BIT(27)
#define EDX7_ARCH_CAP		BIT(29)
#define EDX7_SSBD		BIT(31)
/* Leaf 0x80000001 */
#define EDX81_SYSCALL		BIT(11)
#define EDX81_NX		BIT(20)
#define EDX81_1G		BIT(26)
#define EDX81_RDTSCP		BIT(27)
#define EDX81_LM		BIT(29)

static void read_vendor(void)
{
	static const struct {
		char name[13];
		enum cpu_vendor vendor;
	} vendors[] = {
		{ "GenuineIntel", VENDOR_INTEL },
		{ "AuthenticAMD", VENDOR_AMD },
		{ "HygonGenuine", VENDOR_HYGON },
	};
	struct cpuid_regs r = cpuid(0);

	host.max_leaf = r.eax;
	memcpy(host.vendor_string, &r.ebx, 4);
	memcpy(host.vendor_string + 4, &r.edx, 4);
	memcpy(host.vendor_string + 8, &r.ecx, 4);
	host.vendor = VENDOR_OTHER;
	for (unsigned int i = 0; i < ARRAY_SIZE(vendors); i++)
		if (!strcmp(host.vendor_string, vendors[i].name))
			host.vendor = vendors[i].vendor;
}

static void read_leaf1(void)
{
	struct cpuid_regs r = cpuid(1);
	unsigned int family = r.eax >> 8 & 0xf;

	host.family = family == 15 ? family + (r.eax >> 20 & 0xff) : family;
	host.model = r.eax >> 4 & 0xf;
	if (family == 6 || family == 15)
		host.model |= r.eax >> 12 & 0xf0;
	host.stepping = r.eax & 0xf;
	host.leaf1_ecx = r.ecx;
	host.leaf1_edx = r.edx;
	host.pcid = r.ecx & ECX1_PCID;
	host.x2apic = r.ecx & ECX1_X2APIC;
	host.tsc_deadline = r.ecx & ECX1_TSC_DEADLINE;
	host.xsave = r.ecx & ECX1_XSAVE;
	host.hypervisor = r.ecx & ECX1_HYPERVISOR;
}

static void read_leaf7(void)
{
	struct cpuid_regs r;

	if (host.max_leaf < 7)
		return;
	r = cpuid_count(7, 0);
	host.leaf7_ebx = r.ebx;
	host.leaf7_ecx = r.ecx;
	host.leaf7_edx = r.edx;
	host.fsgsbase = r.ebx & EBX7_FSGSBASE;
	host.smep = r.ebx & EBX7_SMEP;
	host.smap = r.ebx & EBX7_SMAP;
	host.invpcid = r.ebx & EBX7_INVPCID;
	host.umip = r.ecx & ECX7_UMIP;
	host.md_clear = r.edx & EDX7_MD_CLEAR;
	host.ibrs = host.ibpb = r.edx & EDX7_IBRS_IBPB;
	host.stibp = r.edx & EDX7_STIBP;
	host.ssbd = r.edx & EDX7_SSBD;
	host.arch_capabilities = r.edx & EDX7_ARCH_CAP;
	if (host.arch_capabilities)
		host.arch_cap_value = rdmsr(MSR_ARCH_CAPABILITIES);
}

static void read_extended(void)
{
	struct cpuid_regs r = cpuid(0x80000000);

	host.max_extended_leaf = r.eax >> 31 ? r.eax : 0;
	host.physical_bits = 36;
	host.virtual_bits = 48;
	if (host.max_extended_leaf < 0x80000001)
		return;
	r = cpuid(0x80000001);
	host.ext1_ecx = r.ecx;
	host.ext1_edx = r.edx;
	host.syscall = r.edx & EDX81_SYSCALL;
	host.nx = r.edx & EDX81_NX;
	host.gigabyte_pages = r.edx & EDX81_1G;
	host.rdtscp = r.edx & EDX81_RDTSCP;

	for (uint32_t leaf = 0x80000002; leaf <= 0x80000004 && leaf <= host.max_extended_leaf; leaf++) {
		r = cpuid(leaf);
		memcpy(host.model_name + (leaf - 0x80000002) * 16, &r, 16);
	}
	if (host.max_extended_leaf >= 0x80000007)
		host.tsc_invariant = cpuid(0x80000007).edx & BIT(8);
	if (host.max_extended_leaf >= 0x80000008) {
		r = cpuid(0x80000008);
		host.physical_bits = MIN(r.eax & 0xff, 52u);
		host.virtual_bits = r.eax >> 8 & 0xff;
	}
}

const char *features_init(void)
{
	bool amd;

	read_vendor();
	read_leaf1();
	read_leaf7();
	read_extended();

	/* From compatibility mode Intel has SYSENTER only, AMD SYSCALL only. */
	amd = host.vendor == VENDOR_AMD || host.vendor == VENDOR_HYGON;
	host.sysenter = (host.leaf1_edx & EDX1_SEP) && !amd;
	host.syscall_compat = amd;
	if (host.max_leaf >= 6)
		host.arat = cpuid(6).eax & BIT(2);
	if (host.max_leaf >= 0xd && host.xsave)
		host.xsaveopt = cpuid_count(0xd, 1).eax & BIT(0);

	if (!(host.leaf1_edx & EDX1_APIC))
		return "a local APIC";
	if (!(host.leaf1_edx & EDX1_PAT))
		return "page attributes (PAT)";
	if (!(host.leaf1_edx & EDX1_FXSR) || !(host.leaf1_edx & EDX1_SSE2))
		return "SSE2";
	if (!host.syscall)
		return "SYSCALL";
	if (!host.nx)
		return "no-execute pages (NX; may be switched off in the firmware's setup)";
	return NULL;
}

uint64_t features_cr4(void)
{
	uint64_t cr4 = CR4_PAE | CR4_DE | CR4_OSFXSR | CR4_OSXMMEXCPT | CR4_MCE;

	if (host.xsave)
		cr4 |= CR4_OSXSAVE;
	if (host.smep)
		cr4 |= CR4_SMEP;
	return cr4;
}

void features_cpu_init(void)
{
	write_cr0(CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_AM | CR0_PG);
	write_cr4(features_cr4());
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE | EFER_NX);
	wrmsr(MSR_PAT, PAT_VALUE);
}
