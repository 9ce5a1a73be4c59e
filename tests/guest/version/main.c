// SPDX-License-Identifier: GPL-2.0-only
/*
 * xen_version: what Linux and the tools read from it.
 *
 * Rule: every sub-operation a tool uses answers; strings end; the features Linux 6.1 refuses to
 * live without are there, those that would change what we are, are not; the page size is 4096.
 */
#include "rt.h"

static bool feature(unsigned int f)
{
	struct xen_feature_info info = { .submap_idx = f / 32 };

	expect_eq(xen_version(XENVER_get_features, &info), 0, "get_features");
	return info.submap >> f % 32 & 1;
}

void test_main(void)
{
	static xen_extraversion_t extra;
	static xen_compile_info_t compile;
	static xen_capabilities_info_t caps;
	static xen_changeset_info_t changes;
	static xen_platform_parameters_t params;
	static xen_domain_handle_t handle;
	static xen_commandline_t line;
	struct xen_feature_info far = { .submap_idx = 77 };

	memset(extra, 0xff, sizeof(extra));
	memset(caps, 0xff, sizeof(caps));
	expect(xen_version(XENVER_version, NULL) >> 16 >= 4, "version");
	expect_eq(xen_version(XENVER_extraversion, extra), 0, "extraversion");
	expect(strlen(extra) < sizeof(extra), "extraversion has no end");
	expect_eq(xen_version(XENVER_compile_info, &compile), 0, "compile_info");
	expect(strlen(compile.compiler) < sizeof(compile.compiler), "compiler has no end");
	expect_eq(xen_version(XENVER_capabilities, caps), 0, "capabilities");
	expect(strlen(caps) < sizeof(caps), "capabilities have no end");
	note("version extra '%s', capabilities '%s'", extra, caps);
	expect(strstr(caps, "xen-3.0-x86_64"), "capabilities '%s'", caps);
	expect(WIDE || strstr(caps, "xen-3.0-x86_32p"), "capabilities '%s'", caps);
	expect_eq(xen_version(XENVER_changeset, changes), 0, "changeset");
	expect_eq(xen_version(XENVER_platform_parameters, &params), 0, "platform_parameters");
	expect(params.virt_start >= (WIDE ? (word)0xffff800000000000ull : 0xe0000000ul),
	       "virt_start %#lx", (word)params.virt_start);
	expect_eq(xen_version(XENVER_pagesize, NULL), 4096, "pagesize");
	expect_eq(xen_version(XENVER_guest_handle, handle), 0, "guest_handle");
	expect_eq(xen_version(XENVER_commandline, line), 0, "commandline");
	expect(strstr((char *)line, "loglvl"), "command line '%s'", (char *)line);
	expect(feature(XENFEAT_mmu_pt_update_preserve_ad), "no mmu_pt_update_preserve_ad");
	expect(feature(XENFEAT_gnttab_map_avail_bits), "no gnttab_map_avail_bits");
	expect(feature(XENFEAT_pae_pgdir_above_4gb), "no pae_pgdir_above_4gb");
	expect(feature(XENFEAT_dom0), "no dom0");
	expect(!feature(XENFEAT_auto_translated_physmap), "auto_translated_physmap");
	expect(!feature(XENFEAT_writable_descriptor_tables), "writable_descriptor_tables");
	expect(!feature(XENFEAT_supervisor_mode_kernel), "supervisor_mode_kernel");
	expect_refused(xen_version(XENVER_get_features, &far), "features of map 77");
	expect_eq(xen_version(XENVER_extraversion, (void *)8), -XEFAULT,
		  "extraversion at address 8");
	expect_eq(xen_version(99, NULL), -XENOSYS, "xen_version 99");
}
