// SPDX-License-Identifier: GPL-2.0-only
/*
 * Disks and network interfaces: frontend and backend nodes, hotplug scripts, and their end.
 *
 * The nodes are libxl's.  The backend drivers in dom0's kernel (xen-blkback, xen-netback) watch
 * them; Debian's scripts in /etc/xen/scripts attach files to loop devices and interfaces to
 * bridges, and write what came of it to "hotplug-status" beside the backend's nodes.
 * Not here: the console (build/store.c).
 */
#include "build/devices.h"

#include "build/store.h"
#include "lib/report.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BLOCK_SCRIPT		"/etc/xen/scripts/block"
#define PATIENCE_MS		10000

/* Xenbus states, as the public header io/xenbus.h numbers them. */
enum xenbus_state {
	XENBUS_UNKNOWN = 0,
	XENBUS_INITIALISING = 1,
	XENBUS_INIT_WAIT = 2,
	XENBUS_CLOSED = 6,
};

/* One device, as its nodes name it. */
struct device {
	const char *kind;		/* "vbd" or "vif" */
	uint32_t domid;
	unsigned int number;
};

static void backend_path(const struct device *dev, char path[128])
{
	snprintf(path, 128, "/local/domain/0/backend/%s/%u/%u", dev->kind, dev->domid, dev->number);
}

static void frontend_path(const struct device *dev, char path[128])
{
	snprintf(path, 128, "/local/domain/%u/device/%s/%u", dev->domid, dev->kind, dev->number);
}

static void sleep_ms(unsigned int ms)
{
	struct timespec time = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&time, NULL);
}

/* The first bridge the kernel has, in the name's order; NULL if none. */
static char *any_bridge(void)
{
	struct dirent **entries;
	int count = scandir("/sys/class/net", &entries, NULL, alphasort);
	char *found = NULL;
	int i;

	for (i = 0; i < count; i++) {
		char path[512];

		snprintf(path, sizeof(path), "/sys/class/net/%s/bridge", entries[i]->d_name);
		if (!found && !access(path, F_OK))
			found = strdup(entries[i]->d_name);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	return found;
}

static int check_vif(const struct domain_config *config, const struct vif_config *vif)
{
	char path[512], *bridge;

	if (access(vif->script, X_OK))
		return because("vif: %s is no program that can be run: %s", vif->script,
			       strerror(errno));
	if (!strstr(vif->script, "bridge"))
		return 0;
	errno = ENODEV;
	if (vif->bridge) {
		snprintf(path, sizeof(path), "/sys/class/net/%s/bridge", vif->bridge);
		if (!access(path, F_OK))
			return 0;
		errno = ENODEV;
		return because("there is no bridge '%s'; make it: ip link add %s type bridge && "
			       "ip link set %s up", vif->bridge, vif->bridge, vif->bridge);
	}
	bridge = any_bridge();
	errno = ENODEV;
	if (!bridge)
		return because("vif in %s needs a bridge and there is none; make one: ip link add "
			       "xenbr0 type bridge && ip link set xenbr0 up", config->file);
	free(bridge);
	return 0;
}

int devices_check(const struct domain_config *config)
{
	size_t i;

	for (i = 0; i < config->disks_count; i++) {
		const char *path = config->disks[i].path;
		struct stat info;

		if (stat(path, &info))
			return errno == ENOENT ? because("there is no disk %s", path) :
						 because("disk %s: %s", path, strerror(errno));
		errno = EINVAL;
		if (!S_ISREG(info.st_mode) && !S_ISBLK(info.st_mode))
			return because("disk %s is neither a file nor a block device", path);
		if (access(BLOCK_SCRIPT, X_OK))
			return because("disks need %s; install it: apt install xen-utils-common",
				       BLOCK_SCRIPT);
	}
	for (i = 0; i < config->vifs_count; i++)
		if (check_vif(config, &config->vifs[i]))
			return -1;
	return 0;
}

/* A pair of nodes, NULL-ended lists of which make up a device. */
struct fact {
	const char *name, *value;
};

static int put_facts(struct xs_handle *xs, xs_transaction_t t, const char *root,
		     const struct fact *facts)
{
	for (; facts->name; facts++)
		if (facts->value && store_write(xs, t, facts->value, "%s/%s", root, facts->name))
			return -1;
	return 0;
}

static int put_device_in(struct xs_handle *xs, xs_transaction_t t, const struct device *dev,
			 const struct fact *back, const struct fact *front)
{
	char bpath[128], fpath[128], lpath[128], domid[16];
	struct fact back_base[] = { { "frontend", fpath }, { "frontend-id", domid },
				    { "online", "1" }, { "state", "1" }, { NULL, NULL } };
	struct fact front_base[] = { { "backend", bpath }, { "backend-id", "0" }, { "state", "1" },
				     { NULL, NULL } };
	struct fact ours[] = { { "frontend", fpath }, { "backend", bpath }, { NULL, NULL } };

	snprintf(domid, sizeof(domid), "%u", dev->domid);
	backend_path(dev, bpath);
	frontend_path(dev, fpath);
	snprintf(lpath, sizeof(lpath), "/libxl/%u/device/%s/%u", dev->domid, dev->kind,
		 dev->number);

	/* The guest owns its end, dom0 the other; each reads the other's. */
	if (store_write(xs, t, "", "%s", fpath) || store_write(xs, t, "", "%s", bpath) ||
	    store_allow(xs, t, dev->domid, GUEST_OWNS_DOM0_READS, "%s", fpath) ||
	    store_allow(xs, t, dev->domid, GUEST_READS, "%s", bpath))
		return -1;
	if (put_facts(xs, t, fpath, front_base) || put_facts(xs, t, fpath, front) ||
	    put_facts(xs, t, bpath, back_base) || put_facts(xs, t, bpath, back))
		return -1;
	return put_facts(xs, t, lpath, ours) || put_facts(xs, t, lpath, back_base + 1) ||
	       put_facts(xs, t, lpath, back) ? -1 : 0;
}

static int put_device(struct xs_handle *xs, const struct device *dev, const struct fact *back,
		      const struct fact *front)
{
	xs_transaction_t t;

	do {
		t = xs_transaction_start(xs);
		if (!t)
			return -1;
		if (put_device_in(xs, t, dev, back, front)) {
			int error = errno;

			xs_transaction_end(xs, t, true);
			errno = error;
			return -1;
		}
	} while (!xs_transaction_end(xs, t, false) && errno == EAGAIN);
	return 0;
}

static int backend_state(struct xs_handle *xs, const char *path)
{
	char *text = store_read(xs, XBT_NULL, "%s/state", path);
	int state = text ? atoi(text) : XENBUS_UNKNOWN;

	free(text);
	return state;
}

/* Run a hotplug script to its end; its output goes to the log, not to the user. */
static int run_script(const char *script, const char *verb, const char *option,
		      const char *backend, const char *vifname)
{
	pid_t child = fork();
	int status;

	if (child < 0)
		return -1;
	if (!child) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		setenv("script", script, 1);
		setenv("XENBUS_TYPE", vifname ? "vif" : "vbd", 1);
		setenv("XENBUS_PATH", backend, 1);
		setenv("XENBUS_BASE_PATH", "backend", 1);
		setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
		if (vifname)
			setenv("vif", vifname, 1);
		execl(script, script, verb, option, NULL);
		_exit(127);
	}
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		errno = EIO;
		return -1;
	}
	return 0;
}

