// SPDX-License-Identifier: GPL-2.0-only
// sources: machine/irq.c
/* Interrupt descriptors: who owns what, which vector is whose, and that a level waits to be answered. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cpu/percpu.h"
#include "machine/acpi.h"
#include "machine/ioapic.h"
#include "machine/ipi.h"
#include "machine/irq.h"
#include "machine/lapic.h"
#include "machine/msi.h"

/* --- the board --- */

struct acpi_info acpi;
static struct ioapic_route pin[24];
static bool pin_masked[24], message_masked;
static unsigned int eois;

void ioapic_init(void) { }
bool ioapic_gsi_exists(unsigned int gsi) { return gsi < 24; }
void ioapic_set_route(unsigned int gsi, const struct ioapic_route *route)
{
	pin[gsi] = *route;
	pin_masked[gsi] = route->masked;
}
void ioapic_mask(unsigned int gsi) { pin_masked[gsi] = true; }
void ioapic_unmask(unsigned int gsi) { pin_masked[gsi] = false; }
void lapic_eoi(void) { eois++; }
uint32_t lapic_error(void) { return 0; }
void ipi_poll(void) { }
void msi_set_mask(struct irq_desc *desc, bool masked) { (void)desc; message_masked = masked; }

static unsigned int delivered;
static struct irq_desc *last;

static void deliver(struct irq_desc *desc)
{
	assert_false(spin_is_locked(&desc->lock));
	delivered++;
	last = desc;
}

static int setup(void **state)
{
	(void)state;
	memset(&acpi, 0, sizeof(acpi));
	acpi.override_count = 1;
	acpi.override[0] = (struct acpi_override){ .irq = 9, .gsi = 9, .level = true };
	for (unsigned int i = 0; i < 24; i++)
		pin_masked[i] = true;
	irq_init();
	delivered = eois = 0;
	return 0;
}

static void pins_speak_as_their_bus_does_or_the_override_says(void **state)
{
	(void)state;
	assert_false(irq_of_gsi(4)->level);
	assert_true(irq_of_gsi(9)->level);
	assert_false(irq_of_gsi(9)->active_low);
	assert_true(irq_of_gsi(16)->level && irq_of_gsi(16)->active_low);
	assert_null(irq_of_gsi(24));
	assert_null(irq_of_gsi(IRQ_GSI_MAX));
	assert_null(irq_of_gsi(UINT32_MAX));
}

static void an_edge_is_delivered_and_stays_open(void **state)
{
	struct irq_desc *desc = irq_of_gsi(4);

	(void)state;
	assert_int_equal(irq_claim(desc, deliver, NULL), 0);
	assert_true(pin_masked[4]);
	assert_int_equal(irq_start(desc), 0);
	assert_false(pin_masked[4]);
	irq_dispatch(pin[4].vector);
	irq_dispatch(pin[4].vector);
	assert_int_equal(delivered, 2);
	assert_int_equal(eois, 2);
	assert_ptr_equal(last, desc);
	assert_false(pin_masked[4]);
	irq_release(desc);
	assert_true(pin_masked[4]);
}

static void a_level_is_masked_until_answered(void **state)
{
	struct irq_desc *desc = irq_of_gsi(16);

	(void)state;
	assert_int_equal(irq_claim(desc, deliver, NULL), 0);
	assert_int_equal(irq_start(desc), 0);
	irq_dispatch(pin[16].vector);
	assert_int_equal(delivered, 1);
	assert_int_equal(eois, 1);
	assert_true(pin_masked[16]);
	assert_true(desc->in_flight);
	irq_eoi(desc);
	assert_false(pin_masked[16]);
	irq_eoi(desc);			/* harmless */
	assert_false(pin_masked[16]);
	irq_release(desc);
	irq_eoi(desc);			/* too late: must not open it */
	assert_true(pin_masked[16]);
}

static void nobody_takes_an_owned_one(void **state)
{
	struct irq_desc *desc = irq_of_gsi(5);

	(void)state;
	assert_int_equal(irq_claim(desc, deliver, NULL), 0);
	assert_int_equal(irq_claim(desc, deliver, state), -EBUSY);
	assert_int_equal(irq_request_gsi(5, deliver, NULL), -EBUSY);
	irq_release(desc);
	assert_int_equal(irq_request_gsi(5, deliver, NULL), 0);
	irq_release(desc);
	assert_int_equal(irq_request_gsi(99, deliver, NULL), -ENODEV);
}

