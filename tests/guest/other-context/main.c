// SPDX-License-Identifier: GPL-2.0-only
/*
 * The context of another domain's vcpu, set, set again, refused and taken away.
 *
 * Rule: a vcpu holds its page tables and its GDT for as long as its context says so, no longer, and
 * once; vcpus are made before a domain runs, not after; whatever stage it is in, a domain that is
 * destroyed gives everything back. Provocation: all of that to a domain whose tables we build, which
 * is then destroyed with its root pinned. FAIL if an answer is another, or free pages go down.
 */
#include "rt.h"

#define WINDOW	0x20000000ul
#define FRAMES	16

enum { L1, L2, L3, ROOT_A, ROOT_B, GDT, PLAIN };

static xen_pfn_t frame[FRAMES];
static struct vcpu_guest_context context;

static void write_entry(int dom, int table, unsigned int slot, uint64_t value)
{
	expect_eq(update_va_otherdomain(WINDOW, frame[table] << 12 | PROT_KERNEL, UVMF_INVLPG, dom), 0,
		  "map a table to be");
	*(volatile uint64_t *)(WINDOW + 8 * slot) = value;
	expect_eq(update_va(WINDOW, 0, UVMF_INVLPG), 0, "unmap it");
}

static long set_context(int dom, int root)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_setvcpucontext, .domain = dom };

	context.ctrlreg[3] = frame[root] << 12;
	context.gdt_frames[0] = frame[GDT];
	context.gdt_ents = 512;
	context.user_regs.rip = 0x1000;
	set_xen_guest_handle(op.u.vcpucontext.ctxt, &context);
	return domctl(&op);
}

static long max_vcpus(int dom, unsigned int count)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_max_vcpus, .domain = dom };

	op.u.max_vcpus.max = count;
	return domctl(&op);
}

static void contexts(int dom)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_setvcpucontext, .domain = dom };

	expect_eq(set_context(dom, ROOT_A), 0, "a context");
	expect_eq(set_context(dom, ROOT_A), 0, "the same again");
	expect_eq(set_context(dom, ROOT_B), 0, "another root");
	expect_refused(set_context(dom, L2), "a root that is another table");
	expect_refused(update_va_otherdomain(WINDOW, frame[ROOT_B] << 12 | PROT_KERNEL, UVMF_INVLPG,
					     dom), "a writable mapping of the root in use");
	expect_eq(domctl(&op), 0, "taking the context away");
	expect_eq(update_va_otherdomain(WINDOW, frame[ROOT_B] << 12 | PROT_KERNEL, UVMF_INVLPG, dom),
		  0, "a writable mapping of the root that was");
	expect_eq(update_va(WINDOW, 0, UVMF_INVLPG), 0, "unmap it");
	op.cmd = XEN_DOMCTL_getvcpucontext;
	set_xen_guest_handle(op.u.vcpucontext.ctxt, &context);
	expect_refused(domctl(&op), "reading a context that is none");
	expect_eq(set_context(dom, ROOT_A), 0, "a context once more");
}

static void life(void)
{
	int dom = other_create(FRAMES, frame);
	struct xen_domctl op = { .cmd = XEN_DOMCTL_unpausedomain, .domain = dom };
	struct mmuext_op pin = { .cmd = MMUEXT_PIN_L4_TABLE };

	write_entry(dom, L1, 1, frame[PLAIN] << 12 | PROT_KERNEL);
	write_entry(dom, L2, 0, frame[L1] << 12 | PROT_TABLE);
	write_entry(dom, L3, 0, frame[L2] << 12 | PROT_TABLE);
	write_entry(dom, ROOT_A, 0, frame[L3] << 12 | PROT_TABLE);
	write_entry(dom, ROOT_B, 0, frame[L3] << 12 | PROT_TABLE);
	contexts(dom);
	pin.arg1.mfn = frame[ROOT_A];
	expect_eq(mmuext_many(&pin, 1, NULL, dom), 0, "pin");

	expect_eq(max_vcpus(dom, 2), 0, "a second vcpu before it runs");
	expect_eq(domctl(&op), 0, "unpause");
	expect_refused(max_vcpus(dom, 3), "a third vcpu after");
	expect_eq(max_vcpus(dom, 2), 0, "two of two");
	expect_eq(other_destroy(dom), 0, "destroy");
	expect_refused(other_destroy(dom), "destroy again");
}

void test_main(void)
{
	uint64_t before, after;

	va_map(WINDOW, 0);
	life();
	before = machine_free_pages();
	for (int i = 0; i < 5; i++)
		life();
	after = machine_free_pages();
	expect(after >= before, "%u pages are gone", (unsigned int)(before - after));
}
