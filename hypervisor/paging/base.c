// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where a vcpu's tables begin, what is behind its windows, and walks from there.
 *
 * A 64-bit vcpu's cr3 is an L4 of its guest's, checked, with our slots in it. A 32-bit vcpu's is a
 * monitor table of ours: slot 0 names the guest's L3, so all four of its entries are at the bottom
 * of the address space, and our slots are the same as everywhere. v->table holds a typed reference
 * to the guest's table for as long as a CPU may have it in cr3.
 *
 * The per-domain area (L4 slot 258) holds a 256 KiB window for each vcpu: eight windows to an L1.
 */
#include "cpu/asm.h"
#include "cpu/tlb.h"
#include "lib/log.h"
#include "lib/string.h"
#include "mem/alloc.h"
#include "mem/map.h"
#include "paging/l1.h"
#include "paging/paging.h"

#define HV_TABLE	(PTE_P | PTE_W | PTE_A | PTE_D)
#define GUEST_L3	(PTE_P | PTE_W | PTE_U | PTE_A | PTE_D)

#define VCPUS_PER_L1	((unsigned int)(PT_ENTRIES * PAGE_SIZE / VCPU_WINDOW_SIZE))
#define WINDOW_ENTRIES	(VCPU_WINDOW_SIZE / PAGE_SIZE)

static_assert(MAX_VCPUS * VCPU_WINDOW_SIZE <= 1ul << L3_SHIFT, "all windows are below one L2");

/* --- the per-domain area --- */

static pte_t *table_below(pte_t e)
{
	return pte_present(e) ? map_mfn(pte_mfn(e)) : NULL;
}

static pte_t *table_below_make(pte_t *e)
{
	pte_t *below = table_below(*e);

	if (below)
		return below;
	below = hv_page_alloc();
	if (below)
		write_once(e->raw, pa_of(below) | HV_TABLE);
	return below;
}

int paging_domain_init(struct domain *d)
{
	list_init(&d->frames_gone);
	d->teardown_table = NULL;
	d->perdomain_l3 = hv_page_alloc();
	if (!d->perdomain_l3)
		return -ENOMEM;
	if (!table_below_make(&d->perdomain_l3[0])) {
		paging_domain_free(d);
		return -ENOMEM;
	}
	return 0;
}

void paging_domain_free(struct domain *d)
{
	pte_t *l2;

	if (!d->perdomain_l3)
		return;
	BUG_ON(d->teardown_table);
	l2 = table_below(d->perdomain_l3[0]);
	for (unsigned int i = 0; l2 && i < PT_ENTRIES; i++) {
		if (table_below(l2[i]))
			hv_page_free(table_below(l2[i]));
	}
	if (l2)
		hv_page_free(l2);
	hv_page_free(d->perdomain_l3);
	d->perdomain_l3 = NULL;
}

/* --- vcpus --- */

int paging_vcpu_set_32bit(struct vcpu *v)
{
	if (v->monitor)
		return 0;
	v->monitor = hv_page_alloc();
	if (!v->monitor)
		return -ENOMEM;
	map_fill_hv_slots((uint64_t *)v->monitor, pa_of(v->domain->perdomain_l3));
	v->monitor_mfn = mfn_of(v->monitor);
	paging_update_cr3(v);
	return 0;
}

void paging_vcpu_set_64bit(struct vcpu *v)
{
	pte_t *monitor = v->monitor;

	v->monitor = NULL;
	v->cr3 = hv_cr3;
	if (!monitor)
		return;
	if ((read_cr3() & PTE_FRAME) == pa_of(monitor))
		tlb_load_cr3(hv_cr3);
	hv_page_free(monitor);
}

int paging_vcpu_init(struct vcpu *v)
{
	struct domain *d = v->domain;
	pte_t *l2 = table_below(d->perdomain_l3[0]), *l1;

	l1 = table_below_make(&l2[v->id / VCPUS_PER_L1]);
	if (!l1)
		return -ENOMEM;
	v->window = &l1[(v->id % VCPUS_PER_L1) * WINDOW_ENTRIES];
	gdt_clear(v);
	v->kernel_cr3 = hv_cr3;
	paging_update_cr3(v);
	return d->is_32bit ? paging_vcpu_set_32bit(v) : 0;
}

void paging_vcpu_free(struct vcpu *v)
{
	gdt_clear(v);
	ldt_unmap_all(v);
	paging_drop_bases(v);
	paging_vcpu_set_64bit(v);
	v->window = NULL;	/* its L1 goes with the domain */
}

/* --- bases --- */

static inline void update_cr3(struct vcpu *v)
{
	if (v->monitor) {
		write_once(v->monitor[0].raw, v->table ? frame_pa(v->table) | GUEST_L3 : 0);
		v->cr3 = v->monitor_mfn.n << PAGE_SHIFT;
		return;
	}
	v->cr3 = !v->kernel_mode && v->user_cr3 ? v->user_cr3 : v->kernel_cr3;
}

void paging_update_cr3(struct vcpu *v)
{
	update_cr3(v);
}

void paging_load_cr3(struct vcpu *v)
{
	if (v == current)
		tlb_load_cr3(v->cr3);
}

