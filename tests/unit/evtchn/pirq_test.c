// SPDX-License-Identifier: GPL-2.0-only
// sources: evtchn/pirq.c machine/irq.c
/* A guest's numbers for its interrupts: mapping, binding, the EOI map, and everything given back. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cpu/atomic.h"
#include "cpu/percpu.h"
#include "evtchn/channel.h"
#include "evtchn/pirq.h"
#include "fakes/memory.h"
#include "machine/acpi.h"
#include "machine/ioapic.h"
#include "machine/ipi.h"
#include "machine/lapic.h"
#include "machine/msi.h"
#include "mem/alloc.h"
#include "mem/heap.h"
#include "paging/type.h"

/* --- the board --- */

struct acpi_info acpi;
static struct ioapic_route pin[24];
static bool pin_masked[24];
static unsigned int messages_freed;
static struct msi_source sources[16];
static unsigned int source_count;

void ioapic_init(void) { }
bool ioapic_gsi_exists(unsigned int gsi) { return gsi < 24; }
void ioapic_set_route(unsigned int gsi, const struct ioapic_route *route)
{
	pin[gsi] = *route;
	pin_masked[gsi] = route->masked;
}
void ioapic_mask(unsigned int gsi) { pin_masked[gsi] = true; }
void ioapic_unmask(unsigned int gsi) { pin_masked[gsi] = false; }
void lapic_eoi(void) { }
uint32_t lapic_error(void) { return 0; }
void ipi_poll(void) { }
void msi_set_mask(struct irq_desc *desc, bool masked) { (void)desc; (void)masked; }

int msi_alloc(struct pci_address at, unsigned int count, struct irq_desc **first)
{
	(void)at;
	sources[source_count].count = count;
	*first = irq_alloc_msi(count, &sources[source_count++]);
	return *first ? 0 : -ENOSPC;
}

int msix_alloc(struct pci_address at, unsigned int entry, uint64_t table_base, struct irq_desc **desc)
{
	(void)entry;
	(void)table_base;
	return msi_alloc(at, 1, desc);
}

void msi_free(struct irq_desc *first)
{
	messages_freed += first->msi->count;
	irq_free_msi(first, first->msi->count);
}

/* --- the guest --- */

static struct domain d, stranger;
static unsigned int pending[8], unmasked;
static int page_puts;
static struct shared_info shared_page;
#define mask	((uint8_t *)shared_page.evtchn_mask)

void evtchn_pirq_pending(struct domain *who, uint32_t port)
{
	assert_ptr_equal(who, &d);
	pending[port]++;
}

int64_t evtchn_unmask(struct domain *who, uint32_t port)
{
	(void)who;
	unmasked = port;
	return 0;
}

int frame_get_owned(struct domain *who, gfn_t said, struct frame **out)
{
	(void)who;
	if (said.n != 300)
		return -EINVAL;
	*out = frame_of(mfn(300));
	return 0;
}
/* Nothing is counted here: every get and put goes the slow way. */
void frame_put_slowly(struct frame *f) { (void)f; }
void type_put_slowly(struct frame *f) { (void)f; page_puts++; }
int type_get_slowly(struct frame *f, unsigned int type, struct hcall *h)
{
	(void)f;
	(void)h;
	return type == PT_WRITABLE ? 0 : -EBUSY;
}

static int setup(void **state)
{
	(void)state;
	fake_memory(4096);
	memset(&d, 0, sizeof(d));
	memset(&stranger, 0, sizeof(stranger));
	memset(pending, 0, sizeof(pending));
	memset(mask, 0xff, sizeof(shared_page.evtchn_mask));
	d.shared = &shared_page;
	for (unsigned int i = 0; i < 24; i++)
		pin_masked[i] = true;
	unmasked = messages_freed = source_count = 0;
	page_puts = 0;
	irq_init();
	d.privileged = true;
	return pirq_domain_init(&d) || pirq_domain_init(&stranger);
}

