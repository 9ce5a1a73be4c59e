// SPDX-License-Identifier: GPL-2.0-only
/*
 * memory_op: giving frames back, getting others, exchanging, and what is where.
 *
 * Rule: a frame given back is no longer ours, one populated is ours and the M2P knows it; exchange
 * is both at once; counts say how many were done; maps and limits agree with start_info; garbage
 * gets an errno.
 */
#include "rt.h"

#define N 16

static void balloon(void)
{
	static char pages[N][PAGE_SIZE] __page;
	static xen_pfn_t list[N];
	struct xen_memory_reservation res = { .nr_extents = N, .domid = DOMID_SELF };
	word first = va_to_pfn(pages), own_mark = (word)0x7777777777777777ull;

	for (int i = 0; i < N; i++) {
		list[i] = pfn_to_mfn(first + i);
		memset(pages[i], 0x77, PAGE_SIZE);
		expect_eq(update_va((word)pages[i], 0, UVMF_INVLPG), 0, "unmap");
	}
	set_xen_guest_handle(res.extent_start, list);
	expect_eq(memory_op(XENMEM_decrease_reservation, &res), N, "decrease_reservation");
	expect_eq(memory_op(XENMEM_decrease_reservation, &res), 0, "the same again");
	expect_refused(
		update_va((word)pages[0], (uint64_t)list[0] << 12 | PROT_KERNEL, UVMF_INVLPG),
		"a mapping of a frame given back");
	for (int i = 0; i < N; i++)
		list[i] = first + i;
	expect_eq(memory_op(XENMEM_populate_physmap, &res), N, "populate_physmap");
	for (int i = 0; i < N; i++) {
		expect_eq(m2p[list[i]], first + i, "the M2P of a new frame");
		((word *)si->mfn_list)[first + i] = list[i];
		expect_eq(update_va((word)pages[i], (uint64_t)list[i] << 12 | PROT_KERNEL,
				    UVMF_INVLPG),
			  0, "map it");
		for (unsigned int j = 0; j < PAGE_SIZE / sizeof(word); j++)
			if (((word *)pages[i])[j] && ((word *)pages[i])[j] != own_mark) {
				test_fail("a new frame has what is neither nothing nor ours");
				break;
			}
	}
}

/* Many frames are done together: the count is exact all the same, and nothing is done twice. */
static void counts(void)
{
	static char pages[3][PAGE_SIZE] __page;
	static xen_pfn_t list[2][PAGE_SIZE / sizeof(xen_pfn_t)] __page;
	struct xen_memory_reservation res = { .domid = DOMID_SELF };
	word first = va_to_pfn(pages), held = (word)list[1];
	uint64_t held_pte = mfn_of(list[1]) << 12 | PROT_KERNEL;
	const unsigned int end = PAGE_SIZE / sizeof(xen_pfn_t);
	xen_pfn_t *at = &list[0][end - 2];

	for (int i = 0; i < 3; i++)
		update_va((word)pages[i], 0, UVMF_INVLPG);
	/* The second one twice: it can go only once. */
	set_xen_guest_handle(res.extent_start, list[0]);
	list[0][0] = pfn_to_mfn(first);
	list[0][1] = list[0][2] = pfn_to_mfn(first + 1);
	list[0][3] = pfn_to_mfn(first + 2);
	res.nr_extents = 4;
	expect_eq(memory_op(XENMEM_decrease_reservation, &res), 2, "the same frame twice");
	expect_refused(update_va((word)pages[1], (uint64_t)list[0][1] << 12 | PROT_KERNEL, UVMF_INVLPG),
		       "a mapping of the second");
	expect_eq(frame_give_back(list[0][3]), 1, "the third is still there");

	/* Places for two, and the third of the list cannot be read. */
	expect_eq(update_va(held, 0, UVMF_INVLPG), 0, "no page behind the list");
	at[0] = first;
	at[1] = first + 1;
	set_xen_guest_handle(res.extent_start, at);
	res.nr_extents = 3;
	expect_eq(memory_op(XENMEM_populate_physmap, &res), 2, "three of a list of two");
	expect_eq(m2p[at[0]], first, "the M2P of the first");
	expect_eq(m2p[at[1]], first + 1, "the M2P of the second");
	res.nr_extents = 3;
	expect_eq(memory_op(XENMEM_decrease_reservation, &res), 2, "and back");

	/* A list that cannot be written: nothing is given. */
	expect_eq(update_va(held, held_pte, UVMF_INVLPG), 0, "map it again");
	list[1][0] = first;
	list[1][1] = first + 1;
	expect_eq(update_va(held, held_pte & ~PTE_RW, UVMF_INVLPG), 0, "read-only");
	set_xen_guest_handle(res.extent_start, list[1]);
	res.nr_extents = 2;
	expect_eq(memory_op(XENMEM_populate_physmap, &res), 0, "a list that cannot be written");
	expect_eq(update_va(held, held_pte, UVMF_INVLPG), 0, "writable again");
	list[1][0] = first;
	list[1][1] = first + 1;
	list[1][2] = first + 2;
	res.nr_extents = 3;
	expect_eq(memory_op(XENMEM_populate_physmap, &res), 3, "all three are had again");
	for (int i = 0; i < 3; i++) {
		((word *)si->mfn_list)[first + i] = list[1][i];
		expect_eq(update_va((word)pages[i], (uint64_t)list[1][i] << 12 | PROT_KERNEL, UVMF_INVLPG),
			  0, "map it");
	}
}