/* Did the script say it went well?  What it complains of stands beside. */
static int check_hotplug(struct xs_handle *xs, const char *backend, const char *what)
{
	char *status = store_read(xs, XBT_NULL, "%s/hotplug-status", backend);
	char *complaint = store_read(xs, XBT_NULL, "%s/hotplug-error", backend);
	int rc = 0;

	if (!status || strcmp(status, "connected")) {
		errno = EIO;
		rc = because("%s cannot be attached: %s", what, complaint ? complaint :
			     "its hotplug script failed; see journalctl or /var/log/xen");
	}
	free(status);
	free(complaint);
	return rc;
}

/* The driver takes the device when it sees its nodes; udev loads the driver, where there is udev. */
static int wait_for_backend(struct xs_handle *xs, const char *backend, const char *driver)
{
	unsigned int waited;

	for (waited = 0; waited < PATIENCE_MS; waited += 20) {
		if (backend_state(xs, backend) == XENBUS_INIT_WAIT)
			return 0;
		sleep_ms(20);
	}
	errno = ETIMEDOUT;
	return because("dom0's kernel does not serve %s; load its driver: modprobe %s", backend,
		       driver);
}

static int add_disk(struct host *host, const struct disk_config *disk, uint32_t domid)
{
	struct device dev = { "vbd", domid, disk->number };
	char bpath[128], params[4200], number[16];
	struct stat info;
	bool is_file = !stat(disk->path, &info) && S_ISREG(info.st_mode);
	const struct fact back[] = {
		{ "params", params }, { "script", BLOCK_SCRIPT }, { "bootable", "1" },
		{ "dev", disk->vdev }, { "type", is_file ? "file" : "phy" },
		{ "mode", disk->read_only ? "r" : "w" },
		{ "device-type", disk->is_cdrom ? "cdrom" : "disk" }, { "discard-enable", "1" },
		{ "removable", "0" }, { NULL, NULL },
	};
	const struct fact front[] = {
		{ "virtual-device", number }, { "device-type", disk->is_cdrom ? "cdrom" : "disk" },
		{ NULL, NULL },
	};

	snprintf(number, sizeof(number), "%u", disk->number);
	snprintf(params, sizeof(params), "%s", disk->path);
	backend_path(&dev, bpath);
	if (put_device(host->xs, &dev, back, front))
		return because("disk %s: xenstore: %s", disk->path, strerror(errno));
	if (wait_for_backend(host->xs, bpath, "xen-blkback"))
		return -1;
	run_script(BLOCK_SCRIPT, "add", NULL, bpath, NULL);
	return check_hotplug(host->xs, bpath, disk->path);
}

