// SPDX-License-Identifier: GPL-2.0-only
/*
 * What to do when something is wrong, by who is at fault (a guest's fault is refuse(), lib/log.h):
 *
 *   ASSERT(x)   our caller broke our rule. Debug builds stop; others do not even look.
 *   NEVER(x)    cannot happen, and we can still say no: if (NEVER(x)) return -EINVAL;
 *               Debug builds stop, others refuse.
 *   BUG_ON(x)   going on would hand memory to the wrong guest. All builds stop.
 *
 * Stopping prints one line with file and line, then runs the hook that boot sets with
 * bug_set_hook() (dump registers, stop the machine). On the host, tests see an abort().
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if __STDC_HOSTED__
#include <assert.h>
#else
#define static_assert	_Static_assert
#endif

#define must_check	__attribute__((warn_unused_result))
#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)
#define maybe_unused	__attribute__((unused))
#define __packed	__attribute__((packed))
#define __aligned(n)	__attribute__((aligned(n)))

__attribute__((noreturn, cold)) void bug(const char *file, int line, const char *what);

/* Who stops the machine. Must not return; the default spins. */
void bug_set_hook(void (*stop)(const char *line));

#define BUG()		bug(__FILE__, __LINE__, "cannot get here")
#define BUG_ON(x)	do { if (unlikely(x)) bug(__FILE__, __LINE__, #x); } while (0)

#ifdef DEBUG
#define ASSERT(x)	do { if (unlikely(!(x))) bug(__FILE__, __LINE__, "not: " #x); } while (0)
#define NEVER(x)	({ bool never_ = (x); if (unlikely(never_)) bug(__FILE__, __LINE__, #x); \
			   never_; })
#else
#define ASSERT(x)	do { (void)sizeof(x); } while (0)
#define NEVER(x)	unlikely(x)
#endif
