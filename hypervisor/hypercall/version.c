// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who we are, and what we can do.
 *
 * The version is that of the ABI we speak; extraversion names us. Every answer is a whole structure,
 * zero-filled. Only platform_parameters differs by width.
 * In: dispatch.c, domctl and sysctl by their own doors.
 */
#include "hypercall/hypercall.h"

#include <xen/version.h>

#include "guest/access.h"
#include "lib/log.h"
#include "lib/string.h"
#include "mem/layout.h"

#define XEN_MAJOR	4
#define XEN_MINOR	17
#define EXTRAVERSION	".0-trine"	/* 16 bytes with its end */
#define CAPABILITIES	"xen-3.0-x86_64 xen-3.0-x86_32p "	/* tools compare word by word */

const char *hypervisor_cmdline = "";

extern const uint8_t build_id_start[], build_id_end[];

/* A character array of the ABI, from a text of ours. */
static int64_t say(gva_t arg, const char *text, size_t bytes)
{
	char out[1024] = { 0 };

	string_copy(out, text, MIN(bytes, sizeof(out)));
	return guest_write(arg, out, bytes);
}

static int64_t op_compile_info(gva_t arg)
{
	struct xen_compile_info info = { 0 };

	string_copy(info.compiler, __VERSION__, sizeof(info.compiler));
	string_copy(info.compile_by, "trine", sizeof(info.compile_by));
	string_copy(info.compile_domain, "localdomain", sizeof(info.compile_domain));
	string_copy(info.compile_date, "unknown", sizeof(info.compile_date));
	return copy_to_guest(arg, &info);
}

static int64_t op_platform_parameters(const struct domain *d, gva_t arg)
{
	struct xen_platform_parameters params = { .virt_start = HV_VIRT_START };
	uint32_t start32 = HV32_VIRT_START;

	return d->is_32bit ? copy_to_guest(arg, &start32) : copy_to_guest(arg, &params);
}

static uint32_t features(const struct domain *d)
{
	uint32_t map = 1u << XENFEAT_mmu_pt_update_preserve_ad | 1u << XENFEAT_highmem_assist |
		       1u << XENFEAT_gnttab_map_avail_bits |
		       1u << XENFEAT_memory_op_vnode_supported | 1u << XENFEAT_direct_mapped |
		       1u << XENFEAT_pae_pgdir_above_4gb;

	if (d->privileged)
		map |= 1u << XENFEAT_dom0;
	return map;
}

static int64_t op_get_features(const struct domain *d, gva_t arg)
{
	struct xen_feature_info info;

	if (copy_from_guest(&info, arg))
		return -EFAULT;
	if (info.submap_idx >= XENFEAT_NR_SUBMAPS)
		return refuse(-EINVAL, "features: no submap %u", info.submap_idx);
	info.submap = features(d);
	return copy_to_guest(arg, &info);
}

/* The linker's note: name size, description size, type, "GNU", then what makes this build itself. */
static int64_t op_build_id(gva_t arg)
{
	const uint32_t *note = (const uint32_t *)build_id_start;
	size_t bytes = (size_t)(build_id_end - build_id_start), id_bytes;
	const uint8_t *id = build_id_start + 16;
	uint32_t room;

	if (bytes < 16 || note[0] != 4 || bytes < 16 + (id_bytes = note[1]))
		return -ENODATA;
	if (gva_null(arg))
		return (int64_t)id_bytes;
	if (copy_from_guest(&room, arg))
		return -EFAULT;
	if (!room)
		return -EINVAL;
	if (room < id_bytes)
		return -ENOBUFS;
	if (guest_write(gva_add(arg, offsetof(struct xen_build_id, buf)), id, id_bytes))
		return -EFAULT;
	return (int64_t)id_bytes;
}

int64_t hc_xen_version(struct hcall *h)
{
	unsigned int cmd = (unsigned int)h->args[0];
	gva_t arg = gva(h->args[1]);

	/* What kernels ask when they only want to pass by here, and take the events that wait. */
	if (likely(cmd == XENVER_version))
		return XEN_MAJOR << 16 | XEN_MINOR;
	switch (cmd) {
	case XENVER_extraversion:
		return say(arg, EXTRAVERSION, sizeof(xen_extraversion_t));
	case XENVER_compile_info:
		return op_compile_info(arg);
	case XENVER_capabilities:
		return say(arg, CAPABILITIES, sizeof(xen_capabilities_info_t));
	case XENVER_changeset:
		return say(arg, "trine", sizeof(xen_changeset_info_t));
	case XENVER_platform_parameters:
		return op_platform_parameters(h->d, arg);
	case XENVER_get_features:
		return op_get_features(h->d, arg);
	case XENVER_pagesize:
		return gva_null(arg) ? (int64_t)PAGE_SIZE : -EINVAL;
	case XENVER_guest_handle:
		return guest_write(arg, h->d->uuid, sizeof(h->d->uuid));
	case XENVER_commandline:
		/* What the operator typed may be no guest's business. */
		return say(arg, h->d->privileged ? hypervisor_cmdline : "<denied>",
			   sizeof(xen_commandline_t));
	case XENVER_build_id:
		return h->d->privileged ? op_build_id(arg) : -EPERM;
	default:
		return refuse(-ENOSYS, "xen_version %u: no such op", cmd);
	}
}
