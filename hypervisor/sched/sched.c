// SPDX-License-Identifier: GPL-2.0-only
#include "sched/sched.h"

#include "cpu/asm.h"
#include "cpu/atomic.h"
#include "cpu/softirq.h"
#include "guest/shared.h"
#include "lib/errno.h"
#include "lib/log.h"
#include "mem/map.h"
#include "sched/switch.h"
#include "time/clock.h"
#include "time/timer.h"

struct run_queue {
	spinlock_t lock;
	struct list queue;
	unsigned int length;
	struct timer slice;		/* the running vcpu has had its share */
	uint64_t idle_since;
};

static struct run_queue queues[NR_CPUS];
struct vcpu *idle_vcpu[NR_CPUS];

/* --- accounts: with the queue's lock of v->cpu held --- */

/* v's state changes: what has passed goes to the old one. */
static void runstate_change(struct vcpu *v, int state, uint64_t now)
{
	struct vcpu_runstate_info *r = &v->runstate;

	if (now > r->state_entry_time)
		r->time[r->state] += now - r->state_entry_time;
	r->state_entry_time = now;
	r->state = state;
}

/* In which state is one that does not run and is not queued? */
static int resting_state(const struct vcpu *v)
{
	uint32_t flags = read_once(v->pause_flags);

	if (flags & VPF_DOWN || v->pause_count || v->domain->pause_count || v->domain->shutting_down)
		return RUNSTATE_offline;
	return flags & VPF_BLOCKED ? RUNSTATE_blocked : RUNSTATE_offline;
}

static void enqueue(struct run_queue *q, struct vcpu *v, bool at_head, uint64_t now)
{
	if (v->queued || v->is_idle)
		return;
	if (at_head)
		list_add(&q->queue, &v->run_link);
	else
		list_add_tail(&q->queue, &v->run_link);
	v->queued = true;
	q->length++;
	runstate_change(v, RUNSTATE_runnable, now);
}

static void dequeue(struct run_queue *q, struct vcpu *v)
{
	if (!v->queued)
		return;
	list_del(&v->run_link);
	v->queued = false;
	q->length--;
}

/* The queue of the CPU v belongs to, locked; v cannot move while it is. */
static struct run_queue *queue_lock(struct vcpu *v)
{
	for (;;) {
		unsigned int cpu = read_once(v->cpu);

		spin_lock(&queues[cpu].lock);
		if (likely(cpu == read_once(v->cpu)))
			return &queues[cpu];
		spin_unlock(&queues[cpu].lock);
	}
}

/* Where a vcpu that wakes up should run: where it was if that is idle, else the emptiest. */
static unsigned int choose_cpu(const struct vcpu *v)
{
	cpumask_t may = v->affinity_hard & cpus_online;
	unsigned int cpu, best = v->cpu;

	if (!may)
		may = cpus_online;
	if (may & v->affinity_soft)
		may &= v->affinity_soft;
	if (!cpumask_has(may, best))
		best = cpumask_first(may);
	for_each_cpu(cpu, may) {
		unsigned int load = queues[cpu].length + !cpu_info_of(cpu)->vcpu->is_idle;
		unsigned int least = queues[best].length + !cpu_info_of(best)->vcpu->is_idle;

		if (load < least)
			best = cpu;
	}
	return best;
}

/* --- waking and stopping --- */

/*
 * v is runnable and neither queued nor running: queue it. One whose slice is not used up goes
 * first, and does not wait for the one that runs.
 */
static void queue_woken(struct run_queue *q, struct vcpu *v, uint64_t now)
{
	v->boosted = v->slice_left_ns > 0;
	enqueue(q, v, v->boosted, now);
	softirq_raise_on(v->cpu, SOFTIRQ_SCHED);
}

