// SPDX-License-Identifier: GPL-2.0-only
/*
 * What kind of kernel a file holds.
 *
 * All that can be wrong with a kernel file is found here, before a domain exists.
 * Kernel files come from whoever owns the guest: every offset in them is checked.
 * Not here: laying the kernel out in memory (libxenguest, from build/kernel.c).
 */
#include "lib/image.h"

#include "lib/report.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xen/elfnote.h>

/* The header at the start of a bzImage, as Linux documents it. */
#define SETUP_SECTORS_AT	0x1f1
#define SETUP_MAGIC_AT		0x202
#define SETUP_VERSION_AT	0x206
#define SETUP_PAYLOAD_AT	0x248
#define SETUP_HEADER_END	0x250

static uint32_t le32(const uint8_t *at)
{
	return at[0] | at[1] << 8 | at[2] << 16 | (uint32_t)at[3] << 24;
}

static bool within(size_t size, uint64_t at, uint64_t length)
{
	return at <= size && length <= size - at;
}

/* One view of 32- and 64-bit headers. */
struct segment {
	uint32_t type;
	uint64_t offset, file_size, address, memory_size;
};

static bool segment_read(const struct image *image, unsigned int index, struct segment *out)
{
	const uint8_t *data = image->elf.data;

	if (image->width == 64) {
		const Elf64_Ehdr *header = (const void *)data;
		Elf64_Phdr found;

		if (index >= header->e_phnum || header->e_phentsize < sizeof(found) ||
		    !within(image->elf.size, header->e_phoff +
			    (uint64_t)index * header->e_phentsize, sizeof(found)))
			return false;
		memcpy(&found, data + header->e_phoff + (uint64_t)index * header->e_phentsize,
		       sizeof(found));
		*out = (struct segment){ found.p_type, found.p_offset, found.p_filesz,
					 found.p_paddr, found.p_memsz };
	} else {
		const Elf32_Ehdr *header = (const void *)data;
		Elf32_Phdr found;

		if (index >= header->e_phnum || header->e_phentsize < sizeof(found) ||
		    !within(image->elf.size, header->e_phoff +
			    (uint64_t)index * header->e_phentsize, sizeof(found)))
			return false;
		memcpy(&found, data + header->e_phoff + (uint64_t)index * header->e_phentsize,
		       sizeof(found));
		*out = (struct segment){ found.p_type, found.p_offset, found.p_filesz,
					 found.p_paddr, found.p_memsz };
	}
	return true;
}

/* Which of Xen's notes stand in a run of notes. */
struct notes_seen {
	bool any, entry, pvh_entry;
};

static void notes_read(const uint8_t *at, size_t size, struct notes_seen *seen)
{
	while (size >= 12) {
		uint64_t name_size = (le32(at) + 3ULL) & ~3ULL;
		uint64_t desc_size = (le32(at + 4) + 3ULL) & ~3ULL;
		uint32_t type = le32(at + 8);

		if (!within(size, 12, name_size + desc_size))
			return;
		if (le32(at) == 4 && !memcmp(at + 12, "Xen", 4)) {
			seen->any = true;
			seen->entry |= type == XEN_ELFNOTE_ENTRY;
			seen->pvh_entry |= type == XEN_ELFNOTE_PHYS32_ENTRY;
		}
		at += 12 + name_size + desc_size;
		size -= 12 + name_size + desc_size;
	}
}

/* One view of 32- and 64-bit section headers; sections may hold what no segment does. */
struct section {
	uint32_t name, type;
	uint64_t offset, size;
};

