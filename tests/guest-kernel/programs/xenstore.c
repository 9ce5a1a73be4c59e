// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's own words to xenstore, by /dev/xen/xenbus: Debian has no xenstore tools for i386.
 *
 *	xenstore read PATH
 *	xenstore write PATH VALUE
 *	xenstore clock PATH SECONDS	write the monotonic clock there, ten times a second
 */
#include "test.h"

#include <fcntl.h>

struct message {			/* as in xen/io/xs_wire.h */
	uint32_t type, request, transaction, length;
};

#define XS_READ		2
#define XS_WRITE	11
#define XS_ERROR	16

static int bus;

static void exactly(void *buffer, size_t length)
{
	char *at = buffer;

	while (length) {
		ssize_t got = read(bus, at, length);

		CHECK(got > 0, "xenbus");
		at += got;
		length -= got;
	}
}

/* Gives the answer's type; the answer is NUL-terminated. */
static uint32_t ask(uint32_t type, const char *path, const char *value, char answer[4097])
{
	struct message head = { .type = type };
	size_t length = strlen(path) + 1;
	char out[sizeof(head) + 4096];

	memcpy(out + sizeof(head), path, length);
	if (value) {
		memcpy(out + sizeof(head) + length, value, strlen(value));
		length += strlen(value);
	}
	head.length = length;
	memcpy(out, &head, sizeof(head));
	CHECK(write(bus, out, sizeof(head) + length) == (ssize_t)(sizeof(head) + length), "xenbus");
	exactly(&head, sizeof(head));
	CHECK(head.length <= 4096, "an answer of %u bytes", head.length);
	exactly(answer, head.length);
	answer[head.length] = '\0';
	return head.type;
}

int main(int argc, char **argv)
{
	char answer[4097], text[32];
	uint32_t type = XS_ERROR;

	bus = open("/dev/xen/xenbus", O_RDWR);
	if (bus < 0)
		SKIP("no /dev/xen/xenbus");
	if (argc == 3 && !strcmp(argv[1], "read")) {
		type = ask(XS_READ, argv[2], NULL, answer);
		printf("%s\n", answer);
	} else if (argc == 4 && !strcmp(argv[1], "write")) {
		type = ask(XS_WRITE, argv[2], argv[3], answer);
	} else if (argc == 4 && !strcmp(argv[1], "clock")) {
		unsigned long ticks = strtoul(argv[3], NULL, 10) * 10;

		while (ticks--) {
			snprintf(text, sizeof(text), "%llu",
				 (unsigned long long)now_ns(CLOCK_MONOTONIC) / 1000);
			type = ask(XS_WRITE, argv[2], text, answer);
			usleep(100000);
		}
	}
	return type == XS_ERROR;
}
