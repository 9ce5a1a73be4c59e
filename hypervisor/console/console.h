// SPDX-License-Identifier: GPL-2.0-only
/*
 * The console: what we have to say, what the control domain says, and what is typed.
 *
 * Lines from lib/log get "(trine) " in front and go to the ring (which the tools read) and to the
 * serial line. The control domain's text goes to the serial line as it is. Typed characters are
 * the control domain's, until Ctrl-A three times in a row makes them debug keys, and back.
 *
 * The ring holds the last CONRING_BYTES bytes; its indices run on and are cut when used.
 * Locks: console lock (RANK_CONSOLE): ring, input buffer, the serial line's order of lines.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/sysctl.h>

#include "guest/hcall.h"

#define CONRING_BYTES	32768u

/* Take over lib/log's lines. Before this they are lost. Needs nothing but console_put below. */
void console_init(void);
/* From now on domains hear of new text and input (VIRQ_CON_RING, VIRQ_CONSOLE). */
void console_late_init(void);

/* Where bytes go besides the ring: up to two devices. Boot gives the UART and the screen. */
typedef void console_put_fn(const char *text, size_t bytes);
void console_add_output(console_put_fn *put);
/* Domains other than the control one may write too. */
extern bool console_guests_write;

/* A character came over the serial line (interrupt handler or poll). */
void console_rx(char c);

/* sysctl readconsole: copies into op->buffer, updates op. 0, -EFAULT. */
must_check int console_ring_read(struct xen_sysctl_readconsole *op);
void console_ring_clear(void);

int64_t hc_console_io(struct hcall *h);

/* A debug key, as typed or by sysctl. (console/keys.c) */
void keys_handle(char key);
