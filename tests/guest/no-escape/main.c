// SPDX-License-Identifier: GPL-2.0-only
/*
 * No escape: a guest kernel tries to get its hands on what would make it the machine's owner, by
 * every road it has.
 *
 * Rule: no frame is both writable by a guest and one of: a live page table, a descriptor table in
 * use, the machine-to-physical table, another domain's, the hypervisor's, or free. No address of
 * the hypervisor can be touched, by us or by the hypervisor on our behalf (arguments that point
 * there). No descriptor leads to a ring we do not own.
 *
 * For each target frame each road is tried. A road may return what it likes; afterwards we look:
 * FAIL if our window maps the target writable, if the target's contents changed, or if it could be
 * written.
 *
 * The first domain may name another domain in a call and map its frames: that is its office. Here
 * no other domain is named, except the ones that must not help (DOMID_XEN, DOMID_IO, one that is
 * not there).
 */
#include "rt.h"

#define WINDOW	0x20000000ul	/* one table's worth of addresses for trying */

static word *sample;		/* where the running target can be read, or NULL */
static const char *target;

struct target {
	const char *name;
	uint64_t mfn;
	word *view;		/* a read-only view of it, or NULL */
};

static bool window_holds(uint64_t mfn)
{
	uint64_t pte = pte_get(WINDOW);

	return pte & PTE_P && pte & PTE_RW && (pte & PTE_ADDR) >> 12 == mfn;
}

static void verdict(const char *road, uint64_t mfn)
{
	if (window_holds(mfn))
		test_fail("%s: mapped writable by %s", target, road);
	update_va(WINDOW, 0, UVMF_INVLPG);
	if (pte_get(WINDOW) & PTE_P)
		mmu_update_one(pt_entry_maddr(WINDOW, 1), 0);
}

/* ------------------------------------------------------------------ mapping */

static void map_it(uint64_t mfn)
{
	uint64_t want = mfn << 12 | PROT_KERNEL, entry = pt_entry_maddr(WINDOW, 1);
	volatile uint8_t *e = (uint8_t *)pt_entry(WINDOW, 1);
	struct mmu_update req = { .ptr = entry, .val = want };
	static const domid_t doms[] = { DOMID_XEN,     DOMID_IO,   DOMID_COW,
					DOMID_INVALID, DOMID_IDLE, 0x1234 };

	update_va(WINDOW, want, UVMF_INVLPG);
	verdict("update_va_mapping", mfn);
	update_va(WINDOW, want | PTE_US | PTE_G | PTE_PS, UVMF_NONE);
	verdict("update_va_mapping with odd bits", mfn);
	mmu_update_one(entry | MMU_NORMAL_PT_UPDATE, want);
	verdict("mmu_update", mfn);
	mmu_update_one(entry | MMU_PT_UPDATE_PRESERVE_AD, want);
	verdict("mmu_update, preserving A and D", mfn);
	mmu_update_one(entry | 3, want);
	verdict("mmu_update of the last type", mfn);
	for (size_t i = 0; i < ARRAY_SIZE(doms); i++) {
		update_va_otherdomain(WINDOW, want, UVMF_INVLPG, doms[i]);
		verdict("update_va_mapping_otherdomain", mfn);
		mmu_update_many(&req, 1, NULL, doms[i]);
		verdict("mmu_update naming no real domain", mfn);
		mmu_update_many(&req, 1, NULL, (doms[i] + 1) << 16 | DOMID_SELF);
		verdict("mmu_update of a table of no real domain", mfn);
	}

	/* Read-only first, then the writable bit alone: each way an entry can be widened. */
	if (!update_va(WINDOW, want & ~PTE_RW, UVMF_INVLPG) && pte_get(WINDOW) & PTE_P) {
		update_va(WINDOW, want, UVMF_INVLPG);
		verdict("widening by update_va_mapping", mfn);
		update_va(WINDOW, want & ~PTE_RW, UVMF_INVLPG);
		mmu_update_one(entry, want);
		verdict("widening by mmu_update", mfn);
		update_va(WINDOW, want & ~PTE_RW, UVMF_INVLPG);
		PROBE("lock orb $2, (%0)", : : "r"(e) : "memory");
		verdict("lock or of one byte into the live table", mfn);
		update_va(WINDOW, want & ~PTE_RW, UVMF_INVLPG);
		PROBE("lock btsl $1, (%0)", : : "r"(e) : "memory");
		verdict("lock bts into the live table", mfn);
	}
	update_va(WINDOW, 0, UVMF_INVLPG);
	probe_write64((word)e, want);
	verdict("an 8-byte store to the live table", mfn);
	PROBE("movl %0, 4(%2); movl %1, (%2)",
	      : : "r"((uint32_t)(want >> 32)), "r"((uint32_t)want), "r"(e) : "memory");
	verdict("two 4-byte stores to the live table", mfn);
	for (int i = 0; i < 8; i++)
		probe_write8((word)e + i, want >> 8 * (i ^ 1));
	probe_write8((word)e, want);
	verdict("single bytes to the live table", mfn);
	update_va(WINDOW, 0, UVMF_INVLPG);
	{
		word v = want;

		PROBE("xchg %0, (%1)", : "+r"(v) : "r"(e) : "memory");
		verdict("xchg into the live table", mfn);
	}
	/* A store that straddles two entries. */
	update_va(WINDOW, 0, UVMF_INVLPG);
	probe_write((word)e - 3, want << 24);
	verdict("a store across two entries", mfn);
}

