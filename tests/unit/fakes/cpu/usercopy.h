// SPDX-License-Identifier: GPL-2.0-only
/* The real header's functions, but words go through the fake copies too. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/bug.h"

must_check size_t usercopy_from(void *dst, uint64_t src, size_t n);
must_check size_t usercopy_to(uint64_t dst, const void *src, size_t n);
must_check size_t usercopy_zero(uint64_t dst, size_t n);
must_check int usercopy_cmpxchg(uint64_t addr, unsigned int size, uint64_t *old, uint64_t new);

#define FAKE_WORD(bits)									\
	static inline bool usercopy_load##bits(uint64_t *value, uint64_t at)		\
	{										\
		*value = 0;								\
		return !usercopy_from(value, at, bits / 8);				\
	}										\
	static inline bool usercopy_store##bits(uint64_t at, uint##bits##_t value)	\
	{										\
		return !usercopy_to(at, &value, sizeof(value));				\
	}
FAKE_WORD(16)
FAKE_WORD(32)
FAKE_WORD(64)
#undef FAKE_WORD
