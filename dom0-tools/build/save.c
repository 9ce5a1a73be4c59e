// SPDX-License-Identifier: GPL-2.0-only
/*
 * Saving: the guest is asked to suspend, libxenguest writes its memory and vcpus into the file, and
 * the domain goes, or goes on.
 *
 * Only a guest that takes part can be saved: it must let go of machine frame numbers, and finds
 * others when it wakes.  While it is suspended its memory stands still, so one pass is enough.
 * Invariant: whatever fails, the guest runs on, and of the file nothing is left: it has another name
 * until it is whole.
 */
#include "build/save.h"

#include "build/domain.h"
#include "build/interrupt.h"
#include "build/keep.h"
#include "build/progress.h"
#include "build/store.h"
#include "lib/report.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>
#include <xenguest.h>

#define PATIENCE_MS		60000

/* What the stream has besides pages: their numbers, vcpus, shared page. */
#define STREAM_EXTRA_KIB	1024

struct saving {
	struct host *host;
	const struct domain *d;
	bool suspended;
};

static void sleep_ms(unsigned int ms)
{
	struct timespec time = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&time, NULL);
}

/* 1: it stands still; 0: not yet; -1: it never will. */
static int has_suspended(struct saving *s)
{
	struct domain now;
	int rc = 0;

	if (domain_by_id(s->host, s->d->id, &now))
		return because("it went away meanwhile");
	if (now.dying || (now.shut_down && now.shutdown_reason != DOMAIN_SUSPEND))
		rc = because("it stopped instead (%s)", now.dying ? "destroyed" :
			     shutdown_reason_name(now.shutdown_reason));
	else if (now.shut_down)
		rc = 1;
	domain_forget(&now);
	return rc;
}

/* Take the request back, unless the guest has taken it: it empties the node then. */
static bool take_back(struct saving *s)
{
	xs_transaction_t t;
	bool unheard;
	char *word;

	do {
		t = xs_transaction_start(s->host->xs);
		if (!t)
			return false;
		word = store_read(s->host->xs, t, "/local/domain/%u/control/shutdown", s->d->id);
		unheard = word && !strcmp(word, "suspend");
		free(word);
		if (unheard)
			store_write(s->host->xs, t, "", "/local/domain/%u/control/shutdown",
				    s->d->id);
	} while (!xs_transaction_end(s->host->xs, t, false) && errno == EAGAIN);
	return unheard;
}

static int wait_suspended(struct saving *s)
{
	unsigned int waited;
	int rc;

	for (waited = 0; waited < PATIENCE_MS && !interrupted(); waited += 20) {
		rc = has_suspended(s);
		if (rc)
			return rc;
		sleep_ms(20);
	}
	return 0;
}

static int suspend_guest(struct saving *s)
{
	int rc;

	if (store_write(s->host->xs, XBT_NULL, "suspend", "/local/domain/%u/control/shutdown",
			s->d->id))
		return because("cannot write its xenstore nodes: %s", strerror(errno));
	rc = wait_suspended(s);
	if (rc)
		return rc < 0 ? -1 : 0;
	if (take_back(s)) {
		errno = ETIMEDOUT;
		return because("its guest did not react within %d seconds", PATIENCE_MS / 1000);
	}
	/* It heard, so it will suspend; who leaves now leaves it so for ever. */
	rc = wait_suspended(s);
	if (rc > 0)
		return 0;
	errno = ETIMEDOUT;
	return rc < 0 ? -1 : because("its guest began to suspend and does not end; see its console");
}

/* libxenguest's way of asking: 1 is yes. */
static int suspend_for_library(void *data)
{
	struct saving *s = data;

	if (suspend_guest(s))
		return 0;
	s->suspended = true;
	return 1;
}

/* The hypercall it is in returns 1 now: nothing has changed, it may go on with what it has. */
static int resume_guest(struct saving *s)
{
	char before[1024];

	snprintf(before, sizeof(before), "%s", reason_given() ? reason_given() : "");
	reason_forget();
	host_forget_complaint();
	if (xc_domain_resume(s->host->xc, s->d->id, 1)) {
		host_because("it cannot be resumed");
		return *before ? because("%s; and %s", before, reason_given()) : -1;
	}
	if (!xs_resume_domain(s->host->xs, s->d->id))
		return because("%s%sxenstored does not hear of its resuming: %s", before,
			       *before ? "; and " : "", strerror(errno));
	s->suspended = false;
	return *before ? because("%s", before) : 0;
}

static int write_stream(struct saving *s, int fd, const char *path)
{
	struct save_callbacks callbacks = { .suspend = suspend_for_library, .data = s };

	host_forget_complaint();
	if (!xc_domain_save(s->host->xc, fd, s->d->id, 0, &callbacks, XC_STREAM_PLAIN, -1))
		return interrupts_check();
	if (interrupted())
		return interrupts_check();
	if (!reason_given() && (errno == ENOSPC || errno == EFBIG || errno == EDQUOT))
		return because("%s: %s; it runs on", path, strerror(errno));
	return host_because("cannot write its memory");
}

static uint32_t features_of(struct host *host, uint32_t domid)
{
	uint32_t features = 0;
	unsigned int i;

	for (i = 0; i < STORE_FEATURES; i++) {
		char *said = store_read(host->xs, XBT_NULL, "/local/domain/%u/control/feature-%s",
					domid, store_feature_names[i]);

		if (said && !strcmp(said, "1"))
			features |= 1U << i;
		free(said);
	}
	return features;
}

