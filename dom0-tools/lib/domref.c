// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names live in xenstore, numbers in the hypervisor.  A name is never all digits (lib/config.c),
 * so what is all digits is a number.
 */
#include "lib/domref.h"

#include "lib/human.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Numbers from here on are reserved by the ABI. */
#define DOMID_FIRST_RESERVED	0x7ff0

int domref_resolve(struct xs_handle *xs, const char *ref, uint32_t *id)
{
	unsigned int count, i;
	uint64_t number;
	char **ids;
	int rc = -1;

	if (!human_read_number(ref, 0, DOMID_FIRST_RESERVED - 1, &number)) {
		*id = number;
		return 0;
	}
	ids = xs_directory(xs, XBT_NULL, "/local/domain", &count);
	for (i = 0; ids && i < count && rc; i++) {
		char path[64], *name;
		unsigned int length;

		snprintf(path, sizeof(path), "/local/domain/%.10s/name", ids[i]);
		name = xs_read(xs, XBT_NULL, path, &length);
		if (name && !strcmp(name, ref)) {
			*id = strtoul(ids[i], NULL, 10);
			rc = 0;
		}
		free(name);
	}
	free(ids);
	if (rc)
		errno = ESRCH;
	return rc;
}
