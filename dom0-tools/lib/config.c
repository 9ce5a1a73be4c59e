// SPDX-License-Identifier: GPL-2.0-only
/*
 * xl.cfg(5) files, parsed by libxlutil, checked here.
 *
 * Invariant: a struct domain_config that was handed out holds only values that can be built;
 *            whether the machine can build them now (memory, names) is not known here.
 * Every refusal names file and line.  Not here: do disks and bridges exist (build/devices.c).
 */
#include "lib/config.h"

#include "lib/human.h"
#include "lib/keys.h"
#include "lib/report.h"

#include <errno.h>
#include <libxlutil.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define KEYS_MAX		512
#define FILE_SIZE_MAX		(1 << 20)

/* A file while it is being read. */
struct source {
	const char *name;
	char *text;			/* file, then command-line words, a line each */
	unsigned int file_lines;	/* beyond these stand the words */
	struct key_place *keys;
	size_t keys_count;
	XLU_Config *parsed;
	FILE *complaints_to;		/* libxlutil's warnings end up in complaints */
	char *complaints;
	size_t complaints_size;
};

static char *copy_of(const char *text)
{
	return text ? strdup(text) : NULL;
}

/* The monitor restarts a domain from another directory, and scripts run in theirs. */
static char *absolute_path(const char *path)
{
	char *here, *absolute;

	if (!path || path[0] == '/')
		return copy_of(path);
	here = getcwd(NULL, 0);
	if (!here || asprintf(&absolute, "%s/%s", here, path) < 0)
		absolute = NULL;
	free(here);
	return absolute;
}

/* Where the key stands, as "FILE:LINE"; the last place counts, as it does for the value. */
static const char *place_of(const struct source *src, const char *key)
{
	static char place[512];
	size_t i;

	for (i = src->keys_count; i-- > 0; ) {
		if (strcmp(src->keys[i].name, key))
			continue;
		if (src->keys[i].line > src->file_lines)
			snprintf(place, sizeof(place), "command line, %s", key);
		else
			snprintf(place, sizeof(place), "%s:%u", src->name, src->keys[i].line);
		return place;
	}
	snprintf(place, sizeof(place), "%s", src->name);
	return place;
}

/*
 * libxlutil's first complaint as our reason.  Its line numbers beyond the file belong to words of
 * the command line; "warning" it is not, for we stop.
 */
static int complain(struct source *src, const char *fallback)
{
	size_t skip = strlen(src->name) + 1;
	unsigned int line = 0;
	char *text, *mark;

	fflush(src->complaints_to);
	text = src->complaints;
	if (!text || !*text)
		return because("%s: %s", src->name, fallback);
	text[strcspn(text, "\n")] = '\0';
	mark = strstr(text, "warning: ");
	if (mark)
		memmove(mark, mark + 9, strlen(mark + 9) + 1);
	if (!strncmp(text, src->name, skip - 1) && text[skip - 1] == ':')
		line = strtoul(text + skip, NULL, 10);
	if (line > src->file_lines) {
		mark = strchr(text + skip, ':');
		return because("command line%s%s", mark ? mark : ":",
			       strstr(text, "syntax error") ?
			       "; words need quotes: 'name=\"x\"'" : "");
	}
	if (strstr(text, "unexpected IDENT, expecting STRING"))
		return because("%s; put words in quotes", text);
	return because("%s%s", text, strstr(text, "lexical error") ? "; is a quote missing?" : "");
}

static int check_keys(struct source *src, struct domain_config *config)
{
	size_t i;

	for (i = 0; i < src->keys_count; i++) {
		const char *key = src->keys[i].name;
		enum key_use use = key_use(key);
		char **warning;

		if (use == KEY_USED)
			continue;
		if (use == KEY_UNKNOWN) {
			const char *nearest = key_nearest(key);

			errno = EINVAL;
			if (nearest)
				return because("%s: unknown key '%s'; did you mean '%s'?",
					       place_of(src, key), key, nearest);
			return because("%s: unknown key '%s'; trine(1) lists the keys",
				       place_of(src, key), key);
		}
		warning = &config->warnings[config->warnings_count];
		if (asprintf(warning, "%s: '%s' %s", place_of(src, key), key, use == KEY_HVM ?
			     "means nothing for a pv domain; ignored" :
			     "is not supported yet; ignored") < 0)
			return -1;
		config->warnings_count++;
	}
	return 0;
}

