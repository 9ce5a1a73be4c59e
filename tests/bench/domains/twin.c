// SPDX-License-Identifier: GPL-2.0-only
/*
 * A domain made from our own image: the same pages at the same addresses, page tables of its own, and
 * one vcpu that begins in twin_main(). So one binary is both ends of everything measured here.
 *
 * Its tables stand outside what they map. Our windows into its pages stay until the end.
 */
#include "twin.h"

#define WINDOW		0x20000000ul
#define BOX_WINDOW	(WINDOW + PAGE_SIZE)
#define SHARED_WINDOW	(WINDOW + 2 * PAGE_SIZE)
#define IMAGE_START	(VIRT_BASE + LOAD_OFFSET)
#define MOST_FRAMES	1024

extern char _end[];

/* Behind the image's frames: two level 1 tables, and one of each level above. */
enum { L1, L2 = 2, L3, ROOT = L3 + WIDE, TABLES };

static struct mailbox mailbox __page;
static xen_pfn_t frames[MOST_FRAMES];
static uint64_t entries[512];

/* ------------------------------------------------------------------ what the twin does */

static void answer_blocking(struct evtchn_send *send)
{
	do {
		unsigned int seen = fast_events;

		event_op(EVTCHNOP_send, send);
		wait_blocking(seen);
		mailbox.turns++;
	} while (read_once(mailbox.mode) == ANSWER_BLOCKING);
}

static void twin_main(word remote)
{
	struct evtchn_bind_interdomain bind = { .remote_port = remote };
	struct evtchn_send send;

	events_mask();
	memset((void *)shared->evtchn_mask, 0xff, sizeof(shared->evtchn_mask));
	if (event_op(EVTCHNOP_bind_interdomain, &bind))
		return;
	send.port = bind.local_port;
	port_unmask_local(send.port);
	TAKE_BACK_FROM(shared);
	write_once(mailbox.port, send.port);
	event_op(EVTCHNOP_send, &send);
	for (;;) {
		wait_polling(send.port);
		switch (read_once(mailbox.mode)) {
		case ANSWER_POLLING:
			mailbox.turns++;
			event_op(EVTCHNOP_send, &send);
			break;
		case ANSWER_BLOCKING:
			answer_blocking(&send);
			break;
		}
	}
}

/* ------------------------------------------------------------------ making it */

static void expect_done(long rc, const char *what)
{
	if (rc) {
		test_error("%s: %ld", what, rc);
		test_end();
	}
}

/* Write a page of the twin's. */
static void fill(int dom, xen_pfn_t mfn, const void *from)
{
	expect_done(update_va_otherdomain(WINDOW, (uint64_t)mfn << 12 | PROT_KERNEL, UVMF_INVLPG, dom), "map a page");
	memcpy((void *)WINDOW, from, PAGE_SIZE);
	expect_done(update_va(WINDOW, 0, UVMF_INVLPG), "unmap it");
}

static uint64_t entry_of(xen_pfn_t mfn, uint64_t flags)
{
	return (uint64_t)mfn << 12 | flags;
}

/* A table with the one entry that leads to the image. */
static void fill_upper(int dom, const xen_pfn_t *tables, int table, int level, int below, uint64_t flags)
{
	unsigned int slot = !WIDE && level == 3 ? IMAGE_START >> 30 : (IMAGE_START >> (12 + 9 * (level - 1))) & 511;

	memset(entries, 0, sizeof(entries));
	entries[slot] = entry_of(tables[below], flags);
	if (level == 2)
		entries[slot + 1] = entry_of(tables[below + 1], flags);
	fill(dom, tables[table], entries);
}

static void fill_tables(int dom, unsigned int pages, uint64_t shared_mfn)
{
	const xen_pfn_t *tables = frames + pages;
	unsigned int first = (IMAGE_START >> 12) & 511;

	for (int i = 0; i < 2; i++) {
		memset(entries, 0, sizeof(entries));
		for (unsigned int slot = 0; slot < 512; slot++) {
			unsigned int page = i * 512 + slot - first;

			if (page < pages)
				entries[slot] = entry_of(frames[page], PROT_KERNEL);
			if (page == ((word)&shared_info_page - IMAGE_START) / PAGE_SIZE)
				entries[slot] = shared_mfn << 12 | PROT_KERNEL;
		}
		fill(dom, tables[L1 + i], entries);
	}
	fill_upper(dom, tables, L2, 2, L1, PROT_TABLE);
	fill_upper(dom, tables, L3, 3, L2, WIDE ? PROT_TABLE : PTE_P);
	if (WIDE)
		fill_upper(dom, tables, ROOT, 4, L3, PROT_TABLE);
}