void vcpu_wake(struct vcpu *v)
{
	struct run_queue *q;
	unsigned int cpu;

	if (v->is_idle)
		return;
	if (cpu_count > 1 && !read_once(v->running) && !read_once(v->queued)) {
		q = queue_lock(v);
		cpu = choose_cpu(v);
		/* Still where nobody looks at it? Then it may move. */
		if (!v->running && !v->queued)
			v->cpu = cpu;
		spin_unlock(&q->lock);
	}
	q = queue_lock(v);
	if (vcpu_runnable(v)) {
		if (!v->queued && !v->running)
			queue_woken(q, v, clock_now_ns());
		else if (v->running)
			/* On its way off the CPU perhaps: sched_run() has another look. */
			softirq_raise_on(v->cpu, SOFTIRQ_SCHED);
	} else if (!v->running && !v->queued) {
		runstate_change(v, resting_state(v), clock_now_ns());
	}
	spin_unlock(&q->lock);
}

void vcpu_sleep(struct vcpu *v)
{
	struct run_queue *q = queue_lock(v);

	if (!vcpu_runnable(v)) {
		dequeue(q, v);
		if (v->running)
			softirq_raise_on(v->cpu, SOFTIRQ_SCHED);
		else
			runstate_change(v, resting_state(v), clock_now_ns());
	}
	spin_unlock(&q->lock);
}

void vcpu_kick(struct vcpu *v)
{
	smp_mb();	/* what it is to notice is there before we look whether it sleeps */
	if (read_once(v->pause_flags) & (VPF_BLOCKED | VPF_POLLING)) {
		atomic_and32(&v->pause_flags, ~(VPF_BLOCKED | VPF_POLLING));
		vcpu_wake(v);
		return;
	}
	/* Running: here, the return path looks anyway; elsewhere it must be told to take it. */
	if (read_once(v->running) && v->cpu != this_cpu() && softirq_poke)
		softirq_poke(v->cpu);
}

void vcpu_send_nmi(struct vcpu *v)
{
	v->nmi_pending = true;
	vcpu_kick(v);
	/* Running, it would not look for one on its way out unless told. */
	softirq_raise_on(read_once(v->cpu), SOFTIRQ_SCHED);
}

void sched_vcpu_up(struct vcpu *v)
{
	atomic_and32(&v->pause_flags, ~VPF_DOWN);
	vcpu_wake(v);
}

void sched_vcpu_down(struct vcpu *v)
{
	atomic_or32(&v->pause_flags, VPF_DOWN);
	vcpu_sleep(v);
}

void vcpu_pause_nosync(struct vcpu *v)
{
	atomic_add32(&v->pause_count, 1);
	vcpu_sleep(v);
}

/* Until all its state is in struct vcpu. */
static void wait_off_cpu(struct vcpu *v)
{
	ASSERT(v != current);
	while (read_once(v->running)) {
		if (lock_spin_hook)
			lock_spin_hook();
		cpu_relax();
	}
	smp_rmb();
}

void vcpu_pause(struct vcpu *v)
{
	vcpu_pause_nosync(v);
	wait_off_cpu(v);
}

void vcpu_unpause(struct vcpu *v)
{
	uint32_t left = atomic_sub32(&v->pause_count, 1);

	BUG_ON(left == UINT32_MAX);
	if (!left)
		vcpu_wake(v);
}

void domain_pause_nosync(struct domain *d)
{
	struct vcpu *v;

	atomic_add32(&d->pause_count, 1);
	for_each_vcpu(d, v)
		vcpu_sleep(v);
}

void domain_pause(struct domain *d)
{
	struct vcpu *v;

	domain_pause_nosync(d);
	for_each_vcpu(d, v)
		wait_off_cpu(v);
}

void domain_unpause(struct domain *d)
{
	uint32_t left = atomic_sub32(&d->pause_count, 1);
	struct vcpu *v;

	BUG_ON(left == UINT32_MAX);
	if (left)
		return;
	for_each_vcpu(d, v)
		vcpu_wake(v);
}

/* It is shutting down, or goes on after that. */
static void domain_resched(struct domain *d)
{
	struct vcpu *v;

	for_each_vcpu(d, v) {
		if (vcpu_runnable(v))
			vcpu_wake(v);
		else
			vcpu_sleep(v);
	}
}

