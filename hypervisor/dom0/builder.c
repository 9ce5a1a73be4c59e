// SPDX-License-Identifier: GPL-2.0-only
#include "dom0/builder.h"

#include <xen/xen.h>
#include <xen/foreign/x86_32.h>

#include "control/context.h"
#include "control/lifecycle.h"
#include "dom0/image.h"
#include "dom0/permissions.h"
#include "dom0/tables.h"
#include "guest/shared.h"
#include "lib/bits.h"
#include "lib/format.h"
#include "lib/log.h"
#include "lib/string.h"
#include "machine/stop.h"
#include "mem/alloc.h"
#include "paging/paging.h"
#include "sched/sched.h"

#define MIB_PAGES		(1ul << (20 - PAGE_SHIFT))
#define REGION_ALIGN		(4ul << 20)	/* xen.h: the end is aligned to 4 MiB, */
#define REGION_SLACK		(512ul << 10)	/* with at least 512 KiB to spare */

/* What is built where, in the domain's own page numbers. */
struct build {
	const struct dom0_request *request;
	struct guest_image image;
	struct build_memory memory;
	uint64_t initrd_pfn, initrd_pages;
	uint64_t p2m_pfn, p2m_pages;		/* the list itself */
	uint64_t p2m_tables_pfn, p2m_tables;	/* what maps it, when it lies elsewhere */
	uint64_t start_info_pfn;
	uint64_t tables_pfn, tables;
	uint64_t stack_pfn;
	uint64_t region_pages;			/* mapped from virt_base */
	uint64_t end_pfn;			/* first page with nothing in it */
};

static struct build build;	/* too large for a stack; used once, at boot */

static uint64_t pages_of(uint64_t bytes)
{
	return DIV_UP(bytes, PAGE_SIZE);
}

static uint64_t va_of(const struct build *b, uint64_t pfn)
{
	return b->image.virt_base + (pfn << PAGE_SHIFT);
}

/* Keep an eighth, between 32 MiB and 256 MiB, for guests' tables and our own needs. */
static uint64_t pages_wanted(const struct dom0_request *r)
{
	uint64_t spare = free_frame_count();
	uint64_t reserve = MIN(MAX(spare / 8, 32 * MIB_PAGES), 256 * MIB_PAGES);
	uint64_t pages = r->pages;

	if (!pages)
		pages = spare > reserve ? spare - reserve : 0;
	if (r->min_pages && pages < r->min_pages)
		pages = r->min_pages;
	if (r->max_pages && pages > r->max_pages)
		pages = r->max_pages;
	/* Page tables for its M2P, its structures and the heap come out of the same memory. */
	if (pages + 4 * MIB_PAGES > spare)
		machine_stop("%lu MiB for dom0, but only %lu MiB are free: give less with dom0_mem=",
			     pages / MIB_PAGES, spare / MIB_PAGES);
	return pages;
}

/* Decide where everything goes. The tables map the region they lie in, so their number settles. */
static void plan_layout(struct build *b, uint64_t pages)
{
	const struct guest_image *image = &b->image;
	unsigned int entry = image->is_32bit ? 4 : 8;
	uint64_t pfn = pages_of(image->phys_end), end, need;

	b->initrd_pages = pages_of(b->request->initrd_bytes);
	b->p2m_pages = pages_of(pages * entry);
	if (!image->initrd_by_pfn) {
		b->initrd_pfn = pfn;
		pfn += b->initrd_pages;
	}
	if (!image->has_p2m_base) {
		b->p2m_pfn = pfn;
		pfn += b->p2m_pages;
	}
	b->start_info_pfn = pfn++;
	b->tables_pfn = pfn;
	b->tables = 1;
	do {
		need = b->tables;
		b->stack_pfn = b->tables_pfn + need;
		end = va_of(b, b->stack_pfn + 1) + REGION_SLACK;
		end = ALIGN_UP(end, REGION_ALIGN);
		b->tables = 1 + tables_needed(image->is_32bit, image->virt_base, end);
	} while (b->tables != need);
	b->region_pages = (end - image->virt_base) >> PAGE_SHIFT;
	pfn = b->region_pages;
	if (image->has_p2m_base) {
		b->p2m_pfn = pfn;
		b->p2m_tables_pfn = pfn += b->p2m_pages;
		b->p2m_tables = tables_needed(image->is_32bit, image->p2m_base,
					      image->p2m_base + (b->p2m_pages << PAGE_SHIFT));
		pfn += b->p2m_tables;
	}
	if (image->initrd_by_pfn) {
		b->initrd_pfn = pfn;
		pfn += b->initrd_pages;
	}
	b->end_pfn = pfn;
	if (end <= image->virt_base || (image->is_32bit && end > HV32_VIRT_START))
		machine_stop("dom0 kernel and initrd need %lu MiB from %#lx on, past the end of its addresses: use a smaller initrd",
			     b->region_pages / MIB_PAGES, image->virt_base);
	if (b->end_pfn > pages)
		machine_stop("dom0 has %lu MiB, its kernel and initrd alone need %lu MiB: give more with dom0_mem=",
			     pages / MIB_PAGES, b->end_pfn / MIB_PAGES + 1);
}

