// SPDX-License-Identifier: GPL-2.0-only
// sources: dom0/image.c lib/format.c
/*
 * Guest images: what a kernel's file may say, and that a file which lies is refused, not believed.
 * The images are made here, byte by byte; the last test bends good ones at random places, where
 * only the sanitizers can object.
 */
#include <elf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <xen/elfnote.h>

#include "dom0/image.h"

#define FILE_BYTES	8192
#define NOTES_AT	0x400
#define CODE_AT		0x1000

struct made {
	uint8_t file[FILE_BYTES];
	size_t notes;
	bool wide;
};

static void note(struct made *m, uint32_t type, const void *value, uint32_t bytes)
{
	uint8_t *p = m->file + NOTES_AT + m->notes;
	uint32_t head[3] = { 4, bytes, type };

	memcpy(p, head, 12);
	memcpy(p + 12, "Xen", 4);
	memcpy(p + 16, value, bytes);
	m->notes += 16 + ((bytes + 3) & ~3u);
}

static void note_text(struct made *m, uint32_t type, const char *text)
{
	note(m, type, text, (uint32_t)strlen(text) + 1);
}

static void note_number(struct made *m, uint32_t type, uint64_t value)
{
	note(m, type, &value, m->wide ? 8 : 4);
}

static void finish64(struct made *m)
{
	Elf64_Ehdr *eh = (Elf64_Ehdr *)m->file;
	Elf64_Phdr *ph = (Elf64_Phdr *)(m->file + 64);

	memcpy(eh->e_ident, "\177ELF\2\1\1", 7);
	eh->e_type = ET_EXEC;
	eh->e_machine = EM_X86_64;
	eh->e_entry = 0xffffffff81000010;
	eh->e_phoff = 64;
	eh->e_phentsize = sizeof(*ph);
	eh->e_phnum = 2;
	ph[0] = (Elf64_Phdr){ .p_type = PT_LOAD, .p_offset = CODE_AT, .p_paddr = 0x1000000,
			      .p_vaddr = 0xffffffff81000000, .p_filesz = 0x1000,
			      .p_memsz = 0x3000 };
	ph[1] = (Elf64_Phdr){ .p_type = PT_NOTE, .p_offset = NOTES_AT, .p_filesz = m->notes };
}

static struct made *linux_like(void)
{
	struct made *m = calloc(1, sizeof(*m));

	m->wide = true;
	note_text(m, XEN_ELFNOTE_GUEST_OS, "linux");
	note_text(m, XEN_ELFNOTE_XEN_VERSION, "xen-3.0");
	note_text(m, XEN_ELFNOTE_LOADER, "generic");
	note_number(m, XEN_ELFNOTE_VIRT_BASE, 0xffffffff80000000);
	note_number(m, XEN_ELFNOTE_INIT_P2M, 0x8000000000);
	note_number(m, XEN_ELFNOTE_ENTRY, 0xffffffff81000100);
	note_number(m, XEN_ELFNOTE_MOD_START_PFN, 1);
	finish64(m);
	return m;
}

static int parse(struct made *m, struct guest_image *image, const char **why)
{
	return image_parse(m->file, sizeof(m->file), image, why);
}

static void a_kernels_notes_are_understood(void **state)
{
	struct made *m = linux_like();
	struct guest_image image;
	const char *why;

	(void)state;
	assert_int_equal(parse(m, &image, &why), 0);
	assert_false(image.is_32bit);
	assert_int_equal(image.virt_base, 0xffffffff80000000);
	assert_int_equal(image.entry, 0xffffffff81000100);
	assert_true(image.has_p2m_base);
	assert_int_equal(image.p2m_base, 0x8000000000);
	assert_true(image.initrd_by_pfn);
	assert_int_equal(image.phys_start, 0x1000000);
	assert_int_equal(image.phys_end, 0x1003000);
	assert_int_equal(image.segment_count, 1);
	assert_string_equal(image.os, "linux");
	free(m);
}

static void a_bzimage_is_refused_with_the_command_that_helps(void **state)
{
	struct made *m = calloc(1, sizeof(*m));
	struct guest_image image;
	const char *why;

	(void)state;
	m->file[0x1fe] = 0x55;
	m->file[0x1ff] = 0xaa;
	memcpy(m->file + 0x202, "HdrS", 4);
	assert_int_equal(parse(m, &image, &why), -ENOEXEC);
	assert_non_null(strstr(why, "trine-extract-kernel"));
	free(m);
}

static void a_kernel_without_notes_is_refused(void **state)
{
	struct made *m = calloc(1, sizeof(*m));
	struct guest_image image;
	const char *why;

	(void)state;
	m->wide = true;
	finish64(m);
	assert_int_equal(parse(m, &image, &why), -ENOEXEC);
	assert_non_null(strstr(why, "CONFIG_XEN_PV"));
	free(m);
}

static void a_segment_beyond_the_file_is_refused(void **state)
{
	struct made *m = linux_like();
	Elf64_Phdr *ph = (Elf64_Phdr *)(m->file + 64);
	struct guest_image image;
	const char *why;

	(void)state;
	ph[0].p_filesz = FILE_BYTES;
	ph[0].p_memsz = FILE_BYTES;
	assert_int_equal(parse(m, &image, &why), -ENOEXEC);
	ph[0].p_filesz = 0x1000;
	ph[0].p_offset = ~0ul - 0x800;
	assert_int_equal(parse(m, &image, &why), -ENOEXEC);
	free(m);
}