/* ------------------------------------------------------------------ as a table, at every level */

static void as_table(uint64_t mfn)
{
	uint64_t entry = mfn << 12 | PROT_TABLE;
	word spare = WINDOW + (1ul << 21);

	/* Where nothing is: an entry of level 2 and above that names the target as the next table.
	 */
	for (int level = 2; level <= TOP_LEVEL; level++) {
		word va = level == 2   ? spare
			  : level == 3 ? (WIDE ? WINDOW + (1ul << 30) : 0x40000000ul)
				       : (word)(1ull << 39) * 3;
		uint64_t at = pt_entry_maddr(va, level);
		uint64_t e = !WIDE && level == 3 ? mfn << 12 | PTE_P : entry;

		if (!at || *pt_entry(va, level) & PTE_P)
			continue;
		if (!mmu_update_one(at, e)) {
			/* A table of the wrong kind is refused; a right one (our own, level for
			 * level) is not. */
			if (sample != (word *)1)
				test_fail("%s: accepted as a level %d table", target, level - 1);
			mmu_update_one(at, 0);
		}
		if (level <= 3) {
			if (!mmu_update_one(at, e | PTE_PS)) {
				test_fail("%s: mapped as a superpage at level %d", target, level);
				mmu_update_one(at, 0);
			}
		}
	}
}

static void pins(uint64_t mfn)
{
	for (unsigned int cmd = MMUEXT_PIN_L1_TABLE; cmd <= MMUEXT_PIN_L4_TABLE; cmd++) {
		if (!mmuext(cmd, mfn, 0)) {
			test_fail("%s: pinned as level %u", target, cmd + 1);
			mmuext(MMUEXT_UNPIN_TABLE, mfn, 0);
		}
	}
	expect(mmuext(MMUEXT_NEW_BASEPTR, mfn, 0), "%s: taken as the root", target);
	if (WIDE)
		expect(mmuext(MMUEXT_NEW_USER_BASEPTR, mfn, 0), "%s: taken as the programs' root",
		       target);
}

/* ------------------------------------------------------------------ the hypervisor's own pen */

