// SPDX-License-Identifier: GPL-2.0-only
// sources: control/physdev.c control/platform.c compat/physdev.c guest/access.c
/*
 * physdev_op and platform_op: who may ask, that every number has an answer, that what makes no sense
 * changes nothing, and that both widths say the same.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "control/physdev.h"
#include "control/platform.h"
#include "cpu/percpu.h"
#include "evtchn/pirq.h"
#include "fakes/memory.h"
#include "fakes/usercopy.h"
#include "guest/shared.h"
#include "machine/acpi.h"
#include "machine/ioapic.h"
#include "machine/msi.h"
#include "mem/heap.h"
#include "mem/map.h"
#include "sched/sched.h"
#include "time/clock.h"

/* --- what the doors lead to --- */

struct acpi_info acpi;
uint32_t irq_apic_id[NR_CPUS] = { 7 };
struct vcpu *idle_vcpu[NR_CPUS];
struct list domain_list = LIST_INIT(domain_list);
spinlock_t domain_list_lock = SPINLOCK_INIT(RANK_DOMLIST);

static unsigned int touched;		/* calls that would have changed something */
static struct physdev_map_pirq seen;
static struct irq_desc pin;
static uint16_t slept[2];

int pirq_eoi(struct domain *d, unsigned int pirq) { (void)d; return pirq < 16 ? 0 : -EINVAL; }
void pirq_eoi_unmasked(struct domain *d) { (void)d; }
int pirq_needs_eoi(struct domain *d, unsigned int pirq, bool *needed)
{
	(void)d;
	*needed = true;
	return pirq < 16 ? 0 : -EINVAL;
}
int pirq_set_eoi_map(struct domain *d, gfn_t page, bool unmasks)
{
	(void)d;
	(void)unmasks;
	return page.n == 0x123 ? 0 : -EINVAL;
}
int pirq_map_gsi(struct domain *d, int gsi, int *pirq)
{
	(void)d;
	touched++;
	seen.index = gsi;
	*pirq = gsi;
	return 0;
}
int pirq_map_msi(struct domain *d, struct pci_address at, unsigned int count, int *pirq)
{
	(void)d;
	touched++;
	seen.bus = at.segment << 16 | at.bus;
	seen.devfn = at.devfn;
	seen.entry_nr = (int)count;
	*pirq = 600;
	return 0;
}
int pirq_map_msix(struct domain *d, struct pci_address at, unsigned int entry, uint64_t table_base,
		  int *pirq)
{
	seen.table_base = table_base;
	return pirq_map_msi(d, at, entry, pirq);
}
int pirq_unmap(struct domain *d, int pirq) { (void)d; (void)pirq; touched++; return 0; }
int pirq_find_free(struct domain *d, bool message) { (void)d; return message ? 600 : 5; }
int msi_restore(struct pci_address at) { (void)at; touched++; return 0; }
struct irq_desc *irq_of_gsi(unsigned int gsi) { return gsi < 24 ? &pin : NULL; }
int irq_set_trigger(struct irq_desc *desc, bool level, bool active_low)
{
	touched++;
	desc->level = level;
	desc->active_low = active_low;
	return 0;
}
int ioapic_read_register(uint64_t pa, uint32_t reg, uint32_t *value)
{
	*value = 0x170020 + reg;
	return pa == 0xfec00000 ? 0 : -ENODEV;
}
bool pci_exists(struct pci_address at) { return at.segment == 0 && at.devfn == 8; }
bool pci_segment_known(uint16_t segment, uint8_t first, uint8_t last)
{
	(void)first;
	(void)last;
	return segment == 0;
}
int acpi_enter_sleep(uint16_t a, uint16_t b)
{
	slept[0] = a;
	slept[1] = b;
	touched++;
	return -EIO;
}
int clock_set_wall(uint64_t sec, uint32_t nsec, uint64_t at_ns)
{
	(void)at_ns;
	touched++;
	return sec && nsec < 1000000000 ? 0 : -EINVAL;
}
uint64_t clock_now_ns(void) { return 4711; }
void pvclock_wallclock(struct domain *d) { (void)d; touched++; }
uint64_t vcpu_run_time_ns(struct vcpu *v) { (void)v; return 99; }
static uint8_t low_memory[0x1000];
volatile void *ioremap(uint64_t pa, uint64_t size, enum cacheability how)
{
	(void)size;
	(void)how;
	return pa < sizeof(low_memory) ? low_memory + pa : NULL;
}
void iounmap(volatile void *p, uint64_t size) { (void)p; (void)size; }

/* --- the guest --- */

