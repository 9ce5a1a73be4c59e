// SPDX-License-Identifier: GPL-2.0-only
#include "paging/segdesc.h"

#include "cpu/atomic.h"
#include "cpu/descriptor.h"
#include "cpu/tlb.h"
#include "guest/access.h"
#include "lib/log.h"
#include "mem/alloc.h"
#include "mem/map.h"
#include "paging/paging.h"

/* A descriptor's bits (AMD64 APM vol. 2, 4.7). */
#define DESC_P		(1ul << 47)
#define DESC_DPL_SHIFT	45
#define DESC_DPL	(3ul << DESC_DPL_SHIFT)
#define DESC_S		(1ul << 44)	/* code or data */
#define DESC_CODE	(1ul << 43)
#define DESC_ACCESSED	(1ul << 40)
#define DESC_TYPE	(0xful << 40)
#define DESC_L		(1ul << 53)	/* 64-bit code */

#define DESC_PER_PAGE	512
#define LDT_ENTRIES_MAX	8192
#define WINDOW_PAGES	16
#define WINDOW_LDT	16		/* index of the LDT's first page in v->window */

int segdesc_check(const struct domain *d, uint64_t raw, uint64_t *fixed)
{
	*fixed = raw;
	if (!(raw & DESC_P))
		return 0;	/* loading it always faults */

	if (!(raw & DESC_S)) {
		/* Type 0 is not a descriptor at all: loading it faults too. Gates, TSS and LDT lead
		 * into rings and memory that we would have to vouch for. */
		if (raw & DESC_TYPE)
			return refuse(-EINVAL, "descriptor %#lx: a system one", raw);
		return 0;
	}
	/* The CPU sets it otherwise, in memory that the guest does not expect to change. */
	raw |= DESC_ACCESSED;
	if (!d->is_32bit) {
		*fixed = raw | DESC_DPL;	/* ring 3 */
		return 0;
	}
	if ((raw & DESC_L) && (raw & DESC_CODE))
		return refuse(-EINVAL, "descriptor %#lx: 64-bit code", raw);
	*fixed = raw & DESC_DPL ? raw : raw | 1ul << DESC_DPL_SHIFT;
	return 0;
}

int segdesc_check_page(const struct domain *d, uint64_t *page)
{
	uint64_t fixed;
	int rc;

	for (unsigned int i = 0; i < DESC_PER_PAGE; i++) {
		rc = segdesc_check(d, page[i], &fixed);
		if (rc)
			return rc;
	}
	for (unsigned int i = 0; i < DESC_PER_PAGE; i++) {
		if (segdesc_check(d, page[i], &fixed) == 0 && fixed != page[i])
			write_once(page[i], fixed);
	}
	return 0;
}

/* --- GDT --- */

/* Behind entries of the window that the guest gave no frame for: null descriptors. */
static void *null_page;

void segdesc_init(void)
{
	null_page = hv_page_alloc();
	BUG_ON(!null_page);
}

static uint64_t no_descriptors(void)
{
	return mfn_of(null_page).n << PAGE_SHIFT | MAP_RO;
}

static void window_set(struct vcpu *v, unsigned int index, uint64_t raw)
{
	write_once(v->window[index].raw, raw);
}

/* The CPU that runs v may have the old pages of the window cached. */
static void window_flush(struct vcpu *v)
{
	if (v->running || v == current)
		tlb_flush_mask(cpumask_of(v->cpu));
}

static void gdt_drop(struct vcpu *v)
{
	for (unsigned int i = 0; i < GDT_GUEST_FRAMES; i++) {
		if (!v->gdt_frames[i])
			continue;
		frame_put_and_type(v->gdt_frames[i]);
		v->gdt_frames[i] = NULL;
	}
	v->gdt_entries = 0;
}

void gdt_clear(struct vcpu *v)
{
	if (!v->window)
		return;
	for (unsigned int i = 0; i < GDT_GUEST_FRAMES; i++)
		window_set(v, i, no_descriptors());
	window_flush(v);
	gdt_drop(v);
}

int gdt_set(struct vcpu *v, const gfn_t *frames, unsigned int count, unsigned int entries)
{
	struct frame *taken[GDT_GUEST_FRAMES];
	unsigned int n;
	int rc = 0;

	if (entries > GDT_FIRST_RESERVED || count != DIV_UP(entries, DESC_PER_PAGE))
		return refuse(-EINVAL, "GDT of %u entries in %u frames", entries, count);
	for (n = 0; n < count; n++) {
		taken[n] = frame_look_up(frames[n]);
		if (!taken[n])
			rc = refuse(-EINVAL, "frame %#lx: no such frame", frames[n].n);
		else
			rc = frame_get_and_type(taken[n], v->domain, PT_SEGDESC, NULL);
		if (rc)
			break;
	}
	if (rc) {
		while (n--)
			frame_put_and_type(taken[n]);
		return rc;
	}

	for (unsigned int i = 0; i < GDT_GUEST_FRAMES; i++)
		window_set(v, i, i < count ? frame_mfn(taken[i]).n << PAGE_SHIFT | MAP_RW :
					     no_descriptors());
	window_flush(v);
	gdt_drop(v);
	for (unsigned int i = 0; i < count; i++)
		v->gdt_frames[i] = taken[i];
	v->gdt_entries = entries;
	return 0;
}

