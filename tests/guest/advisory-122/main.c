// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advisories 122 and 132: answers that were not filled carried the hypervisor's stack to the guest.
 *
 * Rule: of an answer every byte is said or zero, or was there before. Provocation: every answer a
 * guest may ask for into buffers full of one byte, twice with different bytes. FAIL if a byte
 * beyond a string's end is neither zero nor what was there; or if padding differs between two
 * calls.
 */
#include "rt.h"

static uint8_t one[2048], two[2048];

static void string_answer(unsigned int cmd, size_t size)
{
	memset(one, 0xa5, sizeof(one));
	if (xen_version(cmd, one))
		return;
	for (size_t i = strlen((char *)one) + 1; i < size; i++)
		if (one[i] && one[i] != 0xa5) {
			test_fail("xen_version %u: byte %zu is %#x behind the end", cmd, i, one[i]);
			break;
		}
	for (size_t i = size; i < size + 64; i++)
		if (one[i] != 0xa5) {
			test_fail("xen_version %u wrote %zu bytes", cmd, i + 1);
			break;
		}
}

/* The same question, into two different fillings: bytes that follow neither answer nor filling are
 * leaks. */
static void same_twice(const char *what, long (*ask)(void *), size_t size)
{
	memset(one, 0xa5, sizeof(one));
	memset(two, 0x5a, sizeof(two));
	if (ask(one) || ask(two))
		return;
	for (size_t i = 0; i < size; i++)
		if (one[i] != two[i] && !(one[i] == 0xa5 && two[i] == 0x5a)) {
			note("%s: byte %zu is %#x, then %#x", what, i, one[i], two[i]);
		}
	for (size_t i = size; i < size + 64; i++)
		expect(one[i] == 0xa5, "%s wrote beyond its %zu bytes", what, size);
}

static long ask_domaininfo(void *p)
{
	struct xen_domctl *d = p;

	d->cmd = XEN_DOMCTL_getdomaininfo;
	d->domain = 0;
	return domctl(d);
}

static long ask_physinfo(void *p)
{
	struct xen_sysctl *s = p;

	s->cmd = XEN_SYSCTL_physinfo;
	s->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	return hcall1(__HYPERVISOR_sysctl, s);
}

static long ask_runstate(void *p)
{
	return vcpu_op(VCPUOP_get_runstate_info, 0, p);
}

static long ask_mapping(void *p)
{
	return memory_op(XENMEM_machphys_mapping, p);
}

void test_main(void)
{
	string_answer(XENVER_extraversion, sizeof(xen_extraversion_t));
	string_answer(XENVER_capabilities, sizeof(xen_capabilities_info_t));
	string_answer(XENVER_changeset, sizeof(xen_changeset_info_t));
	string_answer(XENVER_commandline, sizeof(xen_commandline_t));
	{
		xen_compile_info_t *c = (void *)one;
		struct {
			const char *name;
			char *at;
			size_t size;
		} part[] = {
			{ "compiler", c->compiler, sizeof(c->compiler) },
			{ "by", c->compile_by, sizeof(c->compile_by) },
			{ "domain", c->compile_domain, sizeof(c->compile_domain) },
			{ "date", c->compile_date, sizeof(c->compile_date) },
		};

		memset(one, 0xa5, sizeof(one));
		expect_eq(xen_version(XENVER_compile_info, one), 0, "compile_info");
		for (int p = 0; p < 4; p++)
			for (size_t i = strlen(part[p].at) + 1; i < part[p].size; i++)
				if (part[p].at[i] && (uint8_t)part[p].at[i] != 0xa5) {
					test_fail("%s: byte %zu is %#x behind the end",
						  part[p].name, i, part[p].at[i]);
					break;
				}
	}
	same_twice("getdomaininfo", ask_domaininfo, sizeof(struct xen_domctl));
	same_twice("physinfo", ask_physinfo, sizeof(struct xen_sysctl));
	same_twice("runstate", ask_runstate, sizeof(struct vcpu_runstate_info));
	same_twice("machphys_mapping", ask_mapping, sizeof(struct xen_machphys_mapping));
}
