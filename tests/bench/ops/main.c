// SPDX-License-Identifier: GPL-2.0-only
/*
 * What one operation costs, in instructions.
 *
 * Under QEMU's -icount shift=0 a tick of the TSC is one executed instruction, of the guest and of the
 * hypervisor together. Each operation runs in ten chunks; the best counts, because an interrupt may fall
 * into the others. A figure holds the guest's side too: the loop (2), the call through the hypercall
 * page, the handlers of entry.S. Names are those of Xen's figures (xen-figures.txt), so that rows meet.
 *
 * A row whose operation was refused is not printed; ERROR says so.
 */
#include "measure.h"

#define WINDOW	0x20000000ul		/* one page table of ours, 512 slots */
#define NOWHERE	0x30000000ul		/* nothing is ever mapped here */
#define SPARE	30000			/* from this pfn on the builder maps nothing */
#define BATCH	512
#define REF	20

extern char fast_next[], fast_skip2[], fast_error_skip2[], trap_stack_top[];
#ifdef __x86_64__
extern char fast_syscall[];
#else
extern char native_next[], native_skip2[];
#endif

static void handler(unsigned int vector, char *entry)
{
	bool open = vector == 3 || vector == 0x80;

	if (trap_set_one(vector, open ? 3 : 0, KERNEL_CS, (word)entry))
		test_error("set_trap_table refused vector %u", vector);
}

static void handler_back(unsigned int vector)
{
	handler(vector, (char *)entry_table[vector]);
}

/* ------------------------------------------------------------------ hypercalls that do little */

static struct multicall_entry calls[8];

static void small_calls(void)
{
	struct physdev_set_iopl iopl = { .iopl = 1 };
	struct vcpu_set_singleshot_timer once = { .timeout_abs_ns = 1ull << 60 };
	struct trap_info traps[2] = {
		{ .vector = 0x90, .cs = KERNEL_CS, .address = entry_table[0x90] },
	};

	MEASURE("loop_overhead", 1000, );
	MEASURE("rdtsc_pair_overhead", 1000, ticks());
	MEASURE("xen_version", 200, HC(__HYPERVISOR_xen_version, XENVER_version, 0, 0, 0));
	MEASURE("bad_hypercall_ENOSYS", 200, HC(63, 0, 0, 0, 0));
	MEASURE("sched_yield", 50, DO(HC(__HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0, 0)));
#ifdef __x86_64__
	MEASURE("set_timer_op", 100, DO(HC(__HYPERVISOR_set_timer_op, 1ull << 60, 0, 0, 0)));
#else
	MEASURE("set_timer_op", 100, DO(HC(__HYPERVISOR_set_timer_op, 0, 1 << 28, 0, 0)));
#endif
	set_timer_op(0);
	MEASURE("vcpuop_singleshot_timer", 100,
		DO(HC(__HYPERVISOR_vcpu_op, VCPUOP_set_singleshot_timer, 0, &once, 0)));
	vcpu_op(VCPUOP_stop_singleshot_timer, 0, NULL);
	MEASURE("stack_switch", 200, DO(HC(__HYPERVISOR_stack_switch, KERNEL_SS, trap_stack_top, 0, 0)));
#ifdef __x86_64__
	MEASURE("set_segment_base_fs", 200, DO(HC(__HYPERVISOR_set_segment_base, SEGBASE_FS, 0x1000, 0, 0)));
	MEASURE("set_segment_base_gs_user", 200,
		DO(HC(__HYPERVISOR_set_segment_base, SEGBASE_GS_USER, 0x1000, 0, 0)));
#endif
	MEASURE("fpu_taskswitch_1_0", 200,
		DO(HC(__HYPERVISOR_fpu_taskswitch, 1, 0, 0, 0));
		DO(HC(__HYPERVISOR_fpu_taskswitch, 0, 0, 0, 0)));
	MEASURE("set_debugreg7", 200, DO(HC(__HYPERVISOR_set_debugreg, 7, 0x400, 0, 0)));
	MEASURE("set_trap_table_1", 100, DO(HC(__HYPERVISOR_set_trap_table, traps, 0, 0, 0)));
	for (unsigned int i = 0; i < ARRAY_SIZE(calls); i++)
		calls[i].op = __HYPERVISOR_xen_version;	/* XENVER_version is 0 */
	MEASURE("multicall_1xnull", 100, DO(HC(__HYPERVISOR_multicall, calls, 1, 0, 0)));
	MEASURE("multicall_8xnull", 50, DO(HC(__HYPERVISOR_multicall, calls, 8, 0, 0)));
	MEASURE("physdev_set_iopl", 100, DO(HC(__HYPERVISOR_physdev_op, PHYSDEVOP_set_iopl, &iopl, 0, 0)));
}

