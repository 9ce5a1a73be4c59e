/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The file of a saved domain.
 *
 *	head		struct savefile_head, then the configuration's text
 *	stream		what xc_domain_save() writes and xc_domain_restore() reads
 *	seal		how long all this is, and its checksum
 *
 * The seal is written last.  A file without one is a save that never ended; one whose seal is not
 * right was damaged since.  Either is found out before a domain is made from it.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct savefile_head {
	char magic[8];
	uint32_t version;
	uint32_t config_bytes;	/* the text that follows, without a zero */
	uint64_t memory_kib;	/* what the domain has; maxmem and more stand in the text */
	uint64_t limit_kib;	/* what the hypervisor let it have */
	uint32_t features;	/* what its kernel said it can do: build/store.h */
	uint32_t checksum;	/* of the text, and of this with 0 here */
};

/* Fails: -1; errno as write(2) sets it. */
int savefile_write_head(int fd, const char *config, const struct savefile_head *facts);

/* Everything is written up to where fd stands: add the seal, and see to it that it is on the disk. */
int savefile_seal(int fd);

/*
 * Read and check the head; fd then stands where the stream begins.
 * *config is malloc'ed.  path is for the reason: not one of ours, of another version, damaged.
 */
int savefile_read_head(int fd, const char *path, struct savefile_head *head, char **config);

/* Does the seal hold?  fd stays where it stands. */
int savefile_check(int fd, const char *path);
