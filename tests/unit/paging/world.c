// SPDX-License-Identifier: GPL-2.0-only
#include "paging/world.h"

#include "guest/access.h"

unsigned int budget;
void (*meanwhile)(void);
static unsigned int steps;

#define SERIAL(n)	.serial = (n), .hold_one = (uint64_t)(n) << 32 | 1

static struct domain special_xen = { .id = DOMID_XEN, .special = true, SERIAL(101) };
static struct domain special_io = { .id = DOMID_IO, .special = true, SERIAL(102) };
struct domain *dom0, *dom_xen = &special_xen, *dom_io = &special_io, *dom_idle;

bool hcall_look(struct hcall *h)
{
	(void)h;
	if (meanwhile)
		meanwhile();
	return budget && ++steps % budget == 0;
}

void domain_get(struct domain *d)
{
	d->refs++;
}

void domain_put(struct domain *d)
{
	assert_true(d->refs > 0);
	d->refs--;
}

int domain_get_target(domid_t id, struct domain **out)
{
	(void)id;
	(void)out;
	return -ESRCH;
}

/* A guest's memory is the test's own. */
int guest_read_bytes(void *dst, gva_t src, size_t bytes)
{
	memcpy(dst, (const void *)src.at, bytes);
	return 0;
}

static struct domain *domain_new(domid_t id, bool is_32bit)
{
	struct domain *d = calloc(1, sizeof(*d));

	*d = (struct domain){ .id = id, SERIAL(id) };
	d->is_32bit = is_32bit;
	d->max_pages = 1000;
	d->refs = 1;
	list_init(&d->frames);
	spin_lock_init(&d->lock, RANK_DOMAIN);
	spin_lock_init(&d->frame_lock, RANK_FRAME_LIST);
	assert_int_equal(paging_domain_init(d), 0);
	return d;
}

struct world *world_new(bool is_32bit)
{
	struct world *w = calloc(1, sizeof(*w));

	fake_memory(WORLD_FRAMES);
	segdesc_init();
	budget = steps = 0;
	meanwhile = NULL;
	w->free_before = free_frame_count();
	w->mine = domain_new(1, is_32bit);
	w->theirs = domain_new(2, is_32bit);
	w->h.d = w->mine;
	return w;
}

static void domain_end(struct domain *d)
{
	int rc;

	d->life = DOMAIN_DYING;
	do {
		rc = paging_relinquish(d, NULL);
	} while (rc);
	assert_int_equal(d->page_count, 0);
	assert_int_equal(d->refs, 1);
	paging_domain_free(d);
	heap_free(d->iomem);
	free(d);
}

void world_free(struct world *w)
{
	budget = 0;
	domain_end(w->mine);
	domain_end(w->theirs);
	assert_int_equal(free_frame_count(), w->free_before);
	free(w);
}

struct frame *frame_new(struct domain *d)
{
	struct frame *f = frames_alloc(0, 0);

	assert_non_null(f);
	assert_int_equal(frame_assign(d, f), 0);
	return f;
}

uint64_t *words(struct frame *f)
{
	return frame_map(f);
}

uint64_t entry_of(const struct frame *f, uint64_t flags)
{
	return frame_mfn(f).n << PAGE_SHIFT | flags;
}
