// SPDX-License-Identifier: GPL-2.0-only
#include "dom0/image.h"

#include <xen/elfnote.h>

#include "lib/bits.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/string.h"

/* The few fields we read (System V ABI, Object Files). */
#define ET_EXEC		2
#define ET_DYN		3
#define EM_386		3
#define EM_X86_64	62
#define PT_LOAD		1
#define PT_NOTE		4
#define SHT_NOTE	7

/* One program or section header, whichever the class. */
struct phdr {
	uint32_t type;
	uint64_t offset, vaddr, paddr, file_bytes, mem_bytes;
};

struct shdr {
	uint32_t name, type;
	uint64_t offset, bytes;
};

/* What the notes said, before defaults are filled in. */
struct said {
	bool any, legacy, virt_base, paddr_offset, entry, xen_version_ok, loader_ok, pae_said;
	uint64_t virt_base_at, paddr_offset_at, entry_at;
};

struct elf {
	const uint8_t *file;
	size_t bytes;
	bool wide;
	uint64_t entry, phoff, shoff;
	unsigned int phsize, phnum, shsize, shnum, shstrndx;
};

/* All of [offset, offset + n) inside the file? */
static bool inside(const struct elf *e, uint64_t offset, uint64_t n)
{
	uint64_t end;

	return !add_overflows(offset, n, &end) && end <= e->bytes;
}

/* A little-endian number of 2, 4 or 8 bytes; the caller has checked that it is inside. */
static uint64_t number(const struct elf *e, uint64_t offset, unsigned int n)
{
	uint64_t value = 0;

	memcpy(&value, e->file + offset, n);
	return value;
}

static bool read_phdr(const struct elf *e, unsigned int i, struct phdr *out)
{
	uint64_t at = e->phoff + (uint64_t)i * e->phsize;

	if (!inside(e, at, e->wide ? 56 : 32))
		return false;
	out->type = number(e, at, 4);
	if (e->wide) {
		out->offset = number(e, at + 8, 8);
		out->vaddr = number(e, at + 16, 8);
		out->paddr = number(e, at + 24, 8);
		out->file_bytes = number(e, at + 32, 8);
		out->mem_bytes = number(e, at + 40, 8);
	} else {
		out->offset = number(e, at + 4, 4);
		out->vaddr = number(e, at + 8, 4);
		out->paddr = number(e, at + 12, 4);
		out->file_bytes = number(e, at + 16, 4);
		out->mem_bytes = number(e, at + 20, 4);
	}
	return true;
}

static bool read_shdr(const struct elf *e, unsigned int i, struct shdr *out)
{
	uint64_t at = e->shoff + (uint64_t)i * e->shsize;

	if (!inside(e, at, e->wide ? 64 : 40))
		return false;
	out->name = number(e, at, 4);
	out->type = number(e, at + 4, 4);
	out->offset = number(e, at + (e->wide ? 24 : 16), e->wide ? 8 : 4);
	out->bytes = number(e, at + (e->wide ? 32 : 20), e->wide ? 8 : 4);
	return true;
}