static int teardown(void **state)
{
	(void)state;
	pirq_domain_free(&d);
	pirq_domain_free(&stranger);
	for (unsigned int i = 0; i < 24; i++)
		if (!pin_masked[i] || irq_of_gsi(i)->deliver || irq_of_gsi(i)->vector)
			return 1;
	return heap_used() != 0;
}

static void map(int gsi)
{
	int pirq = gsi;

	assert_int_equal(pirq_map_gsi(&d, gsi, &pirq), 0);
	assert_int_equal(pirq, gsi);
}

static void an_interrupt_reaches_its_port(void **state)
{
	(void)state;
	map(4);
	assert_int_equal(pirq_bind(&d, 4, true, 3), 0);
	irq_dispatch(pin[4].vector);
	assert_int_equal(pending[3], 1);
	pirq_unbind(&d, 4);
	assert_true(pin_masked[4]);
	irq_dispatch(pin[4].vector);
	assert_int_equal(pending[3], 1);
}

static void only_mapped_numbers_can_be_bound_and_only_once(void **state)
{
	(void)state;
	assert_int_equal(pirq_bind(&d, 4, false, 3), -EINVAL);
	assert_int_equal(pirq_bind(&d, PIRQ_MAX, false, 3), -EINVAL);
	assert_int_equal(pirq_bind(&d, UINT32_MAX, false, 3), -EINVAL);
	map(4);
	assert_int_equal(pirq_bind(&d, 4, false, 3), 0);
	assert_int_equal(pirq_bind(&d, 4, false, 5), -EEXIST);
	irq_dispatch(pin[4].vector);
	assert_int_equal(pending[3], 1);
}

static void a_domain_that_drives_no_hardware_gets_none(void **state)
{
	int pirq = 4;

	(void)state;
	assert_int_equal(pirq_map_gsi(&stranger, 4, &pirq), -EPERM);
	assert_int_equal(pirq_map_msi(&stranger, pci_at(0, 0, 0), 1, &pirq), -EPERM);
	assert_int_equal(pirq_bind(&stranger, 4, false, 3), -EINVAL);
	assert_int_equal(pirq_eoi(&stranger, 4), -EINVAL);
	assert_int_equal(pirq_unmap(&stranger, 4), -EINVAL);
	assert_int_equal(pirq_find_free(&stranger, true), -EPERM);
	pirq_unbind(&stranger, 4);
	pirq_eoi_unmasked(&stranger);
}