/* --- the running vcpu gives up --- */

void sched_block(struct vcpu *v)
{
	atomic_or32(&v->pause_flags, VPF_BLOCKED);
	/* An event that came before the flag was there had nobody to wake. */
	if (*vcpu_upcall_pending(v) && !*vcpu_upcall_mask(v)) {
		atomic_and32(&v->pause_flags, ~VPF_BLOCKED);
		return;
	}
	softirq_raise(SOFTIRQ_SCHED);
}

void sched_give_way(struct vcpu *v)
{
	struct run_queue *q = queue_lock(v);

	v->slice_left_ns = 0;
	v->slice_end = 0;
	spin_unlock(&q->lock);
	softirq_raise(SOFTIRQ_SCHED);
}

/* --- choosing --- */

/* What the running vcpu has used up to now. */
static void charge(struct vcpu *v, uint64_t now)
{
	if (now > v->switched_in)
		v->run_time_ns += now - v->switched_in;
	v->switched_in = now;
	v->slice_left_ns = v->slice_end > now ? v->slice_end - now : 0;
}

static bool may_go_on(const struct vcpu *v)
{
	return !v->is_idle && vcpu_runnable(v) &&
	       (cpumask_has(v->affinity_hard, v->cpu) || !(v->affinity_hard & cpus_online));
}

/* The head of the queue, still in it; NULL: nobody waits. */
static struct vcpu *first_waiting(struct run_queue *q)
{
	struct vcpu *v;

	while ((v = list_first_entry(&q->queue, struct vcpu, run_link))) {
		if (vcpu_runnable(v))
			return v;
		dequeue(q, v);	/* whoever paused it waits for our lock to note its state */
	}
	return NULL;
}

static struct vcpu *choose(struct run_queue *q, unsigned int cpu, struct vcpu *prev, uint64_t now)
{
	struct vcpu *head = first_waiting(q);

	if (may_go_on(prev)) {
		if (!head || (prev->slice_left_ns && !head->boosted))
			return prev;
		enqueue(q, prev, prev->slice_left_ns > 0, now);
	} else if (!prev->is_idle) {
		runstate_change(prev, resting_state(prev), now);
	}
	if (!head)
		return idle_vcpu[cpu];
	dequeue(q, head);
	return head;
}

static void start_slice(struct vcpu *next, uint64_t now)
{
	next->switched_in = now;
	next->running = true;
	next->boosted = false;
	if (next->is_idle)
		return;
	if (!next->slice_left_ns)
		next->slice_left_ns = SCHED_SLICE_NS;
	next->slice_end = now + next->slice_left_ns;
	if (next->runstate.state != RUNSTATE_running)
		runstate_change(next, RUNSTATE_running, now);
}

/* prev's state has left the CPU: others may have it. */
static void release_prev(struct vcpu *prev)
{
	struct domain *d = prev->domain;

	if (prev->is_idle) {
		prev->running = false;
		return;
	}
	domain_get(d);	/* who waits for it to stop may be about to destroy it */
	__atomic_store_n(&prev->running, false, __ATOMIC_SEQ_CST);
	domain_vcpu_stopped(prev);
	/* It was woken, or told to go elsewhere, while it was neither here nor there. */
	if (vcpu_runnable(prev) && !read_once(prev->queued))
		vcpu_wake(prev);
	domain_put(d);
}

void sched_run(void)
{
	unsigned int cpu = this_cpu();
	struct run_queue *q = &queues[cpu];
	struct vcpu *prev = current, *next;
	uint64_t now;
	bool others;

	spin_lock(&q->lock);
	now = clock_now_ns();
	charge(prev, now);
	next = choose(q, cpu, prev, now);
	start_slice(next, now);
	others = q->length > 0;
	spin_unlock(&q->lock);

	if (next->is_idle || !others)
		timer_stop(&q->slice);
	else
		timer_set(&q->slice, next->slice_end);
	if (next == prev)
		return;

	switch_to(prev, next);
	release_prev(prev);
	if (!next->is_idle) {
		pvclock_update(next);
		vcpu_areas_publish(next);
	}
}

