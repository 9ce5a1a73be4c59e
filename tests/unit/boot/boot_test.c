// SPDX-License-Identifier: GPL-2.0-only
// sources: boot/cmdline.c boot/loader.c mem/e820.c
/* What the operator and the loader say: understood, or complained about in a line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "boot/cmdline.h"
#include "boot/loader.h"
#include "fakes/memory.h"
#include "lib/bits.h"
#include "lib/log.h"
#include "mem/addr.h"
#include "mem/e820.h"
#include "mem/layout.h"

#define MIB	(1ul << 20)
#define INFO	0x10000u	/* where the loader's words lie */

static char complaints[8][300];
static unsigned int complaint_count;

static void catch_line(enum log_level level, bool about_guest, const char *line)
{
	(void)level;
	(void)about_guest;
	if (complaint_count < 8)
		strncpy(complaints[complaint_count++], line, sizeof(complaints[0]) - 1);
}

static int set_up(void **state)
{
	(void)state;
	memset(&options, 0, sizeof(options));
	memset(&boot_info, 0, sizeof(boot_info));
	fake_memory(1024);
	e820_host.count = 0;
	log_set_sink(catch_line);
	return 0;
}

static void xens_own_options_are_understood(void **state)
{
	(void)state;
	cmdline_parse("console=com1,vga com1=115200,8n1 dom0_mem=512M,max:1G,min:256M "
		      "dom0_max_vcpus=2 loglvl=all guest_loglvl=warning noreboot");
	assert_true(options.com1 && options.vga && !options.com2);
	assert_string_equal(options.com1_text, "115200,8n1");
	assert_int_equal(options.dom0_pages, 512 * MIB / PAGE_SIZE);
	assert_int_equal(options.dom0_max_pages, 1024 * MIB / PAGE_SIZE);
	assert_int_equal(options.dom0_min_pages, 256 * MIB / PAGE_SIZE);
	assert_int_equal(options.dom0_max_vcpus, 2);
	assert_int_equal(options.host_level, LOG_DEBUG);
	assert_int_equal(options.guest_level, LOG_WARN);
	assert_true(options.noreboot);
	complaint_count = 0;
	cmdline_complain();
	assert_int_equal(complaint_count, 0);
}

