// SPDX-License-Identifier: GPL-2.0-only
#include "guest/world.h"

#include "cpu/asm.h"
#include "evtchn/pirq.h"
#include "sched/switch.h"
#include "time/timer.h"

#define WORLD_FRAMES	4096u

unsigned int budget, restarts;
static unsigned int steps;
uint64_t now_ns;
int pirq_answer;
uint32_t pirq_port[16];

uint32_t tsc_khz = 1000000;
struct clock_scale tsc_scale = { 0x80000000u, 1 };
uint64_t tsc_base;

uint64_t clock_now_ns(void)
{
	return now_ns;
}

void clock_wall(uint64_t *sec, uint32_t *nsec)
{
	*sec = 0x123456789ull;
	*nsec = 42;
}

/* --- timers: few, so a list of all that are set will do --- */

static struct timer *set_timers;

void timer_setup(struct timer *t, void (*fn)(void *arg), void *arg)
{
	t->fn = fn;
	t->arg = arg;
}

void timer_stop(struct timer *t)
{
	for (struct timer **p = &set_timers; *p; p = &(*p)->next)
		if (*p == t) {
			*p = t->next;
			t->queued = false;
			return;
		}
}

void timer_kill(struct timer *t)
{
	timer_stop(t);
}

void timer_set(struct timer *t, uint64_t deadline_ns)
{
	timer_stop(t);
	if (deadline_ns == TIMER_NEVER)
		return;
	t->deadline_ns = deadline_ns;
	t->queued = true;
	t->next = set_timers;
	set_timers = t;
}

static struct timer *due(void)
{
	for (struct timer *t = set_timers; t; t = t->next)
		if (t->deadline_ns <= now_ns)
			return t;
	return NULL;
}

void on_the_way_out(void)
{
	struct timer *t;

	while ((t = due())) {
		timer_stop(t);
		t->fn(t->arg);
	}
	softirq_run();
}

void pass(uint64_t ns)
{
	now_ns += ns;
	on_the_way_out();
}

/* --- what stands around the rooms --- */

void switch_to(struct vcpu *prev, struct vcpu *next)
{
	(void)prev;
	vcpu_make_current(next);
}

bool hcall_look(struct hcall *h)
{
	(void)h;
	return budget && ++steps % budget == 0;
}

int pirq_bind(struct domain *d, unsigned int pirq, bool share, uint32_t port)
{
	(void)d;
	(void)share;
	if (!pirq_answer)
		pirq_port[pirq % 16] = port;
	return pirq_answer;
}

void pirq_unbind(struct domain *d, unsigned int pirq)
{
	(void)d;
	pirq_port[pirq % 16] = 0;
}

int64_t call(hcall_fn fn, uint64_t a0, uint64_t a1, uint64_t a2)
{
	struct hcall h = {
		.v = current, .d = current->domain, .args = { a0, a1, a2 },
	};
	int64_t rc;

	while ((rc = fn(&h)) == HC_RESTART)
		restarts++;
	return rc;
}

void world_as(struct vcpu *v)
{
	vcpu_make_current(v);
}

/* --- coming and going --- */

static void vcpu_new(struct domain *d, unsigned int id)
{
	struct vcpu *v = vcpu_create(d, id);

	assert_non_null(v);
	assert_int_equal(sched_vcpu_init(v), 0);
	assert_int_equal(paging_vcpu_init(v), 0);
	v->initialised = true;
}

static struct domain *domain_new(domid_t id, bool is_32bit, unsigned int vcpus)
{
	struct domain *d = domain_alloc(id);

	assert_non_null(d);
	d->is_32bit = is_32bit;
	d->privileged = !id;
	d->max_pages = 1000;
	d->life = DOMAIN_ALIVE;
	assert_int_equal(shared_domain_init(d), 0);
	assert_int_equal(paging_domain_init(d), 0);
	assert_int_equal(evtchn_domain_init(d), 0);
	assert_int_equal(grant_domain_init(d), 0);
	for (unsigned int i = 0; i < vcpus; i++)
		vcpu_new(d, i);
	domain_publish(d);
	return d;
}

/* As control/lifecycle.c's: everything but the structure itself. */
static void free_rooms(struct domain *d)
{
	struct vcpu *v;

	for_each_vcpu(d, v) {
		paging_vcpu_free(v);
		sched_vcpu_free(v);
		vcpu_free(v);
	}
	grant_domain_free(d);
	evtchn_domain_free(d);
	paging_domain_free(d);
	shared_domain_free(d);
	heap_free(d->iomem);
}

static void world_end(struct domain *d)
{
	struct vcpu *v;

	domain_pause_nosync(d);
	for_each_vcpu(d, v)
		v->running = false;
	d->life = DOMAIN_DYING;
	while (grant_relinquish(d, NULL) || evtchn_relinquish(d, NULL) || paging_relinquish(d, NULL))
		;
	assert_int_equal(d->page_count, 0);
	d->life = DOMAIN_DEAD;
}

struct world *world_new(bool is_32bit)
{
	struct world *w = calloc(1, sizeof(*w));

	fake_memory(WORLD_FRAMES);
	fake_reset();
	budget = steps = restarts = 0;
	pirq_answer = 0;
	memset(pirq_port, 0, sizeof(pirq_port));
	memset(fake_guest, 0, sizeof(fake_guest));
	fake_guest_hole = 0;
	now_ns = 1000000;
	set_timers = NULL;
	dom_idle = NULL;
	sched_init();
	domain_free_hook = free_rooms;
	w->frames_before = free_frame_count();
	w->heap_before = heap_used();

	dom0 = w->dom0 = domain_new(0, false, 1);
	w->a = domain_new(1, is_32bit, 2);
	w->b = domain_new(2, is_32bit, 2);
	world_as(w->a->vcpu[0]);
	return w;
}

void world_free(struct world *w)
{
	budget = 0;
	domain_pause_nosync(w->a);
	domain_pause_nosync(w->b);
	domain_pause_nosync(w->dom0);
	softirq_raise(SOFTIRQ_SCHED);
	softirq_run();
	assert_true(current->is_idle);
	world_end(w->a);
	world_end(w->b);
	world_end(w->dom0);
	assert_int_equal(w->a->refs, 1);
	assert_int_equal(w->b->refs, 1);
	dom0 = NULL;
	domain_put(w->a);
	domain_put(w->b);
	domain_put(w->dom0);
	assert_int_equal(heap_used(), w->heap_before);
	assert_null(set_timers);
	free(w);
}

struct frame *frame_new(struct domain *d)
{
	struct frame *f = frames_alloc(0, 0);

	assert_non_null(f);
	assert_int_equal(frame_assign(d, f), 0);
	return f;
}