static const char *read_header(struct elf *e)
{
	if (!inside(e, 0, 64))
		return "dom0 kernel is too short to be an ELF file: give GRUB the file that "
		       "trine-extract-kernel makes";
	if (inside(e, 0x202, 4) && number(e, 0x1fe, 2) == 0xaa55 &&
	    number(e, 0x202, 4) == 0x53726448)	/* "HdrS" */
		return "dom0 kernel is a bzImage: make an ELF of it with "
		       "'trine-extract-kernel /boot/vmlinuz-VERSION /boot/vmlinux-VERSION' and "
		       "boot that";
	if (memcmp(e->file, "\177ELF", 4) != 0)
		return "dom0 kernel is not an ELF file: give GRUB the file that "
		       "trine-extract-kernel makes";
	e->wide = e->file[4] == 2;
	if ((e->file[4] != 1 && e->file[4] != 2) || e->file[5] != 1)
		return "dom0 kernel is an ELF file of a class or byte order no PC has";
	if (number(e, 18, 2) != (e->wide ? EM_X86_64 : EM_386))
		return "dom0 kernel is for another processor than x86";
	if (number(e, 16, 2) != ET_EXEC && number(e, 16, 2) != ET_DYN)
		return "dom0 kernel is an ELF file but no program: link it as an executable";
	e->entry = number(e, 24, e->wide ? 8 : 4);
	e->phoff = number(e, e->wide ? 32 : 28, e->wide ? 8 : 4);
	e->shoff = number(e, e->wide ? 40 : 32, e->wide ? 8 : 4);
	e->phsize = number(e, e->wide ? 54 : 42, 2);
	e->phnum = number(e, e->wide ? 56 : 44, 2);
	e->shsize = number(e, e->wide ? 58 : 46, 2);
	e->shnum = number(e, e->wide ? 60 : 48, 2);
	e->shstrndx = number(e, e->wide ? 62 : 50, 2);
	return NULL;
}

/* One note's value as a number: 4 or 8 bytes, or (as some kernels write) a string. */
static uint64_t note_number(const struct elf *e, uint64_t at, uint64_t bytes)
{
	return bytes == 4 || bytes == 8 ? number(e, at, (unsigned int)bytes) : 0;
}

static bool note_text_is(const struct elf *e, uint64_t at, uint64_t bytes, const char *text)
{
	size_t n = strlen(text);

	return bytes >= n && memcmp(e->file + at, text, n) == 0 &&
	       (bytes == n || e->file[at + n] == '\0' || e->file[at + n] == ',');
}

static void take_note(const struct elf *e, uint32_t type, uint64_t at, uint64_t bytes,
		      struct guest_image *image, struct said *said)
{
	uint64_t value = note_number(e, at, bytes);

	said->any = true;
	switch (type) {
	case XEN_ELFNOTE_ENTRY:
		said->entry = true;
		said->entry_at = value;
		break;
	case XEN_ELFNOTE_HYPERCALL_PAGE:
		image->has_hypercall_page = true;
		image->hypercall_page = value;
		break;
	case XEN_ELFNOTE_VIRT_BASE:
		said->virt_base = true;
		said->virt_base_at = value;
		break;
	case XEN_ELFNOTE_PADDR_OFFSET:
		said->paddr_offset = true;
		said->paddr_offset_at = value;
		break;
	case XEN_ELFNOTE_XEN_VERSION:
		said->xen_version_ok = note_text_is(e, at, bytes, "xen-3.0");
		break;
	case XEN_ELFNOTE_LOADER:
		said->loader_ok = note_text_is(e, at, bytes, "generic");
		break;
	case XEN_ELFNOTE_GUEST_OS:
		string_copy(image->os, "", sizeof(image->os));
		memcpy(image->os, e->file + at, MIN(bytes, sizeof(image->os) - 1));
		break;
	case XEN_ELFNOTE_PAE_MODE:
		said->pae_said = true;
		image->supports_pae = note_text_is(e, at, bytes, "yes") ||
				      note_text_is(e, at, bytes, "bimodal") ||
				      (bytes >= 3 && memcmp(e->file + at, "yes", 3) == 0);
		break;
	case XEN_ELFNOTE_HV_START_LOW:
		image->hv_start_low = value;
		break;
	case XEN_ELFNOTE_INIT_P2M:
		image->has_p2m_base = true;
		image->p2m_base = value;
		break;
	case XEN_ELFNOTE_MOD_START_PFN:
		image->initrd_by_pfn = value != 0;
		break;
	default:
		break;
	}
}

/* All Xen notes in one stretch of the file. Ends at the first that does not fit. */
static void take_notes(const struct elf *e, uint64_t at, uint64_t bytes,
		       struct guest_image *image, struct said *said)
{
	uint64_t end = at + bytes;

