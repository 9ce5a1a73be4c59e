// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a kernel file to a domain that can start, by libxenguest.
 *
 * libxenguest unpacks bzImages itself, but not all packings, not packed ELF files, and its errors
 * come after the domain was made.  So lib/image.c unpacks and recognises; libxenguest sees ELF.
 */
#include "build/kernel.h"

#include "lib/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <xenguest.h>

static int ramdisk_size(const char *path, uint64_t *bytes)
{
	struct stat info;

	*bytes = 0;
	if (!path)
		return 0;
	if (stat(path, &info))
		return errno == ENOENT ? because("there is no ramdisk %s", path) :
					 because("ramdisk %s: %s", path, strerror(errno));
	errno = EINVAL;
	if (!S_ISREG(info.st_mode) || !info.st_size)
		return because("ramdisk %s is %s", path,
			       S_ISREG(info.st_mode) ? "empty" : "no regular file");
	*bytes = info.st_size;
	return 0;
}

int kernel_open(const struct domain_config *config, struct kernel *kernel)
{
	uint64_t ramdisk;

	memset(kernel, 0, sizeof(*kernel));
	if (ramdisk_size(config->ramdisk, &ramdisk) || image_read(config->kernel, &kernel->image))
		return -1;
	/* A megabyte for page tables, start_info, console and xenstore rings. */
	kernel->least_memory_kib = ((kernel->image.loaded_size + ramdisk) >> 10) + 1024;
	if (config->memory_kib >= kernel->least_memory_kib)
		return 0;
	kernel_close(kernel);
	errno = ENOMEM;
	return because("memory = %llu is too little for %s%s, which needs %llu just to be loaded; "
		       "raise memory in %s", (unsigned long long)config->memory_kib >> 10,
		       config->kernel, ramdisk ? " with its ramdisk" : "",
		       (unsigned long long)(kernel->least_memory_kib + 1023) >> 10, config->file);
}

void kernel_close(struct kernel *kernel)
{
	if (kernel->dom)
		xc_dom_release(kernel->dom);
	kernel->dom = NULL;
	image_free(&kernel->image);
}

int kernel_check_host(struct host *host, const struct kernel *kernel)
{
	const char *needed = kernel->image.width == 64 ? "xen-3.0-x86_64" : "xen-3.0-x86_32p";
	xen_capabilities_info_t offered;

	memset(&offered, 0, sizeof(offered));
	if (xc_version(host->xc, XENVER_capabilities, &offered))
		return host_because("cannot ask the hypervisor which guests it runs");
	if (strstr(offered, needed))
		return 0;
	errno = ENOEXEC;
	return because("the kernel is a %u-bit PV kernel (%s), which this hypervisor does not run "
		       "(it runs: %s)%s", kernel->image.width, needed,
		       offered[0] ? offered : "no PV guests",
		       kernel->image.width == 32 ? "; start the machine with Trine" : "");
}

/*
 * libxenguest's functions in the order they want.  A failure leaves the name of the step in
 * *doing and its cause in the log that host_because() reads.
 */
static int place_steps(struct host *host, const struct domain_config *config,
		       struct xc_dom_image *dom, const struct image *image, uint32_t domid,
		       const char **doing)
{
	*doing = "cannot read the kernel";
	if (xc_dom_kernel_mem(dom, image->elf.data, image->elf.size))
		return -1;
	*doing = "cannot read the ramdisk";
	if (config->ramdisk && xc_dom_module_file(dom, config->ramdisk, NULL))
		return -1;
	*doing = "cannot use the kernel";
	if (xc_dom_boot_xen_init(dom, host->xc, domid) || xc_dom_parse_image(dom))
		return -1;
	*doing = "cannot give the domain its memory";
	if (xc_dom_mem_init(dom, config->memory_kib >> 10) || xc_dom_boot_mem_init(dom))
		return -1;
	*doing = "cannot lay out the kernel";
	if (xc_dom_build_image(dom))
		return -1;
	*doing = "cannot start the kernel's page tables and registers";
	if (xc_dom_boot_image(dom))
		return -1;
	*doing = "cannot set up the domain's grant table";
	return xc_dom_gnttab_init(dom);
}

int kernel_place(struct host *host, const struct domain_config *config, struct kernel *kernel,
		 uint32_t domid, struct boot_channels *channels)
{
	struct xc_dom_image *dom;
	const char *doing;

	host_forget_complaint();
	dom = xc_dom_allocate(host->xc, config->cmdline, NULL);
	if (!dom)
		return -1;
	kernel->dom = dom;
	dom->container_type = XC_DOM_PV_CONTAINER;
	dom->max_vcpus = config->maxvcpus;
	dom->console_evtchn = channels->console_port;
	dom->xenstore_evtchn = channels->store_port;
	if (place_steps(host, config, dom, &kernel->image, domid, &doing)) {
		host_because(doing);
		if (strstr(reason_given(), "too large"))
			because("memory = %llu is too little for %s; raise memory in %s (%s)",
				(unsigned long long)config->memory_kib >> 10, config->kernel,
				config->file, reason_given());
		return -1;
	}
	channels->console_mfn = xc_dom_p2m(dom, dom->console_pfn);
	channels->store_mfn = xc_dom_p2m(dom, dom->xenstore_pfn);
	return 0;
}