/* One value as text; NULL and 0 when it is not there. */
static int get_text(struct source *src, const char *key, const char **value)
{
	int rc = xlu_cfg_get_string(src->parsed, key, value, 0);

	if (rc == ESRCH) {
		*value = NULL;
		return 0;
	}
	return rc ? complain(src, key) : 0;
}

static int get_number(struct source *src, const char *key, long low, long high, long fallback,
		      long *value)
{
	int rc = xlu_cfg_get_long(src->parsed, key, value, 0);

	if (rc == ESRCH) {
		*value = fallback;
		return 0;
	}
	if (rc)
		return complain(src, key);
	if (*value < low || *value > high) {
		errno = ERANGE;
		return because("%s: %s = %ld is out of range; it must be %ld to %ld",
			       place_of(src, key), key, *value, low, high);
	}
	return 0;
}

static const char *const on_event_names[] = {
	[ON_DESTROY] = "destroy",
	[ON_RESTART] = "restart",
	[ON_RENAME_RESTART] = "rename-restart",
	[ON_PRESERVE] = "preserve",
	[ON_COREDUMP_DESTROY] = "coredump-destroy",
	[ON_COREDUMP_RESTART] = "coredump-restart",
};
#define ON_EVENTS_COUNT		(sizeof(on_event_names) / sizeof(on_event_names[0]))

const char *on_event_name(enum on_event event)
{
	return on_event_names[event];
}

static int get_event(struct source *src, const char *key, enum on_event fallback,
		     enum on_event *event)
{
	const char *text, *nearest;
	size_t i;

	*event = fallback;
	if (get_text(src, key, &text))
		return -1;
	if (!text)
		return 0;
	for (i = 0; i < ON_EVENTS_COUNT; i++) {
		if (!strcmp(text, on_event_names[i])) {
			*event = i;
			return 0;
		}
	}
	nearest = human_nearest(text, on_event_names, ON_EVENTS_COUNT);
	errno = EINVAL;
	return because("%s: %s = \"%s\" is no action; did you mean \"%s\"?", place_of(src, key),
		       key, text, nearest ? nearest : "destroy");
}

static int get_name(struct source *src, struct domain_config *config)
{
	const char *name;

	if (get_text(src, "name", &name))
		return -1;
	errno = EINVAL;
	if (!name)
		return because("%s: no name; add a line like name = \"guest1\"", src->name);
	if (!*name || strlen(name) > 100 || strpbrk(name, "/\n\t"))
		return because("%s: name = \"%s\" cannot be a domain's name; use 1 to 100 "
			       "characters, no '/'", place_of(src, "name"), name);
	if (strspn(name, "0123456789") == strlen(name))
		return because("%s: name = \"%s\" would be taken for a domain's number; put a "
			       "letter in it", place_of(src, "name"), name);
	config->name = copy_of(name);
	return config->name ? 0 : -1;
}

static int get_uuid(struct source *src, struct domain_config *config)
{
	const char *text;

	if (get_text(src, "uuid", &text))
		return -1;
	if (text) {
		if (!human_read_uuid(text, config->uuid))
			return 0;
		return because("%s: uuid = \"%s\" is no UUID; leave it out to get a random one",
			       place_of(src, "uuid"), text);
	}
	if (getrandom(config->uuid, sizeof(config->uuid), 0) != sizeof(config->uuid))
		return -1;
	config->uuid[6] = (config->uuid[6] & 0x0f) | 0x40;	/* version 4: random */
	config->uuid[8] = (config->uuid[8] & 0x3f) | 0x80;
	return 0;
}

