// SPDX-License-Identifier: GPL-2.0-only
#include "guest/hcall.h"

#include "cpu/softirq.h"

bool hcall_look(struct hcall *h)
{
	h->work = 0;
	return irq_window();
}
