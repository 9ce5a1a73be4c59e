// SPDX-License-Identifier: GPL-2.0-only
/*
 * Giving back all that a dying domain holds.
 *
 * Its vcpus are off every CPU and run no more, and its life says so, so nothing new is taken. What
 * vcpus hold goes first (bases, descriptor tables), then frame by frame: the pin, a check that was
 * never finished, and the owner's own reference. Taking tables apart is most of the work and can be
 * interrupted anywhere. A frame that somebody else still holds (dom0 maps it) moves to
 * d->frames_gone and is freed by him.
 */
#include "lib/log.h"
#include "paging/paging.h"

static void vcpus_let_go(struct domain *d)
{
	struct vcpu *v;

	for_each_vcpu(d, v) {
		gdt_clear(v);
		ldt_unmap_all(v);
		paging_drop_bases(v);
	}
}

/* One more reference to the first frame that has not been let go, or NULL. */
static struct frame *next_frame(struct domain *d)
{
	struct frame *f;

	spin_lock(&d->frame_lock);
	for (;;) {
		f = list_first_entry(&d->frames, struct frame, link);
		if (!f || frame_get(f, d))
			break;
		/* It is being freed this moment, and waits for the lock to leave the list. */
		list_del(&f->link);
		list_add_tail(&d->frames_gone, &f->link);
	}
	spin_unlock(&d->frame_lock);
	return f;
}

static int let_go(struct domain *d, struct frame *f, struct hcall *h)
{
	int rc;

	if (type_unpin(f))
		frame_put_and_type(f);
	type_abandon(f);
	rc = paging_settle(d, h);
	if (rc)
		return rc;

	spin_lock(&d->frame_lock);
	list_del(&f->link);
	list_add_tail(&d->frames_gone, &f->link);
	spin_unlock(&d->frame_lock);
	frame_drop_owner(f);
	return 0;
}

int paging_relinquish(struct domain *d, struct hcall *h)
{
	struct frame *f;
	int rc;

	ASSERT(d->life != DOMAIN_ALIVE);
	rc = frames_claim(d, 0);
	BUG_ON(rc);
	vcpus_let_go(d);
	rc = paging_settle(d, h);
	if (rc)
		return rc;
	while ((f = next_frame(d))) {
		rc = let_go(d, f, h);
		frame_put(f);
		if (rc)
			return rc;
		if (h && hcall_should_yield(h))
			return HC_RESTART;
	}
	return 0;
}
