// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 296: a vcpu's context with contents nobody had thought of hit a BUG().
 *
 * Rule: a context is checked whole; what does not fit is an errno. Provocation: contexts of random
 * words, and honest ones with one field spoiled. FAIL is a dead machine.
 */
#include "rt.h"

static void park(word arg)
{
	(void)arg;
}

void test_main(void)
{
	unsigned int taken = 0;

	rng_seed(296);
	for (int round = 0; round < 200; round++) {
		struct vcpu_guest_context *c = vcpu_context(1, park, 0);
		word *w = (word *)c;
		size_t words = sizeof(*c) / sizeof(word);

		if (round & 1) {
			for (size_t i = 0; i < words; i++)
				w[i] = rng();
			if (round & 2)
				c->flags = VGCF_in_kernel;
			if (round & 4)
				c->gdt_ents = 0;
			if (round & 8)
				c->ctrlreg[3] = xen_pfn_to_cr3(mfn_of((void *)si->pt_base));
		} else {
			w[(uint32_t)rng() % words] = rng();
			w[(uint32_t)rng() % words] = rng();
		}
		if (!vcpu_op(VCPUOP_initialise, 1, c)) {
			taken++;
			break;
		}
	}
	note("%u contexts were taken", taken);
	expect(vcpu_op(VCPUOP_initialise, 0, vcpu_context(1, park, 0)) < 0,
	       "a context for the running vcpu");
	expect(vcpu_op(VCPUOP_initialise, 99, vcpu_context(1, park, 0)) < 0,
	       "a context for vcpu 99");
	expect_eq(PROBE("ud2", : :), 6, "a trap");
}
