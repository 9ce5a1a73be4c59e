// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUID with the forced-emulation prefix: the processor this domain is meant to see.
 *
 * Rule: the prefix reaches the hypervisor from kernel and program; leaf 1 and 7 hide what a PV
 * guest cannot have (MMU features that are the hypervisor's, virtualisation, SMEP, SMAP); the
 * hypervisor leaves name Xen's interface; every base from 0x40000100 on answers zero; a broken
 * prefix is a plain #UD.
 */
#include "rt.h"

static void hypervisor_leaves(void)
{
	uint32_t r[4];

	cpuid_forced(0x40000000, 0, r);
	expect(r[0] >= 0x40000002 && r[0] < 0x40000100, "last leaf %#x", r[0]);
	expect(r[1] == 0x566e6558 && r[2] == 0x65584d4d && r[3] == 0x4d4d566e,
	       "signature %#x %#x %#x", r[1], r[2], r[3]);
	cpuid_forced(0x40000001, 0, r);
	expect_eq((long)r[0], xen_version(XENVER_version, NULL), "version by CPUID");
	for (uint32_t base = 0x40000100; base <= 0x4000ff00; base += 0x100) {
		cpuid_forced(base, 0, r);
		if (r[0] | r[1] | r[2] | r[3]) {
			test_fail("leaf %#x is not zero", base);
			break;
		}
	}
}

static void features(void)
{
	uint32_t r[4], n[4];

	cpuid_forced(0, 0, r);
	cpuid_native(0, 0, n);
	expect(r[1] == n[1] && r[2] == n[2] && r[3] == n[3], "another vendor");
	cpuid_forced(1, 0, r);
	expect(r[3] & 1u << 0, "no FPU");
	expect(r[3] & 1u << 4, "no TSC");
	expect(r[3] & 1u << 6, "no PAE");
	expect(r[3] & 1u << 9, "no APIC");
	expect(r[3] & 1u << 24, "no FXSR");
	expect(r[3] & 1u << 26, "no SSE2");
	expect(!(r[3] & 1u << 3), "PSE is shown");
	expect(!(r[3] & 1u << 13), "PGE is shown");
	expect(!(r[2] & 1u << 5), "VMX is shown");
	expect(!(r[2] & 1u << 17), "PCID is shown");
	expect(!(r[2] & 1u << 3), "MONITOR is shown");
	expect(r[2] & 1u << 31, "no hypervisor bit");
	cpuid_forced(7, 0, r);
	expect(!(r[1] & 1u << 7), "SMEP is shown");
	expect(!(r[1] & 1u << 20), "SMAP is shown");
	expect(!(r[1] & 1u << 10), "INVPCID is shown");
	cpuid_forced(0x80000001, 0, r);
	expect(!(r[2] & 1u << 2), "SVM is shown");
	expect(r[3] & 1u << 20, "no NX");
	cpuid_forced(0xffffffff, 0xffffffff, r);
	cpuid_forced(0x7fffffff, 0, r);
}

__user static word user_forced(word arg)
{
	uint32_t a, b, c, d;

	asm volatile(XEN_CPUID : "=a"(a), "=b"(b), "=c"(c), "=d"(d) : "0"((uint32_t)arg), "2"(0));
	return b;
}

__user static word user_broken(word arg)
{
	asm volatile("ud2; .ascii \"xem\"; cpuid" : : : "eax", "ebx", "ecx", "edx");
	return arg;
}

void test_main(void)
{
	hypervisor_leaves();
	features();
	expect_eq(user_run(user_forced, 0x40000000), VECTOR_USER_DONE, "the prefix in ring 3");
	expect_eq(last.regs.ax & 0xffffffff, 0x566e6558, "what a program sees");
	expect_eq(user_run(user_broken, 0), 6, "a broken prefix in ring 3");
	expect_eq(PROBE("ud2; .ascii \"xem\"", : :), 6, "a broken prefix");
	/* The prefix before something that is no CPUID. */
	expect_eq(PROBE("ud2; .ascii \"xen\"; nop; nop", : :), 6, "the prefix before a nop");
}
