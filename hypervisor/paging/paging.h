// SPDX-License-Identifier: GPL-2.0-only
/*
 * Direct paging: guest page tables the MMU may trust. README.md tells the story.
 *
 * This header is the room's face to others: bases, walks, single entries, teardown. type.h has page
 * types, pte.h entries, m2p.h and segdesc.h what they say.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cpu/tlb.h"
#include "guest/domain.h"
#include "guest/hcall.h"
#include "mem/addr.h"
#include "mem/frame.h"
#include "paging/m2p.h"
#include "paging/pte.h"
#include "paging/segdesc.h"
#include "paging/type.h"

/* --- life --- */

void paging_init(void);		/* M2P of both widths, all entries invalid; after mem's map_init() */
must_check int paging_domain_init(struct domain *d);	/* the per-domain area; -ENOMEM */
void paging_domain_free(struct domain *d);
must_check int paging_vcpu_init(struct vcpu *v);	/* its windows; a monitor if d is 32-bit */
void paging_vcpu_free(struct vcpu *v);
/* The domain became 32-bit (before it has memory): give an existing vcpu its monitor. */
must_check int paging_vcpu_set_32bit(struct vcpu *v);
/* Back to 64-bit, likewise. */
void paging_vcpu_set_64bit(struct vcpu *v);

/*
 * Give back everything a dying domain holds: bases, descriptor tables, pins, all frames.
 * Its vcpus are off every CPU. HC_RESTART until all is done; h may be NULL.
 */
must_check int paging_relinquish(struct domain *d, struct hcall *h);

/*
 * Take apart the tables that lost their last reference. Every call that changes d's tables begins
 * with this and, if it may have made some, ends with it. 0 or HC_RESTART; without h the latter only
 * if another CPU is at it.
 */
int paging_settle_slowly(struct domain *d, struct hcall *h);
must_check static inline int paging_settle(struct domain *d, struct hcall *h)
{
	return likely(!read_once(d->teardown_table)) ? 0 : paging_settle_slowly(d, h);
}

/* --- bases --- */

/*
 * v's new kernel (or user) table: an L4, or a 32-bit guest's L3 at any frame. The old one is
 * dropped after the CPU has left it. user with frame 0: none.
 */
must_check int paging_set_base(struct vcpu *v, gfn_t base, bool user, struct hcall *h);
/* Pin v's kernel table, as a builder leaves it: kernels begin with unpinning it. */
must_check int paging_pin_base(struct vcpu *v);
void paging_drop_bases(struct vcpu *v);		/* v is off every CPU, or about to be destroyed */
void paging_update_cr3(struct vcpu *v);		/* recompute v->cr3 from mode, tables, monitor */
void paging_load_cr3(struct vcpu *v);		/* load it if v is current (a flush) */
/* Flush an address, or everything (TLB_ALL, cpu/tlb.h), wherever d runs. */
void paging_flush_domain(struct domain *d, uint64_t va);

/* --- walks --- */

struct guest_walk {
	pte_t e[5];			/* e[n]: the entry of the level-n table, as far as read */
	struct frame *table[5];		/* the frame that entry is in */
	unsigned int slot[5];
	unsigned int level;		/* the lowest level read; 1, or where an entry was absent or large */
	bool present;			/* every entry read is */
	bool writable, user, nx;	/* what all of them together allow (user in the CPU's sense) */
};

/* Walk what the CPU would walk for v (v->cr3). Reads only; says `present`. */
bool guest_walk(const struct vcpu *v, uint64_t va, struct guest_walk *out);
/* The same by its kernel's tables, also while its programs run: those of a 64-bit guest show nothing of the kernel. */
bool guest_kernel_walk(const struct vcpu *v, uint64_t va, struct guest_walk *out);

/*
 * The same in few words: the entry that maps va, and the rights that all entries on the way to it
 * give and take.
 */
struct guest_look {
	pte_t leaf;
	uint64_t all, any;		/* bits that all of them have, that any has */
	bool large;			/* leaf is of level 2 or 3 */
};

/* Would an access of this kind be let through? */
static inline bool guest_look_allows(const struct guest_look *look, bool write, bool user,
				     bool fetch)
{
	return (!write || look->all & PTE_W) && (!user || look->all & PTE_U) &&
	       (!fetch || !(look->any & PTE_NX));
}

