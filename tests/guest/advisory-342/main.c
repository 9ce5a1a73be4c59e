// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisory 342: 32-bit guests have fewer ports than 64-bit ones, and were given more: bits beyond
 * the bitmap.
 *
 * Rule: by the two-level bitmaps a 32-bit guest has 1024 ports, a 64-bit one 4096. Provocation:
 * take ports until there are no more. FAIL if a number is beyond the bitmap, or what lies behind it
 * in shared_info changes.
 */
#include "rt.h"

void test_main(void)
{
	unsigned int limit = WIDE ? 4096 : 1024, count = 0, highest = 0;
	uint32_t version = shared->wc_version, hours = shared->wc_sec / 3600;

	for (;;) {
		struct evtchn_alloc_unbound a = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF };
		struct evtchn_bind_interdomain b = { .remote_dom = DOMID_SELF };
		long rc = event_op(EVTCHNOP_alloc_unbound, &a);

		if (rc) {
			expect_eq(rc, -XENOSPC, "no more ports");
			break;
		}
		count++;
		highest = a.port > highest ? a.port : highest;
		b.remote_port = a.port;
		if (!event_op(EVTCHNOP_bind_interdomain, &b)) {
			count++;
			highest = b.local_port > highest ? b.local_port : highest;
			port_send(b.local_port);
			if (b.local_port >= limit || a.port >= limit)
				break;
		}
	}
	note("%u ports, the highest %u", count, highest);
	expect(highest < limit, "port %u is beyond the bitmap", highest);
	expect(count >= limit / 2, "%u ports only", count);
	expect(shared->wc_version == version || shared->wc_sec / 3600 == hours,
	       "the clock behind the bitmap changed");
}