	while (at <= end && end - at >= 12) {
		uint32_t name_bytes = number(e, at, 4), value_bytes = number(e, at + 4, 4);
		uint32_t type = number(e, at + 8, 4);
		uint64_t name = at + 12;
		uint64_t value = name + ALIGN_UP((uint64_t)name_bytes, 4);
		uint64_t next = value + ALIGN_UP((uint64_t)value_bytes, 4);

		if (name > end || value > end || value + value_bytes > end)
			return;
		if (name_bytes == 4 && memcmp(e->file + name, "Xen", 4) == 0)
			take_note(e, type, value, value_bytes, image, said);
		at = next;
	}
}

/* The text of one NAME=value pair (or bare NAME) of a __xen_guest section. */
static void take_pair(const char *name, size_t name_bytes, const char *value,
		      struct guest_image *image, struct said *said)
{
	uint64_t n = strtou64(value, NULL);

#define NAME_IS(s) (name_bytes == sizeof(s) - 1 && memcmp(name, s, sizeof(s) - 1) == 0)
	said->any = true;
	if (NAME_IS("VIRT_BASE")) {
		said->virt_base = true;
		said->virt_base_at = n;
	} else if (NAME_IS("ELF_PADDR_OFFSET")) {
		said->paddr_offset = true;
		said->paddr_offset_at = n;
	} else if (NAME_IS("VIRT_ENTRY")) {
		said->entry = true;
		said->entry_at = n;
	} else if (NAME_IS("HYPERCALL_PAGE")) {
		image->has_hypercall_page = true;
		image->hypercall_page = n << 12;
	} else if (NAME_IS("XEN_VER")) {
		said->xen_version_ok = strncmp(value, "xen-3.0", 7) == 0 ||
				       strncmp(value, "3.0", 3) == 0;
	} else if (NAME_IS("LOADER")) {
		said->loader_ok = strncmp(value, "generic", 7) == 0;
	} else if (NAME_IS("PAE")) {
		said->pae_said = true;
		image->supports_pae = strncmp(value, "yes", 3) == 0;
	} else if (NAME_IS("GUEST_OS")) {
		string_copy(image->os, value, sizeof(image->os));
	}
#undef NAME_IS
}

#define GUEST_SECTION_MAX	1024

static void take_guest_section(const struct elf *e, uint64_t at, uint64_t bytes,
			       struct guest_image *image, struct said *said)
{
	char text[GUEST_SECTION_MAX + 1];
	char *p = text;
	size_t n = MIN(bytes, (uint64_t)GUEST_SECTION_MAX);

	said->legacy = true;
	memcpy(text, e->file + at, n);
	text[n] = '\0';
	while (*p) {
		char *end = p, *equals;

		while (*end && *end != ',')
			end++;
		if (*end)
			*end++ = '\0';
		equals = strchr(p, '=');
		if (equals)
			take_pair(p, (size_t)(equals - p), equals + 1, image, said);
		else
			take_pair(p, strlen(p), "", image, said);
		p = end;
	}
}

static void find_notes(const struct elf *e, struct guest_image *image, struct said *said)
{
	struct phdr ph;
	struct shdr sh, names;

	for (unsigned int i = 0; i < e->phnum; i++)
		if (read_phdr(e, i, &ph) && ph.type == PT_NOTE &&
		    inside(e, ph.offset, ph.file_bytes))
			take_notes(e, ph.offset, ph.file_bytes, image, said);
	if (said->any || !read_shdr(e, e->shstrndx, &names) || !inside(e, names.offset, names.bytes))
		return;
	for (unsigned int i = 0; i < e->shnum; i++) {
		if (!read_shdr(e, i, &sh) || !inside(e, sh.offset, sh.bytes))
			continue;
		if (sh.type == SHT_NOTE)
			take_notes(e, sh.offset, sh.bytes, image, said);
		else if (sh.name < names.bytes && names.bytes - sh.name >= 12 &&
			 memcmp(e->file + names.offset + sh.name, "__xen_guest", 12) == 0)
			take_guest_section(e, sh.offset, sh.bytes, image, said);
	}
}

