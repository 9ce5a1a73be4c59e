// SPDX-License-Identifier: GPL-2.0-only
#include "machine/uart.h"

#include "cpu/asm.h"
#include "lib/format.h"
#include "lib/string.h"

/* Registers and bits: PC16550D data sheet. */
enum {
	UART_DATA = 0,		/* DLL when DLAB is set */
	UART_IER = 1,		/* DLM */
	UART_FCR = 2,
	UART_LCR = 3,
	UART_MCR = 4,
	UART_LSR = 5,
	UART_SCRATCH = 7,
};

#define IER_RX		0x01
#define FCR_ENABLE	0x07		/* on, both queues emptied */
#define LCR_DLAB	0x80
#define MCR_ON		0x0b		/* DTR, RTS, OUT2 (lets interrupts out) */
#define LSR_RX_READY	0x01
#define LSR_TX_EMPTY	0x20
#define TX_QUEUE	16
#define CLOCK_BAUD	115200u

static uint16_t base;
static unsigned int irq;

struct line {
	unsigned int baud;
	uint8_t lcr;
};

/* "8n1" and its like. */
static bool parse_frame(const char **p, struct line *line)
{
	static const char parities[] = "noems";
	static const uint8_t parity_bits[] = { 0x00, 0x08, 0x18, 0x28, 0x38 };
	const char *s = *p, *parity;

	if (s[0] < '5' || s[0] > '8' || !s[1] || (s[2] != '1' && s[2] != '2'))
		return false;
	parity = strchr(parities, s[1]);
	if (!parity)
		return false;
	line->lcr = (uint8_t)((s[0] - '5') | parity_bits[parity - parities] |
			      (s[2] == '2' ? 0x04 : 0));
	*p = s + 3;
	return true;
}

/* baud[,frame[,base[,irq]]]; "auto" keeps the baud rate. */
static bool parse(const char *s, struct line *line)
{
	if (!strncmp(s, "auto", 4)) {
		line->baud = 0;
		s += 4;
	} else if (*s && *s != ',') {
		line->baud = (unsigned int)strtou64(s, &s);
		if (!line->baud || CLOCK_BAUD % line->baud)
			return false;
	}
	if (*s == '/')		/* a clock rate, which only unusual boards need */
		strtou64(s + 1, &s);
	if (*s == ',') {
		s++;
		if (*s != ',' && *s && !parse_frame(&s, line))
			return false;
	}
	if (*s == ',')
		base = (uint16_t)strtou64(s + 1, &s);
	if (*s == ',')
		irq = (unsigned int)strtou64(s + 1, &s);
	return !*s;
}

bool uart_init(unsigned int port, const char *options)
{
	struct line line = { .baud = 115200, .lcr = 0x03 };
	uint16_t divisor;

	base = port == 2 ? 0x2f8 : 0x3f8;
	irq = port == 2 ? 3 : 4;
	if (!parse(options, &line))
		goto none;

	outb(0x5a, base + UART_SCRATCH);
	if (inb(base + UART_SCRATCH) != 0x5a)
		goto none;

	outb(0, base + UART_IER);
	if (line.baud) {
		divisor = (uint16_t)(CLOCK_BAUD / line.baud);
		outb(line.lcr | LCR_DLAB, base + UART_LCR);
		outb(divisor & 0xff, base + UART_DATA);
		outb(divisor >> 8, base + UART_IER);
	}
	outb(line.lcr, base + UART_LCR);
	outb(FCR_ENABLE, base + UART_FCR);
	outb(MCR_ON, base + UART_MCR);
	return true;
none:
	base = 0;
	irq = 0;
	return false;
}

/* How many more bytes fit into the transmit queue. */
static unsigned int room;

static void put(char c)
{
	/* A line that never gets ready must not stop the machine. */
	for (unsigned int i = 0; !room && i < 1000000; i++) {
		if (inb(base + UART_LSR) & LSR_TX_EMPTY)
			room = TX_QUEUE;
		else
			cpu_relax();
	}
	if (room)
		room--;
	outb((uint8_t)c, base + UART_DATA);
}

void uart_write(const char *text, size_t bytes)
{
	if (!base)
		return;
	for (size_t i = 0; i < bytes; i++) {
		if (text[i] == '\n')
			put('\r');
		put(text[i]);
	}
}

int uart_read(void)
{
	if (!base || !(inb(base + UART_LSR) & LSR_RX_READY))
		return -1;
	return inb(base + UART_DATA);
}

unsigned int uart_irq(void)
{
	return irq;
}

uint16_t uart_base(void)
{
	return base;
}

void uart_irq_enable(void)
{
	if (base)
		outb(IER_RX, base + UART_IER);
}
