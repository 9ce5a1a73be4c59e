/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypervisor and xenstore, opened; and domains found by what the user called them.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <xenctrl.h>
#include <xenstore.h>

struct host {
	xc_interface *xc;
	struct xs_handle *xs;
};

/* Libraries say more on stderr; for --verbose. */
extern bool host_verbose;

/* Fails: -1; the reason says what is missing and how to get it. */
int host_open(struct host *host);
void host_close(struct host *host);

/*
 * The last complaint of libxenctrl or libxenguest, as the reason of our failure; for calls whose
 * errno says less than their log.  Always returns -1.
 */
int host_because(const char *doing);
void host_forget_complaint(void);

enum domain_shutdown {
	DOMAIN_POWEROFF = 0,
	DOMAIN_REBOOT = 1,
	DOMAIN_SUSPEND = 2,
	DOMAIN_CRASH = 3,
	DOMAIN_WATCHDOG = 4,
	DOMAIN_SOFT_RESET = 5,
};

struct domain {
	uint32_t id;
	char *name;			/* NULL: none, as when it is dying */
	bool running, blocked, paused, shut_down, dying;
	unsigned int shutdown_reason;	/* enum domain_shutdown, if shut_down */
	uint64_t memory_kib;		/* what it has now, promised memory included */
	uint64_t max_memory_kib;
	uint64_t cpu_time_ns;
	unsigned int vcpus_online;
	unsigned int max_vcpu_id;
	uint8_t uuid[16];
};

/* "r-----": the state as six letters and a zero. */
#define STATE_TEXT_SIZE		7
void domain_state(const struct domain *d, char text[STATE_TEXT_SIZE]);

const char *shutdown_reason_name(unsigned int reason);

/* By number.  Fails: ESRCH. */
int domain_by_id(struct host *host, uint32_t id, struct domain *out);

/* By name or number, as typed.  Fails: ESRCH, and the reason tells how to see which there are. */
int domain_find(struct host *host, const char *ref, struct domain *out);
void domain_forget(struct domain *d);

/* All of them, by number. */
int domain_list(struct host *host, struct domain **out, size_t *count);
void domain_list_free(struct domain *list, size_t count);
