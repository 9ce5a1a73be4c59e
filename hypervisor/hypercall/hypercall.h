// SPDX-License-Identifier: GPL-2.0-only
/*
 * The doors: which number goes where.
 *
 * hypercall/table.def has one row for every number from 0 to 55: a handler for each width, or the
 * reason why there is none. entry/hypercall.S comes from a guest's kernel that executed SYSCALL (64-bit)
 * or INT 0x82 (32-bit), makes a struct hcall of its registers and calls the handler itself.
 */
#pragma once

#include <stdint.h>

#include "guest/hcall.h"

#define HYPERCALL_COUNT	56

/* What to call for each number, by a 64-bit guest and by a 32-bit one; the last: no such number. */
extern const hcall_fn hypercall_doors[2][HYPERCALL_COUNT + 1];

/* The handler said HC_RESTART: let current's guest ask again, with the arguments in h. */
void hypercall_restart(const struct hcall *h);

int64_t hc_multicall(struct hcall *h);
int64_t hc32_multicall(struct hcall *h);

/* All handlers, by room; each room's own header declares them too. */
int64_t hc_mmu_update(struct hcall *h);
int64_t hc_mmuext_op(struct hcall *h);
int64_t hc_update_va_mapping(struct hcall *h);
int64_t hc_update_va_mapping_otherdomain(struct hcall *h);
int64_t hc_update_descriptor(struct hcall *h);
int64_t hc_set_gdt(struct hcall *h);
int64_t hc_memory_op(struct hcall *h);
int64_t hc32_mmuext_op(struct hcall *h);
int64_t hc32_update_va_mapping(struct hcall *h);
int64_t hc32_update_va_mapping_otherdomain(struct hcall *h);
int64_t hc32_update_descriptor(struct hcall *h);
int64_t hc32_set_gdt(struct hcall *h);
int64_t hc32_memory_op(struct hcall *h);
int64_t hc_sched_op(struct hcall *h);
int64_t hc32_sched_op(struct hcall *h);
int64_t hc_sched_op_compat(struct hcall *h);
int64_t hc_vcpu_op(struct hcall *h);
int64_t hc32_vcpu_op(struct hcall *h);
int64_t hc_set_timer_op(struct hcall *h);
int64_t hc32_set_timer_op(struct hcall *h);
int64_t hc_xen_version(struct hcall *h);
int64_t hc32_xen_version(struct hcall *h);
int64_t hc_vm_assist(struct hcall *h);
int64_t hc_event_channel_op(struct hcall *h);
int64_t hc_event_channel_op_compat(struct hcall *h);
int64_t hc_grant_table_op(struct hcall *h);
int64_t hc32_grant_table_op(struct hcall *h);
int64_t hc_console_io(struct hcall *h);
int64_t hc_physdev_op(struct hcall *h);
int64_t hc32_physdev_op(struct hcall *h);
int64_t hc_physdev_op_compat(struct hcall *h);
int64_t hc32_physdev_op_compat(struct hcall *h);
int64_t hc_platform_op(struct hcall *h);
int64_t hc_domctl(struct hcall *h);
int64_t hc_sysctl(struct hcall *h);

/* What XENVER_commandline tells the control domain; boot sets it. */
extern const char *hypervisor_cmdline;

/* SCHEDOP_poll, decoded; for both widths. */
int64_t sched_poll(struct vcpu *v, gva_t ports, uint32_t count, uint64_t timeout);
