// SPDX-License-Identifier: GPL-2.0-only
/*
 * The head and the seal of a saved domain's file.
 *
 * Such a file may come from anywhere: sizes are bounded before they are used.  The checksum finds
 * accidents, not malice; who may restore a domain may run any kernel anyway.
 */
#include "lib/savefile.h"

#include "lib/report.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define VERSION			1
#define CONFIG_BYTES_MAX	(1 << 20)
#define PIECE			(1 << 20)

static const char head_magic[8] = "TRINESAV", seal_magic[8] = "TRINEEND";

struct seal {
	char magic[8];
	uint64_t bytes;		/* of the file, without the seal */
	uint32_t checksum;
	uint32_t zero;
};

_Static_assert(sizeof(struct savefile_head) == 40 && sizeof(struct seal) == 24,
	       "no holes: they are written as they are");

static int write_all(int fd, const void *data, size_t size)
{
	const char *from = data;

	while (size) {
		ssize_t written = write(fd, from, size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return -1;
		from += written;
		size -= written;
	}
	return 0;
}

/* Fewer bytes than asked for only at the end of the file. */
static ssize_t read_at(int fd, void *to, size_t size, off_t at)
{
	size_t got = 0;

	while (got < size) {
		ssize_t now = pread(fd, (char *)to + got, size - got, at + (off_t)got);

		if (now < 0 && errno == EINTR)
			continue;
		if (now < 0)
			return -1;
		if (!now)
			break;
		got += now;
	}
	return got;
}

static uint32_t head_checksum(const struct savefile_head *head, const char *config)
{
	struct savefile_head bare = *head;
	uLong sum;

	bare.checksum = 0;
	sum = crc32(0, (const Bytef *)&bare, sizeof(bare));
	return crc32(sum, (const Bytef *)config, head->config_bytes);
}

int savefile_write_head(int fd, const char *config, const struct savefile_head *facts)
{
	struct savefile_head head = *facts;

	memcpy(head.magic, head_magic, sizeof(head.magic));
	head.version = VERSION;
	head.config_bytes = strlen(config);
	head.checksum = head_checksum(&head, config);
	if (write_all(fd, &head, sizeof(head)))
		return -1;
	return write_all(fd, config, head.config_bytes);
}

/* Of the file's first bytes. */
static int file_checksum(int fd, uint64_t bytes, uint32_t *checksum)
{
	char *piece = malloc(PIECE);
	uLong sum = crc32(0, NULL, 0);
	uint64_t at = 0;

	if (!piece)
		return -1;
	while (at < bytes) {
		size_t want = bytes - at < PIECE ? bytes - at : PIECE;
		ssize_t got = read_at(fd, piece, want, at);

		if (got != (ssize_t)want) {
			if (got >= 0)
				errno = EIO;
			free(piece);
			return -1;
		}
		sum = crc32(sum, (const Bytef *)piece, want);
		at += want;
	}
	free(piece);
	*checksum = sum;
	return 0;
}

int savefile_seal(int fd)
{
	struct seal seal = { .bytes = lseek(fd, 0, SEEK_CUR) };

	memcpy(seal.magic, seal_magic, sizeof(seal.magic));
	if (seal.bytes == (uint64_t)-1 || file_checksum(fd, seal.bytes, &seal.checksum) ||
	    write_all(fd, &seal, sizeof(seal)))
		return -1;
	return fsync(fd);
}

int savefile_read_head(int fd, const char *path, struct savefile_head *head, char **config)
{
	ssize_t got = read_at(fd, head, sizeof(*head), 0);
	char *text;

	if (got < 0)
		return because("%s: %s", path, strerror(errno));
	errno = EINVAL;
	if (got < (ssize_t)sizeof(*head) || memcmp(head->magic, head_magic, sizeof(head_magic)))
		return because("%s is not a domain that 'trine save' wrote", path);
	if (head->version != VERSION)
		return because("%s was written by another version of trine (format %u, this one "
			       "reads %u)", path, head->version, VERSION);
	if (head->config_bytes > CONFIG_BYTES_MAX)
		return because("%s is damaged: its configuration would have %u bytes", path,
			       head->config_bytes);
	text = calloc(1, head->config_bytes + 1);
	if (!text)
		return -1;
	got = read_at(fd, text, head->config_bytes, sizeof(*head));
	if (got != (ssize_t)head->config_bytes || strlen(text) != head->config_bytes ||
	    head_checksum(head, text) != head->checksum) {
		free(text);
		errno = EINVAL;
		return because("%s is damaged in its first part; it cannot be restored", path);
	}
	if (lseek(fd, sizeof(*head) + head->config_bytes, SEEK_SET) < 0) {
		free(text);
		return because("%s: %s", path, strerror(errno));
	}
	*config = text;
	return 0;
}

int savefile_check(int fd, const char *path)
{
	off_t here = lseek(fd, 0, SEEK_CUR), size = lseek(fd, 0, SEEK_END);
	struct seal seal;
	uint32_t checksum;

	if (here < 0 || size < 0 || lseek(fd, here, SEEK_SET) < 0)
		return because("%s: %s", path, strerror(errno));
	errno = EINVAL;
	if (size < (off_t)sizeof(seal) ||
	    read_at(fd, &seal, sizeof(seal), size - (off_t)sizeof(seal)) != sizeof(seal) ||
	    memcmp(seal.magic, seal_magic, sizeof(seal_magic)) ||
	    seal.bytes != (uint64_t)size - sizeof(seal)) {
		errno = EINVAL;
		return because("%s does not end as it should: the save was not finished, or the "
			       "file was cut; it cannot be restored", path);
	}
	if (file_checksum(fd, seal.bytes, &checksum))
		return because("%s: %s", path, strerror(errno));
	errno = EINVAL;
	if (checksum != seal.checksum)
		return because("%s was damaged since it was written (its checksum is wrong); it "
			       "cannot be restored", path);
	return 0;
}
