/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every key of xl.cfg(5), and where in a file keys stand.
 */
#pragma once

#include <stddef.h>

enum key_use {
	KEY_UNKNOWN,
	KEY_USED,
	KEY_NOT_YET,		/* means something for a PV domain, but not to us yet */
	KEY_HVM,		/* means nothing for a PV domain */
};

enum key_use key_use(const char *name);

/* The known key that a misspelt one is nearest to, or NULL. */
const char *key_nearest(const char *name);

struct key_place {
	char name[64];
	unsigned int line;
};

/*
 * Find the keys that are assigned to in an xl.cfg text, in order.
 * The grammar itself is libxlutil's; this only tells keys from strings, lists and comments.
 * Returns how many there are; places beyond size are counted but not stored.
 */
size_t keys_scan(const char *text, struct key_place *places, size_t size);
