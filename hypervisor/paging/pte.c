// SPDX-License-Identifier: GPL-2.0-only
#include "paging/pte.h"

#include "cpu/asm.h"
#include "cpu/features.h"
#include "lib/log.h"
#include "lib/rangeset.h"
#include "paging/l1.h"

/*
 * What a guest may ask for above level 1 (l1.h); every other bit is refused. There are no large
 * pages: PS is not here. Cacheability of the tables themselves (PWT, PCD) is ours.
 */
#define ALWAYS_ALLOWED	(PTE_FRAME | PTE_P | PTE_W | PTE_U | PTE_A | PTE_D | PTE_AVAIL)
#define UPPER_ALLOWED	(ALWAYS_ALLOWED | PTE_AVAIL_HIGH | PTE_NX)
/* PAE hardware has PWT and PCD here, and bits that old kernels set are ignored by it. */
#define PAE_L3_ALLOWED	(ALWAYS_ALLOWED | PTE_PWT | PTE_PCD)

/* What may differ between two entries that hold the same references. */
#define UPPER_SAME	(PTE_A | PTE_D | PTE_AVAIL | PTE_AVAIL_HIGH | PTE_NX | PTE_U)

/*
 * L1TF (advisory 273): such a CPU may fetch, ahead of itself, from the address in an entry that is
 * not present, out of its cache, whoever owns that memory.
 */
bool l1tf_vulnerable;

void pte_init(void)
{
	const uint64_t rdcl_no = 1;

	l1tf_vulnerable = host.vendor == VENDOR_INTEL && host.family == 6 &&
			  !(host.arch_capabilities && (host.arch_cap_value & rdcl_no));
	if (l1tf_vulnerable)
		log_info("entries that are not present may not name RAM: this CPU leaks (L1TF)");
}

static bool is_pae_l3(const struct domain *d, unsigned int type)
{
	return type == PT_L3 && d->is_32bit;
}

static uint64_t allowed_bits(const struct domain *d, unsigned int type)
{
	if (type == PT_L1)
		return L1_ALLOWED;
	return is_pae_l3(d, type) ? PAE_L3_ALLOWED : UPPER_ALLOWED;
}

/* The bits that we decide. */
static pte_t pte_finish(const struct domain *d, unsigned int type, uint64_t raw, bool ram)
{
	if (type == PT_L1 && ram)
		return l1_finish(l1_set_bits(d), raw);
	raw &= ~PTE_G;
	if (!d->is_32bit)
		raw |= PTE_U;
	else if (type == PT_L3)
		raw = (raw & ~(PTE_PWT | PTE_PCD)) | PTE_W | PTE_U | PTE_A;
	return (pte_t){ raw };
}

static int admit_absent(gpte_t want, pte_t *out)
{
	uint64_t frame = (want.raw & PTE_FRAME) >> PAGE_SHIFT;

	if (l1tf_vulnerable && frame && frame < frame_table_end)
		return refuse(-EINVAL, "entry %#lx: absent, but names memory", want.raw);
	out->raw = want.raw;
	return 0;
}

static bool may_map_mmio(const struct domain *d, uint64_t frame)
{
	return d->iomem && rangeset_contains(d->iomem, frame, frame);
}

/* No RAM of ours: device memory, which has no references, only a permission. */
static int admit_mmio(const struct pt_context *ctx, uint64_t frame)
{
	const struct domain *caller = ctx->h ? ctx->h->d : ctx->table_owner;

	if (frame >> (host.physical_bits - PAGE_SHIFT))
		return refuse(-EINVAL, "frame %#lx: beyond this CPU's addresses", frame);
	if (!may_map_mmio(ctx->table_owner, frame) || !may_map_mmio(caller, frame))
		return refuse(-EPERM, "frame %#lx: not RAM, and not d%u's to map", frame,
			      ctx->table_owner->id);
	return 0;
}

int l1_refuse_owner(const struct frame *f, const struct domain *owner)
{
	return refuse(-EPERM, "frame %#lx: not d%u's", frame_mfn(f).n, owner->id);
}

static int admit_l1(const struct pt_context *ctx, gpte_t want, pte_t *out)
{
	struct frame *f = frame_look_up(gpte_frame(want.raw));
	int rc;

	if (f)
		rc = l1_hold(f, ctx->frame_owner, want.raw);
	else
		rc = admit_mmio(ctx, gpte_frame(want.raw).n);
	if (!rc)
		*out = pte_finish(ctx->table_owner, PT_L1, want.raw, f != NULL);
	return rc;
}

