// SPDX-License-Identifier: GPL-2.0-only
/*
 * ACPI's static tables, read once at boot (the story is in acpi.h).
 *
 * Offsets are those of the ACPI specification 6.4, chapter 5.2. Fields are read with get_*(), which
 * know nothing of bounds: each parser checks the length it needs first.
 */
#include "machine/acpi.h"

#include "lib/bits.h"
#include "lib/errno.h"
#include "lib/log.h"
#include "lib/string.h"
#include "machine/stop.h"
#include "mem/map.h"

#define HEADER_BYTES	36
#define TABLE_MAX	(1u << 20)	/* no table we read is near that */
#define ROOT_ENTRIES_MAX 512

struct acpi_info acpi;

/* Firmware tables lie in ordinary memory, of which not all is in the direct map. */
static const uint8_t *table_map(uint64_t pa, size_t bytes)
{
	return (const uint8_t *)(uintptr_t)ioremap(pa, bytes, CACHE_WB);
}

static void table_unmap(const uint8_t *p, size_t bytes)
{
	iounmap((volatile void *)(uintptr_t)p, bytes);
}

static uint16_t get_16(const uint8_t *p) { return (uint16_t)(p[0] | p[1] << 8); }
static uint32_t get_32(const uint8_t *p) { return get_16(p) | (uint32_t)get_16(p + 2) << 16; }
static uint64_t get_64(const uint8_t *p) { return get_32(p) | (uint64_t)get_32(p + 4) << 32; }

static bool sums_to_zero(const uint8_t *p, size_t bytes)
{
	uint8_t sum = 0;

	while (bytes--)
		sum = (uint8_t)(sum + *p++);
	return sum == 0;
}

/* Is it what it says it is, whole, and of no more than these bytes? */
int acpi_check_table(const void *table, size_t bytes, const char *signature)
{
	const uint8_t *t = table;
	uint32_t length;

	if (bytes < HEADER_BYTES || memcmp(t, signature, 4) != 0)
		return -EINVAL;
	length = get_32(t + 4);
	if (length < HEADER_BYTES || length > bytes)
		return -E2BIG;
	return sums_to_zero(t, length) ? 0 : -EIO;
}

int acpi_parse_rsdp(const void *rsdp, size_t bytes, uint64_t *root_pa, unsigned int *entry_bytes)
{
	const uint8_t *r = rsdp;
	uint64_t xsdt;

	if (bytes < 20 || memcmp(r, "RSD PTR ", 8) != 0)
		return -EINVAL;
	if (!sums_to_zero(r, 20))
		return -EIO;
	*root_pa = get_32(r + 16);
	*entry_bytes = 4;
	/* The longer form counts only when it is whole; some firmware has a bad one. */
	if (r[15] >= 2 && bytes >= 36 && get_32(r + 20) >= 36 && get_32(r + 20) <= bytes &&
	    sums_to_zero(r, get_32(r + 20))) {
		xsdt = get_64(r + 24);
		if (xsdt) {
			*root_pa = xsdt;
			*entry_bytes = 8;
		}
	}
	return *root_pa ? 0 : -ENODEV;
}

static void add_cpu(struct acpi_info *info, uint32_t apic_id, uint32_t acpi_id, bool enabled)
{
	struct acpi_cpu *cpu;

	if (info->cpu_count == ACPI_MAX_CPUS) {
		log_warn("acpi: more than %d processors, the rest stays unused", ACPI_MAX_CPUS);
		return;
	}
	cpu = &info->cpu[info->cpu_count++];
	cpu->apic_id = apic_id;
	cpu->acpi_id = acpi_id;
	cpu->enabled = enabled;
}

static void add_ioapic(struct acpi_info *info, uint8_t id, uint64_t pa, uint32_t gsi_base)
{
	struct acpi_ioapic *io;

	if (info->ioapic_count == ACPI_MAX_IOAPICS || !pa || !IS_ALIGNED(pa, 16)) {
		log_warn("acpi: I/O APIC %u at %#lx ignored", id, (unsigned long)pa);
		return;
	}
	io = &info->ioapic[info->ioapic_count++];
	io->id = id;
	io->pa = pa;
	io->gsi_base = gsi_base;
}

