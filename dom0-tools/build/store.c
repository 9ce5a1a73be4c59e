// SPDX-License-Identifier: GPL-2.0-only
/*
 * The xenstore nodes of a domain.
 *
 * The layout is libxl's, to the node, so that guests, xenconsoled, xl and scripts find what they
 * look for.  A child gets its parent's permissions when it is made; so a parent's are set first.
 * Invariant: after store_forget() the tree is as it was before, emptied parents included.
 * Not here: devices (build/devices.c), except the console, which every domain has.
 */
#include "build/store.h"

#include "lib/human.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#define PATH_SIZE		512

static int path_print(char path[PATH_SIZE], const char *format, va_list args)
{
	if (vsnprintf(path, PATH_SIZE, format, args) < PATH_SIZE)
		return 0;
	errno = ENAMETOOLONG;
	return -1;
}

char *store_read(struct xs_handle *xs, xs_transaction_t t, const char *format, ...)
{
	char path[PATH_SIZE];
	unsigned int length;
	va_list args;
	int rc;

	va_start(args, format);
	rc = path_print(path, format, args);
	va_end(args);
	return rc ? NULL : xs_read(xs, t, path, &length);
}

int store_write(struct xs_handle *xs, xs_transaction_t t, const char *value,
		const char *format, ...)
{
	char path[PATH_SIZE];
	va_list args;
	int rc;

	va_start(args, format);
	rc = path_print(path, format, args);
	va_end(args);
	if (rc)
		return -1;
	return xs_write(xs, t, path, value, strlen(value)) ? 0 : -1;
}

int store_allow(struct xs_handle *xs, xs_transaction_t t, uint32_t domid, enum store_access access,
		const char *format, ...)
{
	struct xs_permissions perms[2] = { { .id = 0, .perms = XS_PERM_NONE },
					   { .id = domid, .perms = XS_PERM_READ } };
	char path[PATH_SIZE];
	va_list args;
	int rc;

	/* The first entry names the owner and what everybody else may do. */
	if (access != GUEST_READS) {
		perms[0].id = domid;
		perms[1].id = 0;
	}
	va_start(args, format);
	rc = path_print(path, format, args);
	va_end(args);
	if (rc)
		return -1;
	return xs_set_permissions(xs, t, path, perms, access == GUEST_OWNS ? 1 : 2) ? 0 : -1;
}

/* May this node go when it is empty?  The roots that xenstored and dom0 made stay. */
static bool may_vanish(const char *path)
{
	const char *under = "/local/domain/";

	if (!strncmp(path, under, strlen(under)))
		return strchr(path + strlen(under), '/') != NULL;
	return !strncmp(path, "/vm", 3) || !strncmp(path, "/libxl", 6);
}

static void remove_in(struct xs_handle *xs, xs_transaction_t t, char *path)
{
	char *slash, **children;
	unsigned int count;

	xs_rm(xs, t, path);
	while ((slash = strrchr(path, '/')) && slash != path) {
		*slash = '\0';
		if (!may_vanish(path))
			return;
		children = xs_directory(xs, t, path, &count);
		free(children);
		if (children && count)
			return;
		xs_rm(xs, t, path);
	}
}

int store_remove(struct xs_handle *xs, const char *format, ...)
{
	char path[PATH_SIZE], work[PATH_SIZE];
	xs_transaction_t t;
	va_list args;
	int rc;

	va_start(args, format);
	rc = path_print(path, format, args);
	va_end(args);
	if (rc)
		return -1;
	do {
		t = xs_transaction_start(xs);
		if (!t)
			return -1;
		memcpy(work, path, sizeof(work));
		remove_in(xs, t, work);
	} while (!xs_transaction_end(xs, t, false) && errno == EAGAIN);
	return 0;
}

/* One transaction, its domain, and the first failure, after which nothing more is written. */
struct writer {
	struct xs_handle *xs;
	xs_transaction_t t;
	uint32_t domid;
	bool failed;
};

static void put(struct writer *w, const char *path, const char *value)
{
	if (!w->failed && store_write(w->xs, w->t, value, "%s", path))
		w->failed = true;
}

static void put_number(struct writer *w, const char *path, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, number);
	put(w, path, text);
}

static void put_for_guest(struct writer *w, const char *path, enum store_access access)
{
	put(w, path, "");
	if (!w->failed && store_allow(w->xs, w->t, w->domid, access, "%s", path))
		w->failed = true;
}

