// SPDX-License-Identifier: GPL-2.0-only
/*
 * The FPU and vector registers, saved and restored eagerly at every switch between vcpus: lazy
 * switching leaks registers to speculation.
 *
 * An area is fpu_area_size() bytes, 64-byte aligned, in XSAVE's standard layout (FXSAVE's 512
 * bytes where the CPU has no XSAVE). XCR0 belongs to the guest (xcr0 below): we save with
 * everything the guest ever enabled (xcr0_accum), so that nothing stays behind, and then load its
 * own XCR0. CR0.TS is the guest's too and is not touched here: the caller has cleared it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/bug.h"

void fpu_init(void);			/* per CPU; after features_init() */
size_t fpu_area_size(void);		/* for everything the host's XCR0 may hold */
uint64_t fpu_xcr0_host(void);		/* what guests may enable; 0 without XSAVE */
void fpu_area_init(void *area);		/* as after power-on: FCW 0x37f, MXCSR 0x1f80 */

/*
 * Areas as tools carry them from one vcpu to another. fpu_bytes(): the size of one for these states
 * (X87 and SSE are always in). fpu_area_check(): -EINVAL, the CPU would not load it: a header that
 * says what the standard layout has not, or states beyond these. fpu_area_set_legacy(): the 512
 * bytes of an FXSAVE image, whatever the area held of X87 and SSE before.
 */
#define FPU_LEGACY_BYTES	512
size_t fpu_bytes(uint64_t states);
must_check int fpu_area_check(const void *area, uint64_t states);
void fpu_area_set_legacy(void *area, const void *image);

void fpu_save(void *area, uint64_t xcr0_accum);
/* An area the tools wrote may hold bits the CPU refuses: then the power-on state is loaded and
 * this gives -EINVAL. xcr0 is what the guest will see (0: without XSAVE, or X87 only). */
int fpu_restore(void *area, uint64_t xcr0_accum, uint64_t xcr0);

/* May a guest load this XCR0? -EINVAL: bits the CPU lacks or combinations it refuses. */
must_check int fpu_xcr0_check(uint64_t xcr0);