static const char *find_segments(const struct elf *e, struct guest_image *image)
{
	struct phdr ph;

	image->phys_start = ~0ul;
	for (unsigned int i = 0; i < e->phnum; i++) {
		struct image_segment *seg;
		uint64_t end;

		if (!read_phdr(e, i, &ph))
			return "dom0 kernel's program headers lie outside the file: copy it again";
		if (ph.type != PT_LOAD || ph.mem_bytes == 0)
			continue;
		if (!inside(e, ph.offset, ph.file_bytes) || ph.file_bytes > ph.mem_bytes)
			return "dom0 kernel is cut short: copy it again";
		if (add_overflows(ph.paddr, ph.mem_bytes, &end) ||
		    image->segment_count == IMAGE_SEGMENTS)
			return "dom0 kernel has segments no kernel has: rebuild it";
		seg = &image->segment[image->segment_count++];
		*seg = (struct image_segment){ .offset = ph.offset, .file_bytes = ph.file_bytes,
					       .phys = ph.paddr, .mem_bytes = ph.mem_bytes };
		image->phys_start = MIN(image->phys_start, ph.paddr);
		image->phys_end = MAX(image->phys_end, end);
	}
	return image->segment_count ? NULL : "dom0 kernel has nothing to load";
}

/* Fill in what was not said, and hold the result against the width's limits. */
static const char *settle(const struct elf *e, const struct said *said, struct guest_image *image)
{
	uint64_t limit = e->wide ? ~0ul : 0xffffffffu;
	uint64_t paddr_offset, end;

	image->virt_base = said->virt_base ? said->virt_base_at : 0;
	image->entry = said->entry ? said->entry_at : e->entry;
	/* Kernels older than notes mean physical addresses that start at virt_base. */
	paddr_offset = said->paddr_offset ? said->paddr_offset_at :
		       said->legacy ? image->virt_base : 0;
	if (said->legacy)	/* there it is a page number, counted from the start */
		image->hypercall_page += image->virt_base;
	for (unsigned int i = 0; i < image->segment_count; i++) {
		struct image_segment *seg = &image->segment[i];

		if (seg->phys < paddr_offset)
			return "dom0 kernel has a segment below its ELF_PADDR_OFFSET: rebuild it";
		seg->phys -= paddr_offset;
	}
	image->phys_start -= paddr_offset;
	image->phys_end -= paddr_offset;
	if (add_overflows(image->virt_base, image->phys_end, &end) || end > limit)
		return "dom0 kernel wants addresses beyond the end of the address space";
	if (image->entry < image->virt_base || image->entry >= end)
		return "dom0 kernel's entry point lies outside what it loads";
	if (image->has_hypercall_page &&
	    (image->hypercall_page < image->virt_base || image->hypercall_page + 4096 > end ||
	     (image->hypercall_page & 0xfff)))
		return "dom0 kernel's hypercall page lies outside what it loads";
	return NULL;
}

static const char *parse(struct elf *e, struct guest_image *image)
{
	struct said said = { 0 };
	const char *why = read_header(e);

	if (!why)
		why = find_segments(e, image);
	if (why)
		return why;
	image->is_32bit = !e->wide;
	find_notes(e, image, &said);
	if (!said.any)
		return "dom0 kernel has no Xen notes: it was built without paravirtualisation "
		       "(Linux: CONFIG_XEN_PV and CONFIG_XEN_DOM0)";
	if (!said.xen_version_ok)
		return "dom0 kernel's notes do not say xen-3.0: it is no paravirtual kernel";
	if (!e->wide && said.pae_said && !image->supports_pae)
		return "dom0 kernel is 32-bit without PAE: only PAE kernels run in ring 1";
	return settle(e, &said, image);
}

int image_parse(const void *file, size_t bytes, struct guest_image *out, const char **why)
{
	struct elf e = { .file = file, .bytes = bytes };

	memset(out, 0, sizeof(*out));
	out->file = file;
	out->bytes = bytes;
	*why = parse(&e, out);
	return *why ? -ENOEXEC : 0;
}