/* What it is now, of what it was made: another name, more memory or vcpus. */
static int update_config(struct host *host, const struct domain *d, struct domain_config *config)
{
	char *target = store_read(host->xs, XBT_NULL, "/local/domain/%u/memory/target", d->id);
	unsigned int i;

	if (target && strtoull(target, NULL, 10))
		config->memory_kib = strtoull(target, NULL, 10);
	free(target);
	if (config->maxmem_kib < config->memory_kib)
		config->maxmem_kib = config->memory_kib;
	for (i = 0, config->vcpus = 0; i < config->maxvcpus; i++) {
		char *state = store_read(host->xs, XBT_NULL, "/local/domain/%u/cpu/%u/availability",
					 d->id, i);

		config->vcpus += state && !strcmp(state, "online");
		free(state);
	}
	if (!config->vcpus)
		config->vcpus = 1;
	if (!d->name)
		return 0;
	free(config->name);
	config->name = strdup(d->name);
	return config->name ? 0 : -1;
}

static int write_head(struct saving *s, int fd, const char *path, uint32_t features)
{
	struct savefile_head facts = { .memory_kib = s->d->memory_kib,
				       .limit_kib = s->d->max_memory_kib, .features = features };
	struct domain_config *config;
	char *text = NULL;
	int rc;

	if (keep_read(s->d->uuid, &config))
		return -1;
	rc = update_config(s->host, s->d, config);
	if (!rc) {
		text = config_print(config);
		rc = text ? 0 : -1;
	}
	if (!rc && savefile_write_head(fd, text, &facts))
		rc = because("%s: %s", path, strerror(errno));
	free(text);
	config_free(config);
	return rc;
}

static int check_savable(const struct domain *d, uint32_t features)
{
	errno = EPERM;
	if (d->id == 0)
		return because("it is the control domain");
	errno = EBUSY;
	if (d->dying || d->shut_down)
		return because("it does not run (%s)", d->dying ? "it is being destroyed" :
			       shutdown_reason_name(d->shutdown_reason));
	if (d->paused)
		return because("it is paused and cannot suspend; first: trine unpause %s",
			       d->name ? d->name : "DOMAIN");
	errno = EOPNOTSUPP;
	if (!(features & 1U << STORE_FEATURE_SUSPEND))
		return because("its kernel does not offer to suspend: it is still booting, or was "
			       "built without CONFIG_XEN_SAVE_RESTORE");
	return 0;
}

/* Before the guest notices anything. */
static int check_room(const struct domain *d, int fd, const char *path)
{
	uint64_t need_kib = d->memory_kib + STREAM_EXTRA_KIB, free_kib;
	struct statvfs fs;

	if (fstatvfs(fd, &fs))
		return 0;
	free_kib = (uint64_t)fs.f_bavail * fs.f_frsize >> 10;
	if (free_kib >= need_kib)
		return 0;
	errno = ENOSPC;
	return because("%s needs %llu MiB and there are %llu; choose another place", path,
		       (unsigned long long)need_kib >> 10, (unsigned long long)free_kib >> 10);
}

/* The file it will replace must be one that can be replaced. */
static int open_new(const char *path, char **new)
{
	struct stat info;
	int fd;

	if (!stat(path, &info) && !S_ISREG(info.st_mode)) {
		errno = EINVAL;
		return because("%s is not a regular file", path);
	}
	if (asprintf(new, "%s.partial", path) < 0)
		return -1;
	fd = open(*new, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		because("%s: %s", *new, strerror(errno));
	return fd;
}

static int save_to(struct saving *s, int fd, const char *path, const char *new, uint32_t features,
		   bool checkpoint)
{
	char doing[160];
	pid_t shower;
	int rc;

	if (check_room(s->d, fd, path) || write_head(s, fd, path, features))
		return -1;
	snprintf(doing, sizeof(doing), "saving '%s'", s->d->name ? s->d->name : "");
	shower = progress_start(doing, fd, s->d->memory_kib << 10);
	rc = write_stream(s, fd, path);
	progress_end(shower);
	/* A checkpoint's guest need not wait for the disk. */
	if (!rc && checkpoint)
		rc = resume_guest(s);
	if (!rc && savefile_seal(fd))
		rc = because("%s: %s", path, strerror(errno));
	if (!rc && rename(new, path))
		rc = because("%s: %s", path, strerror(errno));
	return rc ? rc : interrupts_check();
}

int domain_save(struct host *host, const struct domain *d, const char *path, bool checkpoint)
{
	uint32_t features = features_of(host, d->id);
	struct saving s = { .host = host, .d = d };
	struct interrupts before;
	char *new = NULL;
	int fd, rc;

	if (check_savable(d, features))
		return -1;
	fd = open_new(path, &new);
	if (fd < 0) {
		free(new);
		return -1;
	}
	signal(SIGXFSZ, SIG_IGN);	/* a limit on file sizes is an errno like others */
	interrupts_catch(&before, fd);
	rc = save_to(&s, fd, path, new, features, checkpoint);
	interrupts_restore(&before);
	if (rc && s.suspended)
		resume_guest(&s);
	if (rc)
		unlink(new);
	close(fd);
	free(new);
	if (rc || checkpoint)
		return rc;
	if (!domain_remove(host, d->id))
		return 0;
	because("it is saved in %s, but the suspended domain cannot be removed: %s", path,
		reason_given() ? reason_given() : strerror(errno));
	return -1;
}

int stream_place(struct host *host, int fd, uint32_t domid, struct boot_channels *channels)
{
	struct restore_callbacks callbacks = { 0 };

	host_forget_complaint();
	if (!xc_domain_restore(host->xc, fd, domid, channels->store_port, &channels->store_mfn, 0,
			       channels->console_port, &channels->console_mfn, 0, XC_STREAM_PLAIN,
			       &callbacks, -1))
		return 0;
	return interrupted() ? interrupts_check() : host_because("cannot take in its memory");
}
