// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"

#include "lib/report.h"
#include "lib/savefile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT			"name = \"web\"\n"
#define STREAM_BYTES		100000

static char path[64];
static int fd = -1;

static void must_write(const void *data, size_t size)
{
	assert_int_equal(write(fd, data, size), size);
}

/* A whole file; fd stands at its end. */
static int make_file(void **state)
{
	struct savefile_head facts = { .memory_kib = 160 << 10, .limit_kib = 161 << 10,
				       .features = 5 };
	static char stream[STREAM_BYTES];
	size_t i;

	(void)state;
	snprintf(path, sizeof(path), "/tmp/trine-save-%d", (int)getpid());
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	for (i = 0; i < sizeof(stream); i++)
		stream[i] = i * 7;
	assert_int_equal(savefile_write_head(fd, TEXT, &facts), 0);
	must_write(stream, sizeof(stream));
	assert_int_equal(savefile_seal(fd), 0);
	reason_forget();
	return 0;
}

static int remove_file(void **state)
{
	(void)state;
	close(fd);
	unlink(path);
	return 0;
}

static int read_head(struct savefile_head *head, char **config)
{
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return savefile_read_head(fd, path, head, config);
}

static void flip_byte(off_t at)
{
	char byte;

	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte ^= 0x10;
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
}

static void refused_because(int rc, const char *words)
{
	assert_int_equal(rc, -1);
	assert_int_equal(errno, EINVAL);
	assert_non_null(reason_given());
	if (!strstr(reason_given(), words))
		fail_msg("'%s' does not say '%s'", reason_given(), words);
	assert_non_null(strstr(reason_given(), path));
	reason_forget();
}

static void what_was_written_is_read(void **state)
{
	struct savefile_head head;
	char *config, byte;

	(void)state;
	assert_int_equal(read_head(&head, &config), 0);
	assert_string_equal(config, TEXT);
	assert_int_equal(head.memory_kib, 160 << 10);
	assert_int_equal(head.limit_kib, 161 << 10);
	assert_int_equal(head.features, 5);
	assert_int_equal(savefile_check(fd, path), 0);
	/* It stands at the stream, whose second byte is 7. */
	assert_int_equal(read(fd, &byte, 1), 1);
	assert_int_equal(byte, 0);
	assert_int_equal(read(fd, &byte, 1), 1);
	assert_int_equal(byte, 7);
	free(config);
}

static void a_changed_byte_is_found_wherever_it_is(void **state)
{
	off_t size = lseek(fd, 0, SEEK_END), at;
	struct savefile_head head;
	char *config;

	(void)state;
	for (at = 0; at < size; at += at < 100 || at > size - 60 ? 1 : 997) {
		int rc;

		flip_byte(at);
		rc = read_head(&head, &config);
		if (!rc) {
			free(config);
			rc = savefile_check(fd, path);
		}
		if (rc != -1 || !reason_given())
			fail_msg("byte %ld of %ld may be anything", (long)at, (long)size);
		reason_forget();
		flip_byte(at);
	}
	assert_int_equal(read_head(&head, &config), 0);
	free(config);
	assert_int_equal(savefile_check(fd, path), 0);
}

static void a_file_that_was_cut_is_refused(void **state)
{
	off_t size = lseek(fd, 0, SEEK_END);
	struct savefile_head head;
	char *config;

	(void)state;
	assert_int_equal(ftruncate(fd, size - 1), 0);
	assert_int_equal(read_head(&head, &config), 0);
	free(config);
	refused_because(savefile_check(fd, path), "was cut");
	assert_int_equal(ftruncate(fd, 45), 0);
	refused_because(read_head(&head, &config), "damaged");
	assert_int_equal(ftruncate(fd, 39), 0);
	refused_because(read_head(&head, &config), "not a domain that 'trine save' wrote");
}

static void another_file_is_none_of_ours(void **state)
{
	struct savefile_head head;
	char *config;

	(void)state;
	assert_int_equal(pwrite(fd, "LibxlFmt", 8, 0), 8);
	refused_because(read_head(&head, &config), "not a domain that 'trine save' wrote");
}

static void another_version_is_named(void **state)
{
	const uint32_t version = 2;
	struct savefile_head head;
	char *config;

	(void)state;
	assert_int_equal(pwrite(fd, &version, 4, 8), 4);
	refused_because(read_head(&head, &config), "another version");
}

static void a_configuration_of_gigabytes_is_refused(void **state)
{
	const uint32_t bytes = 0xfffffff0;
	struct savefile_head head;
	char *config;

	(void)state;
	assert_int_equal(pwrite(fd, &bytes, 4, 12), 4);
	refused_because(read_head(&head, &config), "damaged");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_written_is_read, make_file, remove_file),
		cmocka_unit_test_setup_teardown(a_changed_byte_is_found_wherever_it_is, make_file,
						remove_file),
		cmocka_unit_test_setup_teardown(a_file_that_was_cut_is_refused, make_file,
						remove_file),
		cmocka_unit_test_setup_teardown(another_file_is_none_of_ours, make_file,
						remove_file),
		cmocka_unit_test_setup_teardown(another_version_is_named, make_file, remove_file),
		cmocka_unit_test_setup_teardown(a_configuration_of_gigabytes_is_refused, make_file,
						remove_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
