// SPDX-License-Identifier: GPL-2.0-only
/*
 * Error numbers, as the ABI fixes them (xen/errno.h). Functions return them negated.
 * Host tests use the system's, which are the same numbers wherever both have the name.
 */
#pragma once

#if __STDC_HOSTED__
#include <errno.h>
#else
#define XEN_ERRNO(name, value) name = value,
enum errno_value {
#include <xen/errno.h>
};
#endif