/* Only PV domains can be built; an xl.cfg that asks for another kind says so in one of two keys. */
static int check_type(struct source *src)
{
	const char *text;

	if (get_text(src, "type", &text))
		return -1;
	errno = EINVAL;
	if (text && strcmp(text, "pv"))
		return because("%s: type = \"%s\" needs hardware virtualization, which Trine does "
			       "not use; set type = \"pv\"", place_of(src, "type"), text);
	if (get_text(src, "builder", &text))
		return -1;
	if (text && strcmp(text, "linux") && strcmp(text, "generic"))
		return because("%s: builder = \"%s\" does not build pv domains; remove the line",
			       place_of(src, "builder"), text);
	return 0;
}

static int get_kernel(struct source *src, struct domain_config *config)
{
	const char *kernel, *ramdisk, *cmdline, *root, *extra;

	if (get_text(src, "kernel", &kernel) || get_text(src, "ramdisk", &ramdisk) ||
	    get_text(src, "cmdline", &cmdline) || get_text(src, "root", &root) ||
	    get_text(src, "extra", &extra))
		return -1;
	if (!kernel) {
		errno = EINVAL;
		return because("%s: no kernel; add kernel = \"/path/to/vmlinuz\", or "
			       "\"/usr/lib/grub-xen/grub-x86_64-xen.bin\" to boot from the "
			       "domain's own disk", src->name);
	}
	config->kernel = absolute_path(kernel);
	config->ramdisk = absolute_path(ramdisk);
	if (cmdline)
		config->cmdline = copy_of(cmdline);
	else if (asprintf(&config->cmdline, "%s%s%s%s", root ? "root=" : "", root ? root : "",
			  root && extra ? " " : "", extra ? extra : "") < 0)
		config->cmdline = NULL;
	if (!config->kernel || !config->cmdline || (ramdisk && !config->ramdisk))
		return -1;
	if (strlen(config->cmdline) >= 1024) {
		/* start_info has room for 1024 bytes; a cut command line would be worse. */
		errno = E2BIG;
		return because("%s: the kernel command line is %zu bytes long; at most 1023 fit",
			       place_of(src, cmdline ? "cmdline" : "extra"),
			       strlen(config->cmdline));
	}
	return 0;
}

static int get_sizes(struct source *src, struct domain_config *config)
{
	const long most_mib = 1L << 30;
	long memory, maxmem, vcpus, maxvcpus;

	if (get_number(src, "memory", 1, most_mib, 128, &memory) ||
	    get_number(src, "maxmem", 1, most_mib, memory, &maxmem) ||
	    get_number(src, "vcpus", 1, 128, 1, &vcpus) ||
	    get_number(src, "maxvcpus", 1, 128, vcpus, &maxvcpus))
		return -1;
	errno = EINVAL;
	if (maxmem < memory)
		return because("%s: maxmem = %ld is less than memory = %ld; raise it",
			       place_of(src, "maxmem"), maxmem, memory);
	if (maxvcpus < vcpus)
		return because("%s: maxvcpus = %ld is less than vcpus = %ld; raise it",
			       place_of(src, "maxvcpus"), maxvcpus, vcpus);
	config->memory_kib = (uint64_t)memory << 10;
	config->maxmem_kib = (uint64_t)maxmem << 10;
	config->vcpus = vcpus;
	config->maxvcpus = maxvcpus;
	return 0;
}

static int get_tsc_mode(struct source *src, struct domain_config *config)
{
	static const char *const modes[] = { "default", "always_emulate", "native" };
	const char *text;
	int i;

	if (get_text(src, "tsc_mode", &text))
		return -1;
	if (!text)
		return 0;
	for (i = 0; i < 3; i++) {
		if (!strcmp(text, modes[i]) || (text[0] == '0' + i && !text[1])) {
			config->tsc_mode = i;
			return 0;
		}
	}
	errno = EINVAL;
	return because("%s: tsc_mode = \"%s\" is unknown; use default, always_emulate or native",
		       place_of(src, "tsc_mode"), text);
}

static int get_limits(struct source *src, struct domain_config *config)
{
	long grants, maptrack, ports, version;

	if (get_number(src, "max_grant_frames", 1, 4096, -1, &grants) ||
	    get_number(src, "max_maptrack_frames", 0, 65536, -1, &maptrack) ||
	    get_number(src, "max_event_channels", 3, 131071, 1023, &ports) ||
	    get_number(src, "max_grant_version", 1, 2, 1, &version))
		return -1;
	config->max_grant_frames = grants;
	config->max_maptrack_frames = maptrack;
	config->max_event_channels = ports;
	return get_tsc_mode(src, config);
}

