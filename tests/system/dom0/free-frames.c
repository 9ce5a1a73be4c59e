// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints how many frames the hypervisor has to give away: to the frame, where `trine info` counts
 * in MiB, and without `trine` itself, which is what is tested.
 */
#include <stdio.h>
#include <stdlib.h>
#include <xenctrl.h>

int main(void)
{
	xc_interface *xc = xc_interface_open(NULL, NULL, 0);
	xc_physinfo_t info = { 0 };

	if (!xc || xc_physinfo(xc, &info)) {
		perror("free-frames");
		return EXIT_FAILURE;
	}
	printf("%llu\n", (unsigned long long)(info.free_pages + info.scrub_pages));
	xc_interface_close(xc);
	return EXIT_SUCCESS;
}
