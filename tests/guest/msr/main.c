// SPDX-License-Identifier: GPL-2.0-only
/*
 * RDMSR and WRMSR by whitelist.
 *
 * Rule: the registers Linux reads at boot answer; the ones it writes take the write or swallow it;
 * what nobody knows raises #GP, in the guest; nothing a guest writes changes the machine (the
 * syscall entry, EFER, the APIC base, SYSENTER): after it all the hypervisor still works.
 */
#include "rt.h"

static void must_read(uint32_t msr)
{
	uint64_t v;

	if (rdmsr_probe(msr, &v) != -1)
		test_fail("rdmsr %#x: vector %d", msr, last.vector);
}

static void must_not_write(uint32_t msr, uint64_t v)
{
	uint64_t before = 0, after = 0;
	int known = rdmsr_probe(msr, &before);

	if (wrmsr_probe(msr, v) == -1) {
		if (known == -1 && rdmsr_probe(msr, &after) == -1)
			expect(before == after || before == v,
			       "wrmsr %#x went through: %#llx, then %#llx", msr,
			       (unsigned long long)before, (unsigned long long)after);
		expect(known != -1 || after != v || before == v, "wrmsr %#x took", msr);
	}
}

void test_main(void)
{
	uint64_t v;

	must_read(0x1b);	/* APIC_BASE */
	must_read(0x277);	/* PAT */
	must_read(0xc0000080);	/* EFER */
	if (WIDE) {
		must_read(0xc0000100);
		must_read(0xc0000101);
		must_read(0xc0000102);
	}
	if (rdmsr_probe(0xc0000080, &v) == -1 && WIDE)
		expect(v & 1u << 8, "EFER without LME: %#llx", (unsigned long long)v);
	expect_eq(rdmsr_probe(0x12345678, &v), 13, "rdmsr of nothing");
	expect_eq(last.error, 0, "its error code");
	expect_eq(wrmsr_probe(0x12345678, 0), 13, "wrmsr of nothing");
	expect_eq(rdmsr_probe(0xc0010055, &v), 13, "rdmsr INT_PENDING_MSG");

	must_not_write(0xc0000080, 0);
	must_not_write(0xc0000081, 0x1234567800000000);
	must_not_write(0xc0000082, 0x1000);
	must_not_write(0xc0000083, 0x1000);
	must_not_write(0xc0000084, 0);
	must_not_write(0x1b, 0);
	must_not_write(0x174, 0x10);
	must_not_write(0x175, 0x1000);
	must_not_write(0x176, 0x1000);
	must_not_write(0x277, 0);
	must_not_write(0x2ff, 0);
	must_not_write(0x3a, 0);
	must_not_write(0x48, 1);
	must_not_write(0x1d9, 3);
	must_not_write(0xc0010117, 0x1000);
	must_not_write(0xda0, ~0ull);
	/* Everything near what exists, with zero: no register may take the hypervisor along. */
	for (uint32_t i = 0; i < 0x400; i++) {
		rdmsr_probe(i, &v);
		rdmsr_probe(0xc0000000 + i, &v);
		rdmsr_probe(0xc0010000 + i, &v);
		rdmsr_probe(0x800 + i % 0x100, &v);
	}
	expect(xen_version(XENVER_version, NULL) > 0, "hypercalls still work");
}