static void bad_numbers_map_nothing(void **state)
{
	static const struct { int gsi, pirq, rc; } cases[] = {
		{ -1, 4, -EINVAL }, { 24, 24, -EINVAL }, { 1 << 30, 4, -EINVAL },
		{ 4, PIRQ_MAX, -EINVAL }, { 4, 0x7fffffff, -EINVAL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int pirq = cases[i].pirq;

		assert_int_equal(pirq_map_gsi(&d, cases[i].gsi, &pirq), cases[i].rc);
	}
	assert_int_equal(pirq_unmap(&d, -1), -EINVAL);
	assert_int_equal(pirq_unmap(&d, 4), -EINVAL);
}

static void a_number_is_for_one_interrupt(void **state)
{
	int pirq = 4;

	(void)state;
	map(4);
	map(4);				/* the same again is fine */
	assert_int_equal(pirq_map_gsi(&d, 5, &pirq), -EBUSY);
	pirq = -1;
	assert_int_equal(pirq_map_gsi(&d, 5, &pirq), 0);
	assert_int_equal(pirq, 5);
	assert_int_equal(pirq_unmap(&d, 4), 0);
	pirq = 4;
	assert_int_equal(pirq_map_gsi(&d, 6, &pirq), 0);
}

static void a_level_waits_for_the_guests_eoi(void **state)
{
	bool needed;

	(void)state;
	map(16);
	assert_int_equal(pirq_bind(&d, 16, false, 2), 0);
	assert_int_equal(pirq_needs_eoi(&d, 16, &needed), 0);
	assert_true(needed);
	irq_dispatch(pin[16].vector);
	assert_true(pin_masked[16]);
	assert_int_equal(pirq_eoi(&d, 16), 0);
	assert_false(pin_masked[16]);
	/* The old way: unmasking the event counts. */
	irq_dispatch(pin[16].vector);
	pirq_eoi_unmasked(&d);
	assert_true(pin_masked[16]);
	mask[0] &= (uint8_t)~(1u << 2);
	pirq_eoi_unmasked(&d);
	assert_false(pin_masked[16]);
	assert_int_equal(unmasked, 0);
}

static void the_eoi_map_says_which_need_it(void **state)
{
	const uint8_t *bits = map_mfn(mfn(300));

	(void)state;
	map(16);
	map(4);
	assert_int_equal(pirq_bind(&d, 16, false, 2), 0);
	assert_int_equal(pirq_set_eoi_map(&d, gfn(77), false), -EINVAL);
	assert_int_equal(pirq_set_eoi_map(&d, gfn(300), true), 0);
	assert_int_equal(pirq_set_eoi_map(&d, gfn(300), true), -EBUSY);
	assert_int_equal(page_puts, 1);
	assert_true(test_bit(16, bits));
	assert_int_equal(pirq_bind(&d, 4, false, 3), 0);
	assert_false(test_bit(4, bits));	/* an edge */
	assert_int_equal(pirq_eoi(&d, 16), 0);
	assert_int_equal(unmasked, 2);		/* version 1 unmasks too */
	pirq_unbind(&d, 16);
	assert_false(test_bit(16, bits));
	pirq_relinquish(&d);
	assert_int_equal(page_puts, 2);
}

static void messages_get_numbers_in_a_row(void **state)
{
	int pirq = -1, other = -1;
	bool needed;

	(void)state;
	assert_int_equal(pirq_map_msi(&d, pci_at(0, 0, 8), 4, &pirq), 0);
	assert_in_range(pirq, IRQ_GSI_MAX, PIRQ_MAX - 4);
	assert_int_equal(pirq_map_msix(&d, pci_at(0, 0, 16), 0, 0, &other), 0);
	assert_true(other < pirq || other >= pirq + 4);
	assert_int_equal(pirq_needs_eoi(&d, (unsigned int)pirq, &needed), 0);
	assert_false(needed);
	assert_int_equal(pirq_bind(&d, (unsigned int)pirq + 2, false, 6), 0);
	assert_int_equal(pirq_unmap(&d, pirq + 1), -EINVAL);	/* only by its first */
	assert_int_equal(pirq_unmap(&d, pirq), 0);
	assert_int_equal(messages_freed, 4);
	assert_int_equal(pirq_bind(&d, (unsigned int)pirq + 2, false, 6), -EINVAL);
	pirq_unbind(&d, (unsigned int)pirq + 2);		/* the port closes later */
	pirq = PIRQ_MAX - 1;
	assert_int_equal(pirq_map_msi(&d, pci_at(0, 0, 24), 2, &pirq), -EINVAL);
	assert_int_equal(messages_freed, 6);			/* not leaked */
	pirq_relinquish(&d);
	assert_int_equal(messages_freed, 7);
}

static void ours(struct irq_desc *desc) { (void)desc; }

static void what_we_use_ourselves_cannot_be_bound(void **state)
{
	(void)state;
	map(4);
	assert_int_equal(irq_request_gsi(4, ours, NULL), 0);
	assert_int_equal(pirq_bind(&d, 4, true, 3), -EBUSY);
	assert_false(pin_masked[4]);
	irq_release(irq_of_gsi(4));
	assert_int_equal(pirq_bind(&d, 4, true, 3), 0);
}

int main(void)
{
#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(an_interrupt_reaches_its_port),
		TEST(only_mapped_numbers_can_be_bound_and_only_once),
		TEST(a_domain_that_drives_no_hardware_gets_none),
		TEST(bad_numbers_map_nothing),
		TEST(a_number_is_for_one_interrupt),
		TEST(a_level_waits_for_the_guests_eoi),
		TEST(the_eoi_map_says_which_need_it),
		TEST(messages_get_numbers_in_a_row),
		TEST(what_we_use_ourselves_cannot_be_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