void gdt_window_install(struct vcpu *v, mfn_t cpu_page)
{
	uint64_t raw = cpu_page.n << PAGE_SHIFT | MAP_RW;

	if (v->window[GDT_GUEST_FRAMES].raw == raw)
		return;
	window_set(v, GDT_GUEST_FRAMES, raw);
	tlb_flush_one_local(VCPU_GDT(v->id) + GDT_GUEST_FRAMES * PAGE_SIZE);
}

/* --- LDT --- */

bool ldt_unmap_all(struct vcpu *v)
{
	bool any = false;

	if (!v->window)
		return false;
	for (unsigned int i = 0; i < WINDOW_PAGES; i++) {
		pte_t pte = v->window[WINDOW_LDT + i];

		if (!pte_present(pte))
			continue;
		window_set(v, WINDOW_LDT + i, 0);
		frame_put_and_type(frame_of(pte_mfn(pte)));
		any = true;
	}
	/* A frame that is put last is stamped, so its next use waits for a flush; but this window
	 * must not show old descriptors under a new LDT either. */
	if (any)
		window_flush(v);
	return any;
}

int ldt_set(struct vcpu *v, uint64_t base, unsigned int entries)
{
	if (entries > LDT_ENTRIES_MAX)
		return refuse(-EINVAL, "LDT of %u entries", entries);
	if (entries && (!IS_ALIGNED(base, PAGE_SIZE) || !is_canonical(base) ||
			!guest_range_ok(base, entries * sizeof(uint64_t))))
		return refuse(-EINVAL, "LDT at %#lx", base);
	if (!entries)
		base = 0;
	if (v->ldt_base == base && v->ldt_entries == entries)
		return 0;

	ldt_unmap_all(v);
	v->ldt_base = base;
	v->ldt_entries = entries;
	if (v == current)
		descriptor_load_ldt(VCPU_LDT(v->id), entries);
	return 0;
}

bool ldt_fault(struct vcpu *v, uint64_t offset)
{
	unsigned int index = (unsigned int)(offset >> PAGE_SHIFT);
	struct guest_walk walk;
	struct frame *f;
	uint64_t va;

	/* The limit counts whole descriptors: an offset beyond it is the guest's mistake. */
	if (index >= WINDOW_PAGES || offset >= v->ldt_entries * sizeof(uint64_t))
		return false;
	if (pte_present(v->window[WINDOW_LDT + index]))
		return false;
	va = v->ldt_base + index * PAGE_SIZE;
	if (v->domain->is_32bit)
		va = (uint32_t)va;
	/* Whoever has loaded a selector, the table lies in the kernel's memory. */
	if (!guest_kernel_walk(v, va, &walk) || walk.level != 1 || !mfn_valid(pte_mfn(walk.e[1])))
		return false;
	f = frame_of(pte_mfn(walk.e[1]));
	if (frame_get_and_type(f, v->domain, PT_SEGDESC, NULL))
		return false;
	window_set(v, WINDOW_LDT + index, frame_mfn(f).n << PAGE_SHIFT | MAP_RW);
	return true;
}

/* --- doors --- */

int64_t set_gdt_do(struct hcall *h, const gfn_t *frames, unsigned int entries)
{
	return gdt_set(h->v, frames, (unsigned int)DIV_UP(entries, DESC_PER_PAGE), entries);
}

int64_t hc_set_gdt(struct hcall *h)
{
	unsigned int entries = (unsigned int)h->args[1];
	uint64_t list[GDT_GUEST_FRAMES];
	gfn_t frames[GDT_GUEST_FRAMES];
	unsigned int count;
	int rc;

	if (entries > GDT_FIRST_RESERVED)
		return refuse(-EINVAL, "GDT of %u entries", entries);
	count = (unsigned int)DIV_UP(entries, DESC_PER_PAGE);
	rc = guest_read(list, gva(h->args[0]), count * sizeof(list[0]));
	if (rc)
		return rc;
	for (unsigned int i = 0; i < count; i++)
		frames[i] = gfn(list[i]);
	return set_gdt_do(h, frames, entries);
}

/*
 * One descriptor at a machine address: in a page that holds descriptors, or in one that is nothing
 * yet (a guest fills its GDT this way before it hands it over).
 */
int64_t update_descriptor_do(struct hcall *h, uint64_t ma, uint64_t raw)
{
	struct frame *f = frame_look_up(gfn(ma >> PAGE_SHIFT));
	uint64_t fixed;
	int rc;

	if (unlikely(!f || !IS_ALIGNED(ma, sizeof(uint64_t))))
		return refuse(-EINVAL, "descriptor at %#lx: not aligned, or no such frame", ma);
	rc = segdesc_check(h->d, raw, &fixed);
	if (unlikely(rc))
		return rc;
	if (unlikely(!frame_get(f, h->d)))
		return refuse(-EPERM, "frame %#lx: not d%u's", frame_mfn(f).n, h->d->id);
	if (unlikely(!type_get_live(f, PT_SEGDESC)))
		rc = type_get(f, PT_WRITABLE, NULL);
	if (likely(!rc)) {
		uint64_t *slot = (uint64_t *)frame_map(f) + (ma & ~PAGE_MASK) / sizeof(*slot);

		write_once(*slot, fixed);
		type_put(f);
	}
	frame_put(f);
	return rc;
}

int64_t hc_update_descriptor(struct hcall *h)
{
	return update_descriptor_do(h, h->args[0], h->args[1]);
}
