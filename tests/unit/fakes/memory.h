// SPDX-License-Identifier: GPL-2.0-only
/*
 * A machine's memory on Linux: fake_memory(n) gives the tests n frames of RAM from 0 on, with direct
 * map, frame table and M2P windows where the (shifted) layout says, and all frames from
 * FRAMES_LOW_COUNT on free. Called again, it starts anew.
 */
#pragma once

#include <stdint.h>

void fake_memory(uint64_t frames);