/* ------------------------------------------------------------------ instructions done for us */

#define INSN(name, text, ...)	MEASURE(name, 50, asm volatile(text __VA_ARGS__))

static void emulated(void)
{
	word v, cr0, cr4, cr3 = xen_pfn_to_cr3(mfn_of((void *)si->pt_base));
	word ax, bx, cx, dx;

	asm volatile("mov %%cr0, %0" : "=r"(cr0));
	asm volatile("mov %%cr4, %0" : "=r"(cr4));
	INSN("emul_clts", "clts");
	INSN("emul_mov_from_cr0", "mov %%cr0, %0", : "=r"(v));
	INSN("emul_mov_to_cr0", "mov %0, %%cr0", : : "r"(cr0));
	INSN("emul_mov_from_cr2", "mov %%cr2, %0", : "=r"(v));
	INSN("emul_mov_from_cr3", "mov %%cr3, %0", : "=r"(v));
	INSN("emul_mov_to_cr3", "mov %0, %%cr3", : : "r"(cr3));
	INSN("emul_mov_from_cr4", "mov %%cr4, %0", : "=r"(v));
	INSN("emul_mov_to_cr4", "mov %0, %%cr4", : : "r"(cr4));
	INSN("emul_mov_from_dr7", "mov %%dr7, %0", : "=r"(v));
	INSN("emul_cli_sti(2)", "cli; sti", : : : "memory");
	events_mask();
	INSN("emul_inb_0x80", "inb $0x80, %%al", : : : "eax");
	INSN("emul_outb_0x80", "outb %%al, $0x80", : : "a"(0));
	INSN("emul_inb_pic_0x21", "inb $0x21, %%al", : : : "eax");
	INSN("emul_rdmsr_efer", "rdmsr", : "=a"(ax), "=d"(dx) : "c"(0xc0000080));
	INSN("emul_rdmsr_misc_enable", "rdmsr", : "=a"(ax), "=d"(dx) : "c"(0x1a0));
#ifdef __x86_64__
	INSN("emul_wrmsr_fs_base", "wrmsr", : : "c"(0xc0000100), "a"(0x1000), "d"(0));
#endif
	INSN("emul_wbinvd", "wbinvd", : : : "memory");
	INSN("fep_cpuid_leaf0", XEN_CPUID, : "=a"(ax), "=b"(bx), "=c"(cx), "=d"(dx) : "0"(0), "2"(0));
	INSN("fep_cpuid_leaf1", XEN_CPUID, : "=a"(ax), "=b"(bx), "=c"(cx), "=d"(dx) : "0"(1), "2"(0));
	INSN("native_cpuid_leaf1", "cpuid", : "=a"(ax), "=b"(bx), "=c"(cx), "=d"(dx) : "0"(1));
}

/* ------------------------------------------------------------------ events */

#define TAKE_BACK()							\
	do {								\
		vinfo->evtchn_upcall_pending = 0;			\
		vinfo->evtchn_pending_sel = 0;				\
		shared->evtchn_pending[0] = 0;				\
	} while (0)

#define SEND(s)	DO(HC(__HYPERVISOR_event_channel_op, EVTCHNOP_send, s, 0, 0))

static void upcalls(const char *name, struct evtchn_send *send)
{
	unsigned int before = fast_events;

	callback(CALLBACKTYPE_event, fast_event);
	vinfo->evtchn_upcall_mask = 0;
	MEASURE(name, 100, SEND(send));
	events_mask();
	callback(CALLBACKTYPE_event, entry_event);
	if (fast_events - before != 100 * CHUNKS)
		test_error("%s: %u upcalls for %u sends", name, fast_events - before, 100 * CHUNKS);
}