/* The largest stretches there are, so that few of them make the whole. */
static void populate(struct build *b, struct domain *d, uint64_t pages)
{
	struct build_memory *m = &b->memory;
	unsigned int order = FRAMES_ORDER_MAX;

	while (m->pages < pages) {
		struct frame *f;

		while (BIT(order) > pages - m->pages)
			order--;
		f = m->chunk_count < BUILD_CHUNKS ?
		    frames_alloc_bits(order, FRAMES_UNSCRUBBED, d->address_bits) : NULL;
		if (!f && order-- && m->chunk_count < BUILD_CHUNKS)
			continue;
		if (!f || frames_assign(d, f, order))
			machine_stop("no memory left after %lu of %lu MiB for dom0: give less with dom0_mem=",
				     m->pages / MIB_PAGES, pages / MIB_PAGES);
		m->chunk[m->chunk_count++] = (struct build_chunk){
			.pfn = m->pages, .mfn = frame_mfn(f).n, .count = BIT(order) };
		m->pages += BIT(order);
	}
}

/* Bytes into the domain's pages, from guest-physical address phys on. */
static void put_bytes(struct build *b, uint64_t phys, const void *src, uint64_t bytes)
{
	const uint8_t *from = src;

	while (bytes) {
		uint64_t in_page = phys % PAGE_SIZE;
		uint64_t n = MIN(bytes, PAGE_SIZE - in_page);
		uint8_t *to = (uint8_t *)build_map(&b->memory, phys >> PAGE_SHIFT) + in_page;

		memcpy(to, from, n);
		from += n;
		phys += n;
		bytes -= n;
	}
}

/* Zeroes into the domain's pages; frames come with any contents. */
static void put_zeroes(struct build *b, uint64_t phys, uint64_t bytes)
{
	while (bytes) {
		uint64_t in_page = phys % PAGE_SIZE;
		uint64_t n = MIN(bytes, PAGE_SIZE - in_page);

		memset((uint8_t *)build_map(&b->memory, phys >> PAGE_SHIFT) + in_page, 0, n);
		phys += n;
		bytes -= n;
	}
}

static void load_image(struct build *b)
{
	const struct guest_image *image = &b->image;

	for (unsigned int i = 0; i < image->segment_count; i++) {
		const struct image_segment *seg = &image->segment[i];

		put_bytes(b, seg->phys, image->file + seg->offset, seg->file_bytes);
		put_zeroes(b, seg->phys + seg->file_bytes, seg->mem_bytes - seg->file_bytes);
	}
	if (image->has_hypercall_page)
		hypercall_page_fill(build_map(&b->memory, (image->hypercall_page -
							   image->virt_base) >> PAGE_SHIFT),
				    image->is_32bit);
	if (b->initrd_pages)
		put_bytes(b, b->initrd_pfn << PAGE_SHIFT, b->request->initrd,
			  b->request->initrd_bytes);
}

static void fill_p2m(struct build *b)
{
	const struct build_memory *m = &b->memory;
	uint64_t per_page = PAGE_SIZE / (b->image.is_32bit ? 4 : 8);
	void *list = NULL;

	for (uint64_t pfn = 0; pfn < m->pages; pfn++) {
		uint64_t frame = build_mfn(m, pfn).n;

		if (pfn % per_page == 0)
			list = build_map(m, b->p2m_pfn + pfn / per_page);
		if (b->image.is_32bit)
			((uint32_t *)list)[pfn % per_page] = (uint32_t)frame;
		else
			((uint64_t *)list)[pfn % per_page] = frame;
		m2p_set(frame_of(mfn(frame)), pfn);
	}
}

static void build_tables(struct build *b)
{
	struct build_tables t = {
		.memory = &b->memory, .is_32bit = b->image.is_32bit, .root_pfn = b->tables_pfn,
		.next_pfn = b->tables_pfn + 1, .end_pfn = b->tables_pfn + b->tables,
	};

	tables_start(&t);
	for (uint64_t pfn = 0; pfn < b->region_pages; pfn++) {
		bool is_table = pfn >= b->tables_pfn && pfn < b->tables_pfn + b->tables;

		tables_map(&t, va_of(b, pfn), pfn, !is_table);
	}
	if (!b->image.has_p2m_base)
		return;
	t.next_pfn = b->p2m_tables_pfn;
	t.end_pfn = b->p2m_tables_pfn + b->p2m_tables;
	for (uint64_t i = 0; i < b->p2m_pages; i++)
		tables_map(&t, b->image.p2m_base + (i << PAGE_SHIFT), b->p2m_pfn + i, true);
}