static void by_hypervisor(uint64_t mfn)
{
	static char page[PAGE_SIZE] __page;
	struct mmuext_op op = { .cmd = MMUEXT_COPY_PAGE };
	struct gnttab_copy copy = { .len = 64, .flags = 0 };
	xen_pfn_t frame = mfn;
	struct xen_memory_reservation res = { .nr_extents = 1, .domid = DOMID_SELF };
	struct vcpu_register_vcpu_info reg = { .mfn = mfn };
	struct physdev_pirq_eoi_gmfn eoi = { .gmfn = mfn };

	memset(page, 0x5a, sizeof(page));
	expect(mmuext(MMUEXT_CLEAR_PAGE, mfn, 0), "%s: cleared by MMUEXT_CLEAR_PAGE", target);
	op.arg1.mfn = mfn;
	op.arg2.src_mfn = mfn_of(page);
	expect(mmuext_many(&op, 1, NULL, DOMID_SELF), "%s: overwritten by MMUEXT_COPY_PAGE",
	       target);

	copy.source.u.gmfn = mfn_of(page);
	copy.source.domid = DOMID_SELF;
	copy.dest.u.gmfn = mfn;
	copy.dest.domid = DOMID_SELF;
	expect(grant_op(GNTTABOP_copy, &copy, 1) || copy.status, "%s: overwritten by a grant copy",
	       target);

	expect(update_descriptor(mfn << 12, 0x00cff2000000ffffull),
	       "%s: written by update_descriptor", target);
	expect(update_descriptor(mfn << 12 | 4088, 0), "%s: written by update_descriptor", target);
	expect(vcpu_op(VCPUOP_register_vcpu_info, 1, &reg), "%s: taken as a vcpu_info", target);
	expect(physdev_op(PHYSDEVOP_pirq_eoi_gmfn_v2, &eoi), "%s: taken as the pirq bitmap",
	       target);
	{
		word frames[1] = { mfn };

		expect(set_gdt(frames, 512), "%s: taken as a descriptor table", target);
	}
	expect(mmu_update_one(mfn << 12 | 8 | MMU_NORMAL_PT_UPDATE, ~0ull),
	       "%s: written as a page table", target);
	/* Giving back our own live table is refused or leaves it a table until it is none: advisory
	 * 252. */
	if (sample != (word *)1) {
		set_xen_guest_handle(res.extent_start, &frame);
		expect(memory_op(XENMEM_decrease_reservation, &res) != 1,
		       "%s: given back, though it is not ours", target);
	}
}

/* ------------------------------------------------------------------ addresses */

/* Hypercall results are asked for at an address: it must not be written. */
static void results_at(const char *what, word va, volatile word *watch)
{
	word before = watch ? *watch : 0;
	unsigned int *done = (unsigned int *)va;
	struct mmu_update req = { .ptr = pt_entry_maddr(WINDOW, 1) };
	struct multicall_entry *mc = (struct multicall_entry *)va;

	xen_version(XENVER_extraversion, (void *)va);
	xen_version(XENVER_compile_info, (void *)va);
	xen_version(XENVER_changeset, (void *)va);
	xen_version(XENVER_platform_parameters, (void *)va);
	memory_op(XENMEM_machphys_mapping, (void *)va);
	memory_op(XENMEM_machine_memory_map, (void *)va);
	mmu_update_many(&req, 1, done, DOMID_SELF);
	mmu_update_many((void *)va, 1, done, DOMID_SELF);
	event_op(EVTCHNOP_alloc_unbound, (void *)va);
	event_op(EVTCHNOP_status, (void *)va);
	physdev_op(PHYSDEVOP_irq_status_query, (void *)va);
	vcpu_op(VCPUOP_get_runstate_info, 0, (void *)va);
	if (!watch) /* what can be read would be executed: table entries make odd hypercalls */
		hcall2(__HYPERVISOR_multicall, mc, 1);
	grant_op(GNTTABOP_query_size, (void *)va, 1);
	hcall3(__HYPERVISOR_console_io, CONSOLEIO_read, 8, va);
	hcall1(__HYPERVISOR_sysctl, va);
	hcall1(__HYPERVISOR_domctl, va);
	if (watch && *watch != before)
		test_fail("%s: a hypercall wrote its result there", what);
}