int cpulist_read(const char *text, uint8_t *bits, size_t size)
{
	memset(bits, 0, size);
	while (*text) {
		size_t length = strcspn(text, ",");
		char word[32], *dash;
		uint64_t from, to, cpu;
		bool without;

		while (*text == ' ' && length)
			text++, length--;
		if (!length || length >= sizeof(word)) {
			errno = EINVAL;
			return -1;
		}
		memcpy(word, text, length);
		word[length] = '\0';
		text += length + (text[length] == ',');
		without = word[0] == '^';
		dash = strchr(word, '-');
		if (dash)
			*dash = '\0';
		if (!strcmp(word, "all")) {
			from = 0;
			to = size * 8 - 1;
		} else {
			if (human_read_number(word + without, 0, size * 8 - 1, &from))
				return -1;
			to = from;
		}
		if (dash && human_read_number(dash + 1, from, size * 8 - 1, &to))
			return -1;
		for (cpu = from; cpu <= to; cpu++) {
			if (without)
				bits[cpu / 8] &= ~(1 << cpu % 8);
			else
				bits[cpu / 8] |= 1 << cpu % 8;
		}
	}
	return 0;
}

static int get_cpus(struct source *src, struct domain_config *config)
{
	uint8_t bits[1024];
	XLU_ConfigList *list;
	const char *text;
	int count = 1, i;
	bool is_list = !xlu_cfg_get_list(src->parsed, "cpus", &list, &count, 1);

	if (!is_list) {
		if (get_text(src, "cpus", &text))
			return -1;
		if (!text)
			return 0;
	}
	config->cpus = calloc(count, sizeof(*config->cpus));
	if (!config->cpus)
		return -1;
	for (i = 0; i < count; i++) {
		if (is_list)
			text = xlu_cfg_get_listitem(list, i);
		if (!text || cpulist_read(text, bits, sizeof(bits))) {
			errno = EINVAL;
			return because("%s: cpus = \"%s\" is no list of CPUs; write it like "
				       "\"0-3,^1\" or \"all\"", place_of(src, "cpus"),
				       text ? text : "");
		}
		config->cpus[config->cpus_count] = copy_of(text);
		if (!config->cpus[config->cpus_count++])
			return -1;
	}
	return 0;
}

/* Letters of a disk name after its prefix: a=0, z=25, aa=26.  Leaves *text at what follows. */
static long disk_letters(const char **text)
{
	long index = 0;

	if (**text < 'a' || **text > 'z')
		return -1;
	while (**text >= 'a' && **text <= 'z') {
		index = index * 26 + (**text - 'a' + 1);
		if (index > 1 << 19)
			return -1;
		(*text)++;
	}
	return index - 1;
}

long vdev_number(const char *vdev)
{
	static const struct {
		const char *prefix;
		unsigned int major, partition_bits;
		long disks;
	} kinds[] = { { "xvd", 202, 4, 16 }, { "sd", 8, 4, 16 }, { "hd", 3, 6, 4 } };
	size_t kind;

	for (kind = 0; kind < 3; kind++) {
		const char *rest = vdev + strlen(kinds[kind].prefix);
		uint64_t partition = 0;
		unsigned int major = kinds[kind].major;
		long disk;

		if (strncmp(vdev, kinds[kind].prefix, strlen(kinds[kind].prefix)))
			continue;
		disk = disk_letters(&rest);
		if (disk < 0 || (*rest && human_read_number(rest, 1, 255, &partition)))
			return -1;
		if (disk < kinds[kind].disks && partition < 1U << kinds[kind].partition_bits) {
			if (major == 3 && disk >= 2) {		/* the second IDE channel */
				major = 22;
				disk -= 2;
			}
			return (long)major << 8 | disk << kinds[kind].partition_bits | partition;
		}
		if (major == 202)
			return 1L << 28 | disk << 8 | partition;
		return -1;
	}
	return -1;
}

