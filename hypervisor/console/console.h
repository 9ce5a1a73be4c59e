// SPDX-License-Identifier: GPL-2.0-only
/*
 * The console: what we have to say, what the control domain says, and what is typed.
 *
 * Lines from lib/log get "(trine) " in front and go to the ring (which the tools read) and to the
 * serial line. The control domain's text goes to the serial line as it is. Typed characters are
 * the control domain's, until Ctrl-A three times in a row makes them debug keys, and back.
 *
 * The ring holds the last CONRING_BYTES bytes; its indices run on and are cut when used.
 * Locks: console lock (RANK_CONSOLE): ring, input buffer, the serial line's order of lines. Telling a
 * domain takes others, so it waits for SOFTIRQ_CONSOLE.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/sysctl.h>

#include "guest/hcall.h"

#define CONRING_BYTES	32768u

/* Take over lib/log's lines: ring, serial line, screen. Any time after the serial line works. */
void console_init(void);
/* From now on input is heard, and the control domain is told of it and of new lines. Needs
 * softirqs and interrupts. */
void console_late_init(void);

/* Domains other than the control one may write too, a line at a time. */
extern bool console_guests_write;

/* A character came over the serial line (interrupt handler or poll). */
void console_rx(char c);

/* sysctl readconsole: copies into op->buffer, updates op. 0, -EFAULT. */
must_check int console_ring_read(struct xen_sysctl_readconsole *op);
/* Debug key w: the whole ring once more to the serial line. */
void console_ring_show(void);

int64_t hc_console_io(struct hcall *h);

/* A debug key, as typed or by sysctl. (console/keys.c) */
void keys_handle(char key);
