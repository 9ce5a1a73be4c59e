// SPDX-License-Identifier: GPL-2.0-only
/*
 * console_io: the first domain's way to the serial line.
 *
 * Rule: text of any length and any bytes is taken; reading without input gives 0; a pointer to
 * nothing gives an errno; unknown operations too.
 */
#include "rt.h"

static long console_io(unsigned int op, long n, const void *p)
{
	return hcall3(__HYPERVISOR_console_io, op, n, p);
}

void test_main(void)
{
	static char text[3000], in[128];
	long rc;

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = i % 64 == 63 ? '\n' : 'a' + i % 26;
	expect_eq(console_io(CONSOLEIO_write, sizeof(text), text), 0, "3000 bytes");
	for (int i = 0; i < 256; i++)
		text[i] = i == 0x1b ? '.' : i;
	expect_eq(console_io(CONSOLEIO_write, 256, text), 0, "every byte");
	expect_eq(console_io(CONSOLEIO_write, 1, "\n"), 0, "a new line");
	expect_eq(console_io(CONSOLEIO_write, 0, text), 0, "nothing");
	rc = console_io(CONSOLEIO_read, sizeof(in), in);
	expect(rc >= 0 && rc <= (long)sizeof(in), "read: %ld", rc);
	expect_eq(console_io(CONSOLEIO_write, 8, (void *)8), -XEFAULT, "write from address 8");
	if (WIDE)
		expect_eq(console_io(CONSOLEIO_write, 8, (void *)(word)0xffff830000000000ull),
			  -XEFAULT, "write from the hypervisor");
	expect_eq(console_io(99, 8, text), -XENOSYS, "console_io 99");
	rc = console_io(CONSOLEIO_read, -1, in);
	expect(rc <= 0, "read of -1 bytes: %ld", rc);
}