static void areas_at(const char *what, word va, volatile word *watch)
{
	word before = watch ? *watch : 0;
	struct vcpu_register_runstate_memory_area run;
	struct vcpu_register_time_memory_area time;

	run.addr.p = va;
	if (!vcpu_op(VCPUOP_register_runstate_memory_area, 0, &run)) {
		sched_op(SCHEDOP_yield, NULL);
		run.addr.p = 0;
		vcpu_op(VCPUOP_register_runstate_memory_area, 0, &run);
	}
	time.addr.p = va;
	if (!vcpu_op(VCPUOP_register_vcpu_time_memory_area, 0, &time)) {
		sched_op(SCHEDOP_yield, NULL);
		time.addr.p = 0;
		vcpu_op(VCPUOP_register_vcpu_time_memory_area, 0, &time);
	}
	if (watch && *watch != before)
		test_fail("%s: a registered area was written there", what);
}

static void read_fn(word va)
{
	(void)*(volatile word *)va;
}

static void jump_fn(word va)
{
	((void (*)(void))va)();
}

__user static word user_read(word va)
{
	return *(volatile word *)va;
}

__user static word user_write(word va)
{
	*(volatile word *)va = 0;
	return 0;
}

static void hypervisor_addresses(void)
{
	static const uint64_t wide[] = {
		0xffff800000000000, 0xffff804000000000, 0xffff808000000000, 0xffff820000000000,
		0xffff82c000000000, 0xffff82d000000000, 0xffff82d040000000, 0xffff82e000000000,
		0xffff830000000000, 0xffff830000100000, 0xffff840000000000, 0xffff87fffffff000,
	};
	static const uint64_t narrow[] = {
		0xf5800000, 0xf5900000, 0xf6800000, 0xf7000000, 0xfc000000, 0xff000000, 0xfffff000,
	};
	size_t n = WIDE ? ARRAY_SIZE(wide) : ARRAY_SIZE(narrow);

	for (size_t i = 0; i < n; i++) {
		word va = WIDE ? wide[i] : narrow[i];
		int v;

		if (va < m2p_start)
			continue;
		v = probe_write(va, 0);
		expect(v == 14 || v == 13, "a store to %#lx: vector %d", va, v);
		if (va < m2p_start || va >= m2p_end) {
			v = try_call(read_fn, va);
			expect(v == 14 || v == 13, "a load from %#lx: vector %d", va, v);
		}
		v = try_call(jump_fn, va);
		expect(v == 14 || v == 13 || v == 6, "a jump to %#lx: vector %d", va, v);
		v = user_run(user_write, va);
		expect(v == 14 || v == 13, "ring 3: a store to %#lx: vector %d", va, v);
		if (va < m2p_start || va >= m2p_end) {
			v = user_run(user_read, va);
			expect(v == 14 || v == 13, "ring 3: a load from %#lx: vector %d", va, v);
		}
		results_at("the hypervisor's range", va, NULL);
		areas_at("the hypervisor's range", va, NULL);
		expect_refused(update_va(va, mfn_of(&test_name) << 12 | PROT_KERNEL, UVMF_INVLPG),
			       "update_va_mapping of the hypervisor's range");
	}
	results_at("the M2P", m2p_start, (volatile word *)m2p_start);
	areas_at("the M2P", m2p_start, (volatile word *)m2p_start);
	expect_eq(probe_write(m2p_start + 8 * mfn_of(&test_name), 0), 14, "a store to the M2P");
}

/* The slots of our own top tables that belong to the hypervisor. */
static void reserved_slots(void)
{
	uint64_t *table = page_alloc();
	uint64_t e = mfn_of(table) << 12 | PROT_TABLE;

	page_protect(table, false);
	if (WIDE) {
		for (unsigned int slot = 256; slot < 272; slot++) {
			uint64_t at = mfn_of((void *)si->pt_base) << 12 | slot * 8;

			expect(mmu_update_one(at, e), "slot %u of the root was given to us", slot);
			expect(mmu_update_one(at, 0), "slot %u of the root was taken away", slot);
		}
	} else {
		/* The hypervisor's window is in the last level 2 table. */
		uint64_t at = pt_entry_maddr(m2p_start, 2);

		if (at) {
			expect(mmu_update_one(at, e), "the M2P's level 2 entry was given to us");
			expect(mmu_update_one(at, 0), "the M2P's level 2 entry was taken away");
		}
	}
	page_protect(table, true);
	page_free(table);
}

/* ------------------------------------------------------------------ descriptors */

static uint64_t *gdt;

