// SPDX-License-Identifier: GPL-2.0-only
/*
 * A domain that powers off, reboots or crashes only stops; somebody must remove or restart it.
 *
 * xenstored fires the watch @releaseDomain when any domain stops or is gone.  One process per
 * domain looks then whether it was its own, and does what on_poweroff, on_reboot, on_crash or
 * on_watchdog say.
 * Not here: noticing that a guest hangs.
 */
#include "build/monitor.h"

#include "build/domain.h"
#include "build/host.h"
#include "build/store.h"
#include "lib/human.h"
#include "lib/report.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <xenguest.h>

#define LOG_DIR			"/var/log/trine"
#define DUMP_DIR		"/var/lib/xen/dump"

/* A domain that stops sooner than this after its start would keep the machine busy restarting. */
#define SHORT_LIFE_S		5
#define SHORT_LIVES_MAX		5

struct watched {
	struct domain_config *config;	/* with the name the domain has now */
	struct host host;
	uint32_t domid;
	time_t started;
	unsigned int short_lives;
};

static void note(const char *format, ...) PRINTF_LIKE(1, 2);
static void note(const char *format, ...)
{
	time_t now = time(NULL);
	char stamp[32];
	va_list args;

	strftime(stamp, sizeof(stamp), "%Y-%m-%d %H:%M:%S", localtime(&now));
	printf("%s ", stamp);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

static void note_failure(const char *doing)
{
	note("%s: %s", doing, reason_given() ? reason_given() : strerror(errno));
	reason_forget();
}

/* Nothing of the terminal may stay open, or whoever reads from trine never sees its end. */
static int redirect_output(const char *name)
{
	char path[256];
	int log, null;

	mkdir(LOG_DIR, 0750);
	snprintf(path, sizeof(path), LOG_DIR "/%s.log", name);
	log = open(path, O_WRONLY | O_CREAT | O_APPEND, 0640);
	null = open("/dev/null", O_RDWR);
	if (null < 0)
		return -1;
	if (log < 0)
		log = null;
	dup2(null, 0);
	dup2(log, 1);
	dup2(log, 2);
	/* The caller's connections too: an open one is a client that xenstored waits on. */
	return close_range(3, ~0U, 0);
}

static void dump_core(struct watched *w)
{
	char path[300];

	mkdir("/var/lib/xen", 0755);
	mkdir(DUMP_DIR, 0700);
	snprintf(path, sizeof(path), DUMP_DIR "/%s-%lld.core", w->config->name,
		 (long long)time(NULL));
	if (xc_domain_dumpcore(w->host.xc, w->domid, path))
		note_failure("cannot dump its memory");
	else
		note("its memory is in %s", path);
}

/* Make way for a successor of the same name and uuid. */
static int rename_the_dead(struct watched *w)
{
	char name[160];
	time_t now = time(NULL);
	xen_domain_handle_t fresh;
	size_t length = snprintf(name, sizeof(name), "%s", w->config->name);

	strftime(name + length, sizeof(name) - length, "-%Y%m%dT%H%M%SZ", gmtime(&now));
	if (getrandom(fresh, sizeof(fresh), 0) != sizeof(fresh) ||
	    xc_domain_sethandle(w->host.xc, w->domid, fresh))
		return -1;
	if (domain_rename(&w->host, w->domid, name))
		return -1;
	note("kept as %s", name);
	return 0;
}

/* The stopped domain may still be there, and then goes; after rename_the_dead() it stays. */
static int start_again(struct watched *w, bool in_its_place)
{
	if (time(NULL) - w->started >= SHORT_LIFE_S) {
		w->short_lives = 0;
	} else if (++w->short_lives > SHORT_LIVES_MAX) {
		if (in_its_place)
			domain_remove(&w->host, w->domid);
		return because("it stopped %u times within %d seconds of its start; giving up",
			       w->short_lives, SHORT_LIFE_S);
	}
	if (in_its_place ? domain_replace(&w->host, w->config, &w->domid) :
			   domain_build(&w->host, w->config, &w->domid))
		return -1;
	w->started = time(NULL);
	if (xc_domain_unpause(w->host.xc, w->domid))
		return -1;
	note("started again as domain %u", w->domid);
	return 0;
}

static enum on_event action_for(const struct watched *w, unsigned int reason)
{
	switch (reason) {
	case DOMAIN_POWEROFF:
		return w->config->on_poweroff;
	case DOMAIN_REBOOT:
		return w->config->on_reboot;
	case DOMAIN_CRASH:
		return w->config->on_crash;
	case DOMAIN_WATCHDOG:
		return w->config->on_watchdog;
	default:
		return ON_DESTROY;
	}
}

/* Does what is to be done about a stopped domain.  True: there is something left to watch. */
static bool act(struct watched *w, unsigned int reason)
{
	enum on_event action = action_for(w, reason);

	note("domain %u stopped (%s, reason %u): %s", w->domid, shutdown_reason_name(reason),
	     reason, on_event_name(action));
	if (action == ON_PRESERVE)
		return false;
	if (action == ON_COREDUMP_DESTROY || action == ON_COREDUMP_RESTART)
		dump_core(w);
	if (action == ON_DESTROY || action == ON_COREDUMP_DESTROY) {
		if (domain_remove(&w->host, w->domid))
			note_failure("cannot destroy it");
		return false;
	}
	if (action == ON_RENAME_RESTART && rename_the_dead(w)) {
		note_failure("cannot rename it");
		return false;
	}
	if (start_again(w, action != ON_RENAME_RESTART)) {
		note_failure("cannot start it again");
		return false;
	}
	return true;
}

/* True: go on watching. */
static bool look(struct watched *w)
{
	struct domain d;

	if (domain_by_id(&w->host, w->domid, &d)) {
		if (errno == ESRCH)
			note("domain %u is gone", w->domid);
		else
			note_failure("cannot ask for its state");
		return false;
	}
	if (memcmp(d.uuid, w->config->uuid, sizeof(d.uuid))) {
		note("domain %u is gone, and its number is another's now", w->domid);
		domain_forget(&d);
		return false;
	}
	if (d.name && strcmp(d.name, w->config->name)) {
		/* It was renamed; what is started again keeps its new name. */
		free(w->config->name);
		w->config->name = d.name;
		d.name = NULL;
	}
	domain_forget(&d);
	/* Somebody destroys it; no further event will tell when that is done. */
	if (d.dying) {
		note("domain %u is being destroyed", w->domid);
		return false;
	}
	/* Suspended is no end: whoever suspended it will resume or remove it. */
	if (!d.shut_down || d.shutdown_reason == DOMAIN_SUSPEND)
		return true;
	return act(w, d.shutdown_reason);
}

static int watch(struct watched *w)
{
	if (host_open(&w->host)) {
		note_failure("cannot watch");
		return -1;
	}
	if (!xs_watch(w->host.xs, "@releaseDomain", "stopped")) {
		note_failure("cannot watch for stopped domains");
		return -1;
	}
	note("watching domain %u, process %d", w->domid, (int)getpid());
	while (look(w)) {
		unsigned int count;
		char **event = xs_read_watch(w->host.xs, &count);

		if (!event) {
			note_failure("xenstored went away");
			return -1;
		}
		free(event);
	}
	host_close(&w->host);
	return 0;
}

int monitor_start(struct domain_config *config, uint32_t domid)
{
	struct watched w = { .config = config, .domid = domid, .started = time(NULL) };
	pid_t child;

	fflush(NULL);
	child = fork();
	if (child < 0)
		return because("cannot start the process that watches it: %s", strerror(errno));
	if (child)
		return 0;
	setsid();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	if (chdir("/") || redirect_output(config->name))
		_exit(1);
	_exit(watch(&w) ? 1 : 0);
}

int monitor_let_go(struct host *host, struct domain_config *config, uint32_t domid,
		   bool no_monitor, bool paused)
{
	char reason[1024];
	int rc = no_monitor ? 0 : monitor_start(config, domid);

	host_forget_complaint();
	if (!rc && !paused && xc_domain_unpause(host->xc, domid))
		rc = host_because("cannot unpause it");
	if (!rc)
		return 0;
	snprintf(reason, sizeof(reason), "%s", reason_given() ? reason_given() : strerror(errno));
	domain_remove(host, domid);
	return because("%s", reason);
}
