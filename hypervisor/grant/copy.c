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
	struct domain *d;		/* a reference */
	struct grant_pin pin;		/* if by grant */
	bool pinned;
	struct frame *frame;		/* references, typed if written */
	bool write;
};

static void side_close(struct side *s)
{
	if (s->frame)
		grant_frame_put(s->frame, s->write);
	if (s->pinned)
		grant_release(&s->pin);
	if (s->d)
		domain_put(s->d);
}

static int side_open(struct domain *caller, const struct grant_copy_side *req, bool write,
		     struct side *s)
{
	gfn_t said = gfn(req->number);
	int status;

	*s = (struct side){ .write = write };
	if (!req->is_ref && req->domid != DOMID_SELF)
		return GNTST_permission_denied;
	s->d = domain_get_by_id(req->domid);
	if (!s->d)
		return GNTST_bad_domain;
	if (req->is_ref) {
		if (req->number > UINT32_MAX)
			return GNTST_bad_gntref;
		status = grant_acquire(s->d, (grant_ref_t)req->number, caller, write, &s->pin);
		if (status)
			return status;
		s->pinned = true;
		said = s->pin.said;
	}
	return grant_frame_get(s->d, said, write, &s->frame);
}

/* Within one frame the two may overlap. */
static void copy(uint8_t *dst, const uint8_t *src, uint64_t len)
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
	if (!status) {
		status = side_open(v->domain, to, true, &dst);
		if (!status)
			copy((uint8_t *)frame_map(dst.frame) + to->offset,
			     (const uint8_t *)frame_map(src.frame) + from->offset, len);
		/* frame is set only when its references are held. */
		side_close(&dst);
	}
	side_close(&src);
	return status;
}
