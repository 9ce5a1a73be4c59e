// SPDX-License-Identifier: GPL-2.0-only
#include "lib/bits.h"
#include "machine/framebuffer.h"
#include "mem/map.h"

#define VGA_TEXT	0xb8000ul
#define VGA_COLUMNS	80u
#define VGA_ROWS	25u
#define VGA_LIGHT_GREY	0x0700u

static volatile uint16_t *vga;
static unsigned int column, row;

bool screen_init(const struct framebuffer *fb)
{
	if (fb->base)
		return false;
	vga = (volatile uint16_t *)ioremap(VGA_TEXT, VGA_COLUMNS * VGA_ROWS * 2, CACHE_UC);
	if (!vga)
		return false;
	for (unsigned int i = 0; i < VGA_COLUMNS * VGA_ROWS; i++)
		vga[i] = VGA_LIGHT_GREY | ' ';
	return true;
}

static void scroll(void)
{
	for (unsigned int i = 0; i < VGA_COLUMNS * (VGA_ROWS - 1); i++)
		vga[i] = vga[i + VGA_COLUMNS];
	for (unsigned int i = 0; i < VGA_COLUMNS; i++)
		vga[VGA_COLUMNS * (VGA_ROWS - 1) + i] = VGA_LIGHT_GREY | ' ';
}

static void put(char c)
{
	if (c == '\n' || column == VGA_COLUMNS) {
		column = 0;
		if (row + 1 < VGA_ROWS)
			row++;
		else
			scroll();
	}
	if (c == '\r')
		column = 0;
	else if (c >= ' ')
		vga[row * VGA_COLUMNS + column++] = (uint16_t)(VGA_LIGHT_GREY | (uint8_t)c);
}

void screen_write(const char *text, size_t bytes)
{
	if (!vga)
		return;
	for (size_t i = 0; i < bytes; i++)
		put(text[i]);
}

void screen_release(void)
{
	vga = NULL;
}
