// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ways into ring 0, and the one way out.
 *
 * Every way in leaves a struct guest_regs at the top of this CPU's stack and calls into trap/ or
 * hypercall/. The way out is exit.S: before_guest() does what is owed (softirqs, another vcpu's
 * turn, a bounce to deliver), then the guest is loaded from the stack top.
 *
 * Invariant: what IRET or SYSRET loads has been made harmless in exit.S, last of all:
 * ring 1 or 3, IF set, IOPL, NT and VM clear (advisory 202); SYSRET only with a canonical rip
 * (advisory 7).
 */
#pragma once

#include "cpu/regs.h"

/* The IDT, once. */
void entry_init(void);
/* SYSCALL and SYSENTER of this CPU; after descriptor_load_cpu(). */
void entry_init_cpu(void);

/* Leave ring 0 with the registers at the stack top. What is on the stack below is forgotten. */
__attribute__((noreturn)) void enter_guest(void);
/* The same, from an idle vcpu whose CPU has nothing to run yet. */
__attribute__((noreturn)) void entry_reset_stack_and_idle(void);

/* --- between the assembly and C --- */

/* All that is owed before the guest goes on. */
void before_guest(void);
