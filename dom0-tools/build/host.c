// SPDX-License-Identifier: GPL-2.0-only
/*
 * Handles to the hypervisor (libxenctrl) and to xenstore, and the list of domains.
 *
 * The libraries log to stderr by themselves; here their complaints are caught instead, so that a
 * command prints one line only.  Not here: changing anything (build/domain.c and the commands).
 */
#include "build/host.h"

#include "build/store.h"
#include "lib/domref.h"
#include "lib/report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <xenstore_lib.h>
#include <xentoollog.h>

#define DOMAINS_AT_ONCE		128

bool host_verbose;

static char complaint[512];

/* libxenguest puts "panic: file:line: function: " in front of what matters. */
static const char *without_origin(const char *text)
{
	const char *rest;

	if (strncmp(text, "panic: ", 7))
		return text;
	rest = strstr(text + 7, ": ");
	if (rest)
		rest = strstr(rest + 2, ": ");
	return rest ? rest + 2 : text + 7;
}

static void catch_message(xentoollog_logger *logger, xentoollog_level level, int error,
			  const char *context, const char *format, va_list args)
{
	char text[sizeof(complaint)];

	(void)logger;
	vsnprintf(text, sizeof(text), format, args);
	if (host_verbose && (level >= XTL_DETAIL || level == XTL_DEBUG))
		fprintf(stderr, "%s: %s%s%s\n", context ? context : "", text,
			error > 0 ? ": " : "", error > 0 ? strerror(error) : "");
	/* The first complaint is the cause; those after it are its consequences. */
	if (level >= XTL_ERROR && !complaint[0])
		snprintf(complaint, sizeof(complaint), "%s", without_origin(text));
}

static xentoollog_logger catcher = { .vmessage = catch_message };

void host_forget_complaint(void)
{
	complaint[0] = '\0';
}

int host_because(const char *doing)
{
	char cause[sizeof(complaint)];

	snprintf(cause, sizeof(cause), "%s", complaint);
	host_forget_complaint();
	if (reason_given())
		return -1;
	if (cause[0])
		return because("%s: %s", doing, cause);
	return because("%s: %s", doing, strerror(errno));
}

/*
 * Without the daemon libxenstore falls back to the kernel's device, whose answer then never comes;
 * 4.17 does so whatever its flags say.  So we knock first.
 */
static bool xenstored_listens(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool listens;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", xs_daemon_socket());
	listens = fd >= 0 && !connect(fd, (struct sockaddr *)&address, sizeof(address));
	if (fd >= 0)
		close(fd);
	return listens;
}

int host_open(struct host *host)
{
	memset(host, 0, sizeof(*host));
	host->xc = xc_interface_open(&catcher, &catcher, 0);
	if (!host->xc) {
		if (errno == EACCES || errno == EPERM || geteuid())
			return because("only root may speak to the hypervisor; use sudo");
		return because("no hypervisor answers; start this machine with Trine (the GRUB "
			       "entry \"..., with Trine\"), and load the module xen-privcmd");
	}
	host_forget_complaint();
	if (xenstored_listens())
		host->xs = xs_open(0);
	if (!host->xs) {
		int error = errno;

		host_close(host);
		errno = error;
		return because("no answer from xenstored; start it: service xen start");
	}
	return 0;
}

void host_close(struct host *host)
{
	if (host->xs)
		xs_close(host->xs);
	if (host->xc)
		xc_interface_close(host->xc);
	memset(host, 0, sizeof(*host));
}

void domain_state(const struct domain *d, char text[STATE_TEXT_SIZE])
{
	snprintf(text, STATE_TEXT_SIZE, "%c%c%c%c%c%c", d->running ? 'r' : '-',
		 d->blocked ? 'b' : '-', d->paused ? 'p' : '-', d->shut_down ? 's' : '-',
		 d->shut_down && d->shutdown_reason == DOMAIN_CRASH ? 'c' : '-',
		 d->dying ? 'd' : '-');
}

const char *shutdown_reason_name(unsigned int reason)
{
	static const char *const names[] = { "poweroff", "reboot", "suspend", "crash", "watchdog",
					     "soft-reset" };

	return reason < sizeof(names) / sizeof(names[0]) ? names[reason] : "unknown";
}

static void fill(struct host *host, const xc_domaininfo_t *info, struct domain *d)
{
	memset(d, 0, sizeof(*d));
	d->id = info->domain;
	d->dying = info->flags & XEN_DOMINF_dying;
	d->shut_down = info->flags & XEN_DOMINF_shutdown;
	d->paused = info->flags & XEN_DOMINF_paused;
	d->blocked = info->flags & XEN_DOMINF_blocked;
	d->running = info->flags & XEN_DOMINF_running;
	d->shutdown_reason = info->flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask;
	d->memory_kib = (info->tot_pages + info->outstanding_pages) * 4;
	d->max_memory_kib = info->max_pages * 4;
	d->cpu_time_ns = info->cpu_time;
	d->vcpus_online = info->nr_online_vcpus;
	d->max_vcpu_id = info->max_vcpu_id;
	memcpy(d->uuid, info->handle, sizeof(d->uuid));
	d->name = store_read(host->xs, XBT_NULL, "/local/domain/%u/name", d->id);
}

int domain_by_id(struct host *host, uint32_t id, struct domain *out)
{
	xc_domaininfo_t info;
	int count = xc_domain_getinfolist(host->xc, id, 1, &info);

	host_forget_complaint();
	if (count < 0)
		return -1;
	/* The hypervisor answers with the first domain from this number on. */
	if (!count || info.domain != id) {
		errno = ESRCH;
		return -1;
	}
	fill(host, &info, out);
	return 0;
}

int domain_find(struct host *host, const char *ref, struct domain *out)
{
	uint32_t id;

	if (!domref_resolve(host->xs, ref, &id) && !domain_by_id(host, id, out))
		return 0;
	if (errno != ESRCH)
		return -1;
	return because("there is no domain '%s'; 'trine list' shows all", ref);
}

void domain_forget(struct domain *d)
{
	free(d->name);
	d->name = NULL;
}

int domain_list(struct host *host, struct domain **out, size_t *out_count)
{
	xc_domaininfo_t info[DOMAINS_AT_ONCE];
	struct domain *list = NULL;
	size_t count = 0;
	uint32_t next = 0;
	int got, i;

	do {
		struct domain *longer;

		got = xc_domain_getinfolist(host->xc, next, DOMAINS_AT_ONCE, info);
		if (got < 0) {
			domain_list_free(list, count);
			return host_because("cannot list the domains");
		}
		longer = realloc(list, (count + got + 1) * sizeof(*list));
		if (!longer) {
			domain_list_free(list, count);
			return -1;
		}
		list = longer;
		for (i = 0; i < got; i++)
			fill(host, &info[i], &list[count++]);
		if (got)
			next = info[got - 1].domain + 1;
	} while (got == DOMAINS_AT_ONCE);
	*out = list;
	*out_count = count;
	return 0;
}

void domain_list_free(struct domain *list, size_t count)
{
	while (count--)
		domain_forget(&list[count]);
	free(list);
}