/* flags: MPS INTI, ACPI 6.4 table 5.26; "as the bus does" is edge and active high on ISA. */
static void add_override(struct acpi_info *info, uint8_t irq, uint32_t gsi, uint16_t flags)
{
	struct acpi_override *o;

	if (info->override_count == ACPI_MAX_OVERRIDES || irq > 15) {
		log_warn("acpi: override of ISA interrupt %u ignored", irq);
		return;
	}
	o = &info->override[info->override_count++];
	o->irq = irq;
	o->gsi = gsi;
	o->active_low = (flags & 3) == 3;
	o->level = (flags >> 2 & 3) == 3;
}

static void parse_madt_entry(const uint8_t *e, unsigned int bytes, struct acpi_info *info)
{
	switch (e[0]) {
	case 0:		/* local APIC; id 255 is a slot with no processor */
		if (bytes >= 8 && e[3] != 0xff)
			add_cpu(info, e[3], e[2], get_32(e + 4) & 1);
		break;
	case 1:
		if (bytes >= 12)
			add_ioapic(info, e[2], get_32(e + 4), get_32(e + 8));
		break;
	case 2:		/* bus 0 is ISA, there is no other */
		if (bytes >= 10 && e[2] == 0)
			add_override(info, e[3], get_32(e + 4), get_16(e + 8));
		break;
	case 5:
		if (bytes >= 12)
			info->lapic_pa = get_64(e + 4);
		break;
	case 9:		/* x2APIC: for ids that do not fit type 0 */
		if (bytes >= 16 && get_32(e + 4) != 0xffffffff)
			add_cpu(info, get_32(e + 4), get_32(e + 12), get_32(e + 8) & 1);
		break;
	}
}

int acpi_parse_madt(const void *table, size_t bytes, struct acpi_info *info)
{
	const uint8_t *t = table;
	size_t length, at;
	int rc;

	rc = acpi_check_table(table, bytes, "APIC");
	if (rc)
		return rc;
	length = get_32(t + 4);
	if (length < 44)
		return -E2BIG;
	info->lapic_pa = get_32(t + 36);
	info->has_8259 = get_32(t + 40) & 1;
	for (at = 44; at + 2 <= length; at += t[at + 1]) {
		if (t[at + 1] < 2 || at + t[at + 1] > length)
			return -EINVAL;		/* what came before it stays */
		parse_madt_entry(t + at, t[at + 1], info);
	}
	return 0;
}

static struct acpi_address get_address(const uint8_t *p)
{
	struct acpi_address a = { .space = p[0], .bits = p[1], .address = get_64(p + 4) };

	return a;
}

static struct acpi_address port(uint32_t number, unsigned int bits)
{
	struct acpi_address a = { .space = ACPI_SPACE_IO, .bits = (uint8_t)bits, .address = number };

	return a;
}

/* Only what we could really reach: ports below 64 Ki, and memory. */
static struct acpi_address usable(struct acpi_address a)
{
	static const struct acpi_address none;

	if (a.space == ACPI_SPACE_IO && a.address <= 0xffff)
		return a;
	if (a.space == ACPI_SPACE_MEMORY && a.address < (1ul << 52))
		return a;
	return none;
}

/* A block's address: the extended field if the table is long enough to have it and it is set. */
static struct acpi_address block(const uint8_t *t, size_t length, unsigned int legacy,
				 unsigned int extended, unsigned int bits)
{
	struct acpi_address a = { 0 };

	if (length >= extended + 12)
		a = usable(get_address(t + extended));
	if (!a.address)
		a = usable(port(get_32(t + legacy), bits));
	return a;
}

