// SPDX-License-Identifier: GPL-2.0-only
/*
 * What two domains cost: events and switches between them on one CPU, and making and unmaking one, as the
 * first domain sees it. All by hypercalls of our own: no kernel, no tools, and nothing of theirs counted.
 *
 * Frames are counted too: what the hypervisor keeps for itself, and what a domain takes of them that is not
 * the domain's.
 */
#include "twin.h"

#define RAM_FRAMES	(512u << 20 >> 12)	/* the emulator's -m */

static struct twin twin;

static void expect_turns(const char *name, uint32_t want)
{
	/* One more began the row. */
	if (twin.box->turns < want || twin.box->turns > want + 1)
		test_error("%s: the other domain had %u turns of %u", name, twin.box->turns, want);
}

/*
 * A round trip is two events and two switches of the CPU from one domain to the other. Polling is without
 * handlers; blocked is what kernels do.
 */
static void between(void)
{
	struct evtchn_send send = { .port = twin.port };
	unsigned int seen;

	twin_pause(&twin, true);
	MEASURE("evtchn_send_other_domain_paused", 100,
		DO(HC(__HYPERVISOR_event_channel_op, EVTCHNOP_send, &send, 0, 0)); TAKE_BACK_FROM(twin.info));
	twin_pause(&twin, false);

	twin_ask(&twin, ANSWER_POLLING);
	wait_polling(twin.port);
	MEASURE("evtchn_pingpong_poll(2)", 50,
		DO(HC(__HYPERVISOR_event_channel_op, EVTCHNOP_send, &send, 0, 0)); wait_polling(twin.port));
	expect_turns("pingpong_poll", 50 * CHUNKS);

	callback(CALLBACKTYPE_event, fast_event);
	seen = fast_events;
	twin_ask(&twin, ANSWER_BLOCKING);
	wait_blocking(seen);
	MEASURE("evtchn_pingpong_block_upcall(2)", 50,
		seen = fast_events;
		DO(HC(__HYPERVISOR_event_channel_op, EVTCHNOP_send, &send, 0, 0));
		wait_blocking(seen));
	expect_turns("pingpong_block_upcall", 50 * CHUNKS);
	callback(CALLBACKTYPE_event, entry_event);
}

/* ------------------------------------------------------------------ making and unmaking */

#define PAGES	1024

static xen_pfn_t places[PAGES];

static int make(unsigned int pages)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_max_vcpus };

	op.domain = other_create(pages, places);
	op.u.max_vcpus.max = 1;
	DO(domctl(&op));
	return op.domain;
}

static void lives(void)
{
	uint64_t before, empty, whole;
	int dom;

	/* Together: what one hypervisor does in destroying, another puts off to who comes next. */
	MEASURE("domain_create_destroy_empty", 2, dom = make(0); DO(other_destroy(dom)));
	MEASURE("domain_create_destroy_4MiB", 2, dom = make(PAGES); DO(other_destroy(dom)));

	before = machine_free_pages();
	dom = make(0);
	empty = before - machine_free_pages();
	other_destroy(dom);
	before = machine_free_pages();
	dom = make(PAGES);
	whole = before - machine_free_pages() - PAGES;
	other_destroy(dom);
	bench_report("a_domain_without_memory", empty, "frames");
	bench_report("a_domain_of_4_MiB_beside_its_own", whole, "frames");
}

static void machine(void)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_getdomaininfo };

	if (domctl(&op))
		test_error("getdomaininfo");
	bench_report("the_machine_beside_dom0's_and_free_ones",
		     RAM_FRAMES - machine_free_pages() - op.u.getdomaininfo.tot_pages, "frames");
}

void test_main(void)
{
	va_map(0x20000000ul, 0);
	machine();
	lives();
	twin_start(&twin);
	between();
}
