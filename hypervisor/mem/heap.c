// SPDX-License-Identifier: GPL-2.0-only
/*
 * Small objects: each size has pages cut into pieces of it. What a page is cut into, and which of
 * its pieces are free, stands in its struct frame and in the free pieces themselves, so a page
 * that is empty again goes back to the free frames at once and freeing needs no size.
 *
 * While the heap holds a page, frame->order is its size class (HEAP_LARGE + order for whole
 * blocks), frame->heap[0] its pieces in use, and frame->heap[1] the offset of its first free
 * piece plus one. Nobody else looks at the struct frame of a page that has no owner.
 */
#include "cpu/lock.h"
#include "lib/bits.h"
#include "lib/string.h"
#include "mem/alloc.h"
#include "mem/frame.h"
#include "mem/heap.h"

#define SHIFT_MIN	4
#define SHIFT_MAX	11
#define CLASS_COUNT	(SHIFT_MAX - SHIFT_MIN + 1)
#define HEAP_LARGE	0x100u
#define LARGE_ORDER_MAX	8
#define POISON		0x5a

static spinlock_t heap_lock = SPINLOCK_INIT(RANK_HEAP);
static struct list partial[CLASS_COUNT];	/* pages with a free piece */
static uint64_t used_bytes;

static void *piece_at(const struct frame *f, uint32_t offset)
{
	return (char *)frame_map(f) + offset;
}

/* Free pieces hold the next one's offset plus one; 0 ends the chain. */
static void page_cut(struct frame *f, unsigned int class)
{
	uint32_t size = 1u << (class + SHIFT_MIN);

	for (uint32_t at = 0; at < PAGE_SIZE; at += size)
		*(uint32_t *)piece_at(f, at) = at + size < PAGE_SIZE ? at + size + 1 : 0;
	f->order = class;
	f->heap[0] = 0;
	f->heap[1] = 1;
}

static void *page_take_piece(struct frame *f)
{
	void *piece = piece_at(f, f->heap[1] - 1);

	f->heap[1] = *(uint32_t *)piece;
	f->heap[0]++;
	if (!f->heap[1])
		list_del(&f->link);
	return piece;
}

static void page_clean(struct frame *f)
{
	f->order = 0;
	f->heap[0] = f->heap[1] = 0;
}

static void *alloc_small(unsigned int class)
{
	struct list *l = &partial[class];
	struct frame *fresh = NULL, *f;
	void *piece;

	/* The free frames' lock comes before ours, so a page is got while none is held. */
	if (!l->head.next || list_empty(l)) {
		fresh = frames_alloc(0, FRAMES_UNSCRUBBED);
		if (!fresh)
			return NULL;
		page_cut(fresh, class);
	}
	spin_lock(&heap_lock);
	if (!l->head.next)
		list_init(l);
	if (fresh)
		list_add_tail(l, &fresh->link);
	f = list_first_entry(l, struct frame, link);
	piece = f ? page_take_piece(f) : NULL;
	if (piece)
		used_bytes += 1u << (class + SHIFT_MIN);
	spin_unlock(&heap_lock);

	/* Another CPU emptied the list in between. */
	if (!piece)
		return alloc_small(class);
	memset(piece, 0, 1ul << (class + SHIFT_MIN));
	return piece;
}

static void *alloc_large(size_t size)
{
	unsigned int order = order_of(DIV_UP(size, PAGE_SIZE));
	struct frame *f;

	if (order > LARGE_ORDER_MAX)
		return NULL;
	f = frames_alloc(order, 0);
	if (!f)
		return NULL;
	f->order = HEAP_LARGE + order;
	spin_lock(&heap_lock);
	used_bytes += PAGE_SIZE << order;
	spin_unlock(&heap_lock);
	return frame_map(f);
}

void *heap_alloc(size_t size)
{
	if (size > 1ul << SHIFT_MAX)
		return alloc_large(size);
	return alloc_small(size <= 1ul << SHIFT_MIN ? 0 : order_of(size) - SHIFT_MIN);
}

void *heap_alloc_array(size_t count, size_t size)
{
	size_t bytes;

	if (mul_overflows(count, size, &bytes))
		return NULL;
	return heap_alloc(bytes);
}

static void free_large(struct frame *f)
{
	unsigned int order = f->order - HEAP_LARGE;

	BUG_ON(order > LARGE_ORDER_MAX);
	page_clean(f);
	spin_lock(&heap_lock);
	used_bytes -= PAGE_SIZE << order;
	spin_unlock(&heap_lock);
	frames_free(f, order);
}

void heap_free(void *p)
{
	struct frame *f;
	uint32_t offset, size;
	bool empty;

	if (!p)
		return;
	f = frame_of(mfn_of(p));
	if (f->order >= HEAP_LARGE) {
		free_large(f);
		return;
	}
	size = 1u << (f->order + SHIFT_MIN);
	offset = (uint64_t)p & ~PAGE_MASK;
	BUG_ON(f->order >= CLASS_COUNT || offset % size || !f->heap[0]);
#ifdef DEBUG
	memset(p, POISON, size);
#endif
	spin_lock(&heap_lock);
	if (!f->heap[1])
		list_add(&partial[f->order], &f->link);
	*(uint32_t *)p = f->heap[1];
	f->heap[1] = offset + 1;
	used_bytes -= size;
	empty = --f->heap[0] == 0;
	if (empty)
		list_del(&f->link);
	spin_unlock(&heap_lock);

	if (empty) {
		page_clean(f);
		frames_free(f, 0);
	}
}

void heap_forget(void)
{
	memset(partial, 0, sizeof(partial));
	used_bytes = 0;
}

uint64_t heap_used(void)
{
	return read_once(used_bytes);
}

struct rangeset *rangeset_create(unsigned int limit)
{
	struct rangeset *set = heap_alloc(rangeset_bytes(limit));

	if (set)
		rangeset_init(set, limit);
	return set;
}

void rangeset_destroy(struct rangeset *set)
{
	heap_free(set);
}