static struct domain d;
static struct vcpu v;
#define ARG	(FAKE_GUEST_BASE + 0x1000)

static int setup(void **state)
{
	(void)state;
	fake_memory(4096);
	memset(&d, 0, sizeof(d));
	memset(&v, 0, sizeof(v));
	memset(&seen, 0, sizeof(seen));
	memset(fake_guest, 0, FAKE_GUEST_BYTES);
	fake_guest_hole = 0;
	d.privileged = true;
	v.domain = &d;
	fake_cpu_info[0].vcpu = &v;
	fake_cpu_info[0].guest_span = ~0ul;
	touched = 0;
	list_init(&domain_list);
	list_add(&domain_list, &d.link);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	heap_free(v.io_bitmap);
	return (int)heap_used();
}

static int64_t door(int64_t (*fn)(struct hcall *), uint64_t first, uint64_t second)
{
	struct hcall h = { .v = &v, .d = &d, .args = { first, second } };

	return fn(&h);
}

static int64_t physdev(unsigned int cmd, const void *arg, size_t bytes)
{
	memcpy(fake_guest_at(ARG), arg, bytes);
	return door(d.is_32bit ? hc32_physdev_op : hc_physdev_op, cmd, ARG);
}

static int64_t platform(struct xen_platform_op *op)
{
	int64_t rc;

	memcpy(fake_guest_at(ARG), op, sizeof(*op));
	rc = door(hc_platform_op, ARG, 0);
	memcpy(op, fake_guest_at(ARG), sizeof(*op));
	return rc;
}

static void every_number_answers_with_an_errno_and_strangers_change_nothing(void **state)
{
	(void)state;
	d.privileged = false;
	for (unsigned int round = 0; round < 2; round++) {
		d.is_32bit = round;
		for (unsigned int cmd = 0; cmd < 200; cmd++) {
			int64_t rc = door(round ? hc32_physdev_op : hc_physdev_op, cmd, ARG);

			assert_in_range(rc + 200, 0, 200);
			/* Nor does a pointer to nowhere hurt. */
			rc = door(round ? hc32_physdev_op : hc_physdev_op, cmd, 0x7000);
			assert_true(rc <= 0);
			rc = door(round ? hc32_physdev_op : hc_physdev_op, cmd, UINT64_MAX - 3);
			assert_true(rc <= 0);
		}
	}
	assert_int_equal(touched, 0);
	for (uint32_t cmd = 0; cmd < 100; cmd++) {
		struct xen_platform_op op = { .cmd = cmd, .interface_version = XENPF_INTERFACE_VERSION };

		assert_int_equal(platform(&op), -EPERM);
	}
	assert_int_equal(touched, 0);
}

static void every_platform_number_answers_the_control_domain(void **state)
{
	(void)state;
	for (uint32_t cmd = 0; cmd < 100; cmd++) {
		struct xen_platform_op op = { .cmd = cmd, .interface_version = XENPF_INTERFACE_VERSION };
		int64_t rc = platform(&op);

		assert_in_range(rc + 200, 0, 200);
		op.interface_version++;
		assert_int_equal(platform(&op), -EACCES);
	}
}

static void a_copy_that_fails_is_efault(void **state)
{
	struct xen_platform_op op = { .cmd = XENPF_get_cpuinfo,
				      .interface_version = XENPF_INTERFACE_VERSION };

	(void)state;
	assert_int_equal(door(hc_physdev_op, PHYSDEVOP_set_iopl, 0x7000), -EFAULT);
	assert_int_equal(door(hc_platform_op, 0x7000, 0), -EFAULT);
	memcpy(fake_guest_at(FAKE_GUEST_BASE + 0x2000 - 8), &op, 8);
	fake_guest_hole = FAKE_GUEST_BASE + 0x2000;
	assert_int_equal(door(hc_platform_op, FAKE_GUEST_BASE + 0x2000 - 8, 0), -EFAULT);
	assert_int_equal(touched, 0);
}

static void iopl_is_zero_to_three(void **state)
{
	struct physdev_set_iopl arg = { .iopl = 3 };

	(void)state;
	d.privileged = false;		/* anyone's own business */
	assert_int_equal(physdev(PHYSDEVOP_set_iopl, &arg, sizeof(arg)), 0);
	assert_int_equal(v.iopl, 3);
	for (arg.iopl = 4; arg.iopl; arg.iopl <<= 1)
		assert_int_equal(physdev(PHYSDEVOP_set_iopl, &arg, sizeof(arg)), -EINVAL);
	assert_int_equal(v.iopl, 3);
}

