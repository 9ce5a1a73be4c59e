// SPDX-License-Identifier: GPL-2.0-only
#include "boot/cmdline.h"

#include "lib/bits.h"
#include "lib/format.h"
#include "lib/string.h"
#include "mem/addr.h"

#define COMPLAINTS_MAX	16

struct options options = {
	.host_level = LOG_INFO,
	.guest_level = LOG_WARN,
	.dom0_max_vcpus = 0,
};

static struct {
	char text[48];
	const char *why;
} complaints[COMPLAINTS_MAX];
static unsigned int complaint_count;

/* "512M": a number with a unit, KiB if it has none. false: there is more than that. */
static bool parse_size(const char *s, uint64_t *bytes)
{
	static const char units[] = "bkmgt";
	const char *end, *unit;
	unsigned int shift = 10;

	*bytes = strtou64(s, &end);
	if (end == s)
		return false;
	if (*end) {
		unit = strchr(units, *end | 0x20);
		if (!unit || end[1])
			return false;
		shift = 10 * (unsigned int)(unit - units);
	}
	return !mul_overflows(*bytes, BIT(shift), bytes);
}

static bool parse_flag(const char *value)
{
	return strcmp(value, "0") && strcmp(value, "no") && strcmp(value, "off") &&
	       strcmp(value, "false");
}

/* Calls fn with each comma-separated part, until it says false. */
static bool each_part(const char *value, bool (*fn)(const char *part))
{
	char part[40];

	while (*value) {
		size_t n = 0;

		while (value[n] && value[n] != ',')
			n++;
		if (n >= sizeof(part))
			return false;
		memcpy(part, value, n);
		part[n] = 0;
		if (!fn(part))
			return false;
		value += n + (value[n] == ',');
	}
	return true;
}

static bool console_part(const char *part)
{
	if (!strcmp(part, "com1"))
		options.com1 = true;
	else if (!strcmp(part, "com2"))
		options.com2 = true;
	else if (!strcmp(part, "vga"))
		options.vga = true;
	else
		return !strcmp(part, "none");
	return true;
}

static bool opt_console(const char *value)
{
	return each_part(value, console_part);
}

static bool opt_com1(const char *value)
{
	return string_copy(options.com1_text, value, sizeof(options.com1_text)) <
	       sizeof(options.com1_text);
}

static bool opt_com2(const char *value)
{
	return string_copy(options.com2_text, value, sizeof(options.com2_text)) <
	       sizeof(options.com2_text);
}

static bool memory_part(const char *part)
{
	uint64_t bytes, *to = &options.dom0_pages;
	bool negative = false;

	if (!strncmp(part, "min:", 4)) {
		to = &options.dom0_min_pages;
		part += 4;
	} else if (!strncmp(part, "max:", 4)) {
		to = &options.dom0_max_pages;
		part += 4;
	}
	if (*part == '-') {
		negative = true;
		part++;
	}
	if (!parse_size(part, &bytes) || (negative && to != &options.dom0_pages))
		return false;
	*to = bytes >> PAGE_SHIFT;
	if (to == &options.dom0_pages)
		options.dom0_pages_negative = negative;
	return true;
}

static bool opt_dom0_mem(const char *value)
{
	return *value && each_part(value, memory_part);
}

/* "4", "1-4", "-4": how many there may be at most is what counts for us. */
static bool opt_dom0_max_vcpus(const char *value)
{
	const char *dash = strchr(value, '-'), *end;
	uint64_t n = strtou64(dash ? dash + 1 : value, &end);

	if (*end || !n || n > 64)
		return false;
	options.dom0_max_vcpus = (unsigned int)n;
	return true;
}

static bool parse_level(const char *value, enum log_level *level)
{
	static const char *const names[] = { "error", "warning", "info", "debug" };
	const char *slash = strchr(value, '/');

	/* "a/b": Xen limits the rate of what lies between; our limit is fixed, a alone counts. */
	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++) {
		size_t n = strlen(names[i]);

		if (!strncmp(value, names[i], n) && (!value[n] || value + n == slash)) {
			*level = (enum log_level)i;
			return true;
		}
	}
	if (!strncmp(value, "all", 3))
		*level = LOG_DEBUG;
	else if (!strncmp(value, "none", 4))
		*level = LOG_ERR;
	else
		return false;
	return true;
}

