// SPDX-License-Identifier: GPL-2.0-only
/*
 * multicall: several hypercalls in one.
 *
 * Rule: each entry is done in order and gets its own whole-word result; one that fails does not
 * stop the next; an event sent by one is delivered by the end; memory_op inside one gives a 64-bit
 * result; iret and multicall have no place inside (the batch ends, nobody is harmed).
 */
#include "rt.h"

void test_main(void)
{
	static struct multicall_entry mc[8];
	unsigned int port = port_bind_ipi(0), n = event_count[port];
	struct evtchn_send send = { .port = port };
	char *p = page_alloc();
	uint64_t pte = mfn_of(p) << 12 | (PROT_KERNEL & ~PTE_RW);
	long rc;

	mc[0].op = __HYPERVISOR_xen_version;
	mc[0].args[0] = XENVER_version;
	mc[1].op = 63;
	mc[2].op = __HYPERVISOR_event_channel_op;
	mc[2].args[0] = EVTCHNOP_send;
	mc[2].args[1] = (word)&send;
	mc[3].op = __HYPERVISOR_update_va_mapping;
	mc[3].args[0] = (word)p;
	mc[3].args[1] = pte;
	if (WIDE) {
		mc[3].args[2] = UVMF_INVLPG;
	} else {
		mc[3].args[2] = pte >> 32;
		mc[3].args[3] = UVMF_INVLPG;
	}
	mc[4].op = __HYPERVISOR_memory_op;
	mc[4].args[0] = XENMEM_maximum_ram_page;
	mc[5].op = __HYPERVISOR_fpu_taskswitch;
	mc[6].op = __HYPERVISOR_stack_switch;
	mc[6].args[0] = KERNEL_SS;
	mc[6].args[1] = (word)p + PAGE_SIZE;
	events_unmask();
	expect_eq(hcall2(__HYPERVISOR_multicall, mc, 7), 0, "multicall");
	events_mask();
	expect_eq(mc[0].result, xen_version(XENVER_version, NULL), "version inside");
	expect_eq((long)mc[1].result, -XENOSYS, "hypercall 63 inside");
	expect_eq(mc[2].result, 0, "send inside");
	expect_eq(event_count[port], n + 1, "upcalls by the end");
	expect_eq(mc[3].result, 0, "update_va_mapping inside");
	expect_eq(probe_write((word)p, 1), 14, "it took effect");
	expect_eq(mc[4].result, memory_op(XENMEM_maximum_ram_page, NULL), "memory_op inside");
	expect_eq(mc[5].result, 0, "fpu_taskswitch inside");
	expect_eq(mc[6].result, 0, "stack_switch inside");
	{
		extern char trap_stack_top[];

		stack_switch(KERNEL_SS, (word)trap_stack_top);
	}
	page_protect(p, true);

	expect_eq(hcall2(__HYPERVISOR_multicall, mc, 0), 0, "an empty multicall");
	expect_eq(hcall2(__HYPERVISOR_multicall, 8, 1), -XEFAULT, "a multicall at address 8");

	/* A list that runs into a hole: what comes before is done. */
	{
		struct multicall_entry *edge =
			(struct multicall_entry *)((char *)page_alloc() + PAGE_SIZE) - 1;
		word hole = (word)(edge + 1);
		uint64_t before = pte_get(hole);

		update_va(hole, 0, UVMF_INVLPG);
		edge->op = __HYPERVISOR_xen_version;
		edge->args[0] = XENVER_version;
		edge->result = 0;
		expect_eq(hcall2(__HYPERVISOR_multicall, edge, 2), -XEFAULT,
			  "a list that runs into a hole");
		expect_eq(edge->result, xen_version(XENVER_version, NULL),
			  "the entry before the hole");
		rc = hcall2(__HYPERVISOR_multicall, edge, ~0u);
		expect(rc < 0, "2^32-1 entries: %ld", rc);
		update_va(hole, before, UVMF_INVLPG);
	}

	memset(mc, 0, sizeof(mc));
	mc[0].op = __HYPERVISOR_multicall;
	mc[0].args[0] = (word)mc;
	mc[0].args[1] = 1;
	rc = hcall2(__HYPERVISOR_multicall, mc, 1);
	expect(rc <= 0, "a multicall of a multicall: %ld", rc);
	port_close(port);
}