static void an_io_bitmap_is_copied_whole_or_not_at_all(void **state)
{
	struct physdev_set_iobitmap arg = { .nr_ports = 20 };
	uint32_t narrow[2] = { FAKE_GUEST_BASE + 0x4000, 16 };

	(void)state;
	set_xen_guest_handle(arg.bitmap, (void *)(FAKE_GUEST_BASE + 0x4000));
	memset(fake_guest_at(FAKE_GUEST_BASE + 0x4000), 0x5a, 0x2000);
	assert_int_equal(physdev(PHYSDEVOP_set_iobitmap, &arg, sizeof(arg)), 0);
	assert_int_equal(v.io_bitmap_ports, 20);
	assert_int_equal(v.io_bitmap[2], 0x5a);
	arg.nr_ports = 65537;
	assert_int_equal(physdev(PHYSDEVOP_set_iobitmap, &arg, sizeof(arg)), -EINVAL);
	assert_int_equal(v.io_bitmap_ports, 20);
	arg.nr_ports = 65536;
	assert_int_equal(physdev(PHYSDEVOP_set_iobitmap, &arg, sizeof(arg)), 0);
	fake_guest_hole = FAKE_GUEST_BASE + 0x5000;
	assert_int_equal(physdev(PHYSDEVOP_set_iobitmap, &arg, sizeof(arg)), -EFAULT);
	assert_int_equal(v.io_bitmap_ports, 0);
	d.is_32bit = true;
	assert_int_equal(physdev(PHYSDEVOP_set_iobitmap, narrow, sizeof(narrow)), 0);
	assert_int_equal(v.io_bitmap_ports, 16);
}

static void map_pirq_takes_devices_apart(void **state)
{
	struct physdev_map_pirq arg = { .domid = DOMID_SELF, .type = MAP_PIRQ_TYPE_MSI_SEG, .index = -1,
		.pirq = -1, .bus = 2 << 16 | 0x34, .devfn = 0x56, .entry_nr = 5 };
	struct physdev_map_pirq got;

	(void)state;
	assert_int_equal(physdev(PHYSDEVOP_map_pirq, &arg, sizeof(arg)), 0);
	memcpy(&got, fake_guest_at(ARG), sizeof(got));
	assert_int_equal(got.pirq, 600);
	assert_int_equal(seen.bus, 2 << 16 | 0x34);
	assert_int_equal(seen.devfn, 0x56);
	assert_int_equal(seen.entry_nr, 1);
	arg.table_base = 0xfeb00000;
	assert_int_equal(physdev(PHYSDEVOP_map_pirq, &arg, sizeof(arg)), 0);
	assert_int_equal(seen.table_base, 0xfeb00000);
	assert_int_equal(seen.entry_nr, 5);
	arg.type = MAP_PIRQ_TYPE_MULTI_MSI;
	assert_int_equal(physdev(PHYSDEVOP_map_pirq, &arg, sizeof(arg)), 0);
	assert_int_equal(seen.entry_nr, 8);
}

static void map_pirq_refuses_what_is_no_device(void **state)
{
	static const struct { int type, bus, devfn, entry; uint64_t table; int domid, rc; } bad[] = {
		{ MAP_PIRQ_TYPE_MSI, 256, 0, 0, 0, DOMID_SELF, -EINVAL },
		{ MAP_PIRQ_TYPE_MSI, -1, 0, 0, 0, DOMID_SELF, -EINVAL },
		{ MAP_PIRQ_TYPE_MSI_SEG, 0x100, 0, 0, 0, DOMID_SELF, -EINVAL },
		{ MAP_PIRQ_TYPE_MSI_SEG, 0, 256, 0, 0, DOMID_SELF, -EINVAL },
		{ MAP_PIRQ_TYPE_MSI_SEG, 0, -1, 0, 0, DOMID_SELF, -EINVAL },
		{ MAP_PIRQ_TYPE_MSI_SEG, 0, 0, -1, 0x1000, DOMID_SELF, -EINVAL },
		{ MAP_PIRQ_TYPE_MULTI_MSI, 0, 0, 0, 0, DOMID_SELF, -EINVAL },
		{ MAP_PIRQ_TYPE_MULTI_MSI, 0, 0, 33, 0, DOMID_SELF, -EINVAL },
		{ MAP_PIRQ_TYPE_MULTI_MSI, 0, 0, -5, 0, DOMID_SELF, -EINVAL },
		{ MAP_PIRQ_TYPE_UNKNOWN, 0, 0, 0, 0, DOMID_SELF, -EINVAL },
		{ 77, 0, 0, 0, 0, DOMID_SELF, -EINVAL },
		{ MAP_PIRQ_TYPE_GSI, 0, 0, 0, 0, 5, -EOPNOTSUPP },
	};

	(void)state;
	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct physdev_map_pirq arg = { .domid = (domid_t)bad[i].domid, .type = bad[i].type,
			.pirq = -1, .bus = bad[i].bus, .devfn = bad[i].devfn, .entry_nr = bad[i].entry,
			.table_base = bad[i].table };

		assert_int_equal(physdev(PHYSDEVOP_map_pirq, &arg, sizeof(arg)), bad[i].rc);
	}
	assert_int_equal(touched, 0);
}