static bool harmless(uint64_t d)
{
	unsigned int dpl = d >> 45 & 3, least = WIDE ? 3 : 1;

	if (!(d >> 47 & 1))
		return true;		/* not present */
	if (!(d >> 44 & 1)) {
		unsigned int type = d >> 40 & 15, selector = d >> 16 & 0xffff;

		/* Type 0 is none. A call gate may lead nowhere, or to segments of ours, which have
		 * been checked. */
		/* One below our ring is one we cannot call. */
		return type == 0 ||
		       (type == 12 && (dpl < least || selector < 4 ||
				       (selector < 0xe000 && (selector & 3) >= least)));
	}
	if (dpl < least)
		return false;
	if (!WIDE && d >> 43 & 1 && d >> 53 & 1 && dpl != 3)
		return false;		/* 64-bit code in ring 1 */
	return true;
}

static void load_and_call(word selector)
{
	struct {
		word offset;
		uint16_t sel;
	} __attribute__((packed)) far = { (word)load_and_call, selector };

	asm volatile("mov %0, %%fs" : : "r"(selector));
	asm volatile("mov %0, %%fs" : : "r"(0));
#ifdef __x86_64__
	asm volatile(".byte 0x48; lcall *%0" : : "m"(far) : "memory");
#else
	asm volatile("lcall *%0" : : "m"(far) : "memory");
#endif
}

static void one_descriptor(const char *what, uint64_t d)
{
	word selector = 8 * 8 | (WIDE ? 3 : 1);
	long rc = update_descriptor(mfn_of(gdt) << 12 | 8 * 8, d);
	uint64_t now = *(volatile uint64_t *)&gdt[8];

	expect(harmless(now), "%s: %#llx stands in the table as %#llx (rc %ld)", what,
	       (unsigned long long)d, (unsigned long long)now, rc);
	/* Loading it, or calling through it, must trap or stay in our ring. */
	if (!rc && !(d >> 43 & 1))
		try_call(load_and_call, selector);
	expect_eq(read_cs() & 3, WIDE ? 3 : 1, "our ring");
	update_descriptor(mfn_of(gdt) << 12 | 8 * 8, 0);
}

