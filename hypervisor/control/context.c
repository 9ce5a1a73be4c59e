// SPDX-License-Identifier: GPL-2.0-only
#include "control/context.h"

#include "cpu/descriptor.h"
#include "cpu/fpu.h"
#include "guest/shared.h"
#include "lib/bits.h"
#include "lib/log.h"
#include "lib/string.h"
#include "paging/paging.h"
#include "paging/segdesc.h"
#include "sched/sched.h"
#include "trap/trap.h"

#define CR0_TS			(1ul << 3)
#define VM_ASSIST_KNOWN		((1ul << VMASST_TYPE_4gb_segments) | \
				 (1ul << VMASST_TYPE_4gb_segments_notify) | \
				 (1ul << VMASST_TYPE_writable_pagetables) | \
				 (1ul << VMASST_TYPE_pae_extended_cr3) | \
				 (1ul << VMASST_TYPE_architectural_iopl) | \
				 (1ul << VMASST_TYPE_runstate_update_flag))

/* What both widths say, widened; the rest of the work is then the same for both. */
struct context {
	uint64_t flags;
	struct guest_regs regs;
	uint16_t ds, es, fs, gs;
	uint64_t ldt_base, ldt_entries;
	gfn_t gdt_frames[16];
	uint64_t gdt_entries;
	uint64_t kernel_ss, kernel_sp;
	uint64_t cr0, cr4;
	gfn_t base, base_user;
	const uint8_t *fpu;
	uint64_t vm_assist;
	uint64_t debugreg[8];
	struct guest_callback event, failsafe, syscall;
	uint64_t fs_base, gs_base_kernel, gs_base_user;
};

static bool address_ok(const struct domain *d, uint64_t address)
{
	return d->is_32bit ? address <= 0xffffffffu : guest_range_ok(address, 1);
}

static int check(const struct domain *d, const struct context *c)
{
	if (!address_ok(d, c->regs.rip))
		return refuse(-EINVAL, "context: rip %#lx", c->regs.rip);
	if (!address_ok(d, c->event.address) || !address_ok(d, c->failsafe.address) ||
	    !address_ok(d, c->syscall.address))
		return refuse(-EINVAL, "context: a callback outside the guest's addresses");
	if (!is_canonical(c->fs_base) || !is_canonical(c->gs_base_kernel) ||
	    !is_canonical(c->gs_base_user) || !is_canonical(c->kernel_sp))
		return refuse(-EINVAL, "context: a segment base or stack that is not canonical");
	if (!address_ok(d, c->ldt_base) || c->ldt_entries > 8192)
		return refuse(-EINVAL, "context: LDT at %#lx with %lu entries", c->ldt_base,
			      c->ldt_entries);
	if (c->gdt_entries > GDT_FIRST_RESERVED)
		return refuse(-EINVAL, "context: %lu GDT entries", c->gdt_entries);
	return 0;
}

/*
 * The handler of vector 2 and that of a vcpu's NMI have one place in a context; only vcpu 0 can have
 * the latter.
 */
static void take_nmi(struct vcpu *v, const struct trap_handler *t)
{
	if (v->id == 0)
		v->cb_nmi = (struct guest_callback){ .address = t->address, .cs = t->cs,
						     .masks_events = t->masks_events };
}

static int take_traps(struct vcpu *v, unsigned int i, uint64_t address, uint16_t cs, uint8_t flags)
{
	if (!address_ok(v->domain, address))
		return refuse(-EINVAL, "context: handler of vector %u at %#lx", i, address);
	v->traps[i] = (struct trap_handler){
		.address = address, .cs = fix_guest_cs(v->domain, cs),
		.dpl = flags & 3, .masks_events = flags & 4,
	};
	if (i == VEC_NMI)
		take_nmi(v, &v->traps[i]);
	return 0;
}

/* Tables and descriptors: the part that can be interrupted or refused. */
static int64_t take_memory(struct vcpu *v, const struct context *c, struct hcall *h)
{
	int64_t rc;

	rc = paging_settle(v->domain, h);
	if (rc)
		return rc;
	rc = gdt_set(v, c->gdt_frames, (unsigned int)DIV_UP(c->gdt_entries, 512),
		     (unsigned int)c->gdt_entries);
	if (rc)
		return rc;
	rc = ldt_set(v, c->ldt_base, (unsigned int)c->ldt_entries);
	if (rc)
		return rc;
	rc = paging_set_base(v, c->base, false, h);
	if (rc)
		return rc;
	rc = paging_set_base(v, c->base_user, true, h);	/* 0: none */
	return rc ? rc : paging_settle(v->domain, h);
}

