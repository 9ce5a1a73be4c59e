// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers that name memory, each with a type of its own.
 *
 * What a guest said (gfn_t, gpte_t, gva_t) and what we know (mfn_t, pte_t) never mix: only the
 * function named in style.md section 5 turns one into the other. A paravirtual guest says machine
 * frame numbers, so a gfn_t holds the number of a machine frame that may not exist or may be
 * somebody else's; frame_get_owned() and its kin (mem/frame.h) find out.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define PAGE_SHIFT	12
#define PAGE_SIZE	4096ul
#define PAGE_MASK	(~(PAGE_SIZE - 1))
#define PADDR_BITS	52
#define PADDR_MASK	((1ul << PADDR_BITS) - 1)

typedef struct { uint64_t n; }   gfn_t;	 /* a frame number a guest said   */
typedef struct { uint64_t n; }   mfn_t;	 /* a frame that exists           */
typedef struct { uint64_t raw; } gpte_t; /* an entry a guest would like   */
typedef struct { uint64_t raw; } pte_t;	 /* an entry the MMU may read     */
typedef struct { uint64_t at; }  gva_t;	 /* a guest address: copy, never dereference */

#define INVALID_MFN	((mfn_t){ ~0ul })

static inline mfn_t mfn(uint64_t n) { return (mfn_t){ n }; }
static inline gfn_t gfn(uint64_t n) { return (gfn_t){ n }; }
static inline gpte_t gpte(uint64_t raw) { return (gpte_t){ raw }; }
static inline gva_t gva(uint64_t at) { return (gva_t){ at }; }
static inline bool mfn_eq(mfn_t a, mfn_t b) { return a.n == b.n; }
static inline gva_t gva_add(gva_t p, uint64_t bytes) { return (gva_t){ p.at + bytes }; }
static inline bool gva_null(gva_t p) { return p.at == 0; }

/* Page-table entry bits, the same at every level (AMD64 APM vol. 2, 5.3; Intel SDM vol. 3, 4.5). */
#define PTE_P		(1ul << 0)
#define PTE_W		(1ul << 1)
#define PTE_U		(1ul << 2)
#define PTE_PWT		(1ul << 3)
#define PTE_PCD		(1ul << 4)
#define PTE_A		(1ul << 5)
#define PTE_D		(1ul << 6)
#define PTE_PS		(1ul << 7)	/* levels 2 and 3 */
#define PTE_PAT		(1ul << 7)	/* level 1 */
#define PTE_G		(1ul << 8)
#define PTE_AVAIL	(7ul << 9)	/* for software; the guest's */
#define PTE_AVAIL_HIGH	(0x7fful << 52)	/* for software */
#define PTE_NX		(1ul << 63)
#define PTE_FRAME	(PADDR_MASK & PAGE_MASK)

#define PT_ENTRIES	512
#define L1_SHIFT	12
#define L2_SHIFT	21
#define L3_SHIFT	30
#define L4_SHIFT	39

static inline uint64_t canonical(uint64_t va) { return (uint64_t)((int64_t)(va << 16) >> 16); }
static inline bool is_canonical(uint64_t va) { return canonical(va) == va; }
