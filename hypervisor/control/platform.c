// SPDX-License-Identifier: GPL-2.0-only
/*
 * The platform (the story is in platform.h).
 *
 * A 32-bit control domain comes the same way: of the requests with a handler, only getidletime and
 * the pointer in one of firmware_info's look different to it, and they are told apart here.
 */
#include "control/platform.h"

#include "cpu/features.h"
#include "cpu/percpu.h"
#include "guest/access.h"
#include "guest/shared.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "lib/log.h"
#include "lib/string.h"
#include "machine/acpi.h"
#include "machine/irq.h"
#include "mem/map.h"
#include "sched/sched.h"
#include "time/clock.h"

/* --- UEFI --- */

#define EFI_SIGNATURE	0x5453595320494249ul	/* "IBI SYST" */
#define VENDOR_MAX	64

/* UEFI 2.9, 4.3: the system table. */
struct efi_system_table {
	uint64_t signature;
	uint32_t revision, header_bytes, crc, reserved;
	uint64_t vendor;		/* UCS-2 string */
	uint32_t vendor_revision, pad;
	uint64_t consoles[6];
	uint64_t runtime_services, boot_services;
	uint64_t table_count, tables;
};
static_assert(sizeof(struct efi_system_table) == 120, "UEFI 2.9, 4.3");

static struct {
	bool present;
	uint32_t revision, vendor_revision;
	uint64_t tables;
	uint32_t table_count;
	uint16_t vendor[VENDOR_MAX];	/* ends with 0 */
} efi;

static void read_vendor(uint64_t pa)
{
	const volatile uint16_t *text;
	uint64_t bytes = sizeof(efi.vendor) - sizeof(efi.vendor[0]);

	if (!pa || (pa & 1) || pa >= 1ul << host.physical_bits)
		return;
	text = ioremap(pa, bytes, CACHE_WB);
	for (unsigned int i = 0; text && i < VENDOR_MAX - 1 && text[i]; i++)
		efi.vendor[i] = text[i];
	if (text)
		iounmap((volatile void *)(uintptr_t)text, bytes);
}

void platform_efi_init(uint64_t system_table_pa)
{
	const struct efi_system_table *t;

	if (!system_table_pa)
		return;
	t = (const void *)(uintptr_t)ioremap(system_table_pa, sizeof(*t), CACHE_WB);
	if (!t)
		return;
	if (t->signature == EFI_SIGNATURE && t->table_count < 1024 &&
	    t->tables < 1ul << host.physical_bits) {
		efi.present = true;
		efi.revision = t->revision;
		efi.vendor_revision = t->vendor_revision;
		efi.tables = t->tables;
		efi.table_count = (uint32_t)t->table_count;
		read_vendor(t->vendor);
	} else {
		log_warn("efi: no system table where the loader says; the control domain goes without");
	}
	iounmap((volatile void *)(uintptr_t)t, sizeof(*t));
}

/* A pointer in a request. A 32-bit domain's is half as wide, in the same place. */
static gva_t pointer(const struct hcall *h, gva_t raw)
{
	return h->d->is_32bit ? gva((uint32_t)raw.at) : raw;
}

static int64_t efi_info(struct hcall *h, struct xenpf_firmware_info *info)
{
	union xenpf_efi_info *e = &info->u.efi_info;
	unsigned int room;

	if (!efi.present)
		return -ENOSYS;
	switch (info->index) {
	case XEN_FW_EFI_VERSION:
		e->version = efi.revision;
		return 0;
	case XEN_FW_EFI_CONFIG_TABLE:
		e->cfg.addr = efi.tables;
		e->cfg.nent = efi.table_count;
		return 0;
	case XEN_FW_EFI_VENDOR:
		room = MIN(e->vendor.bufsz, (uint32_t)sizeof(efi.vendor)) & ~1u;
		e->vendor.revision = efi.vendor_revision;
		return guest_write(pointer(h, handle_gva(e->vendor.name)), efi.vendor, room);
	default:	/* runtime services and the firmware's memory map are not offered */
		return -ENOSYS;
	}
}

/* --- firmware --- */

/* The keyboard's shift state, as PC BIOSes keep it (BIOS data area, 40:17). */
static int64_t keyboard_flags(struct xenpf_firmware_info *info)
{
	volatile uint8_t *flags;

	if (efi.present)
		return -ENOSYS;
	flags = ioremap(0x417, 1, CACHE_WB);
	if (!flags)
		return -ENOMEM;
	info->u.kbd_shift_flags = *flags;
	iounmap(flags, 1);
	return 0;
}

static int64_t op_firmware_info(struct hcall *h, struct xen_platform_op *op)
{
	switch (op->u.firmware_info.type) {
	case XEN_FW_EFI_INFO:
		return efi_info(h, &op->u.firmware_info);
	case XEN_FW_KBD_SHIFT_FLAGS:
		return keyboard_flags(&op->u.firmware_info);
	case XEN_FW_DISK_INFO:		/* nobody asked the BIOS at boot: the list is empty */
	case XEN_FW_DISK_MBR_SIGNATURE:
	case XEN_FW_VBEDDC_INFO:
		return -ESRCH;
	default:
		return refuse(-EINVAL, "firmware_info: type %u", op->u.firmware_info.type);
	}
}