static int create(unsigned int pages)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_max_vcpus };
	struct xen_memory_reservation res = { .nr_extents = pages };

	op.domain = other_create(0, frames);
	op.u.max_vcpus.max = 1;
	expect_done(domctl(&op), "max_vcpus");
	if (!WIDE) {
		op.cmd = XEN_DOMCTL_set_address_size;
		op.u.address_size.size = 32;
		expect_done(domctl(&op), "set_address_size");
	}
	op.cmd = XEN_DOMCTL_max_mem;
	op.u.max_mem.max_memkb = 4 * pages + 1024;
	expect_done(domctl(&op), "max_mem");
	for (unsigned int i = 0; i < pages; i++)
		frames[i] = i;
	set_xen_guest_handle(res.extent_start, frames);
	res.domid = op.domain;
	expect_done(memory_op(XENMEM_populate_physmap, &res) - (long)pages, "populate_physmap");
	return op.domain;
}

static void set_context(int dom, xen_pfn_t root, word arg)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_setvcpucontext, .domain = dom };
	struct vcpu_guest_context *c = vcpu_context(0, twin_main, arg);

	c->ctrlreg[3] = xen_pfn_to_cr3(root);
	c->event_callback_eip = (word)fast_event;
	c->flags |= VGCF_online;
	set_xen_guest_handle(op.u.vcpucontext.ctxt, c);
	expect_done(domctl(&op), "setvcpucontext");
}

static uint64_t shared_frame(int dom)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_getdomaininfo, .domain = dom };

	expect_done(domctl(&op), "getdomaininfo");
	return op.u.getdomaininfo.shared_info_frame;
}

void twin_pause(struct twin *t, bool pause)
{
	struct xen_domctl op = { .cmd = pause ? XEN_DOMCTL_pausedomain : XEN_DOMCTL_unpausedomain, .domain = t->dom };

	expect_done(domctl(&op), pause ? "pausedomain" : "unpausedomain");
}

void twin_ask(struct twin *t, uint32_t mode)
{
	struct evtchn_send send = { .port = t->port };

	t->box->mode = mode;
	t->box->turns = 0;
	event_op(EVTCHNOP_send, &send);
}

void twin_start(struct twin *t)
{
	unsigned int pages = ((word)_end - IMAGE_START) / PAGE_SIZE;
	unsigned int box = ((word)&mailbox - IMAGE_START) / PAGE_SIZE;
	struct evtchn_alloc_unbound open = { .dom = DOMID_SELF };
	struct mmuext_op pin = { .cmd = WIDE ? MMUEXT_PIN_L4_TABLE : MMUEXT_PIN_L3_TABLE };
	uint64_t shared_mfn;

	t->dom = create(pages + TABLES);
	open.remote_dom = t->dom;
	expect_done(event_op(EVTCHNOP_alloc_unbound, &open), "alloc_unbound");
	t->port = open.port;
	port_unmask_local(t->port);
	shared_mfn = shared_frame(t->dom);
	fill_tables(t->dom, pages, shared_mfn);
	pin.arg1.mfn = frames[pages + ROOT];
	expect_done(mmuext_many(&pin, 1, NULL, t->dom), "pin");
	set_context(t->dom, frames[pages + ROOT], t->port);
	for (unsigned int i = 0; i < pages; i++)	/* after the context: the image holds its arguments */
		fill(t->dom, frames[i], (char *)IMAGE_START + i * PAGE_SIZE);

	va_map(BOX_WINDOW, 0);
	expect_done(update_va_otherdomain(BOX_WINDOW, entry_of(frames[box], PROT_KERNEL), UVMF_INVLPG, t->dom), "mailbox");
	expect_done(update_va_otherdomain(SHARED_WINDOW, shared_mfn << 12 | PROT_KERNEL, UVMF_INVLPG, t->dom),
		    "shared_info of the twin");
	t->box = (void *)BOX_WINDOW;
	t->info = (void *)SHARED_WINDOW;
	t->info->vcpu_info[0].evtchn_upcall_mask = 1;
	twin_pause(t, false);
	do
		wait_polling(t->port);		/* the binding of its end is an event too */
	while (!t->box->port);
}
