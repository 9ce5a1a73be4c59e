// SPDX-License-Identifier: GPL-2.0-only
/*
 * Debug keys: a look at one room's state, typed on the serial line after three Ctrl-A, or asked for
 * by the tools. They only look, but for R.
 * In: console.c, control/sysctl.c.  Out: each room's _dump().  Locks: what the rooms take.
 */
#include "console/console.h"

#include "cpu/percpu.h"
#include "evtchn/channel.h"
#include "grant/table.h"
#include "lib/log.h"
#include "machine/acpi.h"
#include "machine/irq.h"
#include "mem/alloc.h"
#include "mem/heap.h"
#include "sched/sched.h"
#include "time/clock.h"
#include "time/timer.h"

static void each_domain(void (*fn)(struct domain *d))
{
	struct domain *d;
	unsigned int id = 0;

	while (id < DOMID_FIRST_RESERVED && (d = domain_get_from((domid_t)id))) {
		id = d->id + 1u;
		fn(d);
		domain_put(d);
	}
}

static void regs_show(const struct guest_regs *r)
{
	log_info("  rip %#lx cs %#lx rsp %#lx ss %#lx rflags %#lx", r->rip, r->cs, r->rsp, r->ss,
		 r->rflags);
	log_info("  rax %#lx rbx %#lx rcx %#lx rdx %#lx rsi %#lx rdi %#lx rbp %#lx", r->rax, r->rbx,
		 r->rcx, r->rdx, r->rsi, r->rdi, r->rbp);
	log_info("  r8 %#lx r9 %#lx r10 %#lx r11 %#lx r12 %#lx r13 %#lx r14 %#lx r15 %#lx", r->r8,
		 r->r9, r->r10, r->r11, r->r12, r->r13, r->r14, r->r15);
}

static void vcpu_show(struct vcpu *v)
{
	log_info("domain %u vcpu %u: cpu %u%s%s, flags %#x, paused %u, ran %llu ms", v->domain->id,
		 v->id, v->cpu, v->running ? ", runs" : "", v->queued ? ", queued" : "",
		 v->pause_flags, v->pause_count, vcpu_run_time_ns(v) / NS_PER_MS);
	log_info("  upcall pending %u masked %u, kernel mode %u, cr3 %#lx", *vcpu_upcall_pending(v),
		 *vcpu_upcall_mask(v), v->kernel_mode, v->cr3);
}

static void domain_show(struct domain *d)
{
	uint64_t pt_stores = 0;
	struct vcpu *v;

	for_each_vcpu(d, v)
		pt_stores += v->pt_stores;
	log_info("domain %u: %u-bit, %lu of %lu pages, life %u, paused %u%s%s, %u references", d->id,
		 d->is_32bit ? 32 : 64, d->page_count, d->max_pages, d->life, d->pause_count,
		 d->shutting_down ? ", shutting down" : "", d->shut_down ? ", shut down" : "",
		 d->refs);
	log_info("  %lu stores to page tables emulated", pt_stores);
	for_each_vcpu(d, v)
		vcpu_show(v);
}

static void key_help(void);

static void key_domains(void)
{
	each_domain(domain_show);
}

static void key_registers(void)
{
	log_info("cpu %u was in domain %u vcpu %u", this_cpu(), current->domain->id, current->id);
	if (!current->is_idle)
		regs_show(guest_regs());
}

static void key_dom0(void)
{
	struct vcpu *v;

	if (!dom0)
		return;
	for_each_vcpu(dom0, v) {
		vcpu_show(v);
		regs_show(v == current ? guest_regs() : &v->regs);
	}
}

static void key_reboot(void)
{
	log_info("reboot, as asked");
	machine_reboot();
}

static void key_time(void)
{
	log_info("up %llu ms, tsc %u kHz, %u timers on cpu %u", clock_now_ns() / NS_PER_MS, tsc_khz,
		 timer_count(this_cpu()), this_cpu());
}

static void key_events(void)
{
	each_domain(evtchn_dump);
}

static void key_grants(void)
{
	each_domain(grant_dump);
}

static void key_memory(void)
{
	log_info("memory: %lu of %lu frames free, %lu bytes of small objects", free_frame_count(),
		 total_frame_count(), heap_used());
}

static const struct {
	char key;
	void (*fn)(void);
	const char *what;
} keys[] = {
	{ 'h', key_help,	"this list" },
	{ 'q', key_domains,	"domains and their vcpus" },
	{ 'd', key_registers,	"registers of the guest that runs here" },
	{ '0', key_dom0,	"registers of dom0" },
	{ 'r', sched_dump,	"run queues" },
	{ 'R', key_reboot,	"reboot the machine" },
	{ 't', key_time,	"clock and timers" },
	{ 'e', key_events,	"event channels" },
	{ 'g', key_grants,	"grants in use" },
	{ 'i', irq_dump,	"interrupts of devices" },
	{ 'm', key_memory,	"free memory" },
	{ 'w', console_ring_show, "the console's ring again" },
};

static void key_help(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(keys); i++)
		log_info("  %c  %s", keys[i].key, keys[i].what);
}

void keys_handle(char key)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].key == key) {
			keys[i].fn();
			return;
		}
}