/* "/local/domain/N" and a rest, printed into one of a few buffers that take turns. */
static const char *under(const struct writer *w, const char *rest)
{
	static char paths[4][PATH_SIZE];
	static unsigned int turn;
	char *path = paths[turn++ % 4];

	snprintf(path, PATH_SIZE, "/local/domain/%u%s", w->domid, rest);
	return path;
}

static void put_vm(struct writer *w, const struct domain_config *config)
{
	char uuid[UUID_TEXT_SIZE], path[PATH_SIZE], value[64];
	struct timeval now;
	int root;

	human_write_uuid(config->uuid, uuid);
	root = snprintf(path, sizeof(path), "/vm/%s", uuid);
	put_for_guest(w, path, GUEST_READS);
	put(w, under(w, "/vm"), path);
	snprintf(path + root, sizeof(path) - root, "/name");
	put(w, path, config->name);
	snprintf(path + root, sizeof(path) - root, "/uuid");
	put(w, path, uuid);
	snprintf(path + root, sizeof(path) - root, "/image/ostype");
	put(w, path, "linux");
	snprintf(path + root, sizeof(path) - root, "/image/kernel");
	put(w, path, config->kernel);
	if (config->ramdisk) {
		snprintf(path + root, sizeof(path) - root, "/image/ramdisk");
		put(w, path, config->ramdisk);
	}
	snprintf(path + root, sizeof(path) - root, "/image/cmdline");
	if (*config->cmdline)
		put(w, path, config->cmdline);
	gettimeofday(&now, NULL);
	snprintf(path + root, sizeof(path) - root, "/start_time");
	snprintf(value, sizeof(value), "%jd.%02d", (intmax_t)now.tv_sec, (int)now.tv_usec / 10000);
	put(w, path, value);
}

const char *const store_feature_names[STORE_FEATURES] = {
	[STORE_FEATURE_POWEROFF] = "poweroff",
	[STORE_FEATURE_REBOOT] = "reboot",
	[STORE_FEATURE_SUSPEND] = "suspend",
};

/* A guest tells its features once, when it boots: one that was saved has done so. */
static void put_features(struct writer *w, uint32_t features)
{
	char rest[64];
	unsigned int i;

	for (i = 0; i < STORE_FEATURES; i++) {
		snprintf(rest, sizeof(rest), "/control/feature-%s", store_feature_names[i]);
		put_for_guest(w, under(w, rest), GUEST_OWNS);
		if (features & 1U << i)
			put(w, under(w, rest), "1");
	}
}

static void put_guest_dirs(struct writer *w, uint32_t features)
{
	static const char *const owned[] = {
		"/device/suspend/event-channel", "/control/shutdown", "/control/sysrq", "/data",
		"/drivers", "/feature", "/attr", "/error",
	};
	size_t i;

	put_for_guest(w, under(w, "/device"), GUEST_READS);
	put_for_guest(w, under(w, "/control"), GUEST_READS);
	for (i = 0; i < sizeof(owned) / sizeof(owned[0]); i++)
		put_for_guest(w, under(w, owned[i]), GUEST_OWNS);
	put_features(w, features);
	put(w, under(w, "/control/platform-feature-multiprocessor-suspend"), "1");
	put(w, under(w, "/control/platform-feature-xs_reset_watches"), "1");
}

static void put_resources(struct writer *w, const struct domain_config *config)
{
	char rest[64];
	unsigned int i;

	for (i = 0; i < config->maxvcpus; i++) {
		snprintf(rest, sizeof(rest), "/cpu/%u/availability", i);
		put(w, under(w, rest), i < config->vcpus ? "online" : "offline");
	}
	put_number(w, under(w, "/memory/static-max"), config->maxmem_kib);
	put_number(w, under(w, "/memory/target"), config->memory_kib);
	put(w, under(w, "/memory/videoram"), "0");
}

/* The same facts about the console's backend stand in two places. */
static void put_console_backend(struct writer *w, const char *root)
{
	static const char *const facts[][2] = { { "online", "1" }, { "state", "1" },
						{ "protocol", "vt100" } };
	char path[PATH_SIZE];
	size_t i;

	snprintf(path, sizeof(path), "%s/frontend", root);
	put(w, path, under(w, "/console"));
	snprintf(path, sizeof(path), "%s/frontend-id", root);
	put_number(w, path, w->domid);
	for (i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", root, facts[i][0]);
		put(w, path, facts[i][1]);
	}
}