int acpi_parse_fadt(const void *table, size_t bytes, struct acpi_info *info)
{
	const uint8_t *t = table;
	uint32_t flags;
	size_t length;
	int rc;

	rc = acpi_check_table(table, bytes, "FACP");
	if (rc)
		return rc;
	length = get_32(t + 4);
	if (length < 116)
		return -E2BIG;
	flags = get_32(t + 112);
	info->has_fadt = true;
	info->sci_irq = get_16(t + 46);
	info->hw_reduced = flags & BIT(20);
	info->pm_timer_32bit = flags & BIT(8);
	info->pm1a_control = block(t, length, 64, 172, 16);
	info->pm1b_control = block(t, length, 68, 184, 16);
	info->pm_timer = block(t, length, 76, 208, 32);
	if (length >= 129 && (flags & BIT(10))) {
		info->reset = get_address(t + 116);
		/* PCI space is allowed here: bus 0, device and function in the address. */
		if (info->reset.space != ACPI_SPACE_PCI)
			info->reset = usable(info->reset);
		info->reset_value = t[128];
		info->can_reset = info->reset.address != 0;
	}
	if (length >= 256)
		info->sleep_control = usable(get_address(t + 244));
	return 0;
}

int acpi_parse_hpet(const void *table, size_t bytes, struct acpi_info *info)
{
	const uint8_t *t = table;
	struct acpi_address a;
	int rc;

	rc = acpi_check_table(table, bytes, "HPET");
	if (rc)
		return rc;
	if (get_32(t + 4) < 52)
		return -E2BIG;
	a = usable(get_address(t + 40));
	if (a.space != ACPI_SPACE_MEMORY || !a.address || !IS_ALIGNED(a.address, 8))
		return -EINVAL;
	if (!info->hpet_pa)		/* several may be listed; the first is the board's */
		info->hpet_pa = a.address;
	return 0;
}

int acpi_parse_mcfg(const void *table, size_t bytes, struct acpi_info *info)
{
	const uint8_t *t = table;
	struct acpi_mcfg *m;
	size_t length, at;
	int rc;

	rc = acpi_check_table(table, bytes, "MCFG");
	if (rc)
		return rc;
	length = get_32(t + 4);
	for (at = 44; at + 16 <= length && info->mcfg_count < ACPI_MAX_MCFG; at += 16) {
		m = &info->mcfg[info->mcfg_count];
		m->pa = get_64(t + at);
		m->segment = get_16(t + at + 8);
		m->first_bus = t[at + 10];
		m->last_bus = t[at + 11];
		if (!m->pa || !IS_ALIGNED(m->pa, 1ul << 20) || m->pa >= (1ul << 52) - (1ul << 28) ||
		    m->first_bus > m->last_bus)
			log_warn("acpi: MCFG entry for segment %u ignored", m->segment);
		else
			info->mcfg_count++;
	}
	return 0;
}

static const struct reader {
	char signature[5];
	int (*parse)(const void *table, size_t bytes, struct acpi_info *info);
} readers[] = {
	{ "APIC", acpi_parse_madt },
	{ "FACP", acpi_parse_fadt },
	{ "HPET", acpi_parse_hpet },
	{ "MCFG", acpi_parse_mcfg },
};

/* Look at one table of the list: its header first, the rest when it is one of ours. */
static void read_table(uint64_t pa)
{
	char signature[5] = "";
	const uint8_t *t;
	uint32_t length;
	int rc;

	if (!pa || pa >= (1ul << 52) - TABLE_MAX)
		return;
	t = table_map(pa, HEADER_BYTES);
	if (!t)
		return;
	memcpy(signature, t, 4);
	length = get_32(t + 4);
	table_unmap(t, HEADER_BYTES);

	for (unsigned int i = 0; i < ARRAY_SIZE(readers); i++) {
		if (memcmp(signature, readers[i].signature, 4) != 0)
			continue;
		if (length < HEADER_BYTES || length > TABLE_MAX) {
			log_warn("acpi: table %s ignored: its length %u is impossible", signature,
				 length);
			return;
		}
		t = table_map(pa, length);
		if (!t)
			return;
		rc = readers[i].parse(t, length, &acpi);
		table_unmap(t, length);
		if (rc)
			log_warn("acpi: table %s is broken (%s)", signature,
				 rc == -EIO ? "checksum" : rc == -E2BIG ? "length" : "contents");
	}
}