/* --- time --- */

static int64_t set_time(uint64_t secs, uint32_t nsecs, uint64_t system_time)
{
	struct domain *d;
	int rc = clock_set_wall(secs, nsecs, system_time);

	if (rc)
		return rc;
	spin_lock(&domain_list_lock);
	list_for_each_entry(d, &domain_list, link)
		pvclock_wallclock(d);
	spin_unlock(&domain_list_lock);
	return 0;
}

static int64_t op_settime32(struct hcall *h, struct xen_platform_op *op)
{
	(void)h;
	return set_time(op->u.settime32.secs, op->u.settime32.nsecs, op->u.settime32.system_time);
}

static int64_t op_settime64(struct hcall *h, struct xen_platform_op *op)
{
	(void)h;
	if (op->u.settime64.mbz)
		return refuse(-EINVAL, "settime64: a field that must be zero is not");
	return set_time(op->u.settime64.secs, op->u.settime64.nsecs, op->u.settime64.system_time);
}

/* The request of a 32-bit domain, whose pointers are half as wide. */
struct getidletime32 {
	uint32_t cpumap_bitmap, cpumap_nr_cpus, idletime;
	uint64_t now;
} __packed;
static_assert(sizeof(struct getidletime32) == 20, "struct xenpf_getidletime, 32-bit");

static int64_t idle_times(gva_t map, gva_t times, uint32_t nr_cpus)
{
	unsigned int count = MIN(nr_cpus, NR_CPUS);
	uint8_t wanted[NR_CPUS / 8] = { 0 };
	uint64_t idle;
	int rc;

	rc = guest_read(wanted, map, DIV_UP(count, 8));
	if (rc)
		return rc;
	for (unsigned int cpu = 0; cpu < count; cpu++) {
		if (!(wanted[cpu / 8] >> (cpu % 8) & 1))
			continue;
		idle = 0;
		if (cpu < cpu_count && idle_vcpu[cpu])
			idle = vcpu_run_time_ns(idle_vcpu[cpu]);
		else
			wanted[cpu / 8] &= (uint8_t)~(1u << (cpu % 8));
		rc = copy_to_guest_at(times, cpu, &idle);
		if (rc)
			return rc;
	}
	return guest_write(map, wanted, DIV_UP(count, 8));
}

static int64_t op_getidletime(struct hcall *h, struct xen_platform_op *op)
{
	struct xenpf_getidletime *req = &op->u.getidletime;
	struct getidletime32 narrow;

	if (!h->d->is_32bit) {
		req->now = clock_now_ns();
		return idle_times(handle_gva(req->cpumap_bitmap), handle_gva(req->idletime),
				  req->cpumap_nr_cpus);
	}
	memcpy(&narrow, &op->u, sizeof(narrow));
	narrow.now = clock_now_ns();
	memcpy(&op->u, &narrow, sizeof(narrow));
	return idle_times(gva(narrow.cpumap_bitmap), gva(narrow.idletime), narrow.cpumap_nr_cpus);
}

/* --- sleep --- */

static int64_t op_enter_acpi_sleep(struct hcall *h, struct xen_platform_op *op)
{
	struct xenpf_enter_acpi_sleep *s = &op->u.enter_acpi_sleep;

	(void)h;
	if (s->sleep_state != 5)
		return refuse(-EOPNOTSUPP, "sleep state S%u: only S5, power off, can be entered",
			      s->sleep_state);
	if (s->flags)
		return refuse(-EOPNOTSUPP, "sleep: flags %#x (hardware-reduced ACPI)", s->flags);
	log_info("power off");
	return acpi_enter_sleep(s->val_a, s->val_b);
}

/* --- processors --- */

static uint32_t acpi_id_of(uint32_t apic_id)
{
	for (unsigned int i = 0; i < acpi.cpu_count; i++)
		if (acpi.cpu[i].apic_id == apic_id)
			return acpi.cpu[i].acpi_id;
	return UINT32_MAX;
}

static int64_t op_get_cpuinfo(struct hcall *h, struct xen_platform_op *op)
{
	struct xenpf_pcpuinfo *p = &op->u.pcpu_info;
	unsigned int cpu;

	(void)h;
	p->max_present = cpu_count - 1;
	if (!index_within(p->xen_cpuid, cpu_count, &cpu)) {
		p->flags = XEN_PCPU_FLAGS_INVALID;
		return 0;
	}
	p->flags = XEN_PCPU_FLAGS_ONLINE;
	p->apic_id = irq_apic_id[cpu];
	p->acpi_id = acpi_id_of(p->apic_id);
	return 0;
}