static void events(void)
{
	struct evtchn_send ipi = { .port = port_bind_ipi(0) }, peer = { 0 };
	struct evtchn_alloc_unbound open = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF };
	struct evtchn_bind_interdomain bind = { .remote_dom = DOMID_SELF };
	struct evtchn_status status = { .dom = DOMID_SELF, .port = ipi.port };
	struct evtchn_unmask unmask = { .port = ipi.port };
	struct evtchn_close close;
	evtchn_port_t polled;
	struct sched_poll poll = { .nr_ports = 1, .timeout = 1 };

	if (event_op(EVTCHNOP_alloc_unbound, &open))
		test_error("alloc_unbound refused");
	bind.remote_port = open.port;
	if (event_op(EVTCHNOP_bind_interdomain, &bind))
		test_error("bind_interdomain refused");
	port_unmask_local(open.port);
	port_unmask_local(bind.local_port);
	TAKE_BACK();			/* both ends of a new channel are told once */
	peer.port = bind.local_port;

	MEASURE("evtchn_send_ipi_cpu_masked", 100, SEND(&ipi); TAKE_BACK());
	MEASURE("evtchn_send_interdomain_cpu_masked", 100, SEND(&peer); TAKE_BACK());
	MEASURE("evtchn_send_already_pending", 100, SEND(&ipi));
	TAKE_BACK();
	upcalls("evtchn_send_ipi_upcall_iret", &ipi);
	upcalls("evtchn_send_interdomain_upcall_iret", &peer);
	MEASURE("evtchn_status", 100, DO(HC(__HYPERVISOR_event_channel_op, EVTCHNOP_status, &status, 0, 0)));
	MEASURE("evtchn_unmask", 100, DO(HC(__HYPERVISOR_event_channel_op, EVTCHNOP_unmask, &unmask, 0, 0)));
	MEASURE("evtchn_alloc_unbound_close", 50,
		DO(HC(__HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound, &open, 0, 0));
		close.port = open.port;
		DO(HC(__HYPERVISOR_event_channel_op, EVTCHNOP_close, &close, 0, 0)));
	polled = ipi.port;
	set_xen_guest_handle(poll.ports, &polled);
	MEASURE("sched_poll_expired", 50, DO(HC(__HYPERVISOR_sched_op, SCHEDOP_poll, &poll, 0, 0)));
}

/* ------------------------------------------------------------------ page table entries */

static uint64_t pte_a, pte_b;

#ifdef __x86_64__
#define UVA(pte, flags)	DO(HC(__HYPERVISOR_update_va_mapping, WINDOW, pte, flags, 0))
#else
#define UVA(pte, flags)	DO(HC(__HYPERVISOR_update_va_mapping, WINDOW, pte, (pte) >> 32, flags))
#endif
#define MMU(req, n)	DO(HC(__HYPERVISOR_mmu_update, req, n, 0, DOMID_SELF))
#define EXT(op)		DO(HC(__HYPERVISOR_mmuext_op, op, 1, 0, DOMID_SELF))

static void one_entry(void)
{
	uint64_t pte = pte_a, flip = pte_a ^ pte_b, ro = pte_a & ~PTE_RW, none = 0;

	MEASURE("uva_remap_noflush", 100, pte ^= flip; UVA(pte, UVMF_NONE));
	MEASURE("uva_remap_invlpg", 100, pte ^= flip; UVA(pte, UVMF_INVLPG));
	MEASURE("uva_remap_invlpg_all", 100, pte ^= flip; UVA(pte, UVMF_INVLPG | UVMF_ALL));
	MEASURE("uva_remap_tlbflush", 100, pte ^= flip; UVA(pte, UVMF_TLB_FLUSH));
	pte = pte_a;
	MEASURE("uva_unmap_map_noflush(2)", 100, UVA(none, UVMF_NONE); UVA(pte, UVMF_NONE));
	MEASURE("uva_rw_ro_noflush(2)", 100, UVA(ro, UVMF_NONE); UVA(pte, UVMF_NONE));
	MEASURE("uva_avail_bit_noflush", 100, pte ^= 0x200; UVA(pte, UVMF_NONE));
	UVA(pte_a, UVMF_INVLPG);
}

static struct mmu_update to_a[256], to_b[256], to_none[256];