/* An RSDP begins on a 16-byte boundary of these areas (ACPI 6.4, 5.2.5.1). */
static uint64_t search_rsdp(uint64_t pa, size_t bytes)
{
	const uint8_t *area = table_map(pa, bytes);
	unsigned int entry_bytes;
	uint64_t root, found = 0;

	for (size_t at = 0; area && at + 20 <= bytes && !found; at += 16)
		if (acpi_parse_rsdp(area + at, bytes - at, &root, &entry_bytes) == 0)
			found = pa + at;
	if (area)
		table_unmap(area, bytes);
	return found;
}

static uint64_t find_rsdp(void)
{
	uint64_t ebda = 0, found = 0;
	const uint8_t *bios_data = table_map(0x400, 0x100);

	if (bios_data) {
		ebda = (uint64_t)get_16(bios_data + 0xe) << 4;
		table_unmap(bios_data, 0x100);
	}
	if (ebda >= 0x80000 && ebda < 0xa0000)
		found = search_rsdp(ebda, 1024);
	return found ? found : search_rsdp(0xe0000, 0x20000);
}

static void read_root(uint64_t root_pa, unsigned int entry_bytes)
{
	const char *signature = entry_bytes == 8 ? "XSDT" : "RSDT";
	const uint8_t *root;
	uint64_t list[ROOT_ENTRIES_MAX];
	uint32_t length = 0;
	unsigned int count;

	root = table_map(root_pa, HEADER_BYTES);
	if (root) {
		length = get_32(root + 4);
		table_unmap(root, HEADER_BYTES);
	}
	if (length < HEADER_BYTES || length > TABLE_MAX)
		machine_stop("ACPI: the list of tables (RSDT/XSDT) has an impossible length; "
			     "update the machine's firmware");
	root = table_map(root_pa, length);
	if (!root || acpi_check_table(root, length, signature) != 0)
		machine_stop("ACPI: the list of tables (RSDT/XSDT) is broken; "
			     "update the machine's firmware");

	count = MIN((length - HEADER_BYTES) / entry_bytes, (uint32_t)ROOT_ENTRIES_MAX);
	for (unsigned int i = 0; i < count; i++)
		list[i] = entry_bytes == 8 ? get_64(root + HEADER_BYTES + i * 8)
					   : get_32(root + HEADER_BYTES + i * 4);
	table_unmap(root, length);
	for (unsigned int i = 0; i < count; i++)
		read_table(list[i]);
}

void acpi_init(uint64_t rsdp_pa)
{
	unsigned int entry_bytes = 0;
	const uint8_t *rsdp;
	uint64_t root = 0;
	int rc = -ENODEV;

	if (!rsdp_pa)
		rsdp_pa = find_rsdp();
	if (!rsdp_pa)
		machine_stop("ACPI: no tables found; switch ACPI on in the firmware setup, "
			     "or use a loader that passes them on");
	rsdp = table_map(rsdp_pa, 36);
	if (rsdp) {
		rc = acpi_parse_rsdp(rsdp, 36, &root, &entry_bytes);
		table_unmap(rsdp, 36);
	}
	if (rc)
		machine_stop("ACPI: the root pointer (RSDP) is broken; "
			     "update the machine's firmware or the boot loader");
	acpi.rsdp_pa = rsdp_pa;
	read_root(root, entry_bytes);

	if (!acpi.lapic_pa || !acpi.ioapic_count)
		machine_stop("ACPI: no usable MADT table, so the interrupt controllers cannot be "
			     "found; switch the APIC (not 8259 mode) on in the firmware setup");
	if (!acpi.has_fadt)
		log_warn("acpi: no FADT: the machine cannot be switched off by software");
	log_info("acpi: %u processors, %u I/O APICs%s%s%s", acpi.cpu_count, acpi.ioapic_count,
		 acpi.hpet_pa ? ", HPET" : "", acpi.pm_timer.address ? ", PM timer" : "",
		 acpi.mcfg_count ? ", MMCONFIG" : "");
}