static bool opt_loglvl(const char *value)
{
	return parse_level(value, &options.host_level);
}

static bool opt_guest_loglvl(const char *value)
{
	bool ok = parse_level(value, &options.guest_level);

	options.console_to_guests = options.guest_level == LOG_DEBUG;
	return ok;
}

static bool opt_noreboot(const char *value)
{
	options.noreboot = parse_flag(value);
	return true;
}

/* Xen's options that change nothing here: no need to bother anybody. */
static bool opt_ignored(const char *value)
{
	(void)value;
	return true;
}

static const struct option {
	const char *name;
	bool (*set)(const char *value);
	const char *form;
} table[] = {
	{ "console",		opt_console,		"com1, com2, vga, none" },
	{ "com1",		opt_com1,		"115200,8n1" },
	{ "com2",		opt_com2,		"115200,8n1" },
	{ "dom0_mem",		opt_dom0_mem,		"512M, min:256M, max:1G" },
	{ "dom0_max_vcpus",	opt_dom0_max_vcpus,	"1 to 64" },
	{ "loglvl",		opt_loglvl,		"error, warning, info, debug, all" },
	{ "guest_loglvl",	opt_guest_loglvl,	"error, warning, info, debug, all" },
	{ "noreboot",		opt_noreboot,		"yes or no" },
	{ "no-real-mode",	opt_ignored,		"" },
	{ "placeholder",	opt_ignored,		"" },
	{ "sync_console",	opt_ignored,		"" },
	{ "console_timestamps",	opt_ignored,		"" },
	{ "watchdog",		opt_ignored,		"" },
	{ "xpti",		opt_ignored,		"" },
	{ "spec-ctrl",		opt_ignored,		"" },
	{ "smap",		opt_ignored,		"" },
	{ "edd",		opt_ignored,		"" },
	{ "edid",		opt_ignored,		"" },
	{ "no-edid",		opt_ignored,		"" },
};

static void complain(const char *text, const char *why)
{
	if (complaint_count == COMPLAINTS_MAX)
		return;
	string_copy(complaints[complaint_count].text, text, sizeof(complaints[0].text));
	complaints[complaint_count++].why = why;
}

static void parse_word(char *word)
{
	char *equals = strchr(word, '=');
	const char *value = equals ? equals + 1 : "";
	size_t n = equals ? (size_t)(equals - word) : strlen(word);

	for (unsigned int i = 0; i < ARRAY_SIZE(table); i++) {
		if (strlen(table[i].name) != n || strncmp(word, table[i].name, n))
			continue;
		if (!table[i].set(value))
			complain(word, table[i].form);
		return;
	}
	complain(word, NULL);
}

void cmdline_parse(const char *line)
{
	char word[128];
	bool first = true;

	while (*line) {
		size_t n = 0;

		while (*line == ' ' || *line == '\t')
			line++;
		while (line[n] && line[n] != ' ' && line[n] != '\t')
			n++;
		if (!n)
			break;
		memcpy(word, line, MIN(n, sizeof(word) - 1));
		word[MIN(n, sizeof(word) - 1)] = 0;
		line += n;
		/* Version 1 loaders put the file's name in front. */
		if (!(first && strchr(word, '/')))
			parse_word(word);
		first = false;
	}
	if (!options.com1 && !options.com2 && !options.vga)
		options.vga = true;
}

void cmdline_complain(void)
{
	for (unsigned int i = 0; i < complaint_count; i++) {
		if (complaints[i].why)
			log_warn("option '%s' ignored: it takes %s", complaints[i].text,
				 complaints[i].why);
		else
			log_warn("option '%s' ignored: Trine does not know it", complaints[i].text);
	}
}
