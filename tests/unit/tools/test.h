/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What every test of the tool's libraries includes, in the order cmocka wants.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdbool.h>
#include <cmocka.h>

#define COUNT(array)		(sizeof(array) / sizeof((array)[0]))