/* From here on nothing can be refused. */
static void take_rest(struct vcpu *v, const struct context *c)
{
	struct domain *d = v->domain;
	bool kernel = c->flags & VGCF_IN_KERNEL;
	struct vcpu *other;

	v->regs = c->regs;
	v->regs.cs = fix_guest_cs(d, (uint16_t)c->regs.cs);
	v->regs.ss = fix_guest_ss(d, (uint16_t)c->regs.ss);
	v->iopl = (c->regs.rflags & X86_EFLAGS_IOPL) >> 12;
	v->regs.entry_vector = 0;
	v->ds = c->ds;
	v->es = c->es;
	v->fs = c->fs;
	v->gs = c->gs;
	v->kernel_mode = d->is_32bit || kernel;
	v->kernel_ss = fix_guest_ss(d, (uint16_t)c->kernel_ss);
	v->kernel_sp = c->kernel_sp;
	v->fs_base = c->fs_base;
	v->gs_base = kernel ? c->gs_base_kernel : c->gs_base_user;
	v->gs_base_other = kernel ? c->gs_base_user : c->gs_base_kernel;
	v->cb_event = c->event;
	v->cb_failsafe = c->failsafe;
	v->cb_syscall = c->syscall;
	v->cb_event.cs = fix_guest_cs(d, c->event.cs);
	v->cb_failsafe.cs = fix_guest_cs(d, c->failsafe.cs);
	v->cb_failsafe.masks_events = c->flags & VGCF_failsafe_disables_events;
	v->cb_syscall.masks_events = c->flags & VGCF_syscall_disables_events;
	v->ts = c->cr0 & CR0_TS;
	if (c->cr4)		/* builders of new domains have no opinion */
		vcpu_cr4_set(v, c->cr4);
	for (unsigned int i = 0; i < 8; i++)
		if (debugreg_set(v, i, c->debugreg[i]))
			v->debugreg[i] = 0;	/* one that may not be is none */
	if (c->flags & VGCF_I387_VALID)
		fpu_area_set_legacy(v->fpu, c->fpu);
	if (v->id == 0)
		d->vm_assist = c->vm_assist & VM_ASSIST_KNOWN;
	smp_mb();		/* direct_open() looks at that last */
	for_each_vcpu(d, other)
		vcpu_assists_changed(other);
	paging_update_cr3(v);
	v->initialised = true;
	if (c->flags & VGCF_online)
		sched_vcpu_up(v);
}

static int64_t take(struct vcpu *v, const struct context *c, struct hcall *h)
{
	int64_t rc;

	vcpu_long_way(v);
	rc = take_memory(v, c, h);
	if (!rc)
		take_rest(v, c);
	return rc;
}

/* cr3 as the ABI writes it: the frame's high bits of a 32-bit one are at the bottom (xen.h). */
static gfn_t cr3_to_gfn(uint64_t cr3, bool is_32bit)
{
	return is_32bit ? gfn((cr3 >> 12 | cr3 << 20) & 0xffffffff) : gfn(cr3 >> 12);
}

static uint64_t gfn_to_cr3(const struct frame *f, bool is_32bit)
{
	uint64_t n = f ? frame_mfn(f).n : 0;

	return is_32bit ? ((n << 12 | n >> 20) & 0xffffffff) : n << 12;
}

int64_t vcpu_set_context64(struct vcpu *v, const struct vcpu_guest_context *g, struct hcall *h)
{
	const struct cpu_user_regs *r = &g->user_regs;
	struct context c = {
		.flags = g->flags,
		.regs = { .r15 = r->r15, .r14 = r->r14, .r13 = r->r13, .r12 = r->r12,
			  .rbp = r->rbp, .rbx = r->rbx, .r11 = r->r11, .r10 = r->r10,
			  .r9 = r->r9, .r8 = r->r8, .rax = r->rax, .rcx = r->rcx,
			  .rdx = r->rdx, .rsi = r->rsi, .rdi = r->rdi, .rip = r->rip,
			  .cs = r->cs, .rflags = r->rflags, .rsp = r->rsp, .ss = r->ss },
		.ds = r->ds, .es = r->es, .fs = r->fs, .gs = r->gs,
		.ldt_base = g->ldt_base, .ldt_entries = g->ldt_ents,
		.gdt_entries = g->gdt_ents, .kernel_ss = g->kernel_ss, .kernel_sp = g->kernel_sp,
		.cr0 = g->ctrlreg[0], .cr4 = g->ctrlreg[4],
		.base = cr3_to_gfn(g->ctrlreg[3], false),
		.base_user = cr3_to_gfn(g->ctrlreg[1] & PAGE_MASK, false),
		.fpu = (const uint8_t *)g->fpu_ctxt.x, .vm_assist = g->vm_assist,
		.event.address = g->event_callback_eip,
		.failsafe.address = g->failsafe_callback_eip,
		.syscall.address = g->syscall_callback_eip,
		.fs_base = g->fs_base, .gs_base_kernel = g->gs_base_kernel,
		.gs_base_user = g->gs_base_user,
	};
	int64_t rc;

	for (unsigned int i = 0; i < 16; i++)
		c.gdt_frames[i] = gfn(g->gdt_frames[i]);
	memcpy(c.debugreg, g->debugreg, sizeof(c.debugreg));
	rc = check(v->domain, &c);
	for (unsigned int i = 0; !rc && i < TRAP_VECTORS; i++)
		rc = take_traps(v, i, g->trap_ctxt[i].address, g->trap_ctxt[i].cs,
				g->trap_ctxt[i].flags);
	return rc ? rc : take(v, &c, h);
}