static int check_disk(struct source *src, const char *spec, const libxl_device_disk *disk)
{
	const char *place = place_of(src, "disk");

	errno = EINVAL;
	if (!disk->vdev || !disk->pdev_path || !*disk->pdev_path)
		return because("%s: disk '%s' lacks %s; write it like \"/dev/vg/root,raw,xvda,rw\"",
			       place, spec, disk->vdev ? "its target" : "the guest's device name");
	if (vdev_number(disk->vdev) < 0)
		return because("%s: disk '%s': the guest cannot know a disk as '%s'; use xvda, "
			       "xvdb, ...", place, spec, disk->vdev);
	if (disk->format != LIBXL_DISK_FORMAT_RAW && disk->format != LIBXL_DISK_FORMAT_UNKNOWN)
		return because("%s: disk '%s': only raw disks; convert it: qemu-img convert -O raw "
			       "%s %s.raw", place, spec, disk->pdev_path, disk->pdev_path);
	if (disk->backend != LIBXL_DISK_BACKEND_PHY && disk->backend != LIBXL_DISK_BACKEND_UNKNOWN)
		return because("%s: disk '%s': only the kernel's block backend; remove backendtype",
			       place, spec);
	return 0;
}

static int get_disk(struct source *src, const char *spec, struct disk_config *out)
{
	libxl_device_disk disk;
	int rc = -1;

	libxl_device_disk_init(&disk);
	if (xlu_disk_parse(src->parsed, 1, &spec, &disk)) {
		const char *cause;

		complain(src, "disk");
		cause = strstr(reason_given(), "specification: ");
		because("%s: disk '%s': %s", place_of(src, "disk"), spec,
			cause ? cause + strlen("specification: ") : reason_given());
		goto out;
	}
	if (check_disk(src, spec, &disk))
		goto out;
	out->path = absolute_path(disk.pdev_path);
	out->vdev = copy_of(disk.vdev);
	out->number = vdev_number(disk.vdev);
	out->read_only = !disk.readwrite;
	out->is_cdrom = disk.is_cdrom;
	if (out->path && out->vdev)
		rc = 0;
out:
	libxl_device_disk_dispose(&disk);
	return rc;
}

static int set_vif_rate(struct source *src, const char *value, struct vif_config *vif)
{
	libxl_device_nic nic;
	int rc;

	libxl_device_nic_init(&nic);
	rc = xlu_vif_parse_rate(src->parsed, value, &nic);
	if (!rc && asprintf(&vif->rate, "%llu,%u",
			    (unsigned long long)nic.rate_bytes_per_interval,
			    nic.rate_interval_usecs) < 0)
		rc = ENOMEM;
	libxl_device_nic_dispose(&nic);
	return rc ? -1 : 0;
}

static int set_vif_word(struct source *src, const char *key, const char *value,
			struct vif_config *vif)
{
	static const char *const harmless[] = { "type", "model", "accel", "backend", "trusted",
						"backenddomain", "devid", "mtu", "forwarddev" };
	char **text = NULL;
	size_t i;