static void slice_over(void *arg)
{
	(void)arg;
	softirq_raise(SOFTIRQ_SCHED);
}

void sched_idle(void)
{
	while (current->is_idle) {
		softirq_run();
		if (!current->is_idle)
			break;
		if (!softirq_pending())
			sti_hlt_cli();
	}
}

/* --- life --- */

void sched_init(void)
{
	unsigned int cpu = this_cpu();
	struct vcpu *v;

	if (!dom_idle) {
		dom_idle = domain_alloc(DOMID_IDLE);
		BUG_ON(!dom_idle);
		dom_idle->special = true;
		softirq_set_handler(SOFTIRQ_SCHED, sched_run);
		domain_resched_hook = domain_resched;
		vcpu_runstate_hook = vcpu_runstate;
	}
	spin_lock_init(&queues[cpu].lock, RANK_SCHED);
	list_init(&queues[cpu].queue);
	timer_setup(&queues[cpu].slice, slice_over, NULL);

	v = vcpu_create(dom_idle, cpu);
	BUG_ON(!v);	/* at boot: without it there is no machine */
	v->is_idle = true;
	v->cpu = cpu;
	v->pause_flags = 0;
	v->running = true;
	v->cr3 = hv_cr3;
	v->switched_in = clock_now_ns();
	idle_vcpu[cpu] = v;
	vcpu_make_current(v);
}

int sched_vcpu_init(struct vcpu *v)
{
	v->cpu = cpumask_first(cpus_online);
	v->cpu = choose_cpu(v);
	v->runstate.state = RUNSTATE_offline;
	v->runstate.state_entry_time = clock_now_ns();
	v->slice_left_ns = SCHED_SLICE_NS;
	return 0;
}

void sched_vcpu_free(struct vcpu *v)
{
	struct run_queue *q = queue_lock(v);

	dequeue(q, v);
	spin_unlock(&q->lock);
	BUG_ON(v->running);
}

int sched_set_affinity(struct vcpu *v, cpumask_t hard, cpumask_t soft)
{
	struct run_queue *q;

	if (!(hard & cpus_online))
		return refuse(-EINVAL, "affinity %#lx: no such CPU runs", hard);
	q = queue_lock(v);
	v->affinity_hard = hard;
	v->affinity_soft = soft;
	if (!cpumask_has(hard, v->cpu)) {
		dequeue(q, v);
		if (v->running)
			softirq_raise_on(v->cpu, SOFTIRQ_SCHED);
	}
	spin_unlock(&q->lock);
	if (!read_once(v->running))
		vcpu_wake(v);
	return 0;
}

/* --- what the tools and the guest ask --- */

uint64_t vcpu_run_time_ns(struct vcpu *v)
{
	struct run_queue *q = queue_lock(v);
	uint64_t now = clock_now_ns(), t = v->run_time_ns;

	if (v->running && now > v->switched_in)
		t += now - v->switched_in;
	spin_unlock(&q->lock);
	return t;
}

void vcpu_runstate(struct vcpu *v, struct vcpu_runstate_info *out)
{
	struct run_queue *q = queue_lock(v);
	uint64_t now = clock_now_ns();

	*out = v->runstate;
	spin_unlock(&q->lock);
	if (now > out->state_entry_time)
		out->time[out->state] += now - out->state_entry_time;
}

void sched_dump(void)
{
	unsigned int cpu;

	for_each_cpu(cpu, cpus_online) {
		struct vcpu *v = cpu_info_of(cpu)->vcpu, *waiting;

		log_info("cpu %u: runs d%uv%u, %u queued", cpu, v->domain->id, v->id,
			 queues[cpu].length);
		spin_lock(&queues[cpu].lock);
		list_for_each_entry(waiting, &queues[cpu].queue, run_link)
			log_info("  d%uv%u: slice left %lu us", waiting->domain->id, waiting->id,
				 waiting->slice_left_ns / 1000);
		spin_unlock(&queues[cpu].lock);
	}
}
