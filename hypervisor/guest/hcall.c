// SPDX-License-Identifier: GPL-2.0-only
#include "guest/hcall.h"

#include "cpu/softirq.h"

#define UNITS_BETWEEN_LOOKS	64

bool hcall_should_yield(struct hcall *h)
{
	if (++h->work < UNITS_BETWEEN_LOOKS)
		return false;
	h->work = 0;
	return irq_window();
}