static inline bool look_step(struct guest_look *out, uint64_t va, unsigned int shift)
{
	const pte_t *table = map_pa(out->leaf.raw & PTE_FRAME);

	out->leaf.raw = read_once(table[va >> shift & (PT_ENTRIES - 1)].raw);
	out->all &= out->leaf.raw;
	out->any |= out->leaf.raw;
	return out->leaf.raw & PTE_P;
}

/* va is canonical, as a fault's address always is. false: not mapped. */
static inline bool guest_look(const struct vcpu *v, uint64_t va, struct guest_look *out)
{
	ASSERT(is_canonical(va));
	*out = (struct guest_look){ .leaf = { v->cr3 }, .all = ~0ul };
	if (!look_step(out, va, L4_SHIFT) || !look_step(out, va, L3_SHIFT))
		return false;
	out->large = out->leaf.raw & PTE_PS;
	if (out->large)
		return true;
	if (!look_step(out, va, L2_SHIFT))
		return false;
	out->large = out->leaf.raw & PTE_PS;
	return out->large || look_step(out, va, L1_SHIFT);
}

/* The L1 whose entry `slot` maps va in v's running address space, whether or not the entry is there.
 * NULL: there is none. Nothing is held, and it may be one of ours, which no guest owns. */
struct frame *guest_l1(const struct vcpu *v, uint64_t va, unsigned int *slot);

/* --- single entries --- */

/*
 * Change one entry of a live table of d. table: holds a general reference of the caller's.
 * preserve_ad: the CPU's accessed and dirty bits survive.
 * Fails: -EINVAL not a live table; pte_admit()'s errors; HC_RESTART.
 */
must_check int pt_update_entry(struct domain *d, struct domain *frame_owner, struct frame *table,
			       unsigned int slot, gpte_t want, bool preserve_ad, struct hcall *h);

/*
 * For the emulation of stores: change an L1 entry only if it still reads `expected`.
 * *seen gets what was there; it took place if that equals expected (accessed and dirty bits that
 * the CPU set meanwhile count as a difference: the guest's instruction is then tried again by it).
 */
must_check int pt_cmpxchg_l1(struct domain *d, struct frame *table, unsigned int slot,
			     uint64_t expected, gpte_t want, uint64_t *seen);

/*
 * Grants. The caller holds a general reference to the granted frame, and a PT_WRITABLE one if the
 * entry is writable; on success they are the entry's. `where`: a linear address of v, or (va_is_pte)
 * the machine address of an L1 entry of v's domain. What the entry held before is dropped.
 */
must_check int grant_map_l1(struct vcpu *v, bool va_is_pte, uint64_t where, pte_t granted);
/*
 * Take it out again: the entry must name this frame, and be writable or not as said (or the pins of
 * a writable grant could go while its mapping stays, advisory 234). Its references come back to the
 * caller, who flushes. Fails: -ENOENT it is not mapped there so.
 */
must_check int grant_unmap_l1(struct vcpu *v, bool va_is_pte, uint64_t where,
			      const struct frame *f, bool writable);

/* --- doors --- */

int64_t hc_mmu_update(struct hcall *h);
int64_t hc_mmuext_op(struct hcall *h);
int64_t hc_update_va_mapping(struct hcall *h);
int64_t hc_update_va_mapping_otherdomain(struct hcall *h);
int64_t hc_update_descriptor(struct hcall *h);
int64_t hc_set_gdt(struct hcall *h);
int64_t hc_memory_op(struct hcall *h);

/* compat/mmu.c, compat/memory.c */
int64_t hc32_mmuext_op(struct hcall *h);
int64_t hc32_update_va_mapping(struct hcall *h);
int64_t hc32_update_va_mapping_otherdomain(struct hcall *h);
int64_t hc32_update_descriptor(struct hcall *h);
int64_t hc32_set_gdt(struct hcall *h);
int64_t hc32_memory_op(struct hcall *h);

/* --- inside this room, and for compat/, which copies the guest's words in the other layout --- */

