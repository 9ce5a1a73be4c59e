// SPDX-License-Identifier: GPL-2.0-only
/*
 * The builder: a kernel of the time before notes, described by a string in a section named
 * __xen_guest.
 *
 * Rule: the string's addresses hold as the notes' would: base, offset, hypercall page (by page
 * number), entry by ELF header.
 */
#include "rt.h"

void test_main(void)
{
	expect_eq(hcall_page(__HYPERVISOR_xen_version, XENVER_version, 0, 0, 0, 0, 0),
		  xen_version(XENVER_version, NULL), "version by the hypercall page");
	expect_eq(m2p[mfn_of(&shared_info_page)], va_to_pfn(&shared_info_page), "our base address");
}
