// SPDX-License-Identifier: GPL-2.0-only
/*
 * The order of everything before test_main(), a second processor, grants, and random numbers.
 */
#include "rt.h"

struct start_info *si;

extern char trap_stack_top[];

void rt_main(struct start_info *start);
void test_begin(void);

static void callback(unsigned int type, char *entry, unsigned int flags)
{
	struct callback_register cb = { .type = type, .flags = flags };
	long rc;

#ifdef __x86_64__
	cb.address = (word)entry;
#else
	cb.address.cs = KERNEL_CS;
	cb.address.eip = (word)entry;
#endif
	rc = hcall2(__HYPERVISOR_callback_op, CALLBACKOP_register, &cb);
	if (rc)
		test_error("callback %u refused: %ld", type, rc);
}

void rt_main(struct start_info *start)
{
	si = start;
	test_begin();
	mm_init();
	traps_init();
	callback(CALLBACKTYPE_event, entry_event, 0);
	callback(CALLBACKTYPE_failsafe, entry_failsafe, 0);
	if (WIDE) {
		callback(CALLBACKTYPE_syscall, entry_syscall, 0);
		callback(CALLBACKTYPE_syscall32, entry_syscall32, 0);
	}
	if (stack_switch(KERNEL_SS, (word)trap_stack_top))
		test_error("stack_switch refused");
	if (update_va((word)&shared_info_page, si->shared_info | PROT_KERNEL, UVMF_INVLPG))
		test_error("cannot map shared_info");
	events_mask();
	memset((void *)shared->evtchn_mask, 0xff, sizeof(shared->evtchn_mask));
	test_main();
	test_end();
}

/* ------------------------------------------------------------------ a second processor */

static struct vcpu_guest_context context __page;
static char second_stack[2][STACK_SIZE] __page;

static void (*second_fn)(word);
static word second_arg;

static void second_start(void)
{
	second_fn(second_arg);
	for (;;)
		vcpu_op(VCPUOP_down, 1, NULL);
}

#ifdef __x86_64__
#define IP	rip
#define SP	rsp
#else
#define IP	eip
#define SP	esp
#endif

struct vcpu_guest_context *vcpu_context(unsigned int id, void (*fn)(word), word arg)
{
	struct vcpu_guest_context *c = &context;

	second_fn = fn;
	second_arg = arg;
	memset(c, 0, sizeof(*c));
	c->flags = VGCF_in_kernel;
	c->user_regs.cs = KERNEL_CS;
	c->user_regs.ss = KERNEL_SS;
#ifndef __x86_64__
	c->user_regs.ds = c->user_regs.es = c->user_regs.fs = KERNEL_SS;
	c->event_callback_cs = c->failsafe_callback_cs = KERNEL_CS;
#else
	c->syscall_callback_eip = (word)entry_syscall;
#endif
	c->user_regs.IP = (word)second_start;
	c->user_regs.SP = (word)&second_stack[0][STACK_SIZE - 64] - sizeof(word);
	for (unsigned int i = 0, n = 0; i < 256; i++) {
		if (i != 0x82)
			trap_entry_fill(&c->trap_ctxt[n++], i);
	}
	c->kernel_ss = KERNEL_SS;
	c->kernel_sp = (word)&second_stack[1][STACK_SIZE - 64];
	c->ctrlreg[3] = xen_pfn_to_cr3(mfn_of((void *)si->pt_base));
	c->event_callback_eip = (word)entry_event;
	c->failsafe_callback_eip = (word)entry_failsafe;
	(void)id;
	return c;
}

long vcpu_start(unsigned int id, void (*fn)(word), word arg)
{
	long rc = vcpu_op(VCPUOP_initialise, id, vcpu_context(id, fn, arg));

	/* Events start open; the runtime's handler looks after vcpu 0 only. */
	shared->vcpu_info[id].evtchn_upcall_mask = 1;
	return rc ? rc : vcpu_op(VCPUOP_up, id, NULL);
}

/* ------------------------------------------------------------------ grants */

static struct grant_entry_v1 *grants;
static char grant_window[PAGE_SIZE] __page;

struct grant_entry_v1 *grant_init(void)
{
	struct gnttab_set_version version = { .version = 1 };
	xen_pfn_t frames[1] = { 0 };
	struct gnttab_setup_table setup = { .dom = DOMID_SELF, .nr_frames = 1 };
	long rc;

	if (grants)
		return grants;
	rc = grant_op(GNTTABOP_set_version, &version, 1);
	if (rc)
		note("set_version(1): %ld", rc);
	set_xen_guest_handle(setup.frame_list, frames);
	rc = grant_op(GNTTABOP_setup_table, &setup, 1);
	if (rc || setup.status) {
		test_error("setup_table: %ld, status %d", rc, setup.status);
		return NULL;
	}
	rc = update_va((word)grant_window, (uint64_t)frames[0] << 12 | PROT_KERNEL, UVMF_INVLPG);
	if (rc) {
		test_error("cannot map the grant table: %ld", rc);
		return NULL;
	}
	grants = (struct grant_entry_v1 *)grant_window;
	return grants;
}

void grant_access(unsigned int ref, domid_t dom, uint64_t mfn_or_pfn, bool readonly)
{
	grants[ref].domid = dom;
	grants[ref].frame = mfn_or_pfn;
	barrier();
	write_once(grants[ref].flags, GTF_permit_access | (readonly ? GTF_readonly : 0));
}

bool grant_end(unsigned int ref)
{
	if (read_once(grants[ref].flags) & (GTF_reading | GTF_writing))
		return false;
	write_once(grants[ref].flags, 0);
	return true;
}

/* ------------------------------------------------------------------ random numbers */

static uint64_t rng_state = 0x9e3779b97f4a7c15;

void rng_seed(uint64_t seed)
{
	rng_state = seed ? seed : 1;
}

uint64_t rng(void)
{
	rng_state ^= rng_state << 13;
	rng_state ^= rng_state >> 7;
	rng_state ^= rng_state << 17;
	return rng_state * 0x2545f4914f6cdd1d;
}
