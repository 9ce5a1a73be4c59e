// SPDX-License-Identifier: GPL-2.0-only
/*
 * A store to a live top table that names a whole unchecked tree (advisory 45, by the trap's door).
 *
 * Rule: what is urgent is not held up, however much one instruction makes the hypervisor check; and
 * the store is done in the end, once.
 * Provocation: a plain MOV of an entry into the running L4, over 120 full level 1 tables, with a
 * timer set to go off in the middle; then a MOV of 0 over it. FAIL if the entry is not there at the
 * end, if the tables behind it do not translate, or if the event comes only when all is done.
 */
#include "rt.h"

#define TABLES	120
#define SLOT	100ul

static uint64_t fired;

static void hook(unsigned int port)
{
	(void)port;
	if (!fired)
		fired = system_time();
}

static uint64_t *build(void)
{
	uint64_t leaf = mfn_of(page_alloc()) << 12 | PTE_P | PTE_A;
	uint64_t *l2 = page_alloc(), *l3 = page_alloc();

	for (int i = 0; i < TABLES; i++) {
		uint64_t *l1 = page_alloc();

		for (int j = 0; j < 512; j++)
			l1[j] = leaf;
		expect_eq(page_protect(l1, false), 0, "read-only");
		l2[i] = mfn_of(l1) << 12 | PROT_TABLE;
	}
	page_protect(l2, false);
	l3[0] = mfn_of(l2) << 12 | PROT_TABLE;
	page_protect(l3, false);
	return l3;
}

void test_main(void)
{
	unsigned int port = port_bind_virq(VIRQ_TIMER, 0);
	volatile uint64_t *entry = (volatile uint64_t *)si->pt_base + SLOT;
	uint64_t *l3 = build(), began, done, want = mfn_of(l3) << 12 | PROT_TABLE;

	vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL);
	event_hook = hook;
	for (int round = 0; round < 3; round++) {
		fired = 0;
		began = system_time();
		set_timer_op(began + 1000000);
		events_unmask();
		expect_eq(probe_write64((word)entry, want), -1, "store");
		done = system_time();
		events_mask();
		note("the store took %u us, the event came after %u us",
		     (uint32_t)(done - began) / 1000,
		     fired ? (uint32_t)(fired - began) / 1000 : 0);
		expect(*entry & PTE_P && (*entry & PTE_ADDR) == (want & PTE_ADDR), "entry: %#llx",
		       (unsigned long long)*entry);
		barrier();
		expect_eq(*(volatile uint64_t *)(SLOT << 39), 0, "what the last page holds");
		if (done - began > 8000000)
			expect(fired && fired < done, "the event waited for the store");
		port_wait(0, event_count[0], 3);
		expect_eq(probe_write64((word)entry, 0), -1, "store of nothing");
		expect_eq(*entry, 0, "the entry");
	}
	port_close(port);
}