static bool section_read(const struct image *image, unsigned int index, struct section *out)
{
	const Elf64_Ehdr *h64 = (const void *)image->elf.data;
	const Elf32_Ehdr *h32 = (const void *)image->elf.data;
	bool wide = image->width == 64;
	uint64_t step = wide ? h64->e_shentsize : h32->e_shentsize;
	uint64_t at = (wide ? h64->e_shoff : h32->e_shoff) + index * step;

	if (index >= (wide ? h64->e_shnum : h32->e_shnum) ||
	    !within(image->elf.size, at, wide ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr)))
		return false;
	if (wide) {
		Elf64_Shdr found;

		memcpy(&found, image->elf.data + at, sizeof(found));
		*out = (struct section){ found.sh_name, found.sh_type, found.sh_offset,
					 found.sh_size };
	} else {
		Elf32_Shdr found;

		memcpy(&found, image->elf.data + at, sizeof(found));
		*out = (struct section){ found.sh_name, found.sh_type, found.sh_offset,
					 found.sh_size };
	}
	return out->type == SHT_NOBITS || within(image->elf.size, out->offset, out->size);
}

/* Old kernels describe themselves in a section of this name instead of notes. */
static bool has_old_description(const struct image *image)
{
	static const char name[] = "__xen_guest";
	const Elf64_Ehdr *h64 = (const void *)image->elf.data;
	const Elf32_Ehdr *h32 = (const void *)image->elf.data;
	struct section names, section;
	unsigned int i;

	if (!section_read(image, image->width == 64 ? h64->e_shstrndx : h32->e_shstrndx, &names) ||
	    names.type != SHT_STRTAB)
		return false;
	for (i = 0; section_read(image, i, &section); i++)
		if (within(names.size, section.name, sizeof(name)) &&
		    !memcmp(image->elf.data + names.offset + section.name, name, sizeof(name)))
			return true;
	return false;
}

static void section_notes_read(const struct image *image, struct notes_seen *seen)
{
	struct section section;
	unsigned int i;

	for (i = 0; section_read(image, i, &section); i++)
		if (section.type == SHT_NOTE)
			notes_read(image->elf.data + section.offset, section.size, seen);
}

static int check_notes(const char *path, const struct image *image, struct notes_seen seen)
{
	if (!seen.any)
		section_notes_read(image, &seen);
	if (seen.entry || (seen.any && !seen.pvh_entry) || has_old_description(image))
		return 0;
	errno = ENOEXEC;
	if (seen.pvh_entry)
		return because("%s is a PVH kernel only; Trine runs PV kernels: use one built with "
			       "CONFIG_XEN_PV", path);
	return because("%s is an ELF file but no Xen PV kernel (it has no Xen notes); use one "
		       "built with CONFIG_XEN_PV", path);
}

static int check_elf(const char *path, struct image *image)
{
	const uint8_t *data = image->elf.data;
	uint16_t machine;
	struct notes_seen seen = { 0 };
	struct segment segment;
	uint64_t low = UINT64_MAX, high = 0;
	unsigned int i;

	errno = ENOEXEC;
	if (image->elf.size < sizeof(Elf64_Ehdr) || data[EI_DATA] != ELFDATA2LSB)
		return because("%s is a damaged ELF file", path);
	machine = data[18] | data[19] << 8;
	if (data[EI_CLASS] == ELFCLASS64 && machine == EM_X86_64)
		image->width = 64;
	else if (data[EI_CLASS] == ELFCLASS32 && machine == EM_386)
		image->width = 32;
	else
		return because("%s is an ELF file for another machine (number %u); this one is x86",
			       path, machine);
	for (i = 0; segment_read(image, i, &segment); i++) {
		if (!within(image->elf.size, segment.offset, segment.file_size))
			return because("%s is cut short: segment %u ends beyond the file", path, i);
		if (segment.type == PT_NOTE)
			notes_read(data + segment.offset, segment.file_size, &seen);
		if (segment.type != PT_LOAD || !segment.memory_size)
			continue;
		if (segment.address < low)
			low = segment.address;
		if (segment.address + segment.memory_size > high)
			high = segment.address + segment.memory_size;
	}
	if (low >= high)
		return because("%s is an ELF file with nothing to load, no kernel", path);
	image->loaded_size = high - low;
	return check_notes(path, image, seen);
}

