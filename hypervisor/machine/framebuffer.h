// SPDX-License-Identifier: GPL-2.0-only
/*
 * A screen the loader left us: text on a linear framebuffer (UEFI) or the VGA's text page (BIOS).
 * Only the hypervisor's own lines go there, until the control domain takes the screen over.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct framebuffer {
	uint64_t base;			/* physical; 0: none */
	uint32_t pitch, width, height;	/* bytes a line, pixels */
	uint8_t bpp;
	uint8_t red_at, red_bits, green_at, green_bits, blue_at, blue_bits;
};

/* false: nothing we can write on. Called twice: at the very start, and when map_init() has replaced
 * the page tables. */
bool screen_init(const struct framebuffer *fb);
void screen_write(const char *text, size_t bytes);
/* The control domain draws now: write no more. */
void screen_release(void);
