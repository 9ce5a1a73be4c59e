// SPDX-License-Identifier: GPL-2.0-only
/*
 * Physical interrupts handed to a guest.
 *
 * A guest that drives hardware knows an interrupt by a number of its own, a pirq. Mapping makes a
 * pirq stand for a pin of an I/O APIC (by custom the pirq of GSI n is n) or for a device's message
 * (pirqs from IRQ_GSI_MAX on); binding connects it to an event channel, and only then may it
 * interrupt. It is a level interrupt's nature to stay until answered: the guest says so with
 * PHYSDEVOP_eoi, and a page it shares with us (the EOI map) tells it for which pirqs that is needed.
 *
 *	free -pirq_map_gsi/_msi-> mapped -pirq_bind-> bound -pirq_unbind-> mapped -pirq_unmap-> free
 *
 * Invariant: a bound pirq owns its descriptor (machine/irq.h).
 * Locks: table->lock (RANK_PIRQ) guards the table; delivery takes none: it reads the port once, and
 * whoever unbinds waits until no delivery runs.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "guest/domain.h"
#include "lib/bug.h"
#include "machine/irq.h"
#include "machine/pci.h"

#define PIRQ_MAX	IRQ_MAX

must_check int pirq_domain_init(struct domain *d);	/* -ENOMEM; d->privileged is set already */
void pirq_domain_free(struct domain *d);
/* A dying domain gives its interrupts back. Its event channels are closed. */
void pirq_relinquish(struct domain *d);

/*
 * For EVTCHNOP_bind_pirq, with d's event-channel lock held; port is not 0. `share` says the guest
 * would share the interrupt with other domains; nobody else can have it, so it changes nothing.
 * Fails: -EINVAL not mapped; -EEXIST bound already; -EBUSY the interrupt is ours; -ENOSPC.
 */
must_check int pirq_bind(struct domain *d, unsigned int pirq, bool share, uint32_t port);
/* Its port is being closed. */
void pirq_unbind(struct domain *d, unsigned int pirq);

/*
 * Mapping. *pirq: the number wanted, or negative for any; gets the one given.
 * Fails: -EPERM d drives no hardware; -EINVAL no such pin or number; -EBUSY taken; what msi_alloc()
 * and msix_alloc() say; -ENOSPC.
 */
must_check int pirq_map_gsi(struct domain *d, int gsi, int *pirq);
/* count messages of plain MSI; the pirqs are in a row. */
must_check int pirq_map_msi(struct domain *d, struct pci_address at, unsigned int count, int *pirq);
must_check int pirq_map_msix(struct domain *d, struct pci_address at, unsigned int entry,
			     uint64_t table_base, int *pirq);
/* All of a row, named by its first. Closes nothing: a port bound to it stays, and is silent. */
must_check int pirq_unmap(struct domain *d, int pirq);
/* A number that is not mapped now, or -ENOSPC. */
int pirq_find_free(struct domain *d, bool message);

/* The guest has dealt with it. -EINVAL: no such number. */
must_check int pirq_eoi(struct domain *d, unsigned int pirq);
/* PHYSDEVOP_IRQ_UNMASK_NOTIFY: everything whose event is not masked any more is dealt with. */
void pirq_eoi_unmasked(struct domain *d);
/* May an EOI be needed? -EINVAL no such number. */
must_check int pirq_needs_eoi(struct domain *d, unsigned int pirq, bool *needed);

/*
 * Keep this page of d's as its EOI map. unmasks: PHYSDEVOP_eoi also unmasks the event channel.
 * Fails: -EBUSY it has one; the page's errors.
 */
must_check int pirq_set_eoi_map(struct domain *d, gfn_t page, bool unmasks);
