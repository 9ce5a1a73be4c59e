// SPDX-License-Identifier: GPL-2.0-only
/*
 * A configuration as an xl.cfg(5) text again: what is kept of a domain while it runs, and with it
 * when it is saved.
 *
 * Invariant: config_read_text() of it gives the same configuration, uuid and MAC addresses included.
 */
#include "lib/config.h"
#include "lib/human.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* libxlutil reads backslash escapes as C has them; what may end a string or a line needs one. */
static void put_string(FILE *out, const char *text)
{
	putc('"', out);
	for (; *text; text++) {
		unsigned char c = *text;

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			fprintf(out, "\\%03o", c);
		else
			putc(c, out);
	}
	putc('"', out);
}

static void put_text(FILE *out, const char *key, const char *value)
{
	if (!value)
		return;
	fprintf(out, "%s = ", key);
	put_string(out, value);
	putc('\n', out);
}

static void put_limit(FILE *out, const char *key, int value)
{
	if (value >= 0)
		fprintf(out, "%s = %d\n", key, value);
}

static void put_disk(FILE *out, const struct disk_config *disk)
{
	char *spec;

	/* The target last: it may have commas. */
	if (asprintf(&spec, "format=raw,vdev=%s,access=%s%s,target=%s", disk->vdev,
		     disk->read_only ? "ro" : "rw", disk->is_cdrom ? ",devtype=cdrom" : "",
		     disk->path) < 0)
		return;
	fprintf(out, "  ");
	put_string(out, spec);
	fprintf(out, ",\n");
	free(spec);
}

/* Bytes an interval, as the backend has it, to bytes a second, rounded so that it comes back. */
static void put_rate(FILE *out, const char *rate)
{
	uint64_t bytes;
	uint32_t us;

	if (sscanf(rate, "%" SCNu64 ",%" SCNu32, &bytes, &us) == 2 && us)
		fprintf(out, ",rate=%" PRIu64 "B/s@%" PRIu32 "us",
			(bytes * 1000000 + us - 1) / us, us);
}

static void put_vif(FILE *out, const struct vif_config *vif)
{
	const uint8_t *m = vif->mac;
	size_t size;
	char *spec;
	FILE *text = open_memstream(&spec, &size);

	if (!text)
		return;
	fprintf(text, "mac=%02x:%02x:%02x:%02x:%02x:%02x,script=%s", m[0], m[1], m[2], m[3], m[4],
		m[5], vif->script);
	if (vif->bridge)
		fprintf(text, ",bridge=%s", vif->bridge);
	if (vif->ip)
		fprintf(text, ",ip=%s", vif->ip);
	if (vif->gatewaydev)
		fprintf(text, ",gatewaydev=%s", vif->gatewaydev);
	if (vif->vifname)
		fprintf(text, ",vifname=%s", vif->vifname);
	if (vif->rate)
		put_rate(text, vif->rate);
	fclose(text);
	fprintf(out, "  ");
	put_string(out, spec);
	fprintf(out, ",\n");
	free(spec);
}

static void put_lists(FILE *out, const struct domain_config *config)
{
	size_t i;

	if (config->cpus_count == 1)
		put_text(out, "cpus", config->cpus[0]);
	if (config->cpus_count > 1) {
		fprintf(out, "cpus = [\n");
		for (i = 0; i < config->cpus_count; i++) {
			fprintf(out, "  ");
			put_string(out, config->cpus[i]);
			fprintf(out, ",\n");
		}
		fprintf(out, "]\n");
	}
	fprintf(out, "disk = [\n");
	for (i = 0; i < config->disks_count; i++)
		put_disk(out, &config->disks[i]);
	fprintf(out, "]\nvif = [\n");
	for (i = 0; i < config->vifs_count; i++)
		put_vif(out, &config->vifs[i]);
	fprintf(out, "]\n");
}

static uint64_t mib(uint64_t kib)
{
	return (kib + 1023) >> 10;
}

char *config_print(const struct domain_config *config)
{
	char uuid[UUID_TEXT_SIZE], *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	bool failed;

	if (!out)
		return NULL;
	human_write_uuid(config->uuid, uuid);
	put_text(out, "name", config->name);
	put_text(out, "uuid", uuid);
	put_text(out, "kernel", config->kernel);
	put_text(out, "ramdisk", config->ramdisk);
	put_text(out, "cmdline", config->cmdline);
	fprintf(out, "memory = %" PRIu64 "\nmaxmem = %" PRIu64 "\nvcpus = %u\nmaxvcpus = %u\n",
		mib(config->memory_kib), mib(config->maxmem_kib), config->vcpus, config->maxvcpus);
	fprintf(out, "tsc_mode = \"%d\"\n", config->tsc_mode);
	put_limit(out, "max_grant_frames", config->max_grant_frames);
	put_limit(out, "max_maptrack_frames", config->max_maptrack_frames);
	fprintf(out, "max_event_channels = %u\n", config->max_event_channels);
	put_text(out, "on_poweroff", on_event_name(config->on_poweroff));
	put_text(out, "on_reboot", on_event_name(config->on_reboot));
	put_text(out, "on_crash", on_event_name(config->on_crash));
	put_text(out, "on_watchdog", on_event_name(config->on_watchdog));
	put_lists(out, config);
	failed = ferror(out);
	if (fclose(out) || failed) {
		free(text);
		return NULL;
	}
	return text;
}