static void batches(void)
{
	static const struct {
		const char *name;
		unsigned int count, ops;
	} sizes[] = {
		{ "mmu_update_l1_x1", 1, 50 },
		{ "mmu_update_l1_x8", 8, 10 },
		{ "mmu_update_l1_x32", 32, 4 },
		{ "mmu_update_l1_x256", 256, 2 },
	};

	for (unsigned int i = 0; i < 256; i++) {
		uint64_t at = pt_entry_maddr(WINDOW, 1) + i * 8;

		to_a[i] = (struct mmu_update){ .ptr = at | MMU_NORMAL_PT_UPDATE, .val = pte_a };
		to_b[i] = (struct mmu_update){ .ptr = at | MMU_NORMAL_PT_UPDATE, .val = pte_b };
		to_none[i] = (struct mmu_update){ .ptr = at | MMU_NORMAL_PT_UPDATE };
	}
	MMU(to_a, 256);
	for (unsigned int i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct mmu_update *next = to_a;

		MEASURE(sizes[i].name, sizes[i].ops,
			next = next == to_a ? to_b : to_a; MMU(next, sizes[i].count));
		MMU(to_a, 256);
	}
	MEASURE("mmu_update_l1_unmap_map_x256(2)", 2, MMU(to_none, 256); MMU(to_a, 256));
	MMU(to_none, 256);
}

static void stores(void)
{
	volatile uint64_t *e = pt_entry(WINDOW, 1);
	volatile uint32_t *low = (volatile uint32_t *)e;
	uint64_t pte = pte_a, flip = pte_a ^ pte_b;

	update_va(WINDOW, pte_a, UVMF_INVLPG);
	MEASURE("ptwr_write32_avail_bit", 50, pte ^= 0x200; *low = pte);
	pte = pte_a;
	MEASURE("ptwr_write32_remap", 50, pte ^= flip; *low = pte);
#ifdef __x86_64__
	MEASURE("ptwr_write64_remap", 50, pte ^= flip; *e = pte);
	MEASURE("ptwr_xchg64", 50, pte ^= flip; uint64_t v = pte; asm volatile("xchg %0, %1" : "+r"(v), "+m"(*e)));
#else
	{
		uint64_t now = *e;
		uint32_t next;

		MEASURE("ptwr_cmpxchg8b_remap", 50,
			next = (uint32_t)now ^ (uint32_t)flip;
			asm volatile("lock cmpxchg8b (%1)" : "+A"(now)
				     : "S"(e), "b"(next), "c"((uint32_t)(pte_a >> 32)) : "memory", "cc");
			now = (now & ~0xffffffffull) | next);
	}
#endif
	if ((*e ^ pte_a) & PTE_P)
		test_error("the stores were lost");
	update_va(WINDOW, 0, UVMF_INVLPG);
}

/* ------------------------------------------------------------------ whole tables */

static void *table_of(const uint64_t *entries)
{
	uint64_t *t = page_alloc();

	if (entries)
		memcpy(t, entries, PAGE_SIZE);
	if (page_protect(t, false))
		test_error("a page cannot be made read-only");
	return t;
}

static void pins(const char *pin, const char *unpin, unsigned int cmd, void *table, unsigned int ops)
{
	struct mmuext_op do_pin = { .cmd = cmd }, undo = { .cmd = MMUEXT_UNPIN_TABLE };

	do_pin.arg1.mfn = undo.arg1.mfn = mfn_of(table);
	MEASURE_PAIR(pin, EXT(&do_pin), unpin, EXT(&undo), ops);
}

static uint64_t build[512];

static void *table_holding(unsigned int slot, void *below, uint64_t flags)
{
	memset(build, 0, sizeof(build));
	build[slot] = mfn_of(below) << 12 | flags;
	return table_of(build);
}

