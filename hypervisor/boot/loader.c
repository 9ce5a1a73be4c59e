// SPDX-License-Identifier: GPL-2.0-only
/*
 * The layouts are those of the Multiboot Specification 0.6.96 (section 3.3) and of the Multiboot2
 * Specification 2.0 (section 3.6). Its memory is anywhere below 4 GiB and is not kept: all we need
 * is copied.
 */
#include "boot/loader.h"

#include "lib/bits.h"
#include "lib/format.h"
#include "lib/log.h"
#include "lib/string.h"
#include "mem/e820.h"
#include "mem/layout.h"

#define MB1_BOOTED	0x2badb002u
#define MB2_BOOTED	0x36d76289u

struct boot_info boot_info;

static uint8_t rsdp_copy[64] __aligned(16);

/* --- version 1 --- */

#define MB1_HAS_CMDLINE		BIT(2)
#define MB1_HAS_MODULES		BIT(3)
#define MB1_HAS_MMAP		BIT(6)
#define MB1_HAS_LOADER		BIT(9)
#define MB1_HAS_FRAMEBUFFER	BIT(12)

struct mb1_info {
	uint32_t flags, mem_lower, mem_upper, boot_device, cmdline;
	uint32_t module_count, modules, symbols[4];
	uint32_t mmap_length, mmap, drives_length, drives, config_table, loader_name, apm;
	uint32_t vbe[4];
	uint64_t fb_addr;
	uint32_t fb_pitch, fb_width, fb_height;
	uint8_t fb_bpp, fb_type, fb_color[6];
} __packed;

struct mb1_module {
	uint32_t start, end, cmdline, reserved;
};

struct mb1_mmap {
	uint32_t size;		/* of what follows */
	uint64_t addr, length;
	uint32_t type;
} __packed;

/* A colour's place in a pixel, as both versions give it: position and width in bits. */
static void set_framebuffer(uint64_t addr, uint32_t pitch, uint32_t width, uint32_t height,
			    uint8_t bpp, uint8_t type, const uint8_t color[6])
{
	struct framebuffer *fb = &boot_info.framebuffer;

	if (type != 1)		/* 0: a palette, 2: text */
		return;
	*fb = (struct framebuffer){
		.base = addr, .pitch = pitch, .width = width, .height = height, .bpp = bpp,
		.red_at = color[0], .red_bits = color[1],
		.green_at = color[2], .green_bits = color[3],
		.blue_at = color[4], .blue_bits = color[5],
	};
}

static const char *add_module(uint64_t start, uint64_t end, const char *cmdline)
{
	struct boot_module *m = &boot_info.module[boot_info.module_count];

	if (boot_info.module_count == MODULES_MAX)
		return "too many modules: give a kernel and an initrd";
	m->start = start;
	m->end = end;
	if (string_copy(m->cmdline, cmdline, CMDLINE_MAX) >= CMDLINE_MAX)
		return "a module's command line is too long: 2047 characters at most";
	boot_info.module_count++;
	return NULL;
}

static const char *add_memory(uint64_t addr, uint64_t length, uint32_t type)
{
	/* ACPI 6.4, 15: what we do not know is not ours to use. */
	if (type < E820_RAM || type > E820_UNUSABLE)
		type = E820_RESERVED;
	if (e820_add(&e820_host, addr, length, type))
		return "the memory map has more than 128 entries";
	return NULL;
}

static const char *set_cmdline(const char *text)
{
	if (string_copy(boot_info.cmdline, text, CMDLINE_MAX) >= CMDLINE_MAX)
		return "the command line is too long: 2047 characters at most";
	return NULL;
}

static const char *read_mb1(const struct mb1_info *info)
{
	const char *wrong = NULL;

	if (!(info->flags & MB1_HAS_MMAP))
		return "the loader gave no memory map: use GRUB 2's multiboot2 command";
	for (uint32_t at = 0; !wrong && at + sizeof(struct mb1_mmap) <= info->mmap_length;) {
		const struct mb1_mmap *m = map_pa(info->mmap + at);

		if (m->size > info->mmap_length - at)
			break;
		wrong = add_memory(m->addr, m->length, m->type);
		at += m->size + sizeof(m->size);
	}
	if (!wrong && info->flags & MB1_HAS_CMDLINE)
		wrong = set_cmdline(map_pa(info->cmdline));
	if (info->flags & MB1_HAS_LOADER)
		string_copy(boot_info.loader, map_pa(info->loader_name), sizeof(boot_info.loader));
	if (info->flags & MB1_HAS_MODULES)
		for (uint32_t i = 0; !wrong && i < info->module_count; i++) {
			const struct mb1_module *m = map_pa(info->modules + i * sizeof(*m));

			wrong = add_module(m->start, m->end, m->cmdline ? map_pa(m->cmdline) : "");
		}
	if (info->flags & MB1_HAS_FRAMEBUFFER)
		set_framebuffer(info->fb_addr, info->fb_pitch, info->fb_width, info->fb_height,
				info->fb_bpp, info->fb_type, info->fb_color);
	return wrong;
}