static int64_t op_get_cpu_version(struct hcall *h, struct xen_platform_op *op)
{
	struct xenpf_pcpu_version *p = &op->u.pcpu_version;

	(void)h;
	p->max_present = cpu_count - 1;
	memset(p->vendor_id, 0, sizeof(p->vendor_id));
	p->family = p->model = p->stepping = 0;
	if (p->xen_cpuid >= cpu_count)
		return 0;
	memcpy(p->vendor_id, host.vendor_string, sizeof(p->vendor_id));
	p->family = host.family;
	p->model = host.model;
	p->stepping = host.stepping;
	return 0;
}

/* Hints about chips and balancing: we never move an interrupt behind a kernel's back. */
static int64_t op_platform_quirk(struct hcall *h, struct xen_platform_op *op)
{
	(void)h;
	switch (op->u.platform_quirk.quirk_id) {
	case QUIRK_NOIRQBALANCING:
	case QUIRK_IOAPIC_BAD_REGSEL:
	case QUIRK_IOAPIC_GOOD_REGSEL:
		return 0;
	default:
		return refuse(-EINVAL, "platform_quirk %u", op->u.platform_quirk.quirk_id);
	}
}

/* --- the table --- */

static const struct op {
	uint16_t nr;
	bool gives;			/* the request is written back */
	int16_t no;			/* the refusal's errno, where there is no handler ... */
	const char *why;		/* ... and its reason */
	int64_t (*fn)(struct hcall *h, struct xen_platform_op *op);
} ops[] = {
	{ XENPF_settime32, false, 0, NULL, op_settime32 },
	{ XENPF_settime64, false, 0, NULL, op_settime64 },
	{ XENPF_firmware_info, true, 0, NULL, op_firmware_info },
	{ XENPF_enter_acpi_sleep, false, 0, NULL, op_enter_acpi_sleep },
	{ XENPF_getidletime, true, 0, NULL, op_getidletime },
	{ XENPF_get_cpuinfo, true, 0, NULL, op_get_cpuinfo },
	{ XENPF_get_cpu_version, true, 0, NULL, op_get_cpu_version },
	{ XENPF_platform_quirk, false, 0, NULL, op_platform_quirk },
	{ XENPF_add_memtype, false, -EOPNOTSUPP, "memory types are set in page tables, by PAT", NULL },
	{ XENPF_del_memtype, false, -EOPNOTSUPP, "memory types are set in page tables, by PAT", NULL },
	{ XENPF_read_memtype, false, -EOPNOTSUPP, "memory types are set in page tables, by PAT", NULL },
	{ XENPF_microcode_update, false, -EOPNOTSUPP, "microcode is loaded by firmware or boot loader",
	  NULL },
	{ XENPF_efi_runtime_call, false, -ENOSYS, "firmware code is not run after boot", NULL },
	{ XENPF_change_freq, false, -EOPNOTSUPP, "the processor chooses its frequency", NULL },
	/* Linux is silent about this errno only. */
	{ XENPF_set_processor_pminfo, false, -ENOSYS, "idle and frequency states are not managed",
	  NULL },
	{ XENPF_cpu_online, false, -EOPNOTSUPP, "processors do not come and go", NULL },
	{ XENPF_cpu_offline, false, -EOPNOTSUPP, "processors do not come and go", NULL },
	{ XENPF_cpu_hotadd, false, -EOPNOTSUPP, "processors do not come and go", NULL },
	{ XENPF_mem_hotadd, false, -EOPNOTSUPP, "memory does not come and go", NULL },
	{ XENPF_core_parking, false, -EOPNOTSUPP, "processors do not come and go", NULL },
	{ XENPF_resource_op, false, -EOPNOTSUPP, "no registers are lent to the control domain", NULL },
	{ XENPF_get_symbol, false, -ENODATA, "symbols are in the trine-syms file", NULL },
};

int64_t platform_do(struct hcall *h, struct xen_platform_op *op, bool *gives)
{
	*gives = false;
	if (!h->d->privileged)
		return refuse(-EPERM, "platform_op: for the control domain");
	if (op->interface_version != XENPF_INTERFACE_VERSION)
		return refuse(-EACCES, "platform_op: interface version %#x", op->interface_version);
	for (unsigned int i = 0; i < ARRAY_SIZE(ops); i++) {
		if (ops[i].nr != op->cmd)
			continue;
		if (!ops[i].fn)
			return refuse(ops[i].no, "platform_op %u: %s", op->cmd, ops[i].why);
		*gives = ops[i].gives;
		return ops[i].fn(h, op);
	}
	return refuse(-ENOSYS, "platform_op %u: not known", op->cmd);
}

int64_t hc_platform_op(struct hcall *h)
{
	gva_t arg = gva(h->args[0]);
	struct xen_platform_op op;
	bool gives;
	int64_t rc;

	/* A stranger learns nothing, not even whether its pointer is good. */
	if (!h->d->privileged)
		return refuse(-EPERM, "platform_op: for the control domain");
	rc = copy_from_guest(&op, arg);
	if (rc)
		return rc;
	rc = platform_do(h, &op, &gives);
	if (!rc && gives)
		rc = copy_to_guest(arg, &op);
	return rc;
}