static void tables(void)
{
	void *l1_empty = table_of(NULL), *l2_empty = table_of(NULL), *l1, *l2;
	uint64_t at = pt_entry_maddr(WINDOW + (8ul << 21), 2);
	struct mmu_update set = { .ptr = at, .val = mfn_of(l1_empty) << 12 | PROT_TABLE }, clear = { .ptr = at };

	pins("pin_l1_empty", "unpin_l1_empty", MMUEXT_PIN_L1_TABLE, l1_empty, 4);
	for (unsigned int i = 0; i < 512; i++)
		build[i] = pfn_to_mfn(i + 16) << 12 | PTE_P | PTE_A | PTE_US;
	l1 = table_of(build);
	pins("pin_l1_512ro", "unpin_l1_512ro", MMUEXT_PIN_L1_TABLE, l1, 2);
	pins("pin_l2_empty", "unpin_l2_empty", MMUEXT_PIN_L2_TABLE, l2_empty, 4);
	l2 = table_holding(3, l1, PROT_TABLE);
	pins("pin_l2_l1x512", "unpin_l2_l1x512", MMUEXT_PIN_L2_TABLE, l2, 2);
#ifdef __x86_64__
	void *l4 = table_holding(3, table_holding(3, l2, PROT_TABLE), PROT_TABLE);

	pins("pin_l4_tree_l1x512", "unpin_l4_tree_l1x512", MMUEXT_PIN_L4_TABLE, l4, 2);
#else
	/* The last slot of a PAE root must be there: it is where the hypervisor shows itself. */
	memset(build, 0, sizeof(build));
	build[0] = mfn_of(l2) << 12 | PTE_P;
	build[3] = mfn_of(l2_empty) << 12 | PTE_P;
	pins("pin_l3_tree_l1x512", "unpin_l3_tree_l1x512", MMUEXT_PIN_L3_TABLE, table_of(build), 2);
#endif
	MEASURE("mmu_update_l2_set_empty_l1+clear(2)", 4, MMU(&set, 1); MMU(&clear, 1));
}

/* A second root that maps what the first does. */
static uint64_t second_root(void)
{
	void *root;

	memcpy(build, (void *)si->pt_base, PAGE_SIZE);
#ifdef __x86_64__
	memset(&build[256], 0, 16 * 8);		/* the hypervisor's own */
#else
	{
		static uint64_t copy[512];
		uint64_t *last_l2 = mfn_to_va((build[3] & PTE_ADDR) >> 12);

		/* The last level 2 table may serve one root only. */
		memcpy(copy, last_l2, PAGE_SIZE);
		memset(&copy[(m2p_start >> 21) & 511], 0, (512 - ((m2p_start >> 21) & 511)) * 8);
		for (unsigned int i = 0; i < 4; i++)
			build[i] &= PTE_ADDR | PTE_P;
		build[3] = mfn_of(table_of(copy)) << 12 | PTE_P;
	}
#endif
	root = table_of(build);
	if (mmuext(WIDE ? MMUEXT_PIN_L4_TABLE : MMUEXT_PIN_L3_TABLE, mfn_of(root), 0))
		test_error("a copy of the root cannot be pinned");
	return mfn_of(root);
}

static char gdt[PAGE_SIZE] __page;

