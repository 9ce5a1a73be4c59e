// SPDX-License-Identifier: GPL-2.0-only
/*
 * IN and OUT: by virtual IOPL, by the port bitmap, and string forms.
 *
 * Rule: without IOPL or a bit in set_iobitmap a port raises #GP; with either it goes through; the
 * ports that are the hypervisor's own (its serial line, PIC, PIT) read as all ones or as something
 * harmless, and writes there do nothing: the line we are printing on still works. Sizes 1, 2, 4;
 * immediate and dx.
 */
#include "rt.h"

static uint8_t bitmap[8192];

static long set_iopl(unsigned int level)
{
	struct physdev_set_iopl op = { .iopl = level };

	return physdev_op(PHYSDEVOP_set_iopl, &op);
}

static int in_byte(uint16_t port, uint8_t *value)
{
	uint8_t v = 0;
	int vector = PROBE("in %%dx, %%al", : "+a"(v) : "d"(port));

	*value = v;
	return vector;
}

__user static word user_in(word port)
{
	uint8_t v;

	asm volatile("in %%dx, %%al" : "=a"(v) : "d"((uint16_t)port));
	return v;
}

void test_main(void)
{
	struct physdev_set_iobitmap map = { .nr_ports = 65536 };
	uint8_t v;
	uint16_t w = 0;
	uint32_t d = 0;

	expect_eq(in_byte(0x80, &v), 13, "in without permission");
	memset(bitmap, 0xff, sizeof(bitmap));
	bitmap[0x80 / 8] &= ~(1 << 0x80 % 8);
	set_xen_guest_handle(map.bitmap, bitmap);
	expect_eq(physdev_op(PHYSDEVOP_set_iobitmap, &map), 0, "set_iobitmap");
	expect_eq(in_byte(0x80, &v), -1, "in of a port in the bitmap");
	expect_eq(in_byte(0x84, &v), 13, "in of a port not in the bitmap");
	expect_eq(user_run(user_in, 0x80), VECTOR_USER_DONE, "ring 3: in of a port in the bitmap");
	expect_eq(user_run(user_in, 0x84), 13, "ring 3: in of a port not in the bitmap");
	expect_eq(PROBE("in %%dx, %%ax",
			: "=a"(w)
			: "d"((uint16_t)0x80)),
		  13, "a word, with one port of two allowed");
	map.nr_ports = 0;
	expect_eq(physdev_op(PHYSDEVOP_set_iobitmap, &map), 0, "no bitmap");
	expect_eq(in_byte(0x80, &v), 13, "in without permission again");

	expect_eq(set_iopl(1), 0, "set_iopl");
	expect_eq(in_byte(0x80, &v), -1, "in with IOPL");
	expect_eq(PROBE("in $0x71, %%al", : "=a"(v)), -1, "in with an immediate port");
	expect_eq(PROBE("in %%dx, %%ax", : "=a"(w) : "d"((uint16_t)0x80)), -1, "in of a word");
	expect_eq(PROBE("in %%dx, %%eax", : "=a"(d) : "d"((uint16_t)0xcf8)), -1, "in of a long");
	expect_eq(PROBE("out %%eax, %%dx",
			:
			: "a"(0x80000000), "d"((uint16_t)0xcf8)),
		  -1, "out of a long");
	expect_eq(PROBE("in %%dx, %%eax",
			: "=a"(d)
			: "d"((uint16_t)0xcfc)),
		  -1, "configuration of the host bridge");
	note("the host bridge is %#x", d);
	expect(d != 0xffffffff && d, "no host bridge");

	/* The hypervisor's serial line: reprogramming it must not silence us. */
	for (uint16_t p = 0x3f8; p < 0x400; p++)
		PROBE("out %%al, %%dx", : : "a"(0), "d"(p));
	PROBE("out %%al, %%dx", : : "a"(0xff), "d"((uint16_t)0x3fb));
	/* Interrupt controllers and timer: the same. */
	PROBE("out %%al, %%dx", : : "a"(0xff), "d"((uint16_t)0x21));
	PROBE("out %%al, %%dx", : : "a"(0x11), "d"((uint16_t)0x20));
	PROBE("out %%al, %%dx", : : "a"(0), "d"((uint16_t)0x43));
	note("still speaking");

	/* Every port reads without a surprise (the RTC's index is put back to something tame
	 * first). */
	for (unsigned int p = 0; p < 0x400; p++)
		if (in_byte(p, &v) != -1) {
			test_fail("in of port %#x with IOPL: vector %d", p, last.vector);
			break;
		}
	{
		char buf[8] = { 0 };
		const char *from = buf;
		word n = 4;
		int vec = PROBE("cld; rep outsb",
				: "+S"(from), "+c"(n)
				: "d"((uint16_t)0x80)
				: "memory");

		expect(vec == -1 || vec == 13, "rep outsb: vector %d", vec);
	}
	set_iopl(0);
}
