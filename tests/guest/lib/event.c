// SPDX-License-Identifier: GPL-2.0-only
/*
 * Event channels by the two-level bitmaps, and time by pvclock.
 */
#include "rt.h"

#define WORD_BITS	(8 * sizeof(word))

volatile unsigned int event_count[1024];
volatile unsigned int upcall_count;
void (*event_hook)(unsigned int port);

void event_upcall(struct regs *regs);

static void bit_clear(volatile word *bits, unsigned int n)
{
	asm volatile("lock btr %1, %0"
		     : "+m"(bits[n / WORD_BITS])
		     : "r"((word)(n % WORD_BITS))
		     : "memory");
}

static void bit_set(volatile word *bits, unsigned int n)
{
	asm volatile("lock bts %1, %0"
		     : "+m"(bits[n / WORD_BITS])
		     : "r"((word)(n % WORD_BITS))
		     : "memory");
}

void event_upcall(struct regs *regs)
{
	word sel;

	upcall_count++;
	if (upcall_hook)
		upcall_hook(regs);
	vinfo->evtchn_upcall_pending = 0;
	sel = 0;
	asm volatile("xchg %0, %1" : "+r"(sel), "+m"(vinfo->evtchn_pending_sel) : : "memory");
	for (unsigned int i = 0; i < WORD_BITS; i++) {
		word pending;

		if (!(sel & 1ul << i))
			continue;
		pending = shared->evtchn_pending[i] & ~shared->evtchn_mask[i];
		for (unsigned int j = 0; j < WORD_BITS; j++) {
			unsigned int port = i * WORD_BITS + j;

			if (!(pending & 1ul << j))
				continue;
			bit_clear((volatile word *)shared->evtchn_pending, port);
			if (port < ARRAY_SIZE(event_count))
				event_count[port]++;
			if (event_hook)
				event_hook(port);
		}
	}
}

void events_unmask(void)
{
	vinfo->evtchn_upcall_mask = 0;
	barrier();
	if (vinfo->evtchn_upcall_pending)
		xen_version(XENVER_version, NULL);	/* any hypercall delivers what waits */
}

unsigned int port_bind_virq(unsigned int virq, unsigned int vcpu)
{
	struct evtchn_bind_virq op = { .virq = virq, .vcpu = vcpu };
	long rc = event_op(EVTCHNOP_bind_virq, &op);

	if (rc) {
		test_error("bind_virq %u: %ld", virq, rc);
		return 0;
	}
	port_unmask(op.port); /* not the bit alone: an event may have come already */
	return op.port;
}

unsigned int port_bind_ipi(unsigned int vcpu)
{
	struct evtchn_bind_ipi op = { .vcpu = vcpu };
	long rc = event_op(EVTCHNOP_bind_ipi, &op);

	if (rc) {
		test_error("bind_ipi: %ld", rc);
		return 0;
	}
	port_unmask(op.port); /* not the bit alone: an event may have come already */
	return op.port;
}

void port_mask(unsigned int port)
{
	bit_set((volatile word *)shared->evtchn_mask, port);
}

void port_unmask_local(unsigned int port)
{
	bit_clear((volatile word *)shared->evtchn_mask, port);
}

void port_clear(unsigned int port)
{
	bit_clear((volatile word *)shared->evtchn_pending, port);
}

long port_unmask(unsigned int port)
{
	struct evtchn_unmask op = { .port = port };

	return event_op(EVTCHNOP_unmask, &op);
}

long port_send(unsigned int port)
{
	struct evtchn_send op = { .port = port };

	return event_op(EVTCHNOP_send, &op);
}

long port_close(unsigned int port)
{
	struct evtchn_close op = { .port = port };

	return event_op(EVTCHNOP_close, &op);
}

bool port_pending(unsigned int port)
{
	return shared->evtchn_pending[port / WORD_BITS] & 1ul << port % WORD_BITS;
}

bool port_masked(unsigned int port)
{
	return shared->evtchn_mask[port / WORD_BITS] & 1ul << port % WORD_BITS;
}

uint64_t rdtsc(void)
{
	uint32_t lo, hi;

	asm volatile("rdtsc" : "=a"(lo), "=d"(hi) : : "memory");
	return lo | (uint64_t)hi << 32;
}

uint64_t system_time(void)
{
	volatile struct vcpu_time_info *t = &vinfo->time;
	uint64_t delta, ns;
	uint32_t version;

	do {
		version = t->version & ~1u;
		barrier();
		delta = rdtsc() - t->tsc_timestamp;
		if (t->tsc_shift < 0)
			delta >>= -t->tsc_shift;
		else
			delta <<= t->tsc_shift;
		ns = t->system_time + (((delta & 0xffffffff) * t->tsc_to_system_mul) >> 32) +
		     (delta >> 32) * t->tsc_to_system_mul;
		barrier();
	} while (t->version != version);
	return ns;
}

void spin_ns(uint64_t ns)
{
	uint64_t start = system_time();

	while (system_time() - start < ns)
		asm volatile("pause");
}

bool port_wait(unsigned int port, unsigned int before, unsigned int ms)
{
	uint64_t start = system_time();

	events_unmask();
	while (event_count[port] == before && system_time() - start < ms * 1000000ull)
		asm volatile("pause");
	events_mask();
	return event_count[port] != before;
}
