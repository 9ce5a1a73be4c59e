// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"

#include "lib/config.h"
#include "lib/keys.h"
#include "lib/report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GOOD			"name = \"web\"\nkernel = \"/k\"\n"

static char path[64];

/* A file with this text; then the same words as on a command line. */
static int read_text(const char *text, struct domain_config **config, const char *word)
{
	char *words[] = { (char *)word };
	FILE *file;

	snprintf(path, sizeof(path), "/tmp/trine-config-%d.cfg", (int)getpid());
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	assert_int_equal(fclose(file), 0);
	reason_forget();
	return config_read(path, words, word ? 1 : 0, config);
}

static struct domain_config *must_read(const char *text, const char *word)
{
	struct domain_config *config = NULL;

	if (read_text(text, &config, word))
		fail_msg("refused: %s", reason_given());
	return config;
}

static int remove_file(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static void the_least_file_has_sensible_defaults(void **state)
{
	static const uint8_t none[16];
	struct domain_config *config = must_read(GOOD, NULL);

	(void)state;
	assert_string_equal(config->name, "web");
	assert_string_equal(config->kernel, "/k");
	assert_null(config->ramdisk);
	assert_string_equal(config->cmdline, "");
	assert_int_equal(config->memory_kib, 128 << 10);
	assert_int_equal(config->maxmem_kib, 128 << 10);
	assert_int_equal(config->vcpus, 1);
	assert_int_equal(config->maxvcpus, 1);
	assert_int_equal(config->max_grant_frames, -1);
	assert_int_equal(config->on_poweroff, ON_DESTROY);
	assert_int_equal(config->on_reboot, ON_RESTART);
	assert_int_equal(config->on_crash, ON_DESTROY);
	assert_memory_not_equal(config->uuid, none, sizeof(none));
	assert_int_equal(config->warnings_count, 0);
	config_free(config);
}

static void root_and_extra_make_the_command_line(void **state)
{
	struct domain_config *config;

	(void)state;
	config = must_read(GOOD "root = \"/dev/xvda1\"\nextra = 'ro quiet'\n", NULL);
	assert_string_equal(config->cmdline, "root=/dev/xvda1 ro quiet");
	config_free(config);
	config = must_read(GOOD "extra = 'ro'\ncmdline = 'console=hvc0'\n", NULL);
	assert_string_equal(config->cmdline, "console=hvc0");
	config_free(config);
}

static void paths_do_not_depend_on_where_we_are_later(void **state)
{
	struct domain_config *config =
		must_read("name='a'\nkernel='k'\nramdisk='./r'\ndisk=['d.img,raw,xvda,rw']\n", NULL);

	(void)state;
	assert_int_equal(config->kernel[0], '/');
	assert_string_equal(strrchr(config->kernel, '/'), "/k");
	assert_int_equal(config->ramdisk[0], '/');
	assert_int_equal(config->disks[0].path[0], '/');
	config_free(config);
}

static void words_win_over_the_file(void **state)
{
	struct domain_config *config = must_read(GOOD "memory = 64", "memory=256");

	(void)state;
	assert_int_equal(config->memory_kib, 256 << 10);
	config_free(config);
}

static void numbers_may_be_quoted_as_in_xl(void **state)
{
	struct domain_config *config = must_read(GOOD "vcpus = \"3\"\nmaxvcpus='4'\n", NULL);

	(void)state;
	assert_int_equal(config->vcpus, 3);
	assert_int_equal(config->maxvcpus, 4);
	config_free(config);
}

static void disks_and_interfaces_are_taken_apart(void **state)
{
	struct domain_config *config =
		must_read(GOOD "disk = [ '/dev/vg/root,raw,xvda,rw',\n"
			  " 'vdev=xvdb,access=ro,target=/tmp/b.img' ]\n"
			  "vif = [ 'mac=00:16:3e:01:02:03,bridge=xenbr0,rate=10Mb/s', '' ]\n", NULL);

	(void)state;
	assert_int_equal(config->disks_count, 2);
	assert_string_equal(config->disks[0].path, "/dev/vg/root");
	assert_int_equal(config->disks[0].number, 51712);
	assert_false(config->disks[0].read_only);
	assert_string_equal(config->disks[1].path, "/tmp/b.img");
	assert_int_equal(config->disks[1].number, 51728);
	assert_true(config->disks[1].read_only);
	assert_int_equal(config->vifs_count, 2);
	assert_memory_equal(config->vifs[0].mac, "\x00\x16\x3e\x01\x02\x03", 6);
	assert_string_equal(config->vifs[0].bridge, "xenbr0");
	assert_string_equal(config->vifs[0].rate, "62500,50000");
	assert_memory_equal(config->vifs[1].mac, "\x00\x16\x3e", 3);
	assert_null(config->vifs[1].bridge);
	assert_string_equal(config->vifs[1].script, "/etc/xen/scripts/vif-bridge");
	config_free(config);
}

static void keys_without_meaning_here_are_warned_about(void **state)
{
	struct domain_config *config = must_read(GOOD "hap = 1\nvfb = [ 'vnc=1' ]\n", NULL);

	(void)state;
	assert_int_equal(config->warnings_count, 2);
	assert_non_null(strstr(config->warnings[0], ".cfg:3: 'hap'"));
	assert_non_null(strstr(config->warnings[1], ".cfg:4: 'vfb'"));
	config_free(config);
}

static void the_old_names_of_pv_are_taken(void **state)
{
	(void)state;
	config_free(must_read(GOOD "type = 'pv'\nbuilder = 'linux'\n", NULL));
	config_free(must_read(GOOD "builder = 'generic'\n", NULL));
}

/* Each: what is written, a word on the command line, and what the reason must name. */
static const struct {
	const char *text, *word, *named[3];
} refusals[] = {
	{ GOOD "memroy = 64\n", NULL, { ".cfg:3:", "'memroy'", "'memory'" } },
	{ GOOD "x_unheard_of = 64\n", NULL, { ".cfg:3:", "'x_unheard_of'", "trine(1)" } },
	{ "# web\n\n" GOOD "disk = [ 'a',\n  'b' ]\nmemroy = 64\n", NULL, { ".cfg:7:", "memory" } },
	{ GOOD "memory 64\n", NULL, { ".cfg:3:", "64" } },
	{ GOOD "memory = lots\n", NULL, { ".cfg:3:", "lots", "quotes" } },
	{ GOOD "memory = \"lots\"\n", NULL, { ".cfg:3:", "memory" } },
	{ GOOD "memory = 0\n", NULL, { ".cfg:3:", "memory = 0", "1 to" } },
	{ GOOD "memory = -5\n", NULL, { ".cfg:3:" } },
	{ GOOD "memory = 99999999999999999999\n", NULL, { ".cfg:3:", "memory" } },
	{ GOOD "memory = [ 5 ]\n", NULL, { ".cfg:3:", "memory" } },
	{ GOOD "memory = 64\nmaxmem = 32\n", NULL, { ".cfg:4:", "maxmem = 32", "raise" } },
	{ GOOD "vcpus = 2\nmaxvcpus = 1\n", NULL, { ".cfg:4:", "maxvcpus" } },
	{ GOOD "vcpus = 129\n", NULL, { ".cfg:3:", "1 to 128" } },
	{ GOOD "name = \"unclosed\n", NULL, { ".cfg:3:", "quote" } },
	{ GOOD "type = \"hvm\"\n", NULL, { ".cfg:3:", "hvm", "type = \"pv\"" } },
	{ GOOD "builder = \"hvm\"\n", NULL, { ".cfg:3:", "hvm" } },
	{ GOOD "on_crash = \"restrat\"\n", NULL, { ".cfg:3:", "restrat", "\"restart\"" } },
	{ GOOD "uuid = \"12\"\n", NULL, { ".cfg:3:", "uuid" } },
	{ GOOD "tsc_mode = \"x\"\n", NULL, { ".cfg:3:", "native" } },
	{ GOOD "cpus = \"1-x\"\n", NULL, { ".cfg:3:", "1-x" } },
	{ GOOD "cpus = \"3-1\"\n", NULL, { ".cfg:3:", "3-1" } },
	{ GOOD "disk = \"a\"\n", NULL, { ".cfg:3:", "disk", "brackets" } },
	{ GOOD "disk = [ \"/x\" ]\n", NULL, { ".cfg:3:", "/x", "vdev" } },
	{ GOOD "disk = [ \"/x,qcow2,xvda,rw\" ]\n", NULL, { ".cfg:3:", "raw", "qemu-img" } },
	{ GOOD "disk = [ \"/x,raw,foo,rw\" ]\n", NULL, { ".cfg:3:", "'foo'", "xvda" } },
	{ GOOD "vif = [ \"mak=1\" ]\n", NULL, { ".cfg:3:", "'mak'" } },
	{ GOOD "vif = [ \"mac=1:2\" ]\n", NULL, { ".cfg:3:", "mac" } },
	{ "kernel = \"/k\"\n", NULL, { "no name" } },
	{ "name = \"web\"\n", NULL, { "no kernel" } },
	{ "name = \"12\"\nkernel = \"/k\"\n", NULL, { ".cfg:1:", "number" } },
	{ "name = \"a/b\"\nkernel = \"/k\"\n", NULL, { ".cfg:1:", "a/b" } },
	{ "name = \"\"\nkernel = \"/k\"\n", NULL, { ".cfg:1:" } },
	{ GOOD, "memroy=1", { "command line", "memory" } },
	{ GOOD, "name=web2", { "command line", "quotes" } },
	{ GOOD, "memory=0", { "command line", "memory = 0" } },
};

static void every_refusal_says_where_and_what(void **state)
{
	size_t i, n;

	(void)state;
	for (i = 0; i < COUNT(refusals); i++) {
		struct domain_config *config = NULL;

		if (!read_text(refusals[i].text, &config, refusals[i].word))
			fail_msg("accepted: %s", refusals[i].text);
		assert_null(config);
		assert_non_null(reason_given());
		for (n = 0; n < 3 && refusals[i].named[n]; n++)
			if (!strstr(reason_given(), refusals[i].named[n]))
				fail_msg("'%s' lacks '%s'", reason_given(), refusals[i].named[n]);
		assert_null(strchr(reason_given(), '\n'));
	}
}

static void a_command_line_that_does_not_fit_is_refused(void **state)
{
	char text[2048] = GOOD "extra = \"";
	struct domain_config *config;

	(void)state;
	memset(text + strlen(text), 'x', 1024);
	strncat(text, "\"\n", 3);
	assert_int_equal(read_text(text, &config, NULL), -1);
	assert_non_null(strstr(reason_given(), "1023"));
}

static void a_missing_file_is_named(void **state)
{
	struct domain_config *config;

	(void)state;
	reason_forget();
	assert_int_equal(config_read("/nonexistent.cfg", NULL, 0, &config), -1);
	assert_non_null(strstr(reason_given(), "/nonexistent.cfg"));
}

static void a_program_is_no_configuration(void **state)
{
	struct domain_config *config;

	(void)state;
	reason_forget();
	assert_int_equal(config_read("/proc/self/exe", NULL, 0, &config), -1);
	assert_non_null(strstr(reason_given(), "no domain configuration"));
}

static void keys_are_told_from_strings_lists_and_comments(void **state)
{
	static const char text[] = "a=1;b = 'c=2'\n"
				   "# d=3\n"
				   "e = [ 'f=4', # g=5\n"
				   "  \"h=6\n" /* not closed */
				   "]\n"
				   "i='\\' j=7'\n"
				   "  k += 8";
	static const struct {
		const char *name;
		unsigned int line;
	} expected[] = { { "a", 1 }, { "b", 1 }, { "e", 3 }, { "i", 6 }, { "k", 7 } };
	struct key_place places[8];
	size_t i;

	(void)state;
	assert_int_equal(keys_scan(text, places, COUNT(places)), COUNT(expected));
	for (i = 0; i < COUNT(expected); i++) {
		assert_string_equal(places[i].name, expected[i].name);
		assert_int_equal(places[i].line, expected[i].line);
	}
	assert_int_equal(keys_scan(text, places, 1), COUNT(expected));
}

static void a_key_longer_than_any_is_cut_and_not_known(void **state)
{
	char text[200];
	struct key_place place;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(keys_scan(text, &place, 1), 1);
	assert_int_equal(strlen(place.name), sizeof(place.name) - 1);
	assert_int_equal(key_use(place.name), KEY_UNKNOWN);
}

static void cpu_lists_become_bits(void **state)
{
	static const struct {
		const char *text;
		uint8_t bits[2];
	} cases[] = { { "0", { 1, 0 } }, { "0-3", { 15, 0 } }, { "0-3,^1", { 13, 0 } },
		      { "all", { 255, 255 } }, { "all,^0", { 254, 255 } }, { "8,9", { 0, 3 } },
		      { "0, 2", { 5, 0 } }, { "0-3,^1-2", { 9, 0 } }, { "15", { 0, 128 } } };
	uint8_t bits[2];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		assert_int_equal(cpulist_read(cases[i].text, bits, sizeof(bits)), 0);
		assert_memory_equal(bits, cases[i].bits, sizeof(bits));
	}
	assert_int_equal(cpulist_read("16", bits, sizeof(bits)), -1);
	assert_int_equal(cpulist_read("0-16", bits, sizeof(bits)), -1);
	assert_int_equal(cpulist_read("1,,2", bits, sizeof(bits)), -1);
	assert_int_equal(cpulist_read("node:0", bits, sizeof(bits)), -1);
}

