// SPDX-License-Identifier: GPL-2.0-only
/*
 * Proof that the numbers in entry/offsets.h are what the compiler sees.
 */
#include "entry/offsets.h"

#include <stddef.h>

#include "cpu/percpu.h"
#include "cpu/regs.h"
#include "guest/vcpu.h"
#include "hypercall/hypercall.h"

static_assert(REGS_R15 == offsetof(struct guest_regs, r15), "offsets.h");
static_assert(REGS_R14 == offsetof(struct guest_regs, r14), "offsets.h");
static_assert(REGS_R13 == offsetof(struct guest_regs, r13), "offsets.h");
static_assert(REGS_R12 == offsetof(struct guest_regs, r12), "offsets.h");
static_assert(REGS_RBP == offsetof(struct guest_regs, rbp), "offsets.h");
static_assert(REGS_RBX == offsetof(struct guest_regs, rbx), "offsets.h");
static_assert(REGS_R11 == offsetof(struct guest_regs, r11), "offsets.h");
static_assert(REGS_R10 == offsetof(struct guest_regs, r10), "offsets.h");
static_assert(REGS_R9 == offsetof(struct guest_regs, r9), "offsets.h");
static_assert(REGS_R8 == offsetof(struct guest_regs, r8), "offsets.h");
static_assert(REGS_RAX == offsetof(struct guest_regs, rax), "offsets.h");
static_assert(REGS_RCX == offsetof(struct guest_regs, rcx), "offsets.h");
static_assert(REGS_RDX == offsetof(struct guest_regs, rdx), "offsets.h");
static_assert(REGS_RSI == offsetof(struct guest_regs, rsi), "offsets.h");
static_assert(REGS_RDI == offsetof(struct guest_regs, rdi), "offsets.h");
static_assert(REGS_ERROR_CODE == offsetof(struct guest_regs, error_code), "offsets.h");
static_assert(REGS_ENTRY_VECTOR == offsetof(struct guest_regs, entry_vector), "offsets.h");
static_assert(REGS_RIP == offsetof(struct guest_regs, rip), "offsets.h");
static_assert(REGS_CS == offsetof(struct guest_regs, cs), "offsets.h");
static_assert(REGS_RFLAGS == offsetof(struct guest_regs, rflags), "offsets.h");
static_assert(REGS_RSP == offsetof(struct guest_regs, rsp), "offsets.h");
static_assert(REGS_SS == offsetof(struct guest_regs, ss), "offsets.h");
static_assert(REGS_RIP - REGS_RDX == 0x20, "RCX_OF_SYSCALL");
static_assert(REGS_WORDS * 8 == sizeof(struct guest_regs), "offsets.h");
static_assert(CPU_INFO_SIZE == sizeof(struct cpu_info), "offsets.h");
static_assert(offsetof(struct cpu_info, regs) == 0, "the registers come first");
static_assert(CPU_VCPU == offsetof(struct cpu_info, vcpu), "offsets.h");
static_assert(CPU_OWED == offsetof(struct cpu_info, owed), "offsets.h");
static_assert(CPU_RING == offsetof(struct cpu_info, ring), "offsets.h");
static_assert(HCALL_BYTES == sizeof(struct hcall), "hypercall.S pushes nine words");
static_assert(offsetof(struct hcall, v) == 0 && offsetof(struct hcall, d) == 8 &&
	      offsetof(struct hcall, args) == 16 && offsetof(struct hcall, nr) == 64,
	      "hypercall.S pushes them in this order");
static_assert(HC_RESTART_NUMBER == HC_RESTART, "offsets.h");
static_assert(HYPERCALL_IRET == __HYPERVISOR_iret, "offsets.h");
static_assert(VCPU_DOMAIN == offsetof(struct vcpu, domain), "offsets.h");
static_assert(VCPU_INFO == offsetof(struct vcpu, info), "offsets.h");
static_assert(VCPU_KERNEL_MODE == offsetof(struct vcpu, kernel_mode), "offsets.h");
static_assert(offsetof(struct vcpu_info, evtchn_upcall_pending) == 0 &&
	      offsetof(struct vcpu_info, evtchn_upcall_mask) == 1, "exit.S reads both at once");
