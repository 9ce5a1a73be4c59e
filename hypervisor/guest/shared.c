// SPDX-License-Identifier: GPL-2.0-only
#include "guest/shared.h"

#include "lib/log.h"
#include "lib/string.h"
#include "mem/alloc.h"
#include "paging/type.h"

static_assert(sizeof(struct vcpu_info) == 64 && sizeof(struct vcpu_info_x86_32) == 64,
	      "a vcpu_info has one place in shared_info, whatever the width");
static_assert(offsetof(struct shared_info, evtchn_pending) ==
	      offsetof(struct shared_info_x86_32, evtchn_pending), "bitmaps start together");
static_assert(offsetof(struct vcpu_info, time) == offsetof(struct vcpu_info_x86_32, time) &&
	      sizeof(struct vcpu_time_info) == sizeof(struct vcpu_time_info_x86_32),
	      "pvclock.c writes one layout");

#define VCPU_INFO_BYTES	64u
/* The slot a vcpu has without asking. Those beyond the slots of shared_info have none until they
 * register a place: upcalls are masked till then. */
static void *info_default(struct vcpu *v)
{
	if (!v->domain->shared || v->id >= XEN_LEGACY_MAX_VCPUS) {
		v->info_nowhere = (struct vcpu_info){ .evtchn_upcall_mask = 1 };
		return &v->info_nowhere;
	}
	return (uint8_t *)v->domain->shared + v->id * VCPU_INFO_BYTES;
}

void shared_init(struct domain *d)
{
	struct vcpu *v;

	memset(d->shared, 0, PAGE_SIZE);
	for (unsigned int i = 0; i < XEN_LEGACY_MAX_VCPUS; i++)
		((struct shared_info *)d->shared)->vcpu_info[i].evtchn_upcall_mask = 1;
	for_each_vcpu(d, v)
		v->info = info_default(v);
	pvclock_wallclock(d);
}

int shared_domain_init(struct domain *d)
{
	/* A 32-bit guest is told a machine address of 32 bits, and no width is chosen yet. */
	struct frame *f = frames_alloc(0, FRAMES_BELOW_4G);

	if (!f)
		return -ENOMEM;
	d->shared_frame = f;
	d->shared = frame_map(f);
	frame_share(f, d, true);
	shared_init(d);
	return 0;
}

void shared_domain_free(struct domain *d)
{
	struct frame *f = d->shared_frame;

	if (!f)
		return;
	d->shared = NULL;
	d->shared_frame = NULL;
	/* The domain's tables are gone, so nobody but the tools can map it still; in that case
	 * the page is lost, which is better than giving it to someone else. */
	if (frame_unshare(f))
		log_warn("domain %u: its shared_info is still mapped, page lost", d->id);
	else
		frames_free(f, 0);
}

/* Would vcpu_info fit there, on no page border, and can its words be changed atomically? */
static bool place_ok(const struct vcpu *v, uint32_t offset)
{
	uint32_t word = shared_word_bits(v->domain) / 8;

	return offset <= PAGE_SIZE - VCPU_INFO_BYTES && IS_ALIGNED(offset, word);
}

int vcpu_info_register(struct vcpu *v, gfn_t said, uint32_t offset)
{
	struct frame *f;
	void *old = v->info, *new;
	int rc;

	if (v->info_frame)
		return refuse(-EINVAL, "vcpu_info of vcpu %u: it has been moved already", v->id);
	if (!place_ok(v, offset))
		return refuse(-ENXIO, "vcpu_info at offset %#x: misplaced", offset);
	rc = frame_get_owned(v->domain, said, &f);
	if (rc)
		return -EINVAL;
	rc = type_get(f, PT_WRITABLE, NULL);
	if (rc) {
		frame_put(f);
		return refuse(-EINVAL, "vcpu_info: the frame is not one the guest may write");
	}

	new = (uint8_t *)frame_map(f) + offset;
	if (old == &v->info_nowhere) {
		memset(new, 0, VCPU_INFO_BYTES);
		((struct vcpu_info *)new)->evtchn_upcall_mask = 1;
	} else {
		memcpy(new, old, VCPU_INFO_BYTES);
	}
	v->info_frame = f;
	/* Another CPU that sets a bit in the old place now is made good by evtchn_raise_all(). */
	__atomic_store_n(&v->info, new, __ATOMIC_SEQ_CST);
	return 0;
}

void vcpu_info_unregister(struct vcpu *v)
{
	struct frame *f = v->info_frame;

	__atomic_store_n(&v->info, info_default(v), __ATOMIC_SEQ_CST);
	v->info_frame = NULL;
	if (!f)
		return;
	type_put(f);
	frame_put(f);
}
