/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a domain is to be: an xl.cfg(5) file, read, checked and turned into one struct.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum on_event {
	ON_DESTROY,
	ON_RESTART,
	ON_RENAME_RESTART,
	ON_PRESERVE,
	ON_COREDUMP_DESTROY,
	ON_COREDUMP_RESTART,
};

struct disk_config {
	char *path;		/* block device or file, as the user wrote it */
	char *vdev;		/* xvda, sda1, ... */
	unsigned int number;	/* what the guest knows it by; see vdev_number() */
	bool read_only;
	bool is_cdrom;
};

struct vif_config {
	char *bridge;		/* NULL: the first bridge there is */
	char *script;		/* absolute path */
	char *ip;		/* NULL: none */
	char *gatewaydev;	/* NULL: none */
	char *vifname;		/* NULL: vifN.M */
	char *rate;		/* NULL: no limit; else "bytes,microseconds" */
	uint8_t mac[6];
};

struct domain_config {
	char *file;		/* where it came from, for messages */
	char *name;
	uint8_t uuid[16];
	char *kernel;
	char *ramdisk;		/* NULL: none */
	char *cmdline;		/* "" when none */
	uint64_t memory_kib;	/* what it starts with */
	uint64_t maxmem_kib;	/* what it may grow to */
	unsigned int vcpus;	/* online at the start */
	unsigned int maxvcpus;
	int tsc_mode;
	int max_grant_frames;	/* -1: the hypervisor's default */
	int max_maptrack_frames;
	unsigned int max_event_channels;
	enum on_event on_poweroff, on_reboot, on_crash, on_watchdog;
	char **cpus;		/* one list for all vcpus, or one for each: cpulist_read() */
	size_t cpus_count;
	struct disk_config *disks;
	size_t disks_count;
	struct vif_config *vifs;
	size_t vifs_count;
	char **warnings;	/* keys that were accepted and do nothing */
	size_t warnings_count;
};

/*
 * Read the file, then the "key=value" words as if they stood at its end.
 * path may be NULL: words only.
 * Fails: -1, and the reason names file and line, and what to write instead where that is known.
 */
int config_read(const char *path, char *const *words, size_t words_count,
		struct domain_config **out);
/* The same from a text; name is what the reason calls it. */
int config_read_text(const char *name, const char *text, struct domain_config **out);
/* And back: an xl.cfg(5) text, malloc'ed, from which the same is read.  NULL: no memory. */
char *config_print(const struct domain_config *config);
void config_free(struct domain_config *config);

const char *on_event_name(enum on_event event);

/* "0-3,^1" or "all" to bits, at most size * 8 of them.  Fails: EINVAL, ERANGE. */
int cpulist_read(const char *text, uint8_t *bits, size_t size);

/* The number a guest knows a disk by: xvda 51712, sda1 2049, hda 768.  -1: no such name. */
long vdev_number(const char *vdev);
