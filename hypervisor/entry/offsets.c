// SPDX-License-Identifier: GPL-2.0-only
/*
 * Proof that the numbers in entry/offsets.h are what the compiler sees.
 */
#include "entry/offsets.h"

#include <stddef.h>

#include "cpu/percpu.h"
#include "cpu/regs.h"
#include "guest/shared.h"
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
static_assert(CPU_GUEST_START == offsetof(struct cpu_info, guest_start), "offsets.h");
static_assert(CPU_GUEST_SPAN == offsetof(struct cpu_info, guest_span), "offsets.h");
static_assert(VCPU_MODE == offsetof(struct vcpu, mode), "offsets.h");
static_assert(VCPU_KERNEL_MODE == offsetof(struct vcpu, kernel_mode) &&
	      VCPU_KERNEL_MODE == VCPU_MODE, "a mode of 1 is kernel_mode alone");
static_assert(VCPU_IRET_UNUSUAL == offsetof(struct vcpu, nmi_masked) &&
	      VCPU_IRET_UNUSUAL + 1 == offsetof(struct vcpu, iopl_shown) &&
	      VCPU_IRET_UNUSUAL == VCPU_MODE + 1, "two bytes, looked at with kernel_mode");
static_assert(VCPU_USER_UNUSUAL == offsetof(struct vcpu, areas_stale) &&
	      VCPU_USER_UNUSUAL + 1 == offsetof(struct vcpu, long_way) &&
	      VCPU_USER_UNUSUAL == VCPU_MODE + 4, "the other half of mode");
static_assert(VCPU_SYSCALL_MASK == offsetof(struct vcpu, syscall_mask), "offsets.h");
static_assert(VCPU_CR3 == offsetof(struct vcpu, cr3), "offsets.h");
static_assert(VCPU_KERNEL_CR3 == offsetof(struct vcpu, kernel_cr3), "offsets.h");
static_assert(VCPU_USER_CR3 == offsetof(struct vcpu, user_cr3), "offsets.h");
static_assert(VCPU_KERNEL_SP == offsetof(struct vcpu, kernel_sp), "offsets.h");
static_assert(VCPU_KERNEL_SS == offsetof(struct vcpu, kernel_ss), "offsets.h");
static_assert(VCPU_STACK_DESCRIPTOR == offsetof(struct vcpu, stack_descriptor), "offsets.h");
static_assert(VCPU_CR2 == offsetof(struct vcpu, cr2), "offsets.h");
static_assert(VCPU_CB_SYSCALL == offsetof(struct vcpu, cb_syscall), "offsets.h");
static_assert(VCPU_CB_SYSENTER == offsetof(struct vcpu, cb_sysenter), "offsets.h");
static_assert(VCPU_TRAPS == offsetof(struct vcpu, traps), "offsets.h");
static_assert(TRAP_HANDLER_SIZE == sizeof(struct trap_handler), "offsets.h");
static_assert(HANDLER_ADDRESS == offsetof(struct trap_handler, address) &&
	      HANDLER_ADDRESS == offsetof(struct guest_callback, address), "offsets.h");
static_assert(HANDLER_CS == offsetof(struct trap_handler, cs), "offsets.h");
static_assert(HANDLER_MASK == offsetof(struct trap_handler, masks_events), "offsets.h");
static_assert(CALLBACK_CS == offsetof(struct guest_callback, cs), "offsets.h");
static_assert(CALLBACK_MASK == offsetof(struct guest_callback, masks_events), "offsets.h");
static_assert(INFO_PENDING == offsetof(struct vcpu_info, evtchn_upcall_pending) &&
	      INFO_MASK == offsetof(struct vcpu_info, evtchn_upcall_mask),
	      "exit.S reads both at once");
static_assert(INFO_CR2_64 == offsetof(struct vcpu_info, arch.cr2), "offsets.h");
static_assert(INFO_CR2_32 == offsetof(struct vcpu_info_x86_32, arch.cr2), "offsets.h");
static_assert(IRET_RAX == offsetof(struct iret_context, rax), "offsets.h");
static_assert(IRET_R11 == offsetof(struct iret_context, r11), "offsets.h");
static_assert(IRET_RCX == offsetof(struct iret_context, rcx), "offsets.h");
static_assert(IRET_HOW == offsetof(struct iret_context, flags), "offsets.h");
static_assert(IRET_RIP == offsetof(struct iret_context, rip), "offsets.h");
static_assert(IRET_CS == offsetof(struct iret_context, cs), "offsets.h");
static_assert(IRET_RFLAGS == offsetof(struct iret_context, rflags), "offsets.h");
static_assert(IRET_RSP == offsetof(struct iret_context, rsp), "offsets.h");
static_assert(IRET_SS == offsetof(struct iret_context, ss), "offsets.h");
static_assert(VGCF_in_syscall == 1 << 8, "quick.S looks at the second byte's lowest bit");