static void descriptors(void)
{
	word frame;
	uint32_t entry = (uint32_t)(word)load_and_call;

	gdt = page_alloc();
	page_protect(gdt, false);
	frame = mfn_of(gdt);
	expect_eq(set_gdt(&frame, 512), 0, "set_gdt of an empty page");
	for (unsigned int type = 0; type < 32; type++)
		for (unsigned int dpl = 0; dpl < 4; dpl++)
			for (unsigned int high = 0; high < 4; high++) {
				/* base 0, limit 4G; S and type from `type`; L and D from `high` */
				uint64_t d = 0x008f00000000ffffull | (uint64_t)type << 40 |
					     (uint64_t)dpl << 45 | 1ull << 47 |
					     (uint64_t)(high & 1) << 53 |
					     (uint64_t)(high >> 1) << 54;

				one_descriptor("a descriptor", d);
			}
	for (unsigned int dpl = 0; dpl < 4; dpl++) {
		uint64_t gate = (entry & 0xffff) | (uint64_t)0xe008 << 16 | (uint64_t)dpl << 45 |
				1ull << 47 | (uint64_t)(entry >> 16) << 48;

		one_descriptor("a 16-bit call gate", gate | 4ull << 40);
		one_descriptor("a task gate", gate | 5ull << 40);
		one_descriptor("a call gate", gate | 12ull << 40);
		one_descriptor("an interrupt gate", gate | 14ull << 40);
		one_descriptor("a trap gate", gate | 15ull << 40);
	}
	expect_eq(mmuext(MMUEXT_SET_LDT, 0, 0), 0, "no LDT");

	/* The same through the table as a whole: bad content in a frame offered as GDT. */
	{
		uint64_t *bad = page_alloc();

		bad[3] = 0x0000ec00e008ffffull;	/* a call gate to the hypervisor's code */
		page_protect(bad, false);
		frame = mfn_of(bad);
		if (!set_gdt(&frame, 512)) {
			expect(harmless(bad[3]), "set_gdt of a page with a call gate to ring 0");
			frame = mfn_of(gdt);
			expect_eq(set_gdt(&frame, 512), 0, "set_gdt of the page before");
		}
		expect_eq(page_protect(bad, true), 0,
			  "a page that was no descriptor table, writable");
		bad[3] = 0;
		frame = mfn_of(bad);
		expect_refused(set_gdt(&frame, 512), "set_gdt of a page mapped writable");
		frame = mfn_of(gdt);
		expect_refused(set_gdt(&frame, 512 * 15), "set_gdt of 15 pages");
		page_free(bad);
	}

	/* And through an LDT, whose pages are checked when first used. */
	{
		uint64_t *ldt = page_alloc();
		int v;

		ldt[1] = 0x0000ec000008ffffull | 3ull << 45;
		ldt[2] = 0x00cff2000000ffffull;		/* honest data of ring 3 */
		page_protect(ldt, false);
		expect_eq(mmuext(MMUEXT_SET_LDT, (word)ldt, 512), 0, "SET_LDT");
		v = PROBE("mov %0, %%fs", : : "r"(2 * 8 | 7));
		expect(v == -1 || v == 13 || v == 14 || v == 11,
		       "a data selector from an LDT page with a call gate: vector %d", v);
		v = try_call(load_and_call, 1 * 8 | 7);
		expect(v == 13 || v == 14 || v == 11, "a call through an LDT gate: vector %d", v);
		mmuext(MMUEXT_SET_LDT, 0, 0);
		asm volatile("mov %0, %%fs" : : "r"(0));
		page_protect(ldt, true);
		ldt[1] = 0;
		page_protect(ldt, false);
		expect_eq(mmuext(MMUEXT_SET_LDT, (word)ldt, 512), 0, "SET_LDT of an honest page");
		expect_eq(PROBE("mov %0, %%fs",
				:
				: "r"(2 * 8 | 7)),
			  -1, "a data selector from an honest LDT");
		expect_refused(page_protect(ldt, true), "a writable mapping of an LDT in use");
		asm volatile("mov %0, %%fs" : : "r"(0));
		if (!mmuext(MMUEXT_SET_LDT, WIDE ? (word)0xffff830000000000ull : m2p_start, 512)) {
			v = PROBE("mov %0, %%fs", : : "r"(2 * 8 | 7));
			expect(v != -1,
			       "a selector from an LDT in the hypervisor's range was loaded");
		}
		mmuext(MMUEXT_SET_LDT, 0, 0);
		expect_eq(page_protect(ldt, true), 0, "writable again");
	}

	/* The reserved part of the GDT: read what is there, write nothing. */
	for (word sel = 0xe000; sel < 0xe100; sel += 8) {
		word rights = 0;
		bool ok = false;

		asm volatile("lar %2, %0; setz %1" : "+r"(rights), "=q"(ok) : "r"(sel | 3) : "cc");
		if (ok && !(rights >> 12 & 1) && (rights >> 13 & 3) == 3)
			test_fail("selector %#lx is a system descriptor open to ring 3: %#lx", sel,
				  rights);
	}
}

/* ------------------------------------------------------------------ contexts */