int64_t vcpu_set_context32(struct vcpu *v, const struct vcpu_guest_context_x86_32 *g,
			   struct hcall *h)
{
	const struct cpu_user_regs_x86_32 *r = &g->user_regs;
	struct context c = {
		.flags = g->flags,
		.regs = { .rbp = r->ebp, .rbx = r->ebx, .rax = r->eax, .rcx = r->ecx,
			  .rdx = r->edx, .rsi = r->esi, .rdi = r->edi, .rip = r->eip,
			  .cs = r->cs, .rflags = r->eflags, .rsp = r->esp, .ss = r->ss },
		.ds = r->ds, .es = r->es, .fs = r->fs, .gs = r->gs,
		.ldt_base = g->ldt_base, .ldt_entries = g->ldt_ents,
		.gdt_entries = g->gdt_ents, .kernel_ss = g->kernel_ss, .kernel_sp = g->kernel_sp,
		.cr0 = g->ctrlreg[0], .cr4 = g->ctrlreg[4],
		.base = cr3_to_gfn(g->ctrlreg[3], true),
		.fpu = (const uint8_t *)g->fpu_ctxt.x, .vm_assist = g->vm_assist,
		.event = { .address = g->event_callback_eip, .cs = g->event_callback_cs },
		.failsafe = { .address = g->failsafe_callback_eip,
			      .cs = g->failsafe_callback_cs },
	};
	int64_t rc;

	for (unsigned int i = 0; i < 16; i++)
		c.gdt_frames[i] = gfn(g->gdt_frames[i]);
	for (unsigned int i = 0; i < 8; i++)
		c.debugreg[i] = g->debugreg[i];
	rc = check(v->domain, &c);
	for (unsigned int i = 0; !rc && i < TRAP_VECTORS; i++)
		rc = take_traps(v, i, g->trap_ctxt[i].address, g->trap_ctxt[i].cs,
				g->trap_ctxt[i].flags);
	return rc ? rc : take(v, &c, h);
}

/* The flags a guest would see by PUSHF, had it not virtual IF and IOPL. */
static uint64_t shown_flags(struct vcpu *v)
{
	uint64_t flags = v->regs.rflags & ~(uint64_t)(X86_EFLAGS_IF | X86_EFLAGS_IOPL);

	return flags | (*vcpu_upcall_mask(v) ? 0 : X86_EFLAGS_IF) | v->iopl << 12;
}

static uint64_t shown_vgcf(struct vcpu *v)
{
	uint64_t flags = VGCF_I387_VALID;

	if (guest_kernel_mode(v, &v->regs))
		flags |= VGCF_IN_KERNEL;
	if (v->cb_failsafe.masks_events)
		flags |= VGCF_failsafe_disables_events;
	if (v->cb_syscall.masks_events)
		flags |= VGCF_syscall_disables_events;
	if (!(read_once(v->pause_flags) & VPF_DOWN))
		flags |= VGCF_online;
	return flags;
}

static struct trap_handler shown_trap(struct vcpu *v, unsigned int i)
{
	const struct guest_callback *nmi = &v->cb_nmi;

	if (i != VEC_NMI || !nmi->address)
		return v->traps[i];
	return (struct trap_handler){ .address = nmi->address, .cs = nmi->cs,
				      .dpl = v->traps[i].dpl, .masks_events = nmi->masks_events };
}

