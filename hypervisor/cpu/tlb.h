// SPDX-License-Identifier: GPL-2.0-only
/*
 * Old translations, and when they are gone.
 *
 * There are no global pages (CR4.PGE is off) and no PCIDs: loading cr3 drops everything. A stamp
 * says when: tlb_now() is taken when a frame is given up, and tlb_filter() drops from a mask the
 * CPUs that have flushed since, which need not be asked again.
 */
#pragma once

#include <stdint.h>

#include "cpu/cpumask.h"

void tlb_flush_local(void);
void tlb_flush_one_local(uint64_t va);

/* On every CPU of the mask, done when this returns. */
void tlb_flush_mask(cpumask_t mask);
void tlb_flush_one_mask(cpumask_t mask, uint64_t va);

/* Load a new cr3, which is a flush too. Use this, not write_cr3(). */
void tlb_load_cr3(uint64_t cr3);

uint32_t tlb_now(void);
cpumask_t tlb_filter(cpumask_t mask, uint32_t stamp);

/* How to reach other CPUs; machine/ipi.c sets it. va TLB_ALL: everything. */
#define TLB_ALL	(~0ul)
extern void (*tlb_remote_hook)(cpumask_t mask, uint64_t va);