static void disk_names_become_the_numbers_guests_expect(void **state)
{
	static const struct {
		const char *vdev;
		long number;
	} cases[] = { { "xvda", 51712 }, { "xvda1", 51713 }, { "xvdb", 51728 }, { "xvdp", 51952 },
		      { "xvdq", (1L << 28) | (16 << 8) }, { "xvda16", (1L << 28) | 16 },
		      { "xvdaa", (1L << 28) | (26 << 8) }, { "sda", 2048 }, { "sda1", 2049 },
		      { "hda", 768 }, { "hdb", 832 }, { "hdc", 5632 }, { "hdd1", 5697 },
		      { "sdq", -1 }, { "hde", -1 }, { "xvd", -1 }, { "xvd1", -1 }, { "xvda0", -1 },
		      { "xvda256", -1 }, { "vda", -1 }, { "", -1 }, { "xvdaX", -1 },
		      { "xvdzzzzzzzzzzzz", -1 } };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++)
		if (vdev_number(cases[i].vdev) != cases[i].number)
			fail_msg("%s: %ld", cases[i].vdev, vdev_number(cases[i].vdev));
}

static void same_text(const char *a, const char *b)
{
	if (a && b)
		assert_string_equal(a, b);
	else
		assert_true(!a && !b);
}

static void same_devices(const struct domain_config *a, const struct domain_config *b)
{
	size_t i;

	assert_int_equal(a->disks_count, b->disks_count);
	for (i = 0; i < a->disks_count; i++) {
		same_text(a->disks[i].path, b->disks[i].path);
		same_text(a->disks[i].vdev, b->disks[i].vdev);
		assert_int_equal(a->disks[i].number, b->disks[i].number);
		assert_int_equal(a->disks[i].read_only, b->disks[i].read_only);
		assert_int_equal(a->disks[i].is_cdrom, b->disks[i].is_cdrom);
	}
	assert_int_equal(a->vifs_count, b->vifs_count);
	for (i = 0; i < a->vifs_count; i++) {
		assert_memory_equal(a->vifs[i].mac, b->vifs[i].mac, 6);
		same_text(a->vifs[i].bridge, b->vifs[i].bridge);
		same_text(a->vifs[i].script, b->vifs[i].script);
		same_text(a->vifs[i].ip, b->vifs[i].ip);
		same_text(a->vifs[i].gatewaydev, b->vifs[i].gatewaydev);
		same_text(a->vifs[i].vifname, b->vifs[i].vifname);
		same_text(a->vifs[i].rate, b->vifs[i].rate);
	}
}

