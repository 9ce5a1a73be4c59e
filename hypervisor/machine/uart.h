// SPDX-License-Identifier: GPL-2.0-only
/*
 * The 16550 serial ports: bytes out by polling, bytes in by interrupt or poll.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Port 1 or 2 with the option's text ("115200,8n1", "9600,8n1,0x3e8,5", or "": defaults).
 * false: the text is wrong, or nothing answers there. */
bool uart_init(unsigned int port, const char *options);
void uart_write(const char *text, size_t bytes);
int uart_read(void);			/* -1: nothing there */
unsigned int uart_irq(void);		/* the ISA interrupt; 0: no port */
uint16_t uart_base(void);		/* its first I/O port: not for guests; 0: no port */
void uart_irq_enable(void);		/* from now on it interrupts for input */
