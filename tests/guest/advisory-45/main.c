// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisories 45 and 290: checking a big tree of tables held the processor until it was done.
 *
 * Rule: checking and dropping page tables is broken off for what is urgent and taken up again.
 * Provocation: pin a root over 220 full level 1 tables, with a timer set to go off long before that
 * is done, six times over. FAIL if the event ever waits for the whole; and if the tree is not whole
 * and writable again at the end. Time is counted instructions here: no host is too busy for it.
 */
#include "rt.h"

#define TABLES 220

static uint64_t *l1[TABLES], *l2, *l3, *root;
#define TIMER	200000u		/* ns: when it goes off */
#define LATE	300000u		/* ns after that: more than any one unit of the work takes */

static uint64_t fired;

static void hook(unsigned int port)
{
	(void)port;
	if (!fired)
		fired = system_time();
}

static void pin_or_unpin(const char *what, unsigned int cmd, uint64_t mfn)
{
	uint64_t began, done;
	long rc;

	fired = 0;
	began = system_time();
	set_timer_op(began + TIMER);
	events_unmask();
	rc = mmuext(cmd, mfn, 0);
	done = system_time();
	events_mask();
	expect_eq(rc, 0, what);
	note("%s took %u us, the event came after %u us", what, (uint32_t)(done - began) / 1000,
	     fired ? (uint32_t)(fired - began) / 1000 : 0);
	if (done - began < 2 * (TIMER + LATE))
		test_error("%s is done too soon to be broken off", what);
	expect(fired && fired < began + TIMER + LATE, "%s: the event had to wait", what);
	port_wait(0, event_count[0], 3);
}

void test_main(void)
{
	unsigned int port = port_bind_virq(VIRQ_TIMER, 0);
	char *p = page_alloc();
	uint64_t leaf = mfn_of(p) << 12 | PTE_P | PTE_A;

	vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL);
	event_hook = hook;
	l2 = page_alloc();
	l3 = page_alloc();
	for (int i = 0; i < TABLES; i++) {
		l1[i] = page_alloc();
		for (int j = 0; j < 512; j++)
			l1[i][j] = leaf;
		expect_eq(page_protect(l1[i], false), 0, "read-only");
		l2[i] = mfn_of(l1[i]) << 12 | PROT_TABLE;
	}
	page_protect(l2, false);
	l3[0] = mfn_of(l2) << 12 | (WIDE ? PROT_TABLE : PTE_P);
	if (WIDE) {
		page_protect(l3, false);
		root = page_alloc();
		root[0] = mfn_of(l3) << 12 | PROT_TABLE;
	} else {
		/* A 32-bit root needs its last table: one of its own. */
		uint64_t *old = (uint64_t *)si->pt_base,
			 *old_l2 = mfn_to_va((old[3] & PTE_ADDR) >> 12);
		uint64_t *last_l2 = page_alloc();

		for (unsigned int i = 0; i < (m2p_start >> 21 & 511); i++)
			last_l2[i] = old_l2[i];
		page_protect(last_l2, false);
		root = l3;
		root[3] = mfn_of(last_l2) << 12 | PTE_P;
	}
	page_protect(root, false);
	for (int round = 0; round < 3; round++) {
		pin_or_unpin("pin", WIDE ? MMUEXT_PIN_L4_TABLE : MMUEXT_PIN_L3_TABLE, mfn_of(root));
		expect_refused(page_protect(l1[TABLES - 1], true),
			       "a writable mapping of the last table");
		pin_or_unpin("unpin", MMUEXT_UNPIN_TABLE, mfn_of(root));
	}
	for (int i = 0; i < TABLES; i++)
		if (page_protect(l1[i], true)) {
			test_fail("table %d is not writable again", i);
			break;
		}
	expect_eq(page_protect(root, true), 0, "the root is writable again");
	port_close(port);
}