static void switches(void)
{
	uint64_t other = second_root(), first = mfn_of((void *)si->pt_base), flip = first ^ other;
	struct mmuext_op base = { .cmd = MMUEXT_NEW_BASEPTR }, op = { 0 };
	uint64_t desc = 0x00cff2000000ffffull, at = mfn_of(gdt) << 12 | 0x80;
	word frame = mfn_of(gdt);
	struct multicall_entry list[6] = { 0 };
	unsigned int n = 0;
	void *a = page_alloc(), *b = page_alloc();

	op.cmd = MMUEXT_INVLPG_LOCAL;
	op.arg1.linear_addr = WINDOW;
	MEASURE("mmuext_invlpg_local", 100, EXT(&op));
	op.cmd = MMUEXT_TLB_FLUSH_LOCAL;
	MEASURE("mmuext_tlb_flush_local", 100, EXT(&op));
	op.cmd = MMUEXT_TLB_FLUSH_ALL;
	MEASURE("mmuext_tlb_flush_all", 100, EXT(&op));
	op.cmd = MMUEXT_CLEAR_PAGE;
	op.arg1.mfn = mfn_of(a);
	MEASURE("mmuext_clear_page", 50, EXT(&op));
	op.cmd = MMUEXT_COPY_PAGE;
	op.arg2.src_mfn = mfn_of(b);
	MEASURE("mmuext_copy_page", 50, EXT(&op));

	base.arg1.mfn = first;
	MEASURE("mmuext_new_baseptr_same", 100, EXT(&base));
	MEASURE("mmuext_new_baseptr", 100, base.arg1.mfn ^= flip; EXT(&base));
	base.arg1.mfn = first;
	EXT(&base);
#ifdef __x86_64__
	struct mmuext_op two[2] = {
		{ .cmd = MMUEXT_NEW_BASEPTR }, { .cmd = MMUEXT_NEW_USER_BASEPTR },
	};

	two[0].arg1.mfn = first;
	two[1].arg1.mfn = first;
	MEASURE("mmuext_new_user_baseptr", 100, two[1].arg1.mfn ^= flip; EXT(&two[1]));
	MEASURE("mmuext_new_baseptr+user", 100,
		two[0].arg1.mfn ^= flip; two[1].arg1.mfn ^= flip;
		DO(HC(__HYPERVISOR_mmuext_op, two, 2, 0, DOMID_SELF)));
	two[0].arg1.mfn = first;
	EXT(&two[0]);
	two[1].arg1.mfn = user_root_mfn;
	EXT(&two[1]);
#endif

	if (page_protect(gdt, false) || set_gdt(&frame, 512))
		test_error("set_gdt refused");
#ifdef __x86_64__
	MEASURE("update_descriptor", 100, DO(HC(__HYPERVISOR_update_descriptor, at, desc, 0, 0)));
#else
	MEASURE("update_descriptor", 100,
		DO(HC(__HYPERVISOR_update_descriptor, at, at >> 32, desc, desc >> 32)));
#endif

	/* What a kernel does to go to another process: root, stack, three descriptors, and FS. */
	base.arg1.mfn = first;
	list[n].op = __HYPERVISOR_mmuext_op;
	list[n].args[0] = (word)&base;
	list[n].args[1] = 1;
	list[n++].args[3] = DOMID_SELF;
	list[n].op = __HYPERVISOR_stack_switch;
	list[n].args[0] = KERNEL_SS;
	list[n++].args[1] = (word)trap_stack_top;
	for (unsigned int i = 0; i < 3; i++) {
		list[n].op = __HYPERVISOR_update_descriptor;
#ifdef __x86_64__
		list[n].args[0] = at + 8 * i;
		list[n++].args[1] = desc;
#else
		list[n].args[0] = at + 8 * i;
		list[n].args[1] = at >> 32;
		list[n].args[2] = desc;
		list[n++].args[3] = desc >> 32;
#endif
	}
#ifdef __x86_64__
	list[n].op = __HYPERVISOR_set_segment_base;
	list[n].args[0] = SEGBASE_FS;
	list[n++].args[1] = 0x1000;
#endif
	MEASURE("ctxsw_multicall(cr3,sp,3xdesc[,fs])", 50,
		base.arg1.mfn ^= flip; DO(HC(__HYPERVISOR_multicall, list, n, 0, 0)));
	for (unsigned int i = 0; i < n; i++)
		refused |= list[i].result;
	base.arg1.mfn = first;
	EXT(&base);
	if (refused)
		test_error("a call of the context switch was refused");
	refused = 0;
}

/* ------------------------------------------------------------------ exceptions, and the way back */

static inline __attribute__((always_inline)) void iret_self(void)
{
#ifdef __x86_64__
	asm volatile("mov %%rsp, %%rdx\n\t"
		     "pushq %0\n\t"
		     "push %%rdx\n\t"
		     "pushq $2\n\t"
		     "pushq %1\n\t"
		     "lea 1f(%%rip), %%rdx\n\t"
		     "push %%rdx\n\t"
		     "pushq $0\n\t"
		     "push %%rcx\n\t"
		     "push %%r11\n\t"
		     "push %%rax\n\t"
		     "mov $23, %%eax\n\t"
		     "syscall\n"
		     "1:" : : "i"(KERNEL_SS), "i"(KERNEL_CS & ~3)	/* ring 0 of the frame: the kernel */
		     : "rcx", "rdx", "r11", "memory", "cc");
#else
	asm volatile("push $2\n\t"
		     "push %0\n\t"
		     "push $1f\n\t"
		     "push %%eax\n\t"
		     "mov $23, %%eax\n\t"
		     "int $0x82\n"
		     "1:" : : "i"(KERNEL_CS) : "memory", "cc");
#endif
}

