// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copying between frames of two domains, of which the caller may name each by a grant, or, if it
 * is its own, by number. At most one page, inside one frame on either side.
 *
 * Both frames are held while we copy, the destination as writable: it can be no page table.
 * In: op.c, compat/grant.c.  Out: table.c.  Locks: none while copying.
 */
#include "cpu/asm.h"
#include "grant/table.h"
#include "lib/log.h"
#include "lib/string.h"

struct side {
	struct domain *d;		/* grant_peer_put() it */
	struct grant_pin pin;		/* if by grant */
	struct frame *frame;		/* references, typed if written */
};

static inline __attribute__((always_inline)) void side_close(const struct domain *caller, const struct grant_copy_side *req,
							      bool write, struct side *s)
{
	grant_frame_put(s->frame, write);
	if (req->is_ref) {
		grant_release(&s->pin);
		grant_peer_put(caller, s->d);
	}
}

/* A GNTST_*; nothing is held but on GNTST_okay. */
static inline __attribute__((always_inline)) int side_open(struct domain *caller,
							    const struct grant_copy_side *req,
							    bool write, struct side *s)
{
	int status;

	*s = (struct side){ 0 };
	if (!req->is_ref)
		return req->domid != DOMID_SELF ? GNTST_permission_denied :
			grant_frame_get(caller, gfn(req->number), write, &s->frame);
	if (unlikely(req->number > UINT32_MAX))
		return GNTST_bad_gntref;
	s->d = grant_peer_get(caller, req->domid);
	if (unlikely(!s->d))
		return GNTST_bad_domain;
	status = grant_acquire(s->d, (grant_ref_t)req->number, caller, write, &s->pin);
	if (likely(!status)) {
		status = grant_frame_get(s->d, s->pin.said, write, &s->frame);
		if (likely(!status))
			return status;
		grant_release(&s->pin);
	}
	grant_peer_put(caller, s->d);
	return status;
}

/* Within one frame the two may overlap. */
static inline void copy(uint8_t *dst, const uint8_t *src, uint64_t len)
{
	if (unlikely((uint64_t)(dst - src) < len))
		memmove(dst, src, len);
	else
		copy_bytes(dst, src, len);
}

int grant_copy(struct vcpu *v, const struct grant_copy_side *from,
	       const struct grant_copy_side *to, uint16_t len, uint16_t flags)
{
	struct side src, dst;
	int status;

	if (flags & ~(GNTCOPY_source_gref | GNTCOPY_dest_gref))
		return GNTST_general_error;
	if (from->offset + len > PAGE_SIZE || to->offset + len > PAGE_SIZE)
		return GNTST_bad_copy_arg;
	status = side_open(v->domain, from, false, &src);
	if (unlikely(status))
		return status;
	status = side_open(v->domain, to, true, &dst);
	if (likely(!status)) {
		copy((uint8_t *)frame_map(dst.frame) + to->offset,
		     (const uint8_t *)frame_map(src.frame) + from->offset, len);
		side_close(v->domain, to, true, &dst);
	}
	side_close(v->domain, from, false, &src);
	return status;
}