static void narrow_arguments_mean_the_same(void **state)
{
	struct {
		uint16_t domid, pad;
		int32_t type, index, pirq, bus, devfn, entry_nr;
		uint64_t table_base;
	} __attribute__((packed)) map = { DOMID_SELF, 0, MAP_PIRQ_TYPE_MSI_SEG, -1, -1, 1, 2, 3,
					  0x1234567890 }, got;
	uint32_t apic[3] = { 0xfec00000, 1, 0 }, frame = 0x123;
	struct { uint32_t cmd, iopl; } old = { PHYSDEVOP_set_iopl, 2 };

	(void)state;
	d.is_32bit = true;
	assert_int_equal(physdev(PHYSDEVOP_map_pirq, &map, sizeof(map)), 0);
	memcpy(&got, fake_guest_at(ARG), sizeof(got));
	assert_int_equal(got.pirq, 600);
	assert_int_equal(got.table_base, 0x1234567890);
	assert_int_equal(seen.table_base, 0x1234567890);
	assert_int_equal(physdev(PHYSDEVOP_apic_read, apic, sizeof(apic)), 0);
	assert_int_equal(((uint32_t *)fake_guest_at(ARG))[2], 0x170021);
	assert_int_equal(physdev(PHYSDEVOP_pirq_eoi_gmfn_v2, &frame, sizeof(frame)), 0);
	memcpy(fake_guest_at(ARG), &old, sizeof(old));
	assert_int_equal(door(hc32_physdev_op_compat, ARG, 0), 0);
	assert_int_equal(v.iopl, 2);
}

static void the_old_call_knows_only_what_existed_then(void **state)
{
	struct physdev_op op = { .cmd = PHYSDEVOP_irq_status_query };

	(void)state;
	op.u.irq_status_query.irq = 4;
	memcpy(fake_guest_at(ARG), &op, sizeof(op));
	assert_int_equal(door(hc_physdev_op_compat, ARG, 0), 0);
	memcpy(&op, fake_guest_at(ARG), sizeof(op));
	assert_int_equal(op.u.irq_status_query.flags, XENIRQSTAT_needs_eoi);
	op.cmd = PHYSDEVOP_map_pirq;
	memcpy(fake_guest_at(ARG), &op, sizeof(op));
	assert_int_equal(door(hc_physdev_op_compat, ARG, 0), -ENOSYS);
	assert_int_equal(touched, 0);
}

static void setup_gsi_is_checked(void **state)
{
	struct physdev_setup_gsi arg = { .gsi = 9, .triggering = 1, .polarity = 0 };

	(void)state;
	assert_int_equal(physdev(PHYSDEVOP_setup_gsi, &arg, sizeof(arg)), 0);
	assert_true(pin.level && !pin.active_low);
	touched = 0;
	arg.triggering = 2;
	assert_int_equal(physdev(PHYSDEVOP_setup_gsi, &arg, sizeof(arg)), -EINVAL);
	arg = (struct physdev_setup_gsi){ .gsi = -1 };
	assert_int_equal(physdev(PHYSDEVOP_setup_gsi, &arg, sizeof(arg)), -EINVAL);
	arg.gsi = 24;
	assert_int_equal(physdev(PHYSDEVOP_setup_gsi, &arg, sizeof(arg)), -EINVAL);
	assert_int_equal(touched, 0);
}

