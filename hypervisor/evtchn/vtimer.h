// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vcpu's timers: the one it sets, and the periodic one of kernels that want ticks. Both end as
 * VIRQ_TIMER.
 *
 * A timer belongs to the CPU that set it, and follows its vcpu when that is switched in elsewhere
 * (timer_set() moves it); one that fires elsewhere is only a wakeup from afar.
 * Locks: none; the timer's own.
 */
#pragma once

#include <stdint.h>

#include "guest/domain.h"

void vtimer_vcpu_init(struct vcpu *v);
void vtimer_vcpu_free(struct vcpu *v);		/* stops them: it never runs again */

/* Absolute system time; TIMER_NEVER stops it. */
void vtimer_set_singleshot(struct vcpu *v, uint64_t deadline_ns);
/* 0 stops it. */
void vtimer_periodic(struct vcpu *v, uint64_t period_ns);

/* Not sooner than this may ticks come. */
#define VTIMER_PERIOD_MIN_NS	1000000ul