/* Printed, read and printed again. */
static void a_printed_configuration_reads_the_same(void **state)
{
	static const char *const texts[] = {
		GOOD,
		GOOD "ramdisk = '/r'\nextra = 'a=\\'b\\' \"c\\\\d\" # no comment'\nmemory = 160\n"
		     "maxmem = 320\nvcpus = 2\nmaxvcpus = 4\ntsc_mode = 'native'\n"
		     "max_grant_frames = 64\nmax_maptrack_frames = 1024\n"
		     "on_poweroff = 'preserve'\non_reboot = 'rename-restart'\n"
		     "on_crash = 'coredump-restart'\non_watchdog = 'restart'\ncpus = '0-3,^1'\n",
		GOOD "cpus = [ '0', 'all' ]\n"
		     "disk = [ '/dev/vg/root,raw,xvda,rw', 'format=raw, vdev=hdc, access=ro, "
		     "devtype=cdrom, target=/a, b.iso' ]\n"
		     "vif = [ 'rate=10Mb/s', 'rate=333KB/s@20ms,bridge=br1', '', "
		     "'mac=00:16:3e:01:02:03,script=vif-route,ip=10.0.0.1,gatewaydev=eth0,"
		     "vifname=web0' ]\n",
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(texts); i++) {
		struct domain_config *first = must_read(texts[i], NULL), *second;
		char *printed = config_print(first), *again;

		assert_non_null(printed);
		if (config_read_text("kept", printed, &second))
			fail_msg("%s\nfrom\n%s", reason_given(), printed);
		again = config_print(second);
		assert_string_equal(printed, again);
		assert_memory_equal(first->uuid, second->uuid, 16);
		same_text(first->name, second->name);
		same_text(first->kernel, second->kernel);
		same_text(first->ramdisk, second->ramdisk);
		same_text(first->cmdline, second->cmdline);
		assert_int_equal(first->memory_kib, second->memory_kib);
		assert_int_equal(first->maxmem_kib, second->maxmem_kib);
		assert_int_equal(first->vcpus, second->vcpus);
		assert_int_equal(first->maxvcpus, second->maxvcpus);
		assert_int_equal(first->tsc_mode, second->tsc_mode);
		assert_int_equal(first->max_grant_frames, second->max_grant_frames);
		assert_int_equal(first->max_event_channels, second->max_event_channels);
		assert_int_equal(first->on_poweroff, second->on_poweroff);
		assert_int_equal(first->on_reboot, second->on_reboot);
		assert_int_equal(first->on_crash, second->on_crash);
		assert_int_equal(first->on_watchdog, second->on_watchdog);
		assert_int_equal(first->cpus_count, second->cpus_count);
		same_devices(first, second);
		assert_int_equal(second->warnings_count, 0);
		free(printed);
		free(again);
		config_free(first);
		config_free(second);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_least_file_has_sensible_defaults),
		cmocka_unit_test(root_and_extra_make_the_command_line),
		cmocka_unit_test(paths_do_not_depend_on_where_we_are_later),
		cmocka_unit_test(words_win_over_the_file),
		cmocka_unit_test(numbers_may_be_quoted_as_in_xl),
		cmocka_unit_test(disks_and_interfaces_are_taken_apart),
		cmocka_unit_test(keys_without_meaning_here_are_warned_about),
		cmocka_unit_test(the_old_names_of_pv_are_taken),
		cmocka_unit_test(every_refusal_says_where_and_what),
		cmocka_unit_test(a_command_line_that_does_not_fit_is_refused),
		cmocka_unit_test(a_missing_file_is_named),
		cmocka_unit_test(a_program_is_no_configuration),
		cmocka_unit_test(keys_are_told_from_strings_lists_and_comments),
		cmocka_unit_test(a_key_longer_than_any_is_cut_and_not_known),
		cmocka_unit_test(cpu_lists_become_bits),
		cmocka_unit_test(disk_names_become_the_numbers_guests_expect),
		cmocka_unit_test(a_printed_configuration_reads_the_same),
	};

	return cmocka_run_group_tests_name("tools/config", tests, NULL, remove_file);
}