/* Both layouts have the same members; only the widths differ. */
#define FILL_START_INFO(si, b, d, platform)						\
	do {										\
		const struct build *b_ = (b);						\
		uint64_t list_ = b_->image.has_p2m_base ? b_->image.p2m_base :		\
							  va_of(b_, b_->p2m_pfn);	\
		snprintf((char *)(si)->magic, sizeof((si)->magic), "xen-3.0-%s", platform);	\
		(si)->nr_pages = b_->memory.pages;					\
		(si)->shared_info = frame_mfn((d)->shared_frame).n << PAGE_SHIFT;	\
		(si)->flags = SIF_PRIVILEGED | SIF_INITDOMAIN;				\
		(si)->pt_base = va_of(b_, b_->tables_pfn);				\
		(si)->nr_pt_frames = b_->tables;					\
		(si)->mfn_list = list_;							\
		if (b_->image.has_p2m_base) {						\
			(si)->first_p2m_pfn = b_->p2m_pfn;				\
			(si)->nr_p2m_frames = b_->p2m_pages + b_->p2m_tables;		\
		}									\
		if (b_->initrd_pages) {							\
			(si)->mod_len = b_->request->initrd_bytes;			\
			(si)->mod_start = b_->image.initrd_by_pfn ? b_->initrd_pfn :	\
				va_of(b_, b_->initrd_pfn);				\
			if (b_->image.initrd_by_pfn)					\
				(si)->flags |= SIF_MOD_START_PFN;			\
		}									\
		(si)->console.dom0.info_off = sizeof(*(si));				\
		(si)->console.dom0.info_size =						\
			dom0_console_info((struct dom0_vga_console_info *)((si) + 1));	\
		string_copy((char *)(si)->cmd_line, b_->request->cmdline, MAX_GUEST_CMDLINE);	\
	} while (0)

static void fill_start_info(struct build *b, struct domain *d)
{
	void *page = build_map(&b->memory, b->start_info_pfn);

	memset(page, 0, PAGE_SIZE);
	if (b->image.is_32bit)
		FILL_START_INFO((struct start_info_x86_32 *)page, b, d, "x86_32p");
	else
		FILL_START_INFO((struct start_info *)page, b, d, "x86_64");
}

static void set_first_vcpu(struct build *b, struct domain *d)
{
	struct vcpu *v = d->vcpu[0], *other;
	uint64_t info = va_of(b, b->start_info_pfn);
	uint64_t stack = va_of(b, b->stack_pfn + 1);
	int64_t rc;

	vcpu_set_start_state(v, b->image.entry, stack, info);
	for_each_vcpu(d, other)
		*vcpu_upcall_mask(other) = 1;	/* a kernel starts with events masked */
	do {
		rc = paging_set_base(v, gfn(build_mfn(&b->memory, b->tables_pfn).n), false, NULL);
	} while (rc == HC_RESTART);
	if (!rc)
		rc = paging_pin_base(v);
	BUG_ON(rc);	/* tables of our own making */
	paging_update_cr3(v);
	v->initialised = true;
}

static void say(const struct build *b)
{
	log_info("dom0: %s %s, %u vcpu%s, %lu MiB, kernel at %#lx, entry %#lx",
		 b->image.is_32bit ? "32-bit ring-1" : "64-bit", b->image.os,
		 b->request->vcpus, b->request->vcpus == 1 ? "" : "s",
		 b->memory.pages / MIB_PAGES, va_of(b, b->image.phys_start >> PAGE_SHIFT),
		 b->image.entry);
}

void dom0_build(const struct dom0_request *request)
{
	struct build *b = &build;
	struct domain_plan plan = { .id = 0, .privileged = true, .max_vcpus = request->vcpus,
				    .max_grant_frames = ~0u, .max_maptrack_frames = ~0u };
	const char *why;
	uint64_t pages;

	b->request = request;
	if (image_parse(request->kernel, request->kernel_bytes, &b->image, &why))
		machine_stop("%s", why);
	pages = pages_wanted(request);
	plan_layout(b, pages);
	if (domain_create(&plan, &dom0) ||
	    domain_set_width(dom0, b->image.is_32bit ? 32 : 64) ||
	    domain_add_vcpus(dom0, request->vcpus) || dom0_permissions(dom0))
		machine_stop("no memory for dom0's own structures: this machine has too little");
	dom0->max_pages = request->max_pages ? request->max_pages : ~0u;
	populate(b, dom0, pages);
	load_image(b);
	fill_p2m(b);
	build_tables(b);
	fill_start_info(b, dom0);
	set_first_vcpu(b, dom0);
	say(b);
}

void dom0_start(void)
{
	dom0->created = true;
	sched_vcpu_up(dom0->vcpu[0]);
	domain_unpause(dom0);
}