/* --- version 2 --- */

enum mb2_tag_type {
	MB2_END,
	MB2_CMDLINE,
	MB2_LOADER,
	MB2_MODULE,
	MB2_MMAP = 6,
	MB2_FRAMEBUFFER = 8,
	MB2_EFI64 = 12,
	MB2_RSDP_OLD = 14,
	MB2_RSDP_NEW = 15,
};

struct mb2_tag {
	uint32_t type, size;
	union {
		char text[0];
		struct {
			uint32_t start, end;
			char cmdline[];
		} module;
		struct {
			uint32_t entry_size, version;
			struct {
				uint64_t addr, length;
				uint32_t type, zero;
			} entry[];
		} mmap;
		struct {
			uint64_t addr;
			uint32_t pitch, width, height;
			uint8_t bpp, type;
			uint16_t reserved;
			uint8_t color[6];
		} __packed fb;
		uint64_t efi_system_table;
		uint8_t rsdp[0];
	};
};

static const char *read_mmap(const struct mb2_tag *tag)
{
	const char *wrong = NULL;
	uint32_t end = tag->size;
	uint32_t at = offsetof(struct mb2_tag, mmap.entry);

	if (tag->mmap.entry_size < 24 || tag->mmap.entry_size > end)
		return "the loader's memory map has a form of its own: use GRUB 2";
	for (; !wrong && at + 24 <= end; at += tag->mmap.entry_size) {
		const __typeof__(tag->mmap.entry[0]) *e = (const void *)((const char *)tag + at);

		wrong = add_memory(e->addr, e->length, e->type);
	}
	return wrong;
}

static void read_rsdp(const struct mb2_tag *tag)
{
	uint32_t bytes = tag->size - offsetof(struct mb2_tag, rsdp);

	/* A copy; the newer one wins wherever it comes. */
	if (boot_info.rsdp && tag->type == MB2_RSDP_OLD)
		return;
	memset(rsdp_copy, 0, sizeof(rsdp_copy));
	memcpy(rsdp_copy, tag->rsdp, MIN(bytes, (uint32_t)sizeof(rsdp_copy)));
	boot_info.rsdp = (uint64_t)rsdp_copy - HV_TEXT_START;
}

static const char *read_tag(const struct mb2_tag *tag)
{
	switch (tag->type) {
	case MB2_CMDLINE:
		return set_cmdline(tag->text);
	case MB2_LOADER:
		string_copy(boot_info.loader, tag->text, sizeof(boot_info.loader));
		return NULL;
	case MB2_MODULE:
		return add_module(tag->module.start, tag->module.end, tag->module.cmdline);
	case MB2_MMAP:
		return read_mmap(tag);
	case MB2_FRAMEBUFFER:
		set_framebuffer(tag->fb.addr, tag->fb.pitch, tag->fb.width, tag->fb.height,
				tag->fb.bpp, tag->fb.type, tag->fb.color);
		return NULL;
	case MB2_EFI64:
		boot_info.efi_system_table = tag->efi_system_table;
		return NULL;
	case MB2_RSDP_OLD:
	case MB2_RSDP_NEW:
		read_rsdp(tag);
		return NULL;
	default:
		return NULL;
	}
}

static const char *read_mb2(uint32_t info_pa)
{
	const uint32_t *total = map_pa(info_pa);
	const char *wrong = NULL;

	for (uint32_t at = 8; !wrong && at + 8 <= *total;) {
		const struct mb2_tag *tag = map_pa(info_pa + at);

		if (tag->type == MB2_END || tag->size < 8 || tag->size > *total - at)
			break;
		wrong = read_tag(tag);
		at = ALIGN_UP(at + tag->size, 8u);
	}
	return wrong;
}

const char *loader_read(uint32_t magic, uint32_t info_pa)
{
	const char *wrong = magic == MB2_BOOTED ? read_mb2(info_pa) : read_mb1(map_pa(info_pa));

	if (wrong)
		return wrong;
	if (!e820_host.count)
		return "the loader gave no memory map: use GRUB 2's multiboot2 command";
	e820_sanitise(&e820_host);
	return NULL;
}