static void a_driver_of_ours_need_not_answer(void **state)
{
	(void)state;
	assert_int_equal(irq_request_gsi(17, deliver, NULL), 0);
	irq_dispatch(pin[17].vector);
	assert_int_equal(delivered, 1);
	assert_false(pin_masked[17]);
	irq_release(irq_of_gsi(17));
}

static void a_live_pin_keeps_its_trigger(void **state)
{
	struct irq_desc *desc = irq_of_gsi(6);

	(void)state;
	assert_int_equal(irq_set_trigger(desc, true, true), 0);
	assert_int_equal(irq_claim(desc, deliver, NULL), 0);
	assert_int_equal(irq_start(desc), 0);
	assert_true(pin[6].level && pin[6].active_low);
	assert_int_equal(irq_set_trigger(desc, true, true), 0);
	assert_int_equal(irq_set_trigger(desc, false, false), -EBUSY);
	assert_true(desc->level);
	irq_release(desc);
	assert_int_equal(irq_set_trigger(desc, false, false), 0);
}

static void strays_are_counted_and_acknowledged(void **state)
{
	uint64_t before = irq_stray_count();

	(void)state;
	irq_dispatch(0x77);			/* nobody's: from the LAPIC, to be acknowledged */
	irq_dispatch(VECTOR_8259 + 7);		/* not the LAPIC's */
	irq_dispatch(VECTOR_SPURIOUS);		/* neither */
	assert_int_equal(irq_stray_count(), before + 2);
	assert_int_equal(eois, 1);
	assert_int_equal(delivered, 0);
}

static void messages_in_a_row_have_vectors_in_a_row(void **state)
{
	struct msi_source s = { 0 };
	struct irq_desc *first = irq_alloc_msi(8, &s);

	(void)state;
	assert_non_null(first);
	assert_int_equal(first->vector % 8, 0);
	for (unsigned int i = 0; i < 8; i++) {
		assert_int_equal(first[i].vector, first->vector + i);
		assert_int_equal(irq_claim(&first[i], deliver, NULL), 0);
		assert_int_equal(irq_start(&first[i]), 0);
		irq_dispatch(first->vector + i);
		assert_ptr_equal(last, &first[i]);
	}
	irq_stop(&first[3]);
	irq_dispatch(first->vector + 3);	/* cannot be masked, so it is swallowed */
	assert_int_equal(delivered, 8);
	for (unsigned int i = 0; i < 8; i++)
		irq_release(&first[i]);
	irq_free_msi(first, 8);
}

static void vectors_run_out_and_come_back(void **state)
{
	struct irq_desc *got[IRQ_MSI_MAX];
	struct msi_source s = { 0 };
	bool seen[256] = { false };
	unsigned int n = 0, again = 0;

	(void)state;
	while (n < IRQ_MSI_MAX && (got[n] = irq_alloc_msi(1, &s))) {
		uint8_t vector = got[n++]->vector;

		assert_in_range(vector, VECTOR_DEVICE_FIRST, VECTOR_DEVICE_LAST);
		assert_int_not_equal(vector, 0x80);
		assert_int_not_equal(vector, 0x82);
		assert_false(seen[vector]);
		seen[vector] = true;
	}
	assert_int_equal(n, VECTOR_DEVICE_LAST - VECTOR_DEVICE_FIRST + 1 - 2);
	assert_int_equal(irq_claim(irq_of_gsi(20), deliver, NULL), 0);
	assert_int_equal(irq_start(irq_of_gsi(20)), -ENOSPC);
	irq_release(irq_of_gsi(20));
	for (unsigned int i = 0; i < n; i++)
		irq_free_msi(got[i], 1);
	while (again < IRQ_MSI_MAX && (got[again] = irq_alloc_msi(1, &s)))
		again++;
	assert_int_equal(again, n);
	for (unsigned int i = 0; i < again; i++)
		irq_free_msi(got[i], 1);
}

int main(void)
{
#define TEST(f)	cmocka_unit_test_setup(f, setup)
	const struct CMUnitTest tests[] = {
		TEST(pins_speak_as_their_bus_does_or_the_override_says),
		TEST(an_edge_is_delivered_and_stays_open),
		TEST(a_level_is_masked_until_answered),
		TEST(nobody_takes_an_owned_one),
		TEST(a_driver_of_ours_need_not_answer),
		TEST(a_live_pin_keeps_its_trigger),
		TEST(strays_are_counted_and_acknowledged),
		TEST(messages_in_a_row_have_vectors_in_a_row),
		TEST(vectors_run_out_and_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