static void sizes_have_units(void **state)
{
	static const struct {
		const char *text;
		uint64_t pages;
		bool negative;
	} cases[] = {
		{ "dom0_mem=1G", 262144, false }, { "dom0_mem=4096", 1024, false },
		{ "dom0_mem=8192b", 2, false }, { "dom0_mem=-128m", 32768, true },
		{ "dom0_mem=64k", 16, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		memset(&options, 0, sizeof(options));
		cmdline_parse(cases[i].text);
		assert_int_equal(options.dom0_pages, cases[i].pages);
		assert_int_equal(options.dom0_pages_negative, cases[i].negative);
	}
}

static void a_version_1_loaders_file_name_is_no_option(void **state)
{
	(void)state;
	cmdline_parse("/boot/trine console=com2");
	assert_true(options.com2);
}

static void without_a_console_the_screen_is_used(void **state)
{
	(void)state;
	cmdline_parse("");
	assert_true(options.vga);
}

/* Complaints gather over all command lines of a program: this test comes last of its kind. */
static void what_is_not_understood_gets_a_line(void **state)
{
	(void)state;
	complaint_count = 0;
	cmdline_complain();
	assert_int_equal(complaint_count, 0);
	cmdline_parse("frobnicate=1 dom0_mem=lots dom0_max_vcpus=0 loglvl=loud console=com1");
	cmdline_complain();
	assert_int_equal(complaint_count, 4);
	assert_non_null(strstr(complaints[0], "'frobnicate=1'"));
	assert_non_null(strstr(complaints[1], "512M"));
	assert_int_equal(options.dom0_pages, 0);
	assert_int_equal(options.dom0_max_vcpus, 0);
}

/* --- multiboot2: tags, one after the other --- */

static uint32_t tags_end;

static void tag(uint32_t type, const void *body, uint32_t bytes)
{
	uint32_t head[2] = { type, bytes + 8 };

	memcpy(map_pa(INFO + tags_end), head, 8);
	memcpy(map_pa(INFO + tags_end + 8), body, bytes);
	tags_end = ALIGN_UP(tags_end + 8 + bytes, 8u);
	memcpy(map_pa(INFO), &tags_end, 4);
}

static void start_tags(void)
{
	struct {
		uint32_t entry_size, version;
		struct { uint64_t addr, length; uint32_t type, zero; } entry[2];
	} map = { 24, 0, { { 0, 0x9fc00, 1, 0 }, { MIB, 63 * MIB, 1, 0 } } };

	tags_end = 8;
	tag(6, &map, sizeof(map));
}

static void multiboot2_is_read(void **state)
{
	struct {
		uint32_t start, end;
		char text[24];
	} kernel = { 0x300000, 0x400000, "root=/dev/sda1 quiet" }, initrd = { 0x400000, 0x400123, "" };
	static const char rsdp_old[20] = "RSD PTR old", rsdp_new[36] = "RSD PTR new";
	struct {
		uint64_t addr;
		uint32_t pitch, width, height;
		uint8_t bpp, type, zero[2], colour[6];
	} fb = { 0xfd000000, 4096, 1024, 768, 32, 1, { 0 }, { 16, 8, 8, 8, 0, 8 } };

	(void)state;
	start_tags();
	tag(1, "console=com1", 13);
	tag(2, "GRUB 2.06", 10);
	tag(3, &kernel, 8 + 21);
	tag(3, &initrd, 8 + 1);
	tag(14, rsdp_old, sizeof(rsdp_old));
	tag(15, rsdp_new, sizeof(rsdp_new));
	tag(8, &fb, 30);
	tag(99, "unknown", 8);
	tag(0, "", 0);

	assert_null(loader_read(0x36d76289, INFO));
	assert_string_equal(boot_info.cmdline, "console=com1");
	assert_string_equal(boot_info.loader, "GRUB 2.06");
	assert_int_equal(boot_info.module_count, 2);
	assert_int_equal(boot_info.module[0].start, 0x300000);
	assert_string_equal(boot_info.module[0].cmdline, "root=/dev/sda1 quiet");
	assert_int_equal(boot_info.module[1].end, 0x400123);
	assert_int_equal(boot_info.framebuffer.width, 1024);
	assert_int_equal(boot_info.framebuffer.red_at, 16);
	assert_int_not_equal(boot_info.rsdp, 0);
	assert_int_equal(e820_host.count, 2);
	assert_int_equal(e820_ram_end(&e820_host), 64 * MIB);
}

static void a_command_line_too_long_is_refused(void **state)
{
	static char text[CMDLINE_MAX + 1];

	(void)state;
	memset(text, 'x', CMDLINE_MAX);
	start_tags();
	tag(1, text, sizeof(text));
	assert_non_null(loader_read(0x36d76289, INFO));
}

static void too_many_modules_are_refused(void **state)
{
	struct {
		uint32_t start, end;
		char text[8];
	} module = { 0x300000, 0x300010, "x" };

	(void)state;
	start_tags();
	for (int i = 0; i < MODULES_MAX + 1; i++)
		tag(3, &module, sizeof(module));
	assert_non_null(loader_read(0x36d76289, INFO));
	assert_int_equal(boot_info.module_count, MODULES_MAX);
}

static void no_memory_map_is_refused(void **state)
{
	(void)state;
	tags_end = 8;
	tag(1, "", 1);
	assert_non_null(loader_read(0x36d76289, INFO));
	/* Version 1, where a flag says so. */
	memset(map_pa(INFO), 0, 128);
	assert_non_null(loader_read(0x2badb002, INFO));
}

static void tags_that_lie_do_no_harm(void **state)
{
	static const uint32_t sizes[] = { 0, 4, 7, 0xffffffff, 0x7ffffff0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		const char *unused;

		set_up(NULL);
		start_tags();
		tag(99, "12345678", 8);
		memcpy(map_pa(INFO + tags_end - 12), &sizes[i], 4);
		unused = loader_read(0x36d76289, INFO);
		assert_null(unused);
	}
}

#define TEST(f) cmocka_unit_test_setup(f, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(xens_own_options_are_understood),
		TEST(sizes_have_units),
		TEST(a_version_1_loaders_file_name_is_no_option),
		TEST(without_a_console_the_screen_is_used),
		TEST(what_is_not_understood_gets_a_line),
		TEST(multiboot2_is_read),
		TEST(a_command_line_too_long_is_refused),
		TEST(too_many_modules_are_refused),
		TEST(no_memory_map_is_refused),
		TEST(tags_that_lie_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
