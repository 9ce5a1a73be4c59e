// SPDX-License-Identifier: GPL-2.0-only
/* Included in front of every file: no symbol is seen from outside, so none needs a detour by way
 * of a global offset table. */
#pragma once
#pragma GCC visibility push(hidden)
