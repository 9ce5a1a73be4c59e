// SPDX-License-Identifier: GPL-2.0-only
/*
 * The birth and the end of a domain, in the order they happen.
 *
 * Birth: files read and checked; name and memory free; domain; limits; channels; kernel in memory;
 * xenstore nodes; devices.  Whatever fails, all that was made before is removed again.
 * Invariant: two creations never run at once (a lock file), so a name that was free stays free.
 * In: cmd/create.c, cmd/destroy.c, build/monitor.c.
 */
#include "build/domain.h"

#include "build/devices.h"
#include "build/interrupt.h"
#include "build/keep.h"
#include "build/kernel.h"
#include "build/save.h"
#include "build/store.h"
#include "lib/domref.h"
#include "lib/report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LOCK_FILE		STATE_DIR "/create.lock"

/* What a domain is filled with: a kernel that boots, or one that was saved. */
struct contents {
	struct kernel *kernel;			/* NULL: saved, and fd's stream has it */
	const struct savefile_head *saved;
	int fd;
};

/* libxl's own slack above what a guest may have, for frames it maps on the guest's behalf. */
#define MAXMEM_SLACK_KIB	1024

/* What the hypervisor keeps for a domain besides its memory: its structures, grants, shadows. */
#define HYPERVISOR_SHARE_KIB	2048