/* The type of the table that an entry names. */
static unsigned int child_type(const struct domain *d, unsigned int type, unsigned int slot)
{
	if (type == PT_L2_LAST32)
		return PT_L1;
	if (is_pae_l3(d, type) && slot == 3)
		return PT_L2_LAST32;
	return type - 1;
}

/* A table that is one already, as most of a kernel's are: no work, and no word about why not. */
static inline bool get_live(struct frame *f, const struct domain *d, unsigned int type)
{
	uint64_t word = read_once(f->type);

	if (!type_is_live(word, type) || unlikely(!frame_get(f, d)))
		return false;
	if (likely(type_get_live_seen(f, type, word)))
		return true;
	frame_put(f);
	return false;
}

unsigned int pte_admit_live(const struct domain *d, unsigned int type, uint64_t *table, unsigned int slot,
			    unsigned int end)
{
	unsigned int child = type == PT_L2_LAST32 ? PT_L1 : type - 1;
	uint64_t set_bits = l1_set_bits(d);

	static_assert(!(UPPER_ALLOWED & PTE_G), "nothing to take away");
	ASSERT(!is_pae_l3(d, type));
	for (; slot < end; slot++) {
		uint64_t raw = read_once(table[slot]);
		struct frame *f = frame_look_up_pa(raw & PTE_FRAME);

		if (!(raw & PTE_P) || raw & ~UPPER_ALLOWED || !f || !get_live(f, d, child))
			break;
		if (unlikely(~raw & set_bits))
			write_once(table[slot], raw | set_bits);
	}
	return slot;
}

static int admit_upper(const struct pt_context *ctx, unsigned int type, unsigned int slot,
		       gpte_t want, pte_t *out)
{
	gfn_t said = gpte_frame(want.raw);
	struct frame *f = frame_look_up(said);
	int rc;

	if (!f)
		return refuse(-EINVAL, "frame %#lx: a table outside memory", said.n);
	/* Tables are always the table owner's own frames, whoever else was named. */
	rc = frame_get_and_type(f, ctx->table_owner,
				child_type(ctx->table_owner, type, slot), ctx->h);
	if (rc)
		return rc;
	*out = pte_finish(ctx->table_owner, type, want.raw, true);
	return 0;
}

int pte_admit(const struct pt_context *ctx, unsigned int type, unsigned int slot, gpte_t want,
	      pte_t *out)
{
	uint64_t bad;

	if (!(want.raw & PTE_P))
		return admit_absent(want, out);
	bad = want.raw & ~allowed_bits(ctx->table_owner, type);
	if (bad)
		return refuse(-EINVAL, "entry %#lx in a table of type %u: bits %#lx", want.raw,
			      type, bad);
	if (type == PT_L1)
		return admit_l1(ctx, want, out);
	return admit_upper(ctx, type, slot, want, out);
}

void pte_drop(unsigned int type, pte_t pte)
{
	if (!pte_present(pte))
		return;
	if (type == PT_L1)
		l1_drop(pte);
	else
		frame_put_and_type(frame_of(pte_mfn(pte)));
}

unsigned int pte_drop_shared(const pte_t *table, unsigned int count, unsigned int least)
{
	for (; count > least; count--) {
		pte_t pte = table[count - 1];
		struct frame *f = frame_of(pte_mfn(pte));

		if (!pte_present(pte) || (uint32_t)read_once(f->type) < 2)
			break;
		frame_put_and_type(f);
	}
	return count;
}

bool pte_same_refs(const struct domain *d, unsigned int type, pte_t old, gpte_t want, pte_t *out)
{
	uint64_t same = type == PT_L1 ? L1_SAME : UPPER_SAME;

	if (!pte_present(old) || !(want.raw & PTE_P))
		return !pte_present(old) && !(want.raw & PTE_P) && admit_absent(want, out) == 0;
	if ((old.raw ^ want.raw) & PTE_FRAME || want.raw & ~allowed_bits(d, type))
		return false;
	*out = pte_finish(d, type, want.raw, mfn_valid(pte_mfn(old)));
	return !((old.raw ^ out->raw) & ~same);
}
