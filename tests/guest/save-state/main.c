// SPDX-License-Identifier: GPL-2.0-only
/*
 * What tools ask for when they save a domain, and bring when they restore one.
 *
 * Rule: extended states and MSRs of another domain's vcpu come out and go in unchanged; what this CPU
 * would not load, or what is too long or too short, is refused and changes nothing; no domain does it to
 * itself. Dirty pages are not logged: to turn that off is granted, all else refused. A domain that has
 * said nothing has 0 as its highest page. The machine-to-physical table can be mapped, whole, and not
 * written. Provocation: all of that about a domain of ours that never ran.
 */
#include "rt.h"

#define WINDOW		0x20000000ul
#define TSC_AUX		0xc0000103u
#define HEADER		(16 + 512)	/* of the XSAVE area, behind two words and the legacy image */

static uint8_t states[8192] __attribute__((aligned(64))), again[8192];
static uint64_t *const xcr0 = (uint64_t *)states, *const accum = (uint64_t *)(states + 8);
static uint64_t *const header = (uint64_t *)(states + HEADER);
static uint64_t mask;

static long states_get(int dom, void *to, uint64_t *size)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_getvcpuextstate, .domain = dom };
	long rc;

	op.u.vcpuextstate.xfeature_mask = mask;
	op.u.vcpuextstate.size = *size;
	set_xen_guest_handle(op.u.vcpuextstate.buffer, to);
	rc = domctl(&op);
	*size = op.u.vcpuextstate.size;
	mask = op.u.vcpuextstate.xfeature_mask;
	return rc;
}

static long states_set(int dom, uint64_t size)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_setvcpuextstate, .domain = dom };

	op.u.vcpuextstate.size = size;
	set_xen_guest_handle(op.u.vcpuextstate.buffer, (void *)states);
	return domctl(&op);
}

static void refused_and_unchanged(int dom, uint64_t size, const char *what)
{
	uint64_t now = sizeof(again);

	expect_eq(states_set(dom, size), -XEINVAL, what);
	expect_eq(states_get(dom, again, &now), 0, "states after a refusal");
	expect(*(uint64_t *)(again + HEADER + 8) == 0 && again[16 + 100] == 0x5a,
	       "%s: refused, and changed all the same", what);
}

static void bad_states(int dom, uint64_t size)
{
	uint64_t keep;

	refused_and_unchanged(dom, size + 8, "states that are too long");
	refused_and_unchanged(dom, size - 8, "states that are too short");
	refused_and_unchanged(dom, 8, "half a header");
	refused_and_unchanged(dom, 1ull << 40, "a terabyte");
	keep = *accum;
	*accum |= 1ull << 62;
	refused_and_unchanged(dom, size, "states no CPU has");
	*accum = keep & ~1ull;
	refused_and_unchanged(dom, size, "no x87");
	*accum = keep;
	keep = *xcr0;
	*xcr0 = *accum | 4 | 1ull << 9;
	refused_and_unchanged(dom, size, "more now than ever");
	*xcr0 = keep;
	for (int i = 0; i < 8; i++) {
		header[i] ^= i ? 1 : 1ull << 60;
		refused_and_unchanged(dom, size, "a header the CPU refuses");
		header[i] ^= i ? 1 : 1ull << 60;
	}
	expect_eq(states_set(dom, size), 0, "and the good ones still");
}

static void extended_states(int dom)
{
	uint64_t size = 0, most;

	expect_eq(states_get(dom, NULL, &size), 0, "how long states are");
	if (!mask) {
		test_skip("this CPU has no XSAVE");
		return;
	}
	most = size;
	expect(most >= 16 + 576 && most <= sizeof(states), "states of %llu bytes",
	       (unsigned long long)most);
	expect_eq(states_get(dom, states, &size), 0, "states");
	expect(size >= 16 + 576 && size <= most, "then of %llu", (unsigned long long)size);
	expect(*xcr0 & 1 && (*xcr0 & ~*accum) == 0 && (*accum & ~mask) == 0, "xcr0");
	states[16 + 100] = 0x5a;	/* of a register of the x87 */
	header[0] |= 1;
	expect_eq(states_set(dom, size), 0, "setting what we got");
	expect_eq(states_get(dom, again, &size), 0, "reading it");
	expect(!memcmp(states, again, size), "what we set is not what there is");
	bad_states(dom, size);
	most = size - 1;
	expect_refused(states_get(dom, again, &most), "a buffer that is too small");
	most = sizeof(states);
	expect_refused(states_get(0, again, &most), "one's own states");
	expect_refused(states_set(0, size), "setting one's own");
}

