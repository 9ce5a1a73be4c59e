// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the control domain may touch of the machine: all of it, less what is ours.
 *
 * Ours are the interrupt controllers, the local APICs and the serial line of our console. RAM is
 * not a matter of permission: paging/ never hands out a frame that somebody owns.
 */
#pragma once

#include <stdint.h>

#include "guest/domain.h"

struct dom0_vga_console_info;

must_check int dom0_permissions(struct domain *d);
/* Describe the screen for start_info. Gives the bytes written. */
uint32_t dom0_console_info(struct dom0_vga_console_info *info);