static void an_entry_outside_the_kernel_is_refused(void **state)
{
	struct made *m = linux_like();
	struct guest_image image;
	const char *why;

	(void)state;
	note_number(m, XEN_ELFNOTE_ENTRY, 0xffffffff90000000);
	finish64(m);
	assert_int_equal(parse(m, &image, &why), -ENOEXEC);
	assert_non_null(strstr(why, "entry"));
	free(m);
}

static void a_hypercall_page_outside_the_kernel_is_refused(void **state)
{
	struct made *m = linux_like();
	struct guest_image image;
	const char *why;

	(void)state;
	note_number(m, XEN_ELFNOTE_HYPERCALL_PAGE, 0xffffffff81003000);
	finish64(m);
	assert_int_equal(parse(m, &image, &why), -ENOEXEC);
	note_number(m, XEN_ELFNOTE_HYPERCALL_PAGE, 0xffffffff81002000);
	finish64(m);
	assert_int_equal(parse(m, &image, &why), 0);
	free(m);
}

/* An old kernel says all in one string; addresses there count from VIRT_BASE. */
static void an_old_kernels_section_is_understood(void **state)
{
	static const char text[] = "GUEST_OS=linux,XEN_VER=xen-3.0,VIRT_BASE=0xC0000000,"
				   "ELF_PADDR_OFFSET=0xC0000000,HYPERCALL_PAGE=0x101,"
				   "PAE=yes[extended-cr3],LOADER=generic";
	struct made *m = calloc(1, sizeof(*m));
	Elf32_Ehdr *eh = (Elf32_Ehdr *)m->file;
	Elf32_Phdr *ph = (Elf32_Phdr *)(m->file + 64);
	Elf32_Shdr *sh = (Elf32_Shdr *)(m->file + 128);
	struct guest_image image;
	const char *why;

	(void)state;
	memcpy(eh->e_ident, "\177ELF\1\1\1", 7);
	eh->e_type = ET_EXEC;
	eh->e_machine = EM_386;
	eh->e_entry = 0xc0100000;
	eh->e_phoff = 64;
	eh->e_phentsize = sizeof(*ph);
	eh->e_phnum = 1;
	eh->e_shoff = 128;
	eh->e_shentsize = sizeof(*sh);
	eh->e_shnum = 2;
	eh->e_shstrndx = 1;
	ph[0] = (Elf32_Phdr){ .p_type = PT_LOAD, .p_offset = CODE_AT, .p_vaddr = 0xc0100000,
			      .p_paddr = 0xc0100000, .p_filesz = 0x1000, .p_memsz = 0x4000 };
	memcpy(m->file + 0x300, "\0__xen_guest", 13);
	memcpy(m->file + NOTES_AT, text, sizeof(text));
	sh[0] = (Elf32_Shdr){ .sh_name = 1, .sh_type = SHT_PROGBITS, .sh_offset = NOTES_AT,
			      .sh_size = sizeof(text) };
	sh[1] = (Elf32_Shdr){ .sh_type = SHT_STRTAB, .sh_offset = 0x300, .sh_size = 13 };
	assert_int_equal(parse(m, &image, &why), 0);
	assert_true(image.is_32bit);
	assert_int_equal(image.virt_base, 0xc0000000);
	assert_int_equal(image.phys_start, 0x100000);
	assert_int_equal(image.phys_end, 0x104000);
	assert_int_equal(image.hypercall_page, 0xc0101000);
	assert_int_equal(image.entry, 0xc0100000);
	free(m);
}

/* Whatever the file says, parsing ends, and what it accepts lies inside the file. */
static void bent_images_do_no_harm(void **state)
{
	struct made *m = linux_like(), *bent = malloc(sizeof(*bent));
	struct guest_image image;
	const char *why;
	uint32_t seed = 1;

	(void)state;
	for (unsigned int round = 0; round < 20000; round++) {
		memcpy(bent, m, sizeof(*m));
		for (unsigned int i = 0; i < 4; i++) {
			seed = seed * 1664525 + 1013904223;
			bent->file[(seed >> 8) % (NOTES_AT + m->notes)] = (uint8_t)seed;
		}
		if (parse(bent, &image, &why))
			continue;
		for (unsigned int i = 0; i < image.segment_count; i++) {
			assert_true(image.segment[i].offset <= FILE_BYTES);
			assert_true(image.segment[i].file_bytes <=
				    FILE_BYTES - image.segment[i].offset);
		}
	}
	free(bent);
	free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_kernels_notes_are_understood),
		cmocka_unit_test(a_bzimage_is_refused_with_the_command_that_helps),
		cmocka_unit_test(a_kernel_without_notes_is_refused),
		cmocka_unit_test(a_segment_beyond_the_file_is_refused),
		cmocka_unit_test(an_entry_outside_the_kernel_is_refused),
		cmocka_unit_test(a_hypercall_page_outside_the_kernel_is_refused),
		cmocka_unit_test(an_old_kernels_section_is_understood),
		cmocka_unit_test(bent_images_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