static long msrs(uint32_t cmd, int dom, struct xen_domctl_vcpu_msr *msr, uint32_t *count)
{
	struct xen_domctl op = { .cmd = cmd, .domain = dom };
	long rc;

	op.u.vcpu_msrs.msr_count = *count;
	set_xen_guest_handle(op.u.vcpu_msrs.msrs, msr);
	rc = domctl(&op);
	*count = op.u.vcpu_msrs.msr_count;
	return rc;
}

static void some_msrs(int dom)
{
	struct xen_domctl_vcpu_msr msr = { .index = TSC_AUX, .value = 0x1234 }, got = { 0 };
	uint32_t count = 0;

	expect_eq(msrs(XEN_DOMCTL_get_vcpu_msrs, dom, NULL, &count), 0, "how many MSRs");
	expect_eq(count, 1, "that is");
	count = 1;
	if (msrs(XEN_DOMCTL_set_vcpu_msrs, dom, &msr, &count)) {
		test_skip("this CPU has no RDTSCP");
		return;
	}
	expect_eq(msrs(XEN_DOMCTL_get_vcpu_msrs, dom, &got, &count), 0, "MSRs");
	expect(count == 1 && got.index == TSC_AUX && got.value == 0x1234 && !got.reserved,
	       "%u of them, %#x", count, got.index);
	count = 0;
	expect_eq(msrs(XEN_DOMCTL_get_vcpu_msrs, dom, &got, &count), -XENOBUFS, "no room");
	count = 1;
	msr.value = 1ull << 32;
	expect_eq(msrs(XEN_DOMCTL_set_vcpu_msrs, dom, &msr, &count), -XEINVAL, "33 bits");
	msr = (struct xen_domctl_vcpu_msr){ .index = 0xc0000080, .value = 1 };
	expect_eq(msrs(XEN_DOMCTL_set_vcpu_msrs, dom, &msr, &count), -XEINVAL, "EFER");
	msr = (struct xen_domctl_vcpu_msr){ .index = TSC_AUX, .reserved = 1 };
	expect_eq(msrs(XEN_DOMCTL_set_vcpu_msrs, dom, &msr, &count), -XEINVAL, "reserved bits");
	count = 1000;
	expect_eq(msrs(XEN_DOMCTL_set_vcpu_msrs, dom, &msr, &count), -XEINVAL, "a thousand");
	count = 1;
	expect_refused(msrs(XEN_DOMCTL_set_vcpu_msrs, 0, &msr, &count), "one's own");
	expect_eq(msrs(XEN_DOMCTL_get_vcpu_msrs, dom, &got, &count), 0, "MSRs after all that");
	expect(count == 1 && got.value == 0x1234, "TSC_AUX is %#llx", (unsigned long long)got.value);
}

static long shadow(int dom, uint32_t what)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_shadow_op, .domain = dom };

	op.u.shadow_op.op = what;
	return domctl(&op);
}

static void the_table(void)
{
	static xen_pfn_t chunk[64];
	struct xen_machphys_mfn_list list = { .max_extents = ARRAY_SIZE(chunk) };

	set_xen_guest_handle(list.extent_start, chunk);
	expect_eq(memory_op(XENMEM_machphys_mfn_list, &list), 0, "where the M2P is");
	expect(list.nr_extents >= 1, "%u parts of it", list.nr_extents);
	va_map(WINDOW, 0);
	for (unsigned int i = 0; i < list.nr_extents; i++) {
		uint64_t entry = (uint64_t)(chunk[i] + 511) << 12 | PROT_KERNEL;

		expect(chunk[i] != 0, "part %u is nowhere", i);
		expect_eq(update_va_otherdomain(WINDOW, entry & ~(uint64_t)PTE_RW, UVMF_INVLPG,
						DOMID_XEN), 0, "map it");
		(void)*(volatile word *)WINDOW;
		expect_refused(update_va_otherdomain(WINDOW, entry, UVMF_INVLPG, DOMID_XEN),
			       "map it to write");
		expect_eq(update_va(WINDOW, 0, UVMF_INVLPG), 0, "unmap it");
	}
}

void test_main(void)
{
	static xen_pfn_t frames[8];
	int dom = other_create(ARRAY_SIZE(frames), frames);
	domid_t id = dom;

	extended_states(dom);
	some_msrs(dom);
	expect_eq(shadow(dom, XEN_DOMCTL_SHADOW_OP_OFF), 0, "log-dirty off");
	expect_refused(shadow(dom, XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY), "log-dirty on");
	expect_refused(shadow(dom, XEN_DOMCTL_SHADOW_OP_PEEK), "a look at dirty pages");
	expect_eq(memory_op(XENMEM_maximum_gpfn, &id), 0, "the highest page of one that never ran");
	the_table();
	expect_eq(other_destroy(dom), 0, "destroy");
}