	if (!strcmp(key, "mac")) {
		uint8_t *m = vif->mac;
		char end;

		return sscanf(value, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%c", m, m + 1, m + 2,
			      m + 3, m + 4, m + 5, &end) == 6 ? 0 : -1;
	}
	if (!strcmp(key, "rate"))
		return set_vif_rate(src, value, vif);
	if (!strcmp(key, "script")) {
		free(vif->script);
		if (value[0] == '/')
			vif->script = copy_of(value);
		else if (asprintf(&vif->script, "/etc/xen/scripts/%s", value) < 0)
			vif->script = NULL;
		return vif->script ? 0 : -1;
	}
	if (!strcmp(key, "bridge"))
		text = &vif->bridge;
	else if (!strcmp(key, "ip"))
		text = &vif->ip;
	else if (!strcmp(key, "vifname"))
		text = &vif->vifname;
	else if (!strcmp(key, "gatewaydev"))
		text = &vif->gatewaydev;
	if (text) {
		free(*text);
		*text = copy_of(value);
		return *text ? 0 : -1;
	}
	for (i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
		if (!strcmp(key, harmless[i]))
			return 0;
	return -1;
}

static int get_vif(struct source *src, const char *spec, struct vif_config *vif)
{
	char *words = copy_of(spec), *rest = words, *word;
	int rc = words ? 0 : -1;

	/* The prefix that Xen's guests carry, then random, as xl does. */
	memcpy(vif->mac, "\x00\x16\x3e", 3);
	if (getrandom(vif->mac + 3, 3, 0) != 3)
		rc = -1;
	vif->mac[3] &= 0x7f;
	vif->script = copy_of("/etc/xen/scripts/vif-bridge");
	while (!rc && (word = strsep(&rest, ","))) {
		char *value = strchr(word, '=');

		while (*word == ' ')
			word++;
		if (!*word)
			continue;
		if (value)
			*value++ = '\0';
		if (!value || set_vif_word(src, word, value, vif)) {
			errno = EINVAL;
			rc = because("%s: vif '%s': cannot use '%s'; write it like "
				     "\"mac=00:16:3e:00:00:01,bridge=xenbr0\"",
				     place_of(src, "vif"), spec, word);
		}
	}
	free(words);
	return rc;
}

static int get_list(struct source *src, const char *key, XLU_ConfigList **list, int *count)
{
	int rc = xlu_cfg_get_list(src->parsed, key, list, count, 0);

	if (rc == ESRCH) {
		*count = 0;
		return 0;
	}
	if (!rc)
		return 0;
	complain(src, key);
	return because("%s; write it in brackets: %s = [ \"...\" ]", reason_given(), key);
}

static int get_devices(struct source *src, struct domain_config *config)
{
	XLU_ConfigList *list;
	int count, i;

	if (get_list(src, "disk", &list, &count))
		return -1;
	config->disks = calloc(count + 1, sizeof(*config->disks));
	if (!config->disks)
		return -1;
	for (i = 0; i < count; i++) {
		const char *spec = xlu_cfg_get_listitem(list, i);

		config->disks_count++;
		if (!spec || get_disk(src, spec, &config->disks[i]))
			return -1;
	}
	if (get_list(src, "vif", &list, &count))
		return -1;
	config->vifs = calloc(count + 1, sizeof(*config->vifs));
	if (!config->vifs)
		return -1;
	for (i = 0; i < count; i++) {
		const char *spec = xlu_cfg_get_listitem(list, i);

		config->vifs_count++;
		if (!spec || get_vif(src, spec, &config->vifs[i]))
			return -1;
	}
	return 0;
}

static int get_everything(struct source *src, struct domain_config *config)
{
	if (check_keys(src, config) || check_type(src) || get_name(src, config) ||
	    get_uuid(src, config) || get_kernel(src, config) || get_sizes(src, config) ||
	    get_limits(src, config) || get_cpus(src, config) || get_devices(src, config))
		return -1;
	if (get_event(src, "on_poweroff", ON_DESTROY, &config->on_poweroff) ||
	    get_event(src, "on_reboot", ON_RESTART, &config->on_reboot) ||
	    get_event(src, "on_crash", ON_DESTROY, &config->on_crash) ||
	    get_event(src, "on_watchdog", ON_DESTROY, &config->on_watchdog))
		return -1;
	return 0;
}

/* The whole file, and room behind it. */
static int read_whole(const char *path, size_t room, char **text)
{
	FILE *file = fopen(path, "re");
	size_t length;

	if (!file) {
		if (errno == ENOENT)
			return because("there is no file %s", path);
		return because("%s: %s", path, strerror(errno));
	}
	*text = malloc(FILE_SIZE_MAX + room + 2);
	if (!*text) {
		fclose(file);
		return -1;
	}
	length = fread(*text, 1, FILE_SIZE_MAX, file);
	if (ferror(file)) {
		because("%s: %s", path, strerror(errno));
		fclose(file);
		return -1;
	}
	fclose(file);
	errno = EINVAL;
	if (length == FILE_SIZE_MAX || memchr(*text, '\0', length))
		return because("%s is no domain configuration (xl.cfg(5)): it %s", path,
			       length == FILE_SIZE_MAX ? "is larger than 1 MiB" :
			       "holds binary data");
	(*text)[length] = '\0';
	return 0;
}

/* src->text is filled, with room for the words and their line ends. */
static int source_open(struct source *src, char *const *words, size_t count)
{
	const char *at;
	size_t i;

	if (*src->text && src->text[strlen(src->text) - 1] != '\n')
		strncat(src->text, "\n", 2);
	for (at = src->text; *at; at++)
		src->file_lines += *at == '\n';
	for (i = 0; i < count; i++) {
		memcpy(src->text + strlen(src->text), words[i], strlen(words[i]) + 1);
		memcpy(src->text + strlen(src->text), "\n", 2);
	}
	src->keys = calloc(KEYS_MAX, sizeof(*src->keys));
	if (!src->keys)
		return -1;
	src->keys_count = keys_scan(src->text, src->keys, KEYS_MAX);
	if (src->keys_count > KEYS_MAX) {
		errno = E2BIG;
		return because("%s assigns more than %d keys", src->name, KEYS_MAX);
	}
	src->complaints_to = open_memstream(&src->complaints, &src->complaints_size);
	if (!src->complaints_to)
		return -1;
	src->parsed = xlu_cfg_init(src->complaints_to, src->name);
	return src->parsed ? 0 : -1;
}

static void source_close(struct source *src)
{
	if (src->parsed)
		xlu_cfg_destroy(src->parsed);
	if (src->complaints_to)
		fclose(src->complaints_to);
	free(src->complaints);
	free(src->keys);
	free(src->text);
}

/* The caller closes src, whatever comes of it. */
static int read_source(struct source *src, char *const *words, size_t words_count,
		       struct domain_config **out)
{
	struct domain_config *config = calloc(1, sizeof(*config));
	int rc = -1;

