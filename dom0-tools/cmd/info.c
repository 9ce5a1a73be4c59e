// SPDX-License-Identifier: GPL-2.0-only
/*
 * trine info: the machine and its hypervisor.  The lines are those of xl info, which scripts parse.
 */
#include "build/host.h"
#include "command.h"
#include "lib/json.h"
#include "lib/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

static bool as_json;

static const struct option_row options[] = {
	{ 0, "json", NULL, "as JSON", { .flag = &as_json } },
	OPTIONS_END
};

/* One fact, as a line or as a JSON member; numbers stay numbers there. */
static void fact(struct json_object *o, const char *key, const char *format, ...) PRINTF_LIKE(3, 4);
static void fact(struct json_object *o, const char *key, const char *format, ...)
{
	char text[4096];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (!as_json)
		printf("%-23s: %s\n", key, text);
	else if (!strcmp(format, "%u") || !strcmp(format, "%llu"))
		json_put_number(o, key, strtoll(text, NULL, 10));
	else
		json_put_text(o, key, text);
}

static void kernel_facts(struct json_object *o)
{
	struct utsname name;

	if (uname(&name))
		return;
	fact(o, "host", "%s", name.nodename);
	fact(o, "release", "%s", name.release);
	fact(o, "version", "%s", name.version);
	fact(o, "machine", "%s", name.machine);
}

static void write_capabilities(const xc_physinfo_t *info, char *text, size_t size)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} names[] = {
		{ XEN_SYSCTL_PHYSCAP_pv, "pv" }, { XEN_SYSCTL_PHYSCAP_hvm, "hvm" },
		{ XEN_SYSCTL_PHYSCAP_directio, "directio" }, { XEN_SYSCTL_PHYSCAP_hap, "hap" },
		{ XEN_SYSCTL_PHYSCAP_shadow, "shadow" },
		{ XEN_SYSCTL_PHYSCAP_iommu_hap_pt_share, "iommu_hap_pt_share" },
		{ XEN_SYSCTL_PHYSCAP_vmtrace, "vmtrace" }, { XEN_SYSCTL_PHYSCAP_vpmu, "vpmu" },
		{ XEN_SYSCTL_PHYSCAP_gnttab_v1, "gnttab-v1" },
		{ XEN_SYSCTL_PHYSCAP_gnttab_v2, "gnttab-v2" },
	};
	size_t used = 0, i;

	text[0] = '\0';
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (info->capabilities & names[i].bit)
			used += snprintf(text + used, size - used, "%s%s", used ? " " : "",
					 names[i].name);
}

/* Trine and Xen alike: -ENOSYS where nothing can be shared. */
static unsigned long long shared_mib(struct host *host, long (*count)(xc_interface *xc))
{
	long pages = count(host->xc);

	host_forget_complaint();
	return pages > 0 ? (unsigned long long)pages >> 8 : 0;
}

static int machine_facts(struct host *host, struct json_object *o)
{
	xc_physinfo_t info = { 0 };
	char capabilities[256];
	const uint32_t *cap = info.hw_cap;

	if (xc_physinfo(host->xc, &info))
		return host_because("the hypervisor does not tell");
	write_capabilities(&info, capabilities, sizeof(capabilities));
	fact(o, "nr_cpus", "%u", info.nr_cpus);
	fact(o, "max_cpu_id", "%u", info.max_cpu_id);
	fact(o, "nr_nodes", "%u", info.nr_nodes);
	fact(o, "cores_per_socket", "%u", info.cores_per_socket);
	fact(o, "threads_per_core", "%u", info.threads_per_core);
	fact(o, "cpu_mhz", "%u.%03u", info.cpu_khz / 1000, info.cpu_khz % 1000);
	fact(o, "hw_caps", "%08x:%08x:%08x:%08x:%08x:%08x:%08x:%08x", cap[0], cap[1], cap[2],
	     cap[3], cap[4], cap[5], cap[6], cap[7]);
	fact(o, "virt_caps", "%s", capabilities);
	fact(o, "total_memory", "%llu", (unsigned long long)info.total_pages >> 8);
	fact(o, "free_memory", "%llu",
	     (unsigned long long)(info.free_pages - info.outstanding_pages) >> 8);
	fact(o, "sharing_freed_memory", "%llu", shared_mib(host, xc_sharing_freed_pages));
	fact(o, "sharing_used_memory", "%llu", shared_mib(host, xc_sharing_used_frames));
	fact(o, "outstanding_claims", "%llu", (unsigned long long)info.outstanding_pages >> 8);
	fact(o, "free_cpus", "%u", 0U);
	return 0;
}

