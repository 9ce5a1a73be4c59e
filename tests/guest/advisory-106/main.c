// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 106: software interrupts reached handlers that were not open to the ring they came from.
 *
 * Rule: `int n` of ring 3 through a gate whose DPL is lower is #GP at the instruction; the event
 * and exception handlers cannot be called as if they had happened. Provocation: int of each
 * exception vector and some others from ring 3. FAIL if a handler not open to ring 3 runs as its
 * own vector.
 */
#include "rt.h"

#define INT(n) __user static word user_int_##n(word arg) { asm volatile("int $" #n); return arg; }

INT(0)
INT(1) INT(2) INT(6) INT(7) INT(8) INT(13) INT(14) INT(18) INT(32) INT(64) INT(130) INT(200)
	INT(255)

		void test_main(void)
{
	static const struct {
		unsigned int n;
		word (*fn)(word);
	} t[] = {
		{ 0, user_int_0 },     { 1, user_int_1 },     { 2, user_int_2 },
		{ 6, user_int_6 },     { 7, user_int_7 },     { 8, user_int_8 },
		{ 13, user_int_13 },   { 14, user_int_14 },   { 18, user_int_18 },
		{ 32, user_int_32 },   { 64, user_int_64 },   { 130, user_int_130 },
		{ 200, user_int_200 }, { 255, user_int_255 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		int v = user_run(t[i].fn, 0);
		word at = user_address(t[i].fn);

		expect(v == 13, "int %u of ring 3: vector %d", t[i].n, v);
		if (v == 13)
			expect(last.error && last.ip >= at && last.ip < at + 32,
			       "int %u: error %#lx at %#lx", t[i].n, last.error, last.ip);
	}
}