/* Cut the packed kernel out of a bzImage.  1: done, 0: it is none, -1: it is, but unusable. */
static int bzimage_payload(const char *path, const struct blob *file, struct blob *payload)
{
	const uint8_t *data = file->data;
	uint64_t start, length;

	if (file->size < SETUP_HEADER_END || memcmp(data + SETUP_MAGIC_AT, "HdrS", 4))
		return 0;
	errno = ENOEXEC;
	if ((data[SETUP_VERSION_AT] | data[SETUP_VERSION_AT + 1] << 8) < 0x208)
		return because("%s is a bzImage from before Linux 2.6.26, whose kernel cannot be "
			       "found in it; use its vmlinux", path);
	start = ((data[SETUP_SECTORS_AT] ? data[SETUP_SECTORS_AT] : 4) + 1) * 512 +
		(uint64_t)le32(data + SETUP_PAYLOAD_AT);
	length = le32(data + SETUP_PAYLOAD_AT + 4);
	if (!length || !within(file->size, start, length))
		return because("%s is a damaged bzImage: its kernel ends beyond the file", path);
	payload->data = malloc(length);
	if (!payload->data)
		return -1;
	memcpy(payload->data, data + start, length);
	payload->size = length;
	return 1;
}

int image_recognise(const char *path, struct blob contents, struct image *out)
{
	struct image image = { .elf = contents };
	size_t expected = 0;
	int layers;

	/* At most: a packed bzImage with a packed ELF in it. */
	for (layers = 0; layers < 4; layers++) {
		struct blob inner;
		int rc;

		if (image.elf.size >= SELFMAG && !memcmp(image.elf.data, ELFMAG, SELFMAG)) {
			if (check_elf(path, &image))
				break;
			*out = image;
			return 0;
		}
		rc = bzimage_payload(path, &image.elf, &inner);
		if (rc < 0)
			break;
		if (!rc) {
			if (!packing_of(image.elf.data, image.elf.size)) {
				errno = ENOEXEC;
				because("%s is no kernel: neither ELF nor bzImage, plain or packed",
					path);
				break;
			}
			if (unpack(image.elf.data, image.elf.size, expected, &inner)) {
				if (reason_given())
					because("%s cannot be unpacked: %s", path, reason_given());
				break;
			}
		}
		/* In a bzImage, the size to come stands behind the packed kernel. */
		expected = rc && inner.size > 4 ? le32(inner.data + inner.size - 4) : 0;
		free(image.elf.data);
		image.elf = inner;
	}
	if (layers == 4) {
		errno = ENOEXEC;
		because("%s is packed again and again; that is no kernel", path);
	}
	free(image.elf.data);
	return -1;
}

static int read_file(const char *path, struct blob *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat info;
	struct blob blob = { 0 };

	if (fd < 0)
		return errno == ENOENT ? because("there is no file %s", path) :
					 because("%s: %s", path, strerror(errno));
	if (fstat(fd, &info) || !S_ISREG(info.st_mode) || (uint64_t)info.st_size > UNPACK_MAX) {
		close(fd);
		errno = EINVAL;
		return because("%s is no regular file of sensible size", path);
	}
	blob.data = malloc(info.st_size + 1);
	while (blob.data && blob.size < (size_t)info.st_size) {
		ssize_t got = read(fd, blob.data + blob.size, info.st_size - blob.size);

		if (got <= 0) {
			because("%s: %s", path, got ? strerror(errno) : "it shrank while read");
			break;
		}
		blob.size += got;
	}
	close(fd);
	if (!blob.data || blob.size < (size_t)info.st_size) {
		free(blob.data);
		return -1;
	}
	*out = blob;
	return 0;
}

int image_read(const char *path, struct image *out)
{
	struct blob file;

	if (read_file(path, &file))
		return -1;
	return image_recognise(path, file, out);
}

void image_free(struct image *image)
{
	free(image->elf.data);
	image->elf = (struct blob){ 0 };
}
