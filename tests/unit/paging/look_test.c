// SPDX-License-Identifier: GPL-2.0-only
// sources: paging/world.c paging/type.c paging/table.c paging/pte.c paging/update.c paging/base.c paging/teardown.c paging/segdesc.c paging/m2p.c mem/frame.c
/* Two ways of asking what the tables say: guest_look() must not know better than guest_walk(). */
#include "paging/world.h"

#define VA	0xffff923456789000ul

struct chain {
	struct world *w;
	struct vcpu *v;
	struct frame *table[5];	/* by level */
	uint64_t *entry[5];
};

static int setup(void **state)
{
	struct chain *c = calloc(1, sizeof(*c));

	c->w = world_new(false);
	c->v = calloc(1, sizeof(*c->v));
	c->v->domain = c->w->mine;
	for (unsigned int level = 4; level >= 1; level--) {
		c->table[level] = frame_new(c->w->mine);
		c->entry[level] = words(c->table[level]) + (VA >> (12 + 9 * (level - 1)) & 511);
	}
	c->v->cr3 = frame_mfn(c->table[4]).n << PAGE_SHIFT;
	*state = c;
	return 0;
}

static int teardown(void **state)
{
	struct chain *c = *state;

	for (unsigned int level = 1; level <= 4; level++)
		*c->entry[level] = 0;
	world_free(c->w);
	free(c->v);
	free(c);
	return 0;
}

static void agree(struct chain *c)
{
	struct guest_walk walk;
	struct guest_look look;
	bool there = guest_walk(c->v, VA, &walk);

	assert_int_equal(guest_look(c->v, VA, &look), there);
	if (!there)
		return;
	assert_int_equal(look.leaf.raw, walk.e[walk.level].raw);
	assert_int_equal(look.large, walk.level > 1);
	for (unsigned int kind = 0; kind < 8; kind++) {
		bool write = kind & 1, user = kind & 2, fetch = kind & 4;

		assert_int_equal(guest_look_allows(&look, write, user, fetch),
				 (!write || walk.writable) && (!user || walk.user) && (!fetch || !walk.nx));
	}
}

/* Each level with each of what matters: there, writable, for users, no code; large below level 4. */
static void both_say_the_same_of_all_entries(void **state)
{
	static const uint64_t kinds[] = {
		0, PTE_W | PTE_U, PTE_P, PTE_P | PTE_W, PTE_P | PTE_U, PTE_P | PTE_W | PTE_U,
		PTE_P | PTE_W | PTE_U | PTE_NX, PTE_P | PTE_W | PTE_U | PTE_PS,
	};
	struct chain *c = *state;

	for (unsigned int i = 0; i < 8 * 8 * 8 * 8; i++) {
		for (unsigned int level = 1; level <= 4; level++) {
			uint64_t flags = kinds[i >> 3 * (level - 1) & 7];

			if (level == 4)
				flags &= ~PTE_PS;
			*c->entry[level] = entry_of(level > 1 ? c->table[level - 1] : c->table[4], flags);
		}
		agree(c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(both_say_the_same_of_all_entries, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
