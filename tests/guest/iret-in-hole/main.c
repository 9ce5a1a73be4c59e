// SPDX-License-Identifier: GPL-2.0-only
/*
 * An iret hypercall whose frame lies in the hypervisor's own memory.
 *
 * Rule: the hypervisor reads for a guest only what the guest may read itself; else registers come back
 * with what stood there. Provocation: rsp points into the map of all RAM when the kernel asks.
 * The domain must end with a line that says so.
 */
#include "rt.h"

void test_main(void)
{
#ifdef __x86_64__
	asm volatile("mov %0, %%rsp; mov $23, %%eax; syscall; ud2"
		     : : "r"(0xffff830000102000ull) : "memory");
#endif
}