static void bounces(void)
{
	char *page = page_alloc();

	MEASURE("iret_hypercall_self", 100, iret_self());
	handler(6, fast_skip2);
	MEASURE("ud2_bounce_iret", 100, asm volatile("ud2" : : : "memory"));
	handler(3, fast_next);
	MEASURE("int3_bounce_iret", 100, asm volatile("int3" : : : "memory"));
	handler(0x80, fast_next);
	MEASURE("int80_kernel_bounce_iret", 100, asm volatile("int $0x80" : : : "memory"));
	handler(14, fast_error_skip2);
	MEASURE("pf_np_read_bounce_iret", 100, asm volatile("mov (%0), %%eax" : : "D"(NOWHERE) : "eax", "memory"));
	page_protect(page, false);
	MEASURE("pf_ro_write_bounce_iret", 100, asm volatile("mov %%eax, (%0)" : : "D"(page) : "memory"));
	handler(13, fast_error_skip2);
	MEASURE("gp_mov_ds_bounce_iret", 100, asm volatile("mov %0, %%ds" : : "a"(0x1234) : "memory"));
	handler(7, fast_next);
	MEASURE("nm_taskswitch+fp+bounce", 100,
		DO(HC(__HYPERVISOR_fpu_taskswitch, 1, 0, 0, 0)); asm volatile("fnop" : : : "memory"));
#ifndef __x86_64__
	handler(6, native_skip2);
	MEASURE("ud2_bounce_native_iret", 100, asm volatile("ud2" : : : "memory"));
#endif
	handler_back(3);
	handler_back(6);
	handler_back(7);
	handler_back(13);
	handler_back(14);
	handler_back(0x80);
}

/* ------------------------------------------------------------------ ring 3 */

#define USER_OPS	100
#define USER_ROW(name, ...)						\
	static __user word name(word arg)				\
	{								\
		uint32_t best = ~0u;					\
									\
		(void)arg;						\
		MARK(0);						\
		for (unsigned int c = CHUNKS; c; c--) {			\
			uint32_t t = ticks();				\
									\
			for (unsigned int i = USER_OPS; i; i--)		\
				asm volatile(__VA_ARGS__);		\
			t = ticks() - t;				\
			if (t < best)					\
				best = t;				\
		}							\
		MARK(1);						\
		return best;						\
	}

USER_ROW(user_nothing, "")
USER_ROW(user_int80, "int $0x80" : : : "memory")
USER_ROW(user_fault, "mov (%0), %%eax" : : "D"(NOWHERE) : "eax", "memory")
USER_ROW(user_ud2, "ud2" : : : "memory")
#ifdef __x86_64__
USER_ROW(user_syscall, "syscall" : : : "rcx", "r11", "memory")
#endif

static void user_row(const char *name, word (*fn)(word))
{
	int vector = user_run(fn, 0);

	/* With int $0x80 taken for the measure, the ud2 behind it is what ends ring 3. */
	if (vector != VECTOR_USER_DONE && vector != 6)
		test_error("%s: ended by vector %d", name, vector);
	else
		row(name, last.regs.ax, USER_OPS);
}

static void users(void)
{
	user_row("user_loop_overhead", user_nothing);
	handler(0x80, fast_next);
	user_row("user_int80_kernel_iret", user_int80);
#ifndef __x86_64__
	handler(0x80, native_next);
	user_row("user_int80_kernel_native_iret", user_int80);
#endif
	handler_back(0x80);
	handler(14, fast_error_skip2);
	user_row("user_pf_np_kernel_iret(+1)", user_fault);
	handler_back(14);
	handler(6, fast_skip2);
	user_row("user_ud2_kernel_iret", user_ud2);
	handler_back(6);
#ifdef __x86_64__
	callback(CALLBACKTYPE_syscall, fast_syscall);
	user_row("user_syscall_kernel_sysret", user_syscall);
	callback(CALLBACKTYPE_syscall, entry_syscall);
#endif
}

/* ------------------------------------------------------------------ grants */

#define GRANT(op, arg)	DO(HC(__HYPERVISOR_grant_table_op, op, arg, 1, 0))