static void exchanges(void)
{
	char *p = page_alloc();
	xen_pfn_t in = mfn_of(p), out = va_to_pfn(p), old = in;
	struct xen_memory_exchange x = {
		.in = { .nr_extents = 1, .domid = DOMID_SELF },
		.out = { .nr_extents = 1, .domid = DOMID_SELF },
	};

	set_xen_guest_handle(x.in.extent_start, &in);
	set_xen_guest_handle(x.out.extent_start, &out);
	expect_eq(update_va((word)p, 0, UVMF_INVLPG), 0, "unmap");
	expect_eq(memory_op(XENMEM_exchange, &x), 0, "exchange");
	expect_eq(x.nr_exchanged, 1, "how many were exchanged");
	expect(out != old || out != va_to_pfn(p), "no new frame");
	((word *)si->mfn_list)[va_to_pfn(p)] = out;
	expect_eq(m2p[out], va_to_pfn(p), "the M2P of the new frame");
	expect_eq(update_va((word)p, (uint64_t)out << 12 | PROT_KERNEL, UVMF_INVLPG), 0, "map it");
	if (out != old)
		expect_refused(
			update_va(0x20000000, (uint64_t)old << 12 | PROT_KERNEL, UVMF_INVLPG),
			"the old frame");

	x.nr_exchanged = 0;
	x.in.nr_extents = 2;
	expect_refused(memory_op(XENMEM_exchange, &x), "an exchange of two for one");
	x.in.nr_extents = 1;
	x.in.extent_order = 20;
	expect_refused(memory_op(XENMEM_exchange, &x), "an exchange of order 20");
	x.in.extent_order = 0;
	x.out.domid = 0x1234;
	expect_refused(memory_op(XENMEM_exchange, &x), "an exchange with another domain");
}

static void what_is_where(void)
{
	struct xen_machphys_mapping map;
	static struct {
		uint64_t addr, size;
		uint32_t type;
	} __attribute__((packed)) e820[128];
	struct xen_memory_map m = { .nr_entries = 128 };
	domid_t self = DOMID_SELF;
	xen_pfn_t list[4];
	struct xen_machphys_mfn_list l = { .max_extents = 4 };
	uint64_t ram = 0;
	long top;

	expect_eq(memory_op(XENMEM_machphys_mapping, &map), 0, "machphys_mapping");
	expect(map.v_start < map.v_end && map.max_mfn >= 0x1f000,
	       "M2P %#lx to %#lx, last frame %#lx", (word)map.v_start, (word)map.v_end,
	       (word)map.max_mfn);
	set_xen_guest_handle(l.extent_start, list);
	expect_eq(memory_op(XENMEM_machphys_mfn_list, &l), 0, "machphys_mfn_list");
	expect(l.nr_extents >= 1, "no extents");

	set_xen_guest_handle(m.buffer, (void *)e820);
	expect_eq(memory_op(XENMEM_machine_memory_map, &m), 0, "machine_memory_map");
	expect(m.nr_entries > 1 && m.nr_entries <= 128, "%u entries", m.nr_entries);
	for (unsigned int i = 0; i < m.nr_entries && i < 128; i++)
		if (e820[i].type == 1)
			ram += e820[i].size;
	expect(ram > 256ull << 20, "RAM of the machine: %llu", (unsigned long long)ram);
	m.nr_entries = 1;
	memory_op(XENMEM_machine_memory_map, &m);
	expect(m.nr_entries <= 1, "more entries than there was room for");

	top = memory_op(XENMEM_maximum_ram_page, NULL);
	expect(top >= 0x1f000, "maximum_ram_page %#lx", top);
	expect(memory_op(XENMEM_current_reservation, &self) >= (long)si->nr_pages - 8,
	       "current_reservation %ld of %lu", memory_op(XENMEM_current_reservation, &self),
	       si->nr_pages);
	expect((word)memory_op(XENMEM_maximum_reservation, &self) >= si->nr_pages,
	       "maximum_reservation %lu", (word)memory_op(XENMEM_maximum_reservation, &self));
}

static void garbage(void)
{
	struct xen_memory_reservation res = { .nr_extents = 1, .domid = DOMID_SELF };
	xen_pfn_t bad[2] = { ~0ul, 0 };
	domid_t nobody = 0x1234;

	set_xen_guest_handle(res.extent_start, bad);
	expect(memory_op(XENMEM_decrease_reservation, &res) <= 0, "giving back frame ~0");
	bad[0] = 0;
	expect(memory_op(XENMEM_decrease_reservation, &res) <= 0, "giving back frame 0");
	res.extent_order = 255;
	expect(memory_op(XENMEM_populate_physmap, &res) <= 0, "order 255");
	expect(memory_op(XENMEM_increase_reservation, &res) <= 0, "order 255");
	res.extent_order = 0;
	res.nr_extents = ~0ul;
	expect(memory_op(XENMEM_populate_physmap, &res) <= 0, "2^n - 1 extents");
	res.nr_extents = 1;
	res.domid = 0x1234;
	expect(memory_op(XENMEM_populate_physmap, &res) <= 0, "populate of nobody");
	expect_refused(memory_op(XENMEM_current_reservation, &nobody), "the reservation of nobody");
	expect_refused(memory_op(999 & 63, NULL), "memory_op 39");
	for (unsigned int op = 0; op < 64; op++) {
		long rc = memory_op(op, (void *)8);

		if (op != XENMEM_maximum_ram_page && op != XENMEM_get_sharing_freed_pages &&
		    op != XENMEM_get_sharing_shared_pages && rc > 0)
			test_fail("memory_op %u with arguments at address 8: %ld", op, rc);
	}
}

void test_main(void)
{
	balloon();
	counts();
	exchanges();
	what_is_where();
	garbage();
}