static int creation_lock(void)
{
	int fd;

	mkdir(STATE_DIR, 0755);
	fd = open(LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return because("%s: %s", LOCK_FILE, strerror(errno));
	while (flock(fd, LOCK_EX)) {
		if (errno != EINTR) {
			because("%s: %s", LOCK_FILE, strerror(errno));
			close(fd);
			return -1;
		}
	}
	return fd;
}

static int check_names(struct host *host, const struct domain_config *config)
{
	struct domain *list;
	size_t count, i;
	int rc = 0;

	if (domain_list(host, &list, &count))
		return -1;
	for (i = 0; i < count && !rc; i++) {
		errno = EEXIST;
		if (list[i].name && !strcmp(list[i].name, config->name))
			rc = because("the name is taken by domain %u; choose another with "
				     "name=\"...\", or destroy that one: trine destroy %u",
				     list[i].id, list[i].id);
		else if (!memcmp(list[i].uuid, config->uuid, sizeof(config->uuid)))
			rc = because("its uuid is that of domain %u; remove uuid from %s",
				     list[i].id, config->file);
	}
	domain_list_free(list, count);
	return rc;
}

static int check_memory(struct host *host, const struct domain_config *config,
			const struct contents *contents)
{
	uint64_t own_kib = contents->saved ? contents->saved->memory_kib : config->memory_kib;
	uint64_t free_kib, wanted_kib = own_kib + HYPERVISOR_SHARE_KIB;
	xc_physinfo_t info = { 0 };

	if (xc_physinfo(host->xc, &info))
		return host_because("cannot ask the hypervisor for free memory");
	free_kib = (info.free_pages - info.outstanding_pages) * 4;
	if (free_kib >= wanted_kib)
		return 0;
	errno = ENOMEM;
	if (contents->saved)
		return because("it wants %llu MiB of memory and %llu MiB are free; take some from "
			       "another domain: trine mem-set Domain-0 ...",
			       (unsigned long long)wanted_kib >> 10,
			       (unsigned long long)free_kib >> 10);
	return because("it wants %llu MiB of memory and %llu MiB are free; lower memory in %s, or "
		       "take some from another domain: trine mem-set Domain-0 ...",
		       (unsigned long long)wanted_kib >> 10, (unsigned long long)free_kib >> 10,
		       config->file);
}

static int create_empty(struct host *host, const struct domain_config *config, uint32_t *domid)
{
	struct xen_domctl_createdomain wanted = {
		.max_vcpus = config->maxvcpus,
		.max_evtchn_port = config->max_event_channels,
		.max_grant_frames = config->max_grant_frames,
		.max_maptrack_frames = config->max_maptrack_frames,
		.grant_opts = XEN_DOMCTL_GRANT_version(1),
	};

	memcpy(wanted.handle, config->uuid, sizeof(wanted.handle));
	*domid = 0;		/* any number that is free */
	host_forget_complaint();
	if (xc_domain_create(host->xc, domid, &wanted)) {
		if (errno == EINVAL && (config->max_grant_frames >= 0 ||
					config->max_maptrack_frames >= 0 || config->maxvcpus > 1))
			return because("the hypervisor refuses its limits: maxvcpus = %u, "
				       "max_grant_frames = %d, max_maptrack_frames = %d (-1 is its "
				       "default); lower them in %s", config->maxvcpus,
				       config->max_grant_frames, config->max_maptrack_frames,
				       config->file);
		return host_because("the hypervisor does not make a domain");
	}
	return 0;
}

static int pin_vcpus(struct host *host, const struct domain_config *config, uint32_t domid)
{
	int size = xc_get_cpumap_size(host->xc);
	xc_cpumap_t map = xc_cpumap_alloc(host->xc);
	unsigned int i;
	int rc = 0;

	if (size <= 0 || !map) {
		free(map);
		return -1;
	}
	for (i = 0; i < config->maxvcpus && !rc; i++) {
		/* One list holds for all; of several, the last holds for the vcpus beyond. */
		size_t which = i < config->cpus_count ? i : config->cpus_count - 1;

		if (cpulist_read(config->cpus[which], map, size)) {
			rc = because("cpus = \"%s\" names CPUs that this machine lacks; it has %d",
				     config->cpus[which], xc_get_online_cpus(host->xc));
		} else if (xc_vcpu_setaffinity(host->xc, domid, i, map, NULL,
					       XEN_VCPUAFFINITY_HARD)) {
			rc = because("cpus = \"%s\" cannot be had for vcpu %u: %s; this "
				     "machine has only %d", config->cpus[which], i, strerror(errno),
				     xc_get_online_cpus(host->xc));
		}
	}
	free(map);
	return rc;
}

static int set_limits(struct host *host, const struct domain_config *config,
		      const struct contents *contents, uint32_t domid)
{
	uint64_t limit_kib = contents->saved ? contents->saved->limit_kib :
					       config->memory_kib + MAXMEM_SLACK_KIB;

	host_forget_complaint();
	if (xc_domain_max_vcpus(host->xc, domid, config->maxvcpus))
		return because("cannot have %u vcpus: %s", config->maxvcpus, strerror(errno));
	if (config->cpus_count && pin_vcpus(host, config, domid))
		return -1;
	if (xc_domain_setmaxmem(host->xc, domid, limit_kib))
		return host_because("cannot limit its memory");
	/* What it may grow to is told by the memory map it asks for at boot. */
	if (xc_domain_set_memmap_limit(host->xc, domid, config->maxmem_kib))
		return host_because("cannot set its memory map");
	if (xc_domain_set_tsc_info(host->xc, domid, config->tsc_mode, 0, 0, 0))
		return host_because("cannot set its time-stamp counter");
	/* A saved one's is in its stream. */
	if (contents->kernel &&
	    xc_cpuid_apply_policy(host->xc, domid, false, NULL, 0, true, false, false, NULL, NULL))
		return host_because("cannot set which CPU it sees");
	return 0;
}

static int open_channels(struct host *host, uint32_t domid, struct boot_channels *channels)
{
	int port = xc_evtchn_alloc_unbound(host->xc, domid, 0);

	if (port < 0)
		return host_because("cannot make its xenstore event channel");
	channels->store_port = port;
	port = xc_evtchn_alloc_unbound(host->xc, domid, 0);
	if (port < 0)
		return host_because("cannot make its console event channel");
	channels->console_port = port;
	return 0;
}

static int place(struct host *host, const struct domain_config *config,
		 const struct contents *contents, uint32_t domid, struct boot_channels *channels)
{
	if (contents->kernel)
		return kernel_place(host, config, contents->kernel, domid, channels);
	return stream_place(host, contents->fd, domid, channels);
}

/* From here on a domain exists, and the caller removes it if this fails. */
static int furnish(struct host *host, const struct domain_config *config,
		   const struct contents *contents, uint32_t domid)
{
	struct boot_channels channels = { 0 };
	struct store_facts facts;

	if (store_name(host->xs, config, domid) || set_limits(host, config, contents, domid) ||
	    open_channels(host, domid, &channels) || interrupts_check() ||
	    place(host, config, contents, domid, &channels) || interrupts_check())
		return -1;
	facts = (struct store_facts){ domid, channels.store_mfn, channels.console_mfn,
				      channels.store_port, channels.console_port,
				      contents->saved ? contents->saved->features : 0 };
	if (store_introduce(host->xs, config, &facts) || devices_add(host, config, domid) ||
	    keep_config(config))
		return -1;
	return interrupts_check();
}

static int build_locked(struct host *host, const struct domain_config *config,
			const struct contents *contents, uint32_t *domid)
{
	struct interrupts before;
	char reason[1024];
	int error, rc;

	if ((contents->kernel && kernel_check_host(host, contents->kernel)) ||
	    devices_check(config) || check_names(host, config) ||
	    check_memory(host, config, contents))
		return -1;
	interrupts_catch(&before, contents->fd);
	rc = create_empty(host, config, domid);
	if (!rc && furnish(host, config, contents, *domid)) {
		/* Removing may fail in its own ways; the reason is what failed first. */
		error = errno;
		snprintf(reason, sizeof(reason), "%s",
			 reason_given() ? reason_given() : strerror(error));
		domain_remove(host, *domid);
		errno = error;
		rc = because("%s", reason);
	}
	interrupts_restore(&before);
	return rc;
}

static int build(struct host *host, const struct domain_config *config,
		 const struct contents *contents, uint32_t *domid)
{
	int lock = creation_lock(), rc;

	if (lock < 0)
		return -1;
	rc = build_locked(host, config, contents, domid);
	close(lock);
	return rc;
}

int domain_build(struct host *host, const struct domain_config *config, uint32_t *domid)
{
	struct contents contents = { .fd = -1 };
	struct kernel kernel;
	int rc;

	if (kernel_open(config, &kernel))
		return -1;
	contents.kernel = &kernel;
	rc = build(host, config, &contents, domid);
	kernel_close(&kernel);
	return rc;
}

int domain_restore(struct host *host, const struct domain_config *config,
		   const struct savefile_head *saved, int fd, uint32_t *domid)
{
	struct contents contents = { .saved = saved, .fd = fd };

	return build(host, config, &contents, domid);
}

int domain_replace(struct host *host, const struct domain_config *config, uint32_t *domid)
{
	struct contents contents = { .fd = -1 };
	struct kernel kernel;
	int lock, rc = -1;

	if (kernel_open(config, &kernel)) {
		char reason[1024];

		snprintf(reason, sizeof(reason), "%s",
			 reason_given() ? reason_given() : strerror(errno));
		domain_remove(host, *domid);
		return because("%s", reason);
	}
	contents.kernel = &kernel;
	/* Before the old one goes: nobody may take its name in between. */
	lock = creation_lock();
	if (!domain_remove(host, *domid) && lock >= 0)
		rc = build_locked(host, config, &contents, domid);
	if (lock >= 0)
		close(lock);
	kernel_close(&kernel);
	return rc;
}

static void sleep_ms(unsigned int ms)
{
	struct timespec time = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&time, NULL);
}