static void grants(void)
{
	struct gnttab_query_size size = { .dom = DOMID_SELF };
	char *page = page_alloc(), *to = page_alloc();
	struct gnttab_map_grant_ref map = { .host_addr = WINDOW, .ref = REF, .flags = GNTMAP_host_map };
	struct gnttab_unmap_grant_ref unmap = { .host_addr = WINDOW };
	struct gnttab_copy copy = { .len = 4096, .flags = GNTCOPY_source_gref };

	if (!grant_init())
		return;
	grant_access(REF, 0, mfn_of(page), false);
	MEASURE("gnttab_query_size", 100, GRANT(GNTTABOP_query_size, &size));
	MEASURE_PAIR("gnttab_map_host_rw", GRANT(GNTTABOP_map_grant_ref, &map); refused |= map.status,
		     "gnttab_unmap_host_rw", unmap.handle = map.handle; GRANT(GNTTABOP_unmap_grant_ref, &unmap);
		     refused |= unmap.status, 50);
	copy.source.u.ref = REF;
	copy.dest.domid = DOMID_SELF;
	copy.dest.u.gmfn = mfn_of(to);
	MEASURE("gnttab_copy_4096_gref_to_gmfn", 50, GRANT(GNTTABOP_copy, &copy); refused |= copy.status);
	copy.len = 64;
	MEASURE("gnttab_copy_64_gref_to_gmfn", 50, GRANT(GNTTABOP_copy, &copy); refused |= copy.status);
	grant_end(REF);
}

/* ------------------------------------------------------------------ memory given back and asked for */

static xen_pfn_t frames[BATCH], places[BATCH];

/* A memory_op gives the number done. */
static long reservation(unsigned int cmd, xen_pfn_t *list, unsigned int count, unsigned int order)
{
	struct xen_memory_reservation r = { .nr_extents = count, .extent_order = order, .domid = DOMID_SELF };

	set_xen_guest_handle(r.extent_start, list);
	return HC(__HYPERVISOR_memory_op, cmd, &r, 0, 0) - (long)count;
}

/* Give back `count` extents and take them again, each way counted by itself. */
static void memory_pair(const char *give, const char *take, unsigned int count, unsigned int order, unsigned int ops)
{
	MEASURE_PAIR(give, DO(reservation(XENMEM_decrease_reservation, frames, count, order)),
		     take,
		     for (unsigned int k = 0; k < count; k++) frames[k] = places[k];
		     DO(reservation(XENMEM_populate_physmap, frames, count, order)), ops);
}

static void memory(void)
{
	MEASURE("maximum_ram_page", 100, HC(__HYPERVISOR_memory_op, XENMEM_maximum_ram_page, 0, 0, 0));
	for (unsigned int i = 0; i < BATCH; i++) {
		places[i] = SPARE + i;
		frames[i] = pfn_to_mfn(SPARE + i);
	}
	memory_pair("decrease_reservation_1", "populate_physmap_1", 1, 0, 10);
	memory_pair("decrease_reservation_512x4K", "populate_physmap_512x4K", BATCH, 0, 1);
	refused |= reservation(XENMEM_decrease_reservation, frames, BATCH, 0);
	frames[0] = SPARE;
	refused |= reservation(XENMEM_populate_physmap, frames, 1, 9);
	memory_pair("decrease_reservation_order9", "populate_physmap_order9", 1, 9, 1);
}

static void console(void)
{
	char line[80];

	memset(line, '.', sizeof(line));
	line[79] = '\n';
	MEASURE("console_io_write_80", 4, DO(HC(__HYPERVISOR_console_io, CONSOLEIO_write, 80, line, 0)));
	MEASURE("console_io_write_1nl", 4, DO(HC(__HYPERVISOR_console_io, CONSOLEIO_write, 1, line + 79, 0)));
}

void test_main(void)
{
	struct physdev_set_iopl iopl = { .iopl = 1 };

	vm_assist(VMASST_CMD_enable, VMASST_TYPE_writable_pagetables);
	physdev_op(PHYSDEVOP_set_iopl, &iopl);
	va_map(WINDOW, 0);
	va_map(WINDOW + (7ul << 21), 0);
	pte_a = mfn_of(page_alloc()) << 12 | PROT_KERNEL;
	pte_b = mfn_of(page_alloc()) << 12 | PROT_KERNEL;
	user_init();

	small_calls();
	events();
	one_entry();
	batches();
	stores();
	bounces();
	users();
	emulated();
	switches();
	tables();
	grants();
	memory();
	console();
}
