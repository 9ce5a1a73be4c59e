// SPDX-License-Identifier: GPL-2.0-only
/*
 * The one intrusive list: doubly linked, circular, the head is a node like the others.
 * A node that is in no list points at itself, so list_del() leaves it fit for list_on().
 */
#pragma once

#include "lib/bits.h"

struct list_node {
	struct list_node *next, *prev;
};

struct list {
	struct list_node head;
};

#define LIST_INIT(name)	{ { &(name).head, &(name).head } }

static inline void list_node_init(struct list_node *n) { n->next = n->prev = n; }
static inline void list_init(struct list *l) { list_node_init(&l->head); }
static inline bool list_empty(const struct list *l) { return l->head.next == &l->head; }
/* Is the (initialised) node in some list? */
static inline bool list_on(const struct list_node *n) { return n->next != n; }

static inline void list_link(struct list_node *n, struct list_node *prev, struct list_node *next)
{
	n->prev = prev;
	n->next = next;
	prev->next = n;
	next->prev = n;
}

/* First in the list. */
static inline void list_add(struct list *l, struct list_node *n)
{
	list_link(n, &l->head, l->head.next);
}

/* Last in the list. */
static inline void list_add_tail(struct list *l, struct list_node *n)
{
	list_link(n, l->head.prev, &l->head);
}

/* Just before another node. */
static inline void list_add_before(struct list_node *at, struct list_node *n)
{
	list_link(n, at->prev, at);
}

static inline void list_del(struct list_node *n)
{
	n->prev->next = n->next;
	n->next->prev = n->prev;
	list_node_init(n);
}

#define list_entry(node, type, member)	container_of(node, type, member)

/* NULL when the list is empty. */
#define list_first_entry(l, type, member) \
	(list_empty(l) ? (type *)NULL : list_entry((l)->head.next, type, member))
#define list_last_entry(l, type, member) \
	(list_empty(l) ? (type *)NULL : list_entry((l)->head.prev, type, member))

#define list_for_each_entry(pos, l, member)						\
	for ((pos) = list_entry((l)->head.next, __typeof__(*(pos)), member);		\
	     &(pos)->member != &(l)->head;						\
	     (pos) = list_entry((pos)->member.next, __typeof__(*(pos)), member))

/* The body may remove pos. */
#define list_for_each_entry_safe(pos, following, l, member)				\
	for ((pos) = list_entry((l)->head.next, __typeof__(*(pos)), member),		\
	     (following) = list_entry((pos)->member.next, __typeof__(*(pos)), member);	\
	     &(pos)->member != &(l)->head;						\
	     (pos) = (following),							\
	     (following) = list_entry((following)->member.next, __typeof__(*(following)), member))