static void put_console(struct writer *w, const struct store_facts *facts)
{
	char backend[PATH_SIZE], path[PATH_SIZE];

	snprintf(backend, sizeof(backend), "/local/domain/0/backend/console/%u/0", w->domid);
	put_for_guest(w, backend, GUEST_READS);
	put_console_backend(w, backend);
	put_for_guest(w, under(w, "/console"), GUEST_READS);
	put(w, under(w, "/console/backend"), backend);
	put(w, under(w, "/console/backend-id"), "0");
	put(w, under(w, "/console/limit"), "1048576");
	put(w, under(w, "/console/type"), "xenconsoled");
	put(w, under(w, "/console/output"), "pty");
	put(w, under(w, "/console/tty"), "");
	put_number(w, under(w, "/console/port"), facts->console_port);
	put_number(w, under(w, "/console/ring-ref"), facts->console_mfn);

	snprintf(path, sizeof(path), "/libxl/%u/type", w->domid);
	put(w, path, "pv");
	snprintf(path, sizeof(path), "/libxl/%u/device/console/0", w->domid);
	put_console_backend(w, path);
	snprintf(path, sizeof(path), "/libxl/%u/device/console/0/backend", w->domid);
	put(w, path, backend);
}

static void put_domain(struct writer *w, const struct domain_config *config,
		       const struct store_facts *facts)
{
	put_for_guest(w, under(w, ""), GUEST_READS);
	put_vm(w, config);
	put(w, under(w, "/name"), config->name);
	put_resources(w, config);
	put_guest_dirs(w, facts->features);
	put_number(w, under(w, "/domid"), w->domid);
	put_number(w, under(w, "/store/port"), facts->store_port);
	put_number(w, under(w, "/store/ring-ref"), facts->store_mfn);
	put_console(w, facts);
}

static void put_name(struct writer *w, const struct domain_config *config,
		     const struct store_facts *facts)
{
	(void)facts;
	xs_rm(w->xs, w->t, under(w, ""));
	put_for_guest(w, under(w, ""), GUEST_READS);
	put(w, under(w, "/name"), config->name);
}

/* All that the function writes, or nothing; again when somebody else wrote meanwhile. */
static int transact(struct xs_handle *xs, const struct domain_config *config,
		    const struct store_facts *facts,
		    void (*put_all)(struct writer *w, const struct domain_config *config,
				    const struct store_facts *facts))
{
	struct writer w;
	bool done;

	do {
		w = (struct writer){ .xs = xs, .domid = facts->domid };
		w.t = xs_transaction_start(xs);
		if (!w.t)
			return because("xenstored does not start a transaction: %s",
				       strerror(errno));
		put_all(&w, config, facts);
		if (w.failed) {
			int error = errno;

			xs_transaction_end(xs, w.t, true);
			errno = error;
			return because("cannot write the domain's xenstore nodes: %s",
				       strerror(errno));
		}
		done = xs_transaction_end(xs, w.t, false);
	} while (!done && errno == EAGAIN);
	return done ? 0 : because("xenstored does not end a transaction: %s", strerror(errno));
}

int store_name(struct xs_handle *xs, const struct domain_config *config, uint32_t domid)
{
	struct store_facts facts = { .domid = domid };

	return transact(xs, config, &facts, put_name);
}

int store_introduce(struct xs_handle *xs, const struct domain_config *config,
		    const struct store_facts *facts)
{
	if (transact(xs, config, facts, put_domain))
		return -1;
	if (!xs_introduce_domain(xs, facts->domid, facts->store_mfn, facts->store_port))
		return because("xenstored does not accept the domain: %s", strerror(errno));
	return 0;
}

void store_forget(struct xs_handle *xs, uint32_t domid)
{
	char *vm = store_read(xs, XBT_NULL, "/local/domain/%u/vm", domid);

	/* Only what looks like ours: the guest cannot write this node, but a mistake could. */
	if (vm && !strncmp(vm, "/vm/", 4) && !strchr(vm + 4, '/'))
		store_remove(xs, "%s", vm);
	free(vm);
	store_remove(xs, "/local/domain/0/backend/console/%u", domid);
	store_remove(xs, "/libxl/%u", domid);
	store_remove(xs, "/local/domain/%u", domid);
}