static int add_vif(struct host *host, const struct vif_config *vif, uint32_t domid,
		   unsigned int number)
{
	struct device dev = { "vif", domid, number };
	char bpath[128], handle[16], mac[18], name[32];
	char *bridge = vif->bridge ? strdup(vif->bridge) : any_bridge();
	const uint8_t *m = vif->mac;
	int rc = -1;

	snprintf(handle, sizeof(handle), "%u", number);
	snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4],
		 m[5]);
	snprintf(name, sizeof(name), "vif%u.%u", domid, number);
	backend_path(&dev, bpath);
	const struct fact back[] = {
		{ "script", vif->script }, { "mac", mac }, { "bridge", bridge }, { "ip", vif->ip },
		{ "rate", vif->rate }, { "vifname", vif->vifname },
		{ "gatewaydev", vif->gatewaydev }, { "handle", handle }, { "type", "vif" },
		{ "hotplug-status", "" }, { NULL, NULL },
	};
	const struct fact front[] = {
		{ "handle", handle }, { "mac", mac }, { "mtu", "1500" }, { "trusted", "1" },
		{ NULL, NULL },
	};

	if (put_device(host->xs, &dev, back, front)) {
		because("vif %u: xenstore: %s", number, strerror(errno));
	} else if (!wait_for_backend(host->xs, bpath, "xen-netback")) {
		/* netback has made the interface; the script puts it on the bridge */
		run_script(vif->script, "online", "type_if=vif", bpath, name);
		rc = check_hotplug(host->xs, bpath, name);
	}
	free(bridge);
	return rc;
}

int devices_add(struct host *host, const struct domain_config *config, uint32_t domid)
{
	size_t i;

	for (i = 0; i < config->disks_count; i++)
		if (add_disk(host, &config->disks[i], domid))
			return -1;
	for (i = 0; i < config->vifs_count; i++)
		if (add_vif(host, &config->vifs[i], domid, i))
			return -1;
	return 0;
}

/*
 * Ask the backend to let go, wait until it has, let the script undo what it did, remove the nodes.
 * The guest is stopped and will not close its end; so we do, in its name.
 */
static void remove_device(struct host *host, const struct device *dev)
{
	char bpath[128], fpath[128], name[32], *script, *vifname;
	bool is_vif = !strcmp(dev->kind, "vif");
	unsigned int waited;

	backend_path(dev, bpath);
	frontend_path(dev, fpath);
	snprintf(name, sizeof(name), "vif%u.%u", dev->domid, dev->number);
	script = store_read(host->xs, XBT_NULL, "%s/script", bpath);
	vifname = store_read(host->xs, XBT_NULL, "%s/vifname", bpath);
	if (script && is_vif)
		run_script(script, "offline", "type_if=vif", bpath, vifname ? vifname : name);
	store_write(host->xs, XBT_NULL, "0", "%s/online", bpath);
	store_write(host->xs, XBT_NULL, "6", "%s/state", fpath);
	for (waited = 0; waited < PATIENCE_MS; waited += 20) {
		int state = backend_state(host->xs, bpath);

		if (state == XENBUS_CLOSED || state == XENBUS_UNKNOWN ||
		    state == XENBUS_INITIALISING)
			break;
		sleep_ms(20);
	}
	store_remove(host->xs, "%s", fpath);
	if (script && !is_vif)
		run_script(script, "remove", NULL, bpath, NULL);
	store_remove(host->xs, "%s", bpath);
	free(script);
	free(vifname);
}

void devices_remove(struct host *host, uint32_t domid)
{
	static const char *const kinds[] = { "vif", "vbd" };
	size_t kind;

	for (kind = 0; kind < 2; kind++) {
		char path[128], **numbers;
		unsigned int count, i;

		snprintf(path, sizeof(path), "/local/domain/0/backend/%s/%u", kinds[kind], domid);
		numbers = xs_directory(host->xs, XBT_NULL, path, &count);
		for (i = 0; numbers && i < count; i++) {
			struct device dev = { kinds[kind], domid, strtoul(numbers[i], NULL, 10) };

			remove_device(host, &dev);
		}
		free(numbers);
	}
}