static void build_id_fact(struct host *host, struct json_object *o)
{
	union {
		xen_build_id_t id;
		uint8_t room[sizeof(xen_build_id_t) + 32];
	} build = { .id.len = 32 };
	char text[65] = "";
	int length = xc_version(host->xc, XENVER_build_id, &build.id);
	int i;

	host_forget_complaint();
	for (i = 0; i < length && i < 32; i++)
		snprintf(text + 2 * i, 3, "%02x", build.id.buf[i]);
	fact(o, "build_id", "%s", text);
}

/* The version hypercall again and again; what it does not tell stays empty. */
static int version_facts(struct host *host, struct json_object *o)
{
	static const char *const schedulers[] = {
		[XEN_SCHEDULER_CREDIT] = "credit", [XEN_SCHEDULER_CREDIT2] = "credit2",
		[XEN_SCHEDULER_ARINC653] = "arinc653", [XEN_SCHEDULER_RTDS] = "rtds",
		[XEN_SCHEDULER_NULL] = "null",
	};
	xen_extraversion_t extra = "";
	xen_capabilities_info_t capabilities = "";
	xen_platform_parameters_t platform = { 0 };
	xen_changeset_info_t changeset = "";
	xen_commandline_t commandline = "";
	xen_compile_info_t compiled = { 0 };
	int version = xc_version(host->xc, XENVER_version, NULL);
	int pagesize = xc_version(host->xc, XENVER_pagesize, NULL);
	int scheduler = 0;

	if (version < 0)
		return host_because("the hypervisor does not tell its version");
	xc_version(host->xc, XENVER_extraversion, &extra);
	xc_version(host->xc, XENVER_capabilities, &capabilities);
	xc_version(host->xc, XENVER_platform_parameters, &platform);
	xc_version(host->xc, XENVER_changeset, &changeset);
	xc_version(host->xc, XENVER_commandline, &commandline);
	xc_version(host->xc, XENVER_compile_info, &compiled);
	xc_sched_id(host->xc, &scheduler);
	host_forget_complaint();
	fact(o, "xen_major", "%u", version >> 16);
	fact(o, "xen_minor", "%u", version & 0xffff);
	fact(o, "xen_extra", "%s", extra);
	fact(o, "xen_version", "%d.%d%s", version >> 16, version & 0xffff, extra);
	fact(o, "xen_caps", "%s", capabilities);
	fact(o, "xen_scheduler", "%s", scheduler >= XEN_SCHEDULER_CREDIT &&
	     scheduler <= XEN_SCHEDULER_NULL ? schedulers[scheduler] : "unknown");
	fact(o, "xen_pagesize", "%u", pagesize > 0 ? (unsigned int)pagesize : 4096);
	fact(o, "platform_params", "virt_start=0x%lx", platform.virt_start);
	fact(o, "xen_changeset", "%s", changeset);
	fact(o, "xen_commandline", "%s", commandline);
	fact(o, "cc_compiler", "%s", compiled.compiler);
	fact(o, "cc_compile_by", "%s", compiled.compile_by);
	fact(o, "cc_compile_domain", "%s", compiled.compile_domain);
	fact(o, "cc_compile_date", "%s", compiled.compile_date);
	build_id_fact(host, o);
	fact(o, "xend_config_format", "%u", 4U);
	return 0;
}

static int run(int count, char **words)
{
	struct json_object *o;
	struct host host;
	int rc;

	(void)count;
	(void)words;
	if (host_open(&host))
		return report_failure("cannot tell about the machine");
	o = json_object_new_object();
	kernel_facts(o);
	rc = machine_facts(&host, o);
	if (!rc)
		rc = version_facts(&host, o);
	if (rc)
		report_failure("cannot tell about the machine");
	if (!rc && as_json)
		json_print(o);
	else
		json_object_put(o);
	host_close(&host);
	return rc;
}

const struct command cmd_info = {
	.name = "info",
	.words = "",
	.summary = "Describe the machine and its hypervisor",
	.options = options,
	.min_words = 0,
	.max_words = 0,
	.run = run,
};
