// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the processor is and has; what we need of it and what we turn on.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/bug.h"

enum cpu_vendor {
	VENDOR_INTEL,
	VENDOR_AMD,
	VENDOR_HYGON,
	VENDOR_OTHER,
};

struct cpu_features {
	char vendor_string[13];
	char model_name[49];
	enum cpu_vendor vendor;
	unsigned int family, model, stepping;
	uint32_t max_leaf, max_extended_leaf;
	unsigned int physical_bits;	/* width of a physical address */
	unsigned int virtual_bits;
	bool nx, gigabyte_pages, syscall, sysenter;	/* sysenter: usable from 32-bit code */
	bool syscall_compat;		/* SYSCALL from 32-bit code (AMD) */
	bool xsave, xsaveopt;
	bool smep, smap, umip, fsgsbase, pcid, invpcid, rdtscp;
	bool x2apic, tsc_deadline, arat;
	bool tsc_invariant;
	bool hypervisor;		/* we run inside a virtual machine */
	bool cpuid_faulting;
	bool ibrs, ibpb, stibp, ssbd, md_clear;	/* speculation controls */
	bool arch_capabilities;
	uint64_t arch_cap_value;
	uint32_t leaf1_ecx, leaf1_edx, leaf7_ebx, leaf7_ecx, leaf7_edx;
	uint32_t ext1_ecx, ext1_edx;	/* 0x80000001 */
};

extern struct cpu_features host;

/* Fill `host`. Gives NULL, or what is missing, in words for the operator. */
must_check const char *features_init(void);
/* Control registers, EFER and PAT of this CPU, as every CPU of ours has them. */
void features_cpu_init(void);
/* CR4 that holds between guests; sched/switch.c adds a guest's bits to it. */
uint64_t features_cr4(void);
