// SPDX-License-Identifier: GPL-2.0-only
/*
 * The vocabulary of xl.cfg(5).
 *
 * libxlutil reads values by name and never says which names a file holds, nor where they stand;
 * so a misspelt key would go unnoticed.  This file knows all names, and finds them in the text.
 */
#include "lib/keys.h"

#include "lib/human.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define COUNT(array)		(sizeof(array) / sizeof((array)[0]))

static const char *const used[] = {
	"builder", "cmdline", "cpus", "disk", "extra", "kernel", "max_event_channels",
	"max_grant_frames", "max_grant_version", "max_maptrack_frames", "maxmem", "maxvcpus",
	"memory", "name", "on_crash", "on_poweroff", "on_reboot", "on_watchdog", "ramdisk",
	"root", "tsc_mode", "type", "uuid", "vcpus", "vif",
};

static const char *const not_yet[] = {
	"autoballoon", "blkdev_start", "bootloader", "bootloader_args", "bootloader_restrict",
	"bootloader_user", "cap", "channel", "claim_mode", "cpu_weight", "cpuid", "cpus_soft",
	"driver_domain", "dtdev", "e820_host", "extratime", "firmware", "init_seclabel", "iomem",
	"ioports", "irqs", "latency", "localtime", "mca_caps", "msr_relaxed", "nodes", "nomigrate",
	"on_soft_reset", "p9", "passthrough", "pci", "pci_msitranslate", "pci_permissive",
	"pci_power_mgmt", "pci_seize", "period", "pool", "pvcalls", "rtc_timeoffset", "seclabel",
	"slice", "suppress_spurious_page_faults", "timer_mode", "usbctrl", "usbdev", "vdispl",
	"vfb", "viridian", "virtio", "vkb", "vmtrace_buf_kb", "vnuma", "vpmu", "vscsi", "vsnd",
	"vtpm", "xend_suspend_evtchn_compat", "xenstore_feature_mask", "xenstore_quota",
	"bootargs",
};

static const char *const hvm[] = {
	"acpi", "acpi_firmware", "acpi_laptop_slate", "acpi_s3", "acpi_s4", "altp2m", "altp2mhvm",
	"apic", "arch_arm", "bios", "bios_path_override", "boot", "cdrom",
	"device_model_args", "device_model_args_hvm", "device_model_args_pv",
	"device_model_override", "device_model_stubdomain_override",
	"device_model_stubdomain_seclabel", "device_model_user", "device_model_version",
	"device_tree", "dm_restrict", "gfx_passthru", "gic_version", "hap", "hdtype", "hpet",
	"firmware_override", "keymap", "llc_colors", "mmio_hole", "monitor", "ms_vm_genid",
	"nestedhvm", "nographic",
	"nx", "oos", "opengl", "pae", "pvh", "pvshim", "pvshim_cmdline", "pvshim_extra",
	"pvshim_path", "rdm", "rdm_mem_boundary", "sched", "sdl", "serial", "shadow_memory",
	"smbios", "smbios_firmware", "soundhw", "spice", "spice_clipboard_sharing",
	"spice_image_compression", "spice_streaming_video", "spiceagent_mouse",
	"spicedisable_ticketing", "spicehost", "spicepasswd", "spiceport", "spicetls_port",
	"spiceusbredirection", "spicevdagent", "stdvga", "stubdomain_cmdline",
	"stubdomain_kernel", "stubdomain_memory", "stubdomain_ramdisk", "sve", "system_firmware",
	"tee", "uefi", "usb", "usbdevice", "usbversion", "vendor_device", "vga", "videoram",
	"vnc", "vncdisplay", "vnclisten", "vncpasswd", "vncunused", "vpt_align", "vuart",
	"xauthority", "xen_platform_pci", "vncviewer", "vkb_device",
};

static bool among(const char *name, const char *const *words, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (!strcmp(name, words[i]))
			return true;
	return false;
}

enum key_use key_use(const char *name)
{
	if (among(name, used, COUNT(used)))
		return KEY_USED;
	if (among(name, not_yet, COUNT(not_yet)))
		return KEY_NOT_YET;
	if (among(name, hvm, COUNT(hvm)))
		return KEY_HVM;
	return KEY_UNKNOWN;
}

const char *key_nearest(const char *name)
{
	const char *nearest = human_nearest(name, used, COUNT(used));

	/* Only what does something is worth proposing, unless nothing such is near. */
	if (!nearest)
		nearest = human_nearest(name, not_yet, COUNT(not_yet));
	return nearest;
}

static bool is_key_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Past a quoted string; an unclosed one ends with its line, as libxlutil will then complain. */
static const char *skip_string(const char *at)
{
	char quote = *at++;

	while (*at && *at != quote && *at != '\n')
		at += *at == '\\' && at[1] && at[1] != '\n' ? 2 : 1;
	return *at == quote ? at + 1 : at;
}

size_t keys_scan(const char *text, struct key_place *places, size_t size)
{
	bool statement_starts = true;
	unsigned int line = 1;
	size_t count = 0;
	int depth = 0;

	while (*text) {
		if (*text == '\n' || *text == ';') {
			line += *text++ == '\n';
			statement_starts = depth == 0;
		} else if (*text == '#') {
			text += strcspn(text, "\n");
		} else if (*text == '\'' || *text == '"') {
			text = skip_string(text);
			statement_starts = false;
		} else if (statement_starts && is_key_char(*text)) {
			size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz"
						     "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

			if (count < size) {
				size_t kept = length < sizeof(places->name) ?
					      length : sizeof(places->name) - 1;

				memcpy(places[count].name, text, kept);
				places[count].name[kept] = '\0';
				places[count].line = line;
			}
			count++;
			text += length;
			statement_starts = false;
		} else {
			depth += *text == '[';
			depth -= *text == ']' && depth > 0;
			statement_starts = statement_starts && isspace((unsigned char)*text);
			text++;
		}
	}
	return count;
}