/* A trap handler, a callback, a vcpu in a code segment that is not ours. */
static void selectors_for_entry(void)
{
	static const uint16_t sels[] = { 0xe008, 0xe010, 0xe000, 0xe018,
					 0x0000, 0xe039, 0xe040, 0xfff8 };

	for (size_t i = 0; i < ARRAY_SIZE(sels); i++) {
		long rc = trap_set_one(0x55, 3, sels[i], entry_table[0x55]);

		if (rc)
			continue;
		trap_set_one(0x55, 3, KERNEL_CS, entry_table[0x55]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(sels); i++) {
		struct vcpu_guest_context *v = vcpu_context(1, read_fn, 0);

		v->user_regs.cs = sels[i];
		v->user_regs.ss = sels[i];
		if (!vcpu_op(VCPUOP_initialise, 1, v))
			note("a vcpu with cs %#x was accepted", sels[i]);
	}
}

/* ------------------------------------------------------------------ the tour */

static void try_all(const struct target *t)
{
	word before[4], after[4];

	target = t->name;
	sample = t->view;
	if (t->view && t->view != (word *)1)
		memcpy(before, t->view, sizeof(before));
	map_it(t->mfn);
	as_table(t->mfn);
	pins(t->mfn);
	by_hypervisor(t->mfn);
	if (t->view && t->view != (word *)1) {
		memcpy(after, t->view, sizeof(after));
		expect(!memcmp(before, after, sizeof(before)), "%s: its contents changed", target);
	}
}

static void own_tables(void)
{
	char name[40];

	for (int level = 1; level <= TOP_LEVEL; level++) {
		uint64_t *e = pt_entry(VIRT_BASE + LOAD_OFFSET, level);
		word table = (word)e & ~(word)(PAGE_SIZE - 1);
		word before[4];

		format_text(name, sizeof(name), "our live level %d table", level);
		target = name;
		sample = (word *)1;
		memcpy(before, (void *)table, sizeof(before));
		map_it(mfn_of((void *)table));
		page_protect((void *)table, true);
		expect(!(pte_get(table) & PTE_RW), "%s: made writable where it stands", name);
		for (unsigned int cmd = MMUEXT_PIN_L1_TABLE; cmd <= MMUEXT_PIN_L4_TABLE; cmd++)
			if ((int)cmd + 1 != level && !mmuext(cmd, mfn_of((void *)table), 0))
				test_fail("%s: pinned as level %u", name, cmd + 1);
		by_hypervisor(mfn_of((void *)table));
		results_at(name, table, (volatile word *)table);
		areas_at(name, table, (volatile word *)table);
		expect(!memcmp(before, (void *)table, sizeof(before)), "%s: its contents changed",
		       name);
	}
}

static uint64_t frame_of_m2p(void)
{
	xen_pfn_t list[1] = { 0 };
	struct xen_machphys_mfn_list l = { .max_extents = 1 };

	set_xen_guest_handle(l.extent_start, list);
	if (memory_op(XENMEM_machphys_mfn_list, &l))
		return INVALID_MFN;
	return list[0];
}

static uint64_t frame_given_back(void)
{
	char *p = page_alloc();
	xen_pfn_t mfn = mfn_of(p);
	struct xen_memory_reservation res = { .nr_extents = 1, .domid = DOMID_SELF };

	update_va((word)p, 0, UVMF_INVLPG);
	set_xen_guest_handle(res.extent_start, &mfn);
	if (memory_op(XENMEM_decrease_reservation, &res) != 1)
		test_error("cannot give a frame back");
	return mfn;
}

void test_main(void)
{
	xen_pfn_t theirs[4] = { 0 };
	int dom;
	struct target t;

	va_map(WINDOW, 0);
	vm_assist(VMASST_CMD_enable, VMASST_TYPE_writable_pagetables);

	own_tables();
	dom = other_create(4, theirs);
	if (dom >= 0) {
		t = (struct target){ "another domain's frame", theirs[1], NULL };
		try_all(&t);
	}
	t = (struct target){ "the frame of the M2P", frame_of_m2p(), (word *)m2p_start };
	if (t.mfn != INVALID_MFN)
		try_all(&t);
	t = (struct target){ "a free frame", frame_given_back(), NULL };
	try_all(&t);
	/* Wherever it put itself, frames of RAM that the M2P knows no owner of are not ours. */
	for (uint64_t mfn = 0x100; mfn < m2p_entries && mfn < 0x20000; mfn += 0x777) {
		word pfn = m2p[mfn];

		if (pfn < si->nr_pages && pfn_to_mfn(pfn) == mfn)
			continue;
		t.name = "a frame of RAM not ours";
		t.mfn = mfn;
		target = t.name;
		sample = NULL;
		map_it(mfn);
		pins(mfn);
	}
	reserved_slots();
	hypervisor_addresses();
	descriptors();
	selectors_for_entry();
	if (dom >= 0)
		expect_eq(other_destroy(dom), 0, "destroy of the other domain");
}