/* What both layouts have under the same names. */
#define GIVE_COMMON(g, v, is_32bit)							\
	do {										\
		memcpy((g)->fpu_ctxt.x, (v)->fpu, FPU_LEGACY_BYTES);			\
		(g)->flags = shown_vgcf(v);						\
		for (unsigned int i_ = 0; i_ < TRAP_VECTORS; i_++) {			\
			const struct trap_handler t_ = shown_trap(v, i_);		\
			(g)->trap_ctxt[i_].vector = (uint8_t)i_;			\
			(g)->trap_ctxt[i_].flags = t_.dpl | (t_.masks_events ? 4 : 0);	\
			(g)->trap_ctxt[i_].cs = t_.cs;					\
			(g)->trap_ctxt[i_].address = t_.address;			\
		}									\
		(g)->ldt_base = (v)->ldt_base;						\
		(g)->ldt_ents = (v)->ldt_entries;					\
		for (unsigned int i_ = 0; i_ < GDT_GUEST_FRAMES; i_++)			\
			(g)->gdt_frames[i_] = (v)->gdt_frames[i_] ?			\
				frame_mfn((v)->gdt_frames[i_]).n : 0;			\
		(g)->gdt_ents = (v)->gdt_entries;					\
		(g)->kernel_ss = (v)->kernel_ss;					\
		(g)->kernel_sp = (v)->kernel_sp;					\
		(g)->ctrlreg[0] = (v)->cr0 | ((v)->ts ? CR0_TS : 0);					\
		(g)->ctrlreg[3] = gfn_to_cr3((v)->table, is_32bit);			\
		(g)->ctrlreg[4] = (v)->cr4;						\
		for (unsigned int i_ = 0; i_ < 8; i_++)					\
			(g)->debugreg[i_] = (v)->debugreg[i_];				\
		(g)->event_callback_eip = (v)->cb_event.address;			\
		(g)->failsafe_callback_eip = (v)->cb_failsafe.address;			\
		(g)->vm_assist = (v)->domain->vm_assist;				\
		(g)->user_regs.cs = (v)->regs.cs;					\
		(g)->user_regs.ss = (v)->regs.ss;					\
		(g)->user_regs.ds = (v)->ds;						\
		(g)->user_regs.es = (v)->es;						\
		(g)->user_regs.fs = (v)->fs;						\
		(g)->user_regs.gs = (v)->gs;						\
		(g)->user_regs.saved_upcall_mask = *vcpu_upcall_mask(v);		\
	} while (0)

void vcpu_get_context64(struct vcpu *v, struct vcpu_guest_context *g)
{
	const struct guest_regs *r = &v->regs;

	memset(g, 0, sizeof(*g));
	GIVE_COMMON(g, v, false);
	g->user_regs.r15 = r->r15;
	g->user_regs.r14 = r->r14;
	g->user_regs.r13 = r->r13;
	g->user_regs.r12 = r->r12;
	g->user_regs.rbp = r->rbp;
	g->user_regs.rbx = r->rbx;
	g->user_regs.r11 = r->r11;
	g->user_regs.r10 = r->r10;
	g->user_regs.r9 = r->r9;
	g->user_regs.r8 = r->r8;
	g->user_regs.rax = r->rax;
	g->user_regs.rcx = r->rcx;
	g->user_regs.rdx = r->rdx;
	g->user_regs.rsi = r->rsi;
	g->user_regs.rdi = r->rdi;
	g->user_regs.rip = r->rip;
	g->user_regs.rsp = r->rsp;
	g->user_regs.rflags = shown_flags(v);
	g->ctrlreg[1] = gfn_to_cr3(v->table_user, false);
	g->syscall_callback_eip = v->cb_syscall.address;
	g->fs_base = v->fs_base;
	g->gs_base_kernel = v->kernel_mode ? v->gs_base : v->gs_base_other;
	g->gs_base_user = v->kernel_mode ? v->gs_base_other : v->gs_base;
}

void vcpu_get_context32(struct vcpu *v, struct vcpu_guest_context_x86_32 *g)
{
	const struct guest_regs *r = &v->regs;

	memset(g, 0, sizeof(*g));
	GIVE_COMMON(g, v, true);
	g->user_regs.ebp = r->rbp;
	g->user_regs.ebx = r->rbx;
	g->user_regs.eax = r->rax;
	g->user_regs.ecx = r->rcx;
	g->user_regs.edx = r->rdx;
	g->user_regs.esi = r->rsi;
	g->user_regs.edi = r->rdi;
	g->user_regs.eip = r->rip;
	g->user_regs.esp = r->rsp;
	g->user_regs.eflags = shown_flags(v);
	g->event_callback_cs = v->cb_event.cs;
	g->failsafe_callback_cs = v->cb_failsafe.cs;
}

void vcpu_set_start_state(struct vcpu *v, uint64_t entry, uint64_t stack, uint64_t start_info)
{
	bool is_32bit = v->domain->is_32bit;

	v->regs = (struct guest_regs){
		.rip = entry, .rsp = stack, .rsi = start_info,
		.rflags = X86_EFLAGS_MBS | X86_EFLAGS_IF,
		.cs = is_32bit ? COMPAT_RING1_CS : NATIVE_RING3_CS64,
		.ss = is_32bit ? COMPAT_RING1_DS : NATIVE_RING3_DS,
	};
	v->ds = v->es = v->fs = v->gs = is_32bit ? COMPAT_RING1_DS : 0;
	v->kernel_ss = (uint16_t)v->regs.ss;
	v->kernel_sp = stack;
	v->kernel_mode = true;
	vcpu_long_way(v);
}