/* One mmuext operation, decoded. */
struct mmuext_req {
	unsigned int cmd;
	uint64_t arg1;		/* frame or linear address */
	uint64_t arg2;		/* entries, source frame or guest pointer to a vcpu mask */
	bool mask_is_32bit;
};

/* The whole call: fetch reads and decodes one element of the guest's array. */
int64_t mmuext_batch(struct hcall *h, size_t stride, int (*fetch)(gva_t at, struct mmuext_req *req));


/* One address, or all (TLB_ALL), where these vcpus of d's run; or here, for the one that runs. */
void paging_flush_vcpus(struct domain *d, uint64_t vcpus, uint64_t va);
static inline void paging_flush_own(uint64_t va)
{
	if (va == TLB_ALL)
		tlb_flush_local();
	else if (is_canonical(va))
		tlb_flush_one_local(va);
}
must_check int paging_read_vcpumask(struct hcall *h, gva_t at, bool is_32bit, uint64_t *out);

int64_t va_mapping_do(struct hcall *h, uint64_t va, gpte_t want, uint64_t flags, domid_t owner);
int64_t va_mapping_own(struct hcall *h, uint64_t va, gpte_t want, uint64_t flags);
int64_t update_descriptor_do(struct hcall *h, uint64_t ma, uint64_t raw);
int64_t set_gdt_do(struct hcall *h, const gfn_t *frames, unsigned int entries);

/* Whose table and whose frames: the id in a call's foreigndom argument; for privileged callers,
 * another domain, DOMID_IO or DOMID_XEN. Given back with paging_target_put(): another domain comes
 * with a reference; the caller's own needs none while it is here. */
int paging_target_other(struct hcall *h, domid_t id, struct domain **out);
must_check static inline int paging_target(struct hcall *h, domid_t id, struct domain **out)
{
	*out = h->d;
	return likely(id == DOMID_SELF) ? 0 : paging_target_other(h, id, out);
}
static inline void paging_target_put(const struct hcall *h, struct domain *d)
{
	if (unlikely(d != h->d))
		domain_put(d);
}

/* memory_op after decoding; compat/memory.c widens into these. */
struct mem_reservation {
	gva_t extents;		/* array of frame numbers */
	uint64_t count;
	unsigned int order;
	unsigned int flags;
	domid_t domid;
	bool narrow;		/* elements are 32-bit */
};

/* How many are done stands above this many bits of the command, when the call is restarted. */
#define MEMORY_COMMAND_BITS	6

/* Can the guest name all of the array? Then element i of it: 0 or -EFAULT. */
must_check bool memory_extents_ok(const struct mem_reservation *r);
must_check int memory_extent_write(const struct mem_reservation *r, uint64_t i, uint64_t n);

/* cmd is XENMEM_{increase,decrease}_reservation or populate_physmap; starts at extent `start`.
 * *done: how many are done in all. 0 (all or stopped early: see *done), -Exxx or HC_RESTART. */
must_check int memory_reservation(struct hcall *h, unsigned int cmd,
				  const struct mem_reservation *r, uint64_t start, uint64_t *done);

struct mem_exchange {
	struct mem_reservation in, out;
	uint64_t done;		/* nr_exchanged */
};
/* x->done moves on. 0, -Exxx or HC_RESTART. */
must_check int memory_exchange(struct hcall *h, struct mem_exchange *x);

struct mem_map_req {
	unsigned int entries;
	gva_t buffer;
};
must_check int memory_map_read(struct hcall *h, struct mem_map_req *m, bool machine);
must_check int memory_map_set(domid_t id, const struct mem_map_req *m);
must_check int memory_mfn_list(gva_t list, unsigned int max, bool compat,
			       bool narrow, unsigned int *written);
must_check int memory_claim(struct hcall *h, const struct mem_reservation *r);
/* How many extents, or the restart that goes on there. */
int64_t memory_reservation_finish(struct hcall *h, unsigned int cmd, int rc, uint64_t done);
/* Ops whose argument is a domid alone, or nothing; false: not one of them. */
bool memory_simple(unsigned int cmd, gva_t arg, int64_t *rc);
must_check int memory_acquire(struct hcall *h, domid_t id, unsigned int type, unsigned int rid,
			      uint64_t first, unsigned int *count, gva_t list, bool narrow);
