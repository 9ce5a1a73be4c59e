// SPDX-License-Identifier: GPL-2.0-only
/* The real header, but struct cpu_info is an array here and the test says which CPU runs. */
#pragma once

#define this_cpu_info(x)	real_this_cpu_info(x)
#define this_cpu(x)		real_this_cpu(x)
#define guest_regs(x)		real_guest_regs(x)
#include "../../../../hypervisor/cpu/percpu.h"
#undef this_cpu_info
#undef this_cpu
#undef guest_regs

extern struct cpu_info fake_cpu_info[NR_CPUS];
extern unsigned int fake_cpu;

static inline struct cpu_info *this_cpu_info(void) { return &fake_cpu_info[fake_cpu]; }
static inline unsigned int this_cpu(void) { return fake_cpu; }
static inline struct guest_regs *guest_regs(void) { return &fake_cpu_info[fake_cpu].regs; }