/* v's cr3, or what is behind it, is new; before that, this CPU may have had old_cr3 loaded, even
 * if v does not run any more (idle goes on with what was there). Another vcpu that runs on the same
 * table has a reference of its own, and keeps it. */
static inline void leave_old_base(struct vcpu *v, uint64_t old_cr3)
{
	uint64_t now;

	if (likely(v == current)) {
		tlb_load_cr3(v->cr3);
		return;
	}
	now = read_cr3() & PTE_FRAME;
	if (now == (old_cr3 & PTE_FRAME) && now != (current->cr3 & PTE_FRAME))
		tlb_load_cr3(hv_cr3);
}

/* A reference of each kind to a table that v may have in cr3. */
static inline int base_hold(const struct vcpu *v, struct frame *f, struct hcall *h)
{
	const struct domain *d = v->domain;
	int rc;

	if (unlikely(!frame_get(f, d)))
		return refuse(-EPERM, "base %#lx: not d%u's", frame_mfn(f).n, d->id);
	rc = type_get(f, d->is_32bit ? PT_L3 : PT_L4, h);
	if (unlikely(rc))
		frame_put(f);
	return rc;
}

int paging_set_base(struct vcpu *v, gfn_t base, bool user, struct hcall *h)
{
	struct frame **held = user ? &v->table_user : &v->table;
	struct frame *old = *held, *f = NULL;
	uint64_t old_cr3 = v->cr3;
	int rc;

	if (user && v->domain->is_32bit)
		return base.n ? refuse(-EINVAL, "a user base for a 32-bit guest") : 0;
	if (likely(!user || base.n)) {
		f = frame_look_up(base);
		if (unlikely(!f))
			return refuse(-EINVAL, "base %#lx: no such frame", base.n);
		/* What is held already is held for what it is wanted for. */
		if (f == old) {
			old = NULL;
		} else {
			rc = base_hold(v, f, h);
			if (unlikely(rc))
				return rc;
		}
	}
	*held = f;
	*(user ? &v->user_cr3 : &v->kernel_cr3) = f ? frame_pa(f) : 0;
	/* The user's table is in cr3 only while the user runs. */
	if (!user || !v->kernel_mode) {
		update_cr3(v);
		leave_old_base(v, old_cr3);
	}
	if (old)
		frame_put_and_type(old);
	return 0;
}

int paging_pin_base(struct vcpu *v)
{
	struct frame *f = v->table;
	int rc;

	rc = frame_get_and_type(f, v->domain, v->domain->is_32bit ? PT_L3 : PT_L4, NULL);
	if (rc)
		return rc;
	rc = type_pin(f);
	if (rc)
		frame_put_and_type(f);
	return rc;
}

void paging_drop_bases(struct vcpu *v)
{
	struct frame *table = v->table, *table_user = v->table_user;
	uint64_t old_cr3 = v->cr3;

	v->table = v->table_user = NULL;
	v->kernel_cr3 = hv_cr3;
	v->user_cr3 = 0;
	if (!table && !table_user)
		return;
	paging_update_cr3(v);
	leave_old_base(v, old_cr3);
	if (table)
		frame_put_and_type(table);
	if (table_user)
		frame_put_and_type(table_user);
}

/* --- walks --- */

static bool walk_from(uint64_t cr3, uint64_t va, struct guest_walk *out)
{
	uint64_t pa = cr3 & PTE_FRAME;

	memset(out, 0, sizeof(*out));
	out->writable = out->user = true;
	out->level = 4;
	if (!is_canonical(va))
		return false;
	for (unsigned int level = 4; level >= 1; level--) {
		unsigned int slot = va >> (PAGE_SHIFT + 9 * (level - 1)) & (PT_ENTRIES - 1);
		const pte_t *table = map_pa(pa);
		pte_t e = { read_once(table[slot].raw) };

		out->e[level] = e;
		out->table[level] = frame_of(mfn(pa >> PAGE_SHIFT));
		out->slot[level] = slot;
		out->level = level;
		if (!pte_present(e))
			return false;
		out->writable &= (e.raw & PTE_W) != 0;
		out->user &= (e.raw & PTE_U) != 0;
		out->nx |= (e.raw & PTE_NX) != 0;
		if (level > 1 && (e.raw & PTE_PS))
			break;
		pa = e.raw & PTE_FRAME;
	}
	out->present = true;
	return true;
}

bool guest_walk(const struct vcpu *v, uint64_t va, struct guest_walk *out)
{
	return walk_from(v->cr3, va, out);
}

bool guest_kernel_walk(const struct vcpu *v, uint64_t va, struct guest_walk *out)
{
	return walk_from(v->monitor ? v->cr3 : v->kernel_cr3, va, out);
}

struct frame *guest_l1(const struct vcpu *v, uint64_t va, unsigned int *slot)
{
	pte_t *entry = l1_entry_of(v, va);

	if (!entry)
		return NULL;
	*slot = va >> PAGE_SHIFT & (PT_ENTRIES - 1);
	return frame_of(mfn_of(entry));
}

void paging_init(void)
{
	pte_init();
	segdesc_init();
	m2p_init();
}
