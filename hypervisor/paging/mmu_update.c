// SPDX-License-Identifier: GPL-2.0-only
/*
 * mmu_update: a batch of entries to change, each named by the machine address it is at.
 *
 * The address may be in a live table, of any level: then the entry is checked. Or in a frame that
 * is not a table: then eight bytes are written, as the guest could itself; it fills tables this way
 * before they are any.
 *
 * Progress is in the arguments: list and count move on, and bit 31 of the count says that *pdone
 * holds what earlier rounds did.
 */
#include "guest/access.h"
#include "lib/log.h"
#include "paging/paging.h"

#define COUNT_RESTARTED	(1u << 31)
#define COMMAND_MASK	3ul

int paging_target(struct hcall *h, domid_t id, struct domain **out)
{
	struct domain *d;
	int rc;

	if (id == DOMID_SELF || id == h->d->id) {
		d = h->d;
		domain_get(d);
	} else if (id == DOMID_IO) {
		/* Device memory: who may map what is asked frame by frame. */
		d = dom_io;
		domain_get(d);
	} else if (id == DOMID_XEN) {
		if (!h->d->privileged)
			return refuse(-EPERM, "frames of the hypervisor are for the control domain");
		d = dom_xen;
		domain_get(d);
	} else {
		rc = domain_get_target(id, &d);
		if (rc)
			return rc;
		if (d->life != DOMAIN_ALIVE && d != h->d) {
			domain_put(d);
			return refuse(-ESRCH, "d%u is being destroyed", id);
		}
	}
	*out = d;
	return 0;
}

void paging_target_put(struct domain *d)
{
	domain_put(d);
}

struct mmu_targets {
	struct domain *tables;	/* whose tables change */
	struct domain *frames;	/* whose frames the new entries name */
};

static int targets_get(struct hcall *h, uint64_t foreign, struct mmu_targets *t)
{
	unsigned int table_id = foreign >> 16 & 0xffff;	/* plus one; 0: the caller */
	int rc;

	rc = paging_target(h, table_id ? (domid_t)(table_id - 1) : DOMID_SELF, &t->tables);
	if (rc)
		return rc;
	if (t->tables->special) {
		paging_target_put(t->tables);
		return refuse(-EINVAL, "d%u has no tables", t->tables->id);
	}
	rc = paging_target(h, (domid_t)(foreign & 0xffff), &t->frames);
	if (rc)
		paging_target_put(t->tables);
	return rc;
}

static void targets_put(struct mmu_targets *t)
{
	paging_target_put(t->frames);
	paging_target_put(t->tables);
}

/* Eight bytes of a frame that the guest may write: held as such, so that it is no table. */
static int write_plain(struct frame *f, unsigned int slot, uint64_t value)
{
	int rc;

	rc = type_get(f, PT_WRITABLE, NULL);
	if (rc)
		return rc;
	write_once(((uint64_t *)frame_map(f))[slot], value);
	type_put(f);
	return 0;
}

static int update_entry(struct hcall *h, const struct mmu_targets *t, const struct mmu_update *req,
			bool preserve_ad)
{
	uint64_t at = req->ptr & ~COMMAND_MASK;
	struct frame *f;
	unsigned int slot;
	int rc;

	if (!IS_ALIGNED(at, sizeof(uint64_t)))
		return refuse(-EINVAL, "entry at %#lx: not aligned", at);
	slot = (at & ~PAGE_MASK) / sizeof(uint64_t);
	rc = frame_get_owned(t->tables, gfn(at >> PAGE_SHIFT), &f);
	if (rc)
		return rc;
	if (type_is_table(type_of(read_once(f->type))) && (read_once(f->type) & TYPE_COUNT))
		rc = pt_update_entry(t->tables, t->frames, f, slot, gpte(req->val), preserve_ad, h);
	else
		rc = write_plain(f, slot, req->val);
	frame_put(f);
	return rc;
}

static int update_m2p(const struct mmu_targets *t, const struct mmu_update *req)
{
	struct frame *f;
	int rc;

	rc = frame_get_owned(t->frames, gfn(req->ptr >> PAGE_SHIFT), &f);
	if (rc)
		return rc;
	m2p_set(frame_mfn(f), req->val);
	frame_put(f);
	return 0;
}

static int update_one(struct hcall *h, const struct mmu_targets *t, gva_t at)
{
	struct mmu_update req;
	int rc;

	rc = paging_settle(t->tables, h);
	if (rc)
		return rc;
	rc = copy_from_guest(&req, at);
	if (rc)
		return rc;

	switch (req.ptr & COMMAND_MASK) {
	case MMU_NORMAL_PT_UPDATE:
	case MMU_PT_UPDATE_NO_TRANSLATE:	/* a PV guest's frame numbers need no translation */
		return update_entry(h, t, &req, false);
	case MMU_PT_UPDATE_PRESERVE_AD:
		return update_entry(h, t, &req, true);
	default:
		return update_m2p(t, &req);
	}
}

/* What earlier rounds of a restarted batch did. */
static int batch_before(const struct hcall *h, uint32_t *before)
{
	*before = 0;
	if (!(h->args[1] & COUNT_RESTARTED) || gva_null(gva(h->args[2])))
		return 0;
	return copy_from_guest(before, gva(h->args[2]));
}

int64_t paging_batch(struct hcall *h, struct domain *tables, size_t stride,
		     int (*one)(struct hcall *h, void *arg, gva_t at), void *arg)
{
	uint32_t count = (uint32_t)h->args[1] & ~COUNT_RESTARTED, i = 0, before, done;
	gva_t list = gva(h->args[0]);
	int rc, rc_done;

	rc = batch_before(h, &before);
	if (rc)
		return rc;
	if (!guest_array_ok(list, count, stride))
		return refuse(-EFAULT, "list of %u at %#lx", count, list.at);

	for (; i < count; i++) {
		if (i && hcall_should_yield(h)) {
			rc = HC_RESTART;
			break;
		}
		rc = one(h, arg, gva_add(list, i * stride));
		if (rc)
			break;
	}
	/* The last of them may have left something to take apart. */
	if (!rc)
		rc = paging_settle(tables, h);

	if (rc == HC_RESTART) {
		h->args[0] = gva_add(list, i * stride).at;
		h->args[1] = (count - i) | COUNT_RESTARTED;
	}
	done = before + i;
	rc_done = gva_null(gva(h->args[2])) ? 0 : copy_to_guest(gva(h->args[2]), &done);
	return rc_done && rc != HC_RESTART ? rc_done : rc;
}

static int mmu_update_one(struct hcall *h, void *arg, gva_t at)
{
	return update_one(h, arg, at);
}

int64_t hc_mmu_update(struct hcall *h)
{
	struct mmu_targets t;
	int64_t rc;

	rc = targets_get(h, h->args[3], &t);
	if (rc)
		return rc;
	rc = paging_batch(h, t.tables, sizeof(struct mmu_update), mmu_update_one, &t);
	targets_put(&t);
	return rc;
}
