// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a domain, from its creator's wish to its last frame: each room's part, called in turn.
 *
 * Creation calls <room>_domain_init() downwards; the last reference undoes it upwards. Between
 * the two stands destruction, which takes long (all memory is given back) and so goes in steps that
 * can be interrupted and repeated: d->teardown_step says where it stands. A domain that is destroyed
 * stays in the list, marked dying, until the last frame that others hold (a grant that is still
 * mapped, say) has come back.
 */
#pragma once

#include "guest/domain.h"
#include "guest/hcall.h"

struct domain_plan {
	domid_t id;
	bool privileged;
	uint8_t uuid[16];
	uint32_t ssidref;
	uint32_t max_vcpus;
	uint32_t max_evtchn_port;
	uint32_t max_grant_frames, max_maptrack_frames;
};

void lifecycle_init(void);	/* dom_idle, dom_xen, dom_io; the hooks */

/*
 * A new domain without processors or memory, paused.
 * Fails: -EEXIST the id is taken; -EINVAL a limit nobody can have; -ENOMEM. Nothing stays behind.
 */
must_check int domain_create(const struct domain_plan *plan, struct domain **out);

/* Give it processors [vcpu_count, count), all down. Fails: -EINVAL too many or fewer; -ENOMEM. */
must_check int domain_add_vcpus(struct domain *d, unsigned int count);

/*
 * Make it a 32-bit or 64-bit guest. Only before it has memory, as layouts change.
 * Fails: -EACCES it has memory; -EINVAL no such width; -ENOMEM.
 */
must_check int domain_set_width(struct domain *d, unsigned int bits);

/*
 * End it: give back what it holds, step by step.
 * Fails: HC_RESTART not done yet; -EINVAL it is not one that may be destroyed.
 */
must_check int64_t domain_destroy(struct domain *d, struct hcall *h);

/* Fill a page with the calls that guests make by calling into it, one every 32 bytes. */
void hypercall_page_fill(void *page, bool is_32bit);