	if (!config || source_open(src, words, words_count))
		goto out;
	config->file = copy_of(src->name);
	config->warnings = calloc(src->keys_count + 1, sizeof(*config->warnings));
	if (!config->file || !config->warnings)
		goto out;
	if (xlu_cfg_readdata(src->parsed, src->text, strlen(src->text))) {
		errno = EINVAL;
		complain(src, "syntax error");
		goto out;
	}
	if (get_everything(src, config))
		goto out;
	*out = config;
	config = NULL;
	rc = 0;
out:
	config_free(config);
	return rc;
}

int config_read(const char *path, char *const *words, size_t words_count,
		struct domain_config **out)
{
	struct source src = { .name = path ? path : "command line" };
	size_t room = 2, i;
	int rc = -1;

	for (i = 0; i < words_count; i++)
		room += strlen(words[i]) + 1;
	if (!path)
		src.text = calloc(1, room);
	else if (read_whole(path, room, &src.text))
		goto out;
	if (src.text)
		rc = read_source(&src, words, words_count, out);
out:
	source_close(&src);
	return rc;
}

int config_read_text(const char *name, const char *text, struct domain_config **out)
{
	struct source src = { .name = name };
	int rc = -1;

	if (asprintf(&src.text, "%s%c%c", text, 0, 0) < 0)	/* room for one more line end */
		src.text = NULL;
	else
		rc = read_source(&src, NULL, 0, out);
	source_close(&src);
	return rc;
}

static void free_words(char **words, size_t count)
{
	while (count--)
		free(words[count]);
	free(words);
}

void config_free(struct domain_config *config)
{
	size_t i;

	if (!config)
		return;
	for (i = 0; i < config->disks_count; i++) {
		free(config->disks[i].path);
		free(config->disks[i].vdev);
	}
	for (i = 0; i < config->vifs_count; i++) {
		free(config->vifs[i].bridge);
		free(config->vifs[i].script);
		free(config->vifs[i].ip);
		free(config->vifs[i].gatewaydev);
		free(config->vifs[i].vifname);
		free(config->vifs[i].rate);
	}
	free_words(config->cpus, config->cpus_count);
	free_words(config->warnings, config->warnings_count);
	free(config->disks);
	free(config->vifs);
	free(config->file);
	free(config->name);
	free(config->kernel);
	free(config->ramdisk);
	free(config->cmdline);
	free(config);
}