static void the_platform_answers(void **state)
{
	struct xen_platform_op op = { .cmd = XENPF_get_cpuinfo,
				      .interface_version = XENPF_INTERFACE_VERSION };

	(void)state;
	acpi.cpu_count = 1;
	acpi.cpu[0].apic_id = 7;
	acpi.cpu[0].acpi_id = 42;
	assert_int_equal(platform(&op), 0);
	assert_int_equal(op.u.pcpu_info.flags, XEN_PCPU_FLAGS_ONLINE);
	assert_int_equal(op.u.pcpu_info.apic_id, 7);
	assert_int_equal(op.u.pcpu_info.acpi_id, 42);
	op.u.pcpu_info.xen_cpuid = 1;
	assert_int_equal(platform(&op), 0);
	assert_int_equal(op.u.pcpu_info.flags, XEN_PCPU_FLAGS_INVALID);

	op.cmd = XENPF_firmware_info;
	op.u.firmware_info.type = XEN_FW_KBD_SHIFT_FLAGS;
	low_memory[0x417] = 0x20;
	assert_int_equal(platform(&op), 0);
	assert_int_equal(op.u.firmware_info.u.kbd_shift_flags, 0x20);
	op.u.firmware_info.type = XEN_FW_EFI_INFO;
	assert_int_equal(platform(&op), -ENOSYS);

	op.cmd = XENPF_settime64;
	op.u.settime64 = (struct xenpf_settime64){ .secs = 1, .mbz = 1 };
	assert_int_equal(platform(&op), -EINVAL);
	assert_int_equal(touched, 0);
	op.u.settime64.mbz = 0;
	assert_int_equal(platform(&op), 0);
	assert_int_equal(touched, 2);		/* the clock, and the one domain told */
}

static void only_power_off_is_entered(void **state)
{
	struct xen_platform_op op = { .cmd = XENPF_enter_acpi_sleep,
				      .interface_version = XENPF_INTERFACE_VERSION };

	(void)state;
	for (uint32_t s = 0; s < 10; s++) {
		op.u.enter_acpi_sleep = (struct xenpf_enter_acpi_sleep){
			.val_a = 0x2000, .val_b = 1, .sleep_state = s };
		if (s != 5)
			assert_int_equal(platform(&op), -EOPNOTSUPP);
	}
	assert_int_equal(touched, 0);
	op.u.enter_acpi_sleep.sleep_state = 5;
	assert_int_equal(platform(&op), -EIO);
	assert_int_equal(slept[0], 0x2000);
	assert_int_equal(slept[1], 1);
}

/* Of a 32-bit domain the two pointers are half as wide, and the time lies at byte 12. */
static void idle_times_are_bounded_by_the_guests_count(void **state)
{
	struct xen_platform_op op = { .cmd = XENPF_getidletime,
				      .interface_version = XENPF_INTERFACE_VERSION };
	const uint32_t narrow[] = { FAKE_GUEST_BASE + 0x3000, 0xffffffff, FAKE_GUEST_BASE + 0x4000, 0, 0 };
	uint8_t *map = fake_guest_at(FAKE_GUEST_BASE + 0x3000);
	uint64_t *times = fake_guest_at(FAKE_GUEST_BASE + 0x4000), now;

	(void)state;
	idle_vcpu[0] = &v;
	for (int round = 0; round < 2; round++) {
		d.is_32bit = round;
		memset(map, 0xff, 16);
		memset(times, 0xee, 1024);
		set_xen_guest_handle(op.u.getidletime.cpumap_bitmap, (uint8_t *)(FAKE_GUEST_BASE + 0x3000));
		set_xen_guest_handle(op.u.getidletime.idletime, (uint64_t *)(FAKE_GUEST_BASE + 0x4000));
		op.u.getidletime.cpumap_nr_cpus = 0xffffffff;
		if (round)
			memcpy(&op.u, narrow, sizeof(narrow));
		assert_int_equal(platform(&op), 0);
		memcpy(&now, (uint8_t *)&op.u + (round ? 12 : 24), sizeof(now));
		assert_int_equal(now, 4711);
		assert_int_equal(times[0], 99);
		assert_int_equal(times[1], 0);
		assert_int_equal(times[NR_CPUS - 1], 0);
		assert_int_not_equal(times[NR_CPUS], 0);
		assert_int_equal(map[0], 1);
		assert_int_equal(map[7], 0);
		assert_int_equal(map[8], 0xff);
	}
	d.is_32bit = false;
}

int main(void)
{
#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(every_number_answers_with_an_errno_and_strangers_change_nothing),
		TEST(every_platform_number_answers_the_control_domain),
		TEST(a_copy_that_fails_is_efault),
		TEST(iopl_is_zero_to_three),
		TEST(an_io_bitmap_is_copied_whole_or_not_at_all),
		TEST(map_pirq_takes_devices_apart),
		TEST(map_pirq_refuses_what_is_no_device),
		TEST(narrow_arguments_mean_the_same),
		TEST(the_old_call_knows_only_what_existed_then),
		TEST(setup_gsi_is_checked),
		TEST(the_platform_answers),
		TEST(only_power_off_is_entered),
		TEST(idle_times_are_bounded_by_the_guests_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