/* The hypervisor ends a domain bit by bit, and only when others let go of its frames. */
static int wait_until_gone(struct host *host, uint32_t domid)
{
	const unsigned int patience_ms = 10000;
	unsigned int waited;
	struct domain d;

	for (waited = 0; waited < patience_ms; waited += 10) {
		if (domain_by_id(host, domid, &d))
			return errno == ESRCH ? 0 : -1;
		domain_forget(&d);
		sleep_ms(10);
	}
	errno = EBUSY;
	return because("it is dying, but another domain still holds some of its memory");
}

int domain_remove(struct host *host, uint32_t domid)
{
	struct domain d;
	int rc;

	if (!domain_by_id(host, domid, &d)) {
		keep_forget(d.uuid);
		domain_forget(&d);
	}
	host_forget_complaint();
	xc_domain_pause(host->xc, domid);
	devices_remove(host, domid);
	do {
		rc = xc_domain_destroy(host->xc, domid);
	} while (rc && (errno == EAGAIN || errno == EINTR || errno == EBUSY));
	if (rc && errno != ESRCH)
		return host_because("the hypervisor does not destroy it");
	host_forget_complaint();
	store_forget(host->xs, domid);
	return wait_until_gone(host, domid);
}

int domain_rename(struct host *host, uint32_t domid, const char *name)
{
	char *vm = store_read(host->xs, XBT_NULL, "/local/domain/%u/vm", domid);
	int lock = creation_lock();
	uint32_t other;
	int rc = -1;

	if (lock < 0)
		goto out;
	if (!domref_resolve(host->xs, name, &other)) {
		errno = EEXIST;
		because("the name '%s' is taken by domain %u", name, other);
		goto out;
	}
	if (store_write(host->xs, XBT_NULL, name, "/local/domain/%u/name", domid))
		goto out;
	rc = vm ? store_write(host->xs, XBT_NULL, name, "%s/name", vm) : 0;
out:
	if (lock >= 0)
		close(lock);
	free(vm);
	return rc;
}
