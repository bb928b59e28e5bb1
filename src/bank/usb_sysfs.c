/* Serial ports and USB devices as sysfs shows them. A tty's `device` leads to its place in the tree
 * of devices; from there upward the first folder with bInterfaceNumber is the USB interface
 * (usb-serial has a folder of its own below it, cdc_acm and hso have not), the first with idVendor
 * the USB device, and that one's name is the path of hubs and sockets that it is plugged into. */
#include "internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

/* An attribute's first line without what ends it; "" where there is none. */
static char *read_attribute(const char *folder, const char *name, char *out, size_t cap)
{
	char path[PATH_MAX], text[128];
	ssize_t n;
	int fd;

	out[0] = '\0';
	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
		return out;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return out;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return out;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	for (n = (ssize_t)strlen(text); n && text[n - 1] == ' '; n--)
		text[n - 1] = '\0';
	tw_strset(out, cap, text + strspn(text, " "));
	return out;
}

static bool has(const char *folder, const char *name)
{
	char path[PATH_MAX];

	return snprintf(path, sizeof(path), "%s/%s", folder, name) < (int)sizeof(path) &&
	       access(path, F_OK) == 0;
}

/* The name that a link ends with: "option" for driver -> ../../../bus/usb/drivers/option. */
static void read_link_name(const char *folder, const char *name, char *out, size_t cap)
{
	char path[PATH_MAX], target[PATH_MAX];
	const char *slash;
	ssize_t n;

	out[0] = '\0';
	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
		return;
	n = readlink(path, target, sizeof(target) - 1);
	if (n <= 0)
		return;
	target[n] = '\0';
	slash = strrchr(target, '/');
	tw_strset(out, cap, slash ? slash + 1 : target);
}

static void read_id(const char *folder, char out[12])
{
	char vendor[8], product[8];

	snprintf(out, 12, "%.4s:%.4s", read_attribute(folder, "idVendor", vendor, sizeof(vendor)),
		 read_attribute(folder, "idProduct", product, sizeof(product)));
}

static void read_class(const char *folder, char out[12])
{
	char class_[4], sub[4], protocol[4];

	snprintf(out, 12, "%.2s/%.2s/%.2s",
		 read_attribute(folder, "bInterfaceClass", class_, sizeof(class_)),
		 read_attribute(folder, "bInterfaceSubClass", sub, sizeof(sub)),
		 read_attribute(folder, "bInterfaceProtocol", protocol, sizeof(protocol)));
}

static void *grow(void *v, size_t n, size_t size)
{
	return n & (n - 1) ? v : tw_realloc(v, (n ? 2 * n : 1) * size);
}

/* ---- ttys ---------------------------------------------------------------------------------- */

/* Fills what the folders from the tty upward say, until the USB device or the root. */
static void climb(char *folder, struct bank_port *p)
{
	char number[8], *slash;

	if (p->driver[0] == '\0')
		read_link_name(folder, "driver", p->driver, sizeof(p->driver));
	for (; (slash = strrchr(folder, '/')) && slash > folder; *slash = '\0') {
		if (p->interface < 0 && has(folder, "bInterfaceNumber")) {
			read_attribute(folder, "bInterfaceNumber", number, sizeof(number));
			p->interface = (int)strtol(number, NULL, 16);
			read_class(folder, p->class_);
			read_link_name(folder, "driver", p->driver, sizeof(p->driver));
		}
		if (has(folder, "idVendor"))
			break;
	}
	if (!slash || slash == folder)
		return;
	read_id(folder, p->usb);
	tw_strset(p->usb_path, sizeof(p->usb_path), slash + 1);
	read_attribute(folder, "manufacturer", p->maker, sizeof(p->maker));
	read_attribute(folder, "product", p->product, sizeof(p->product));
}

/* False for what is no port of hardware: consoles, pseudo-terminals, the UARTs that a kernel
 * provides for and no chip stands behind (type 0). */
static bool read_tty(const char *sys, const char *dev, const char *name, struct bank_port *ret)
{
	char folder[PATH_MAX], tty[PATH_MAX], type[8];

	*ret = (struct bank_port){ .interface = -1 };
	if (snprintf(tty, sizeof(tty), "%s/class/tty/%s", sys, name) >= (int)sizeof(tty) - 8)
		return false;
	read_attribute(tty, "type", type, sizeof(type));
	if (!strcmp(type, "0"))
		return false;
	read_attribute(tty, "hsotype", ret->role, sizeof(ret->role));
	strcat(tty, "/device");
	if (!realpath(tty, folder))
		return false;
	snprintf(ret->path, sizeof(ret->path), "%.40s/%.22s", dev, name);
	climb(folder, ret);
	return true;
}

static int list_ttys(const char *sys, const char *dev, struct bank_found *ret)
{
	char path[PATH_MAX];
	struct dirent *entry;
	struct bank_port p;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/class/tty", sys);
	dir = opendir(path);
	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || !read_tty(sys, dev, entry->d_name, &p))
			continue;
		ret->ports = grow(ret->ports, ret->n_ports, sizeof(p));
		ret->ports[ret->n_ports++] = p;
	}
	closedir(dir);
	return 0;
}

/* ---- USB devices --------------------------------------------------------------------------- */

/* An interface's folder is named DEVICE:CONFIGURATION.NUMBER. */
static void count_interface(const char *folder, struct bank_usb *u)
{
	char class_[4];

	u->interfaces++;
	read_attribute(folder, "bInterfaceClass", class_, sizeof(class_));
	if (!strcmp(class_, "ff") && !has(folder, "driver"))
		u->unbound++;
}

static void read_device(const char *folder, const char *name, struct bank_usb *ret)
{
	char inner[PATH_MAX];
	struct dirent *entry;
	size_t n = strlen(name);
	DIR *dir;

	*ret = (struct bank_usb){ 0 };
	read_id(folder, ret->usb);
	tw_strset(ret->path, sizeof(ret->path), name);
	read_attribute(folder, "manufacturer", ret->maker, sizeof(ret->maker));
	read_attribute(folder, "product", ret->product, sizeof(ret->product));
	dir = opendir(folder);
	while (dir && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, name, n) != 0 || entry->d_name[n] != ':' ||
		    snprintf(inner, sizeof(inner), "%s/%s", folder, entry->d_name) >=
			    (int)sizeof(inner))
			continue;
		count_interface(inner, ret);
	}
	if (dir)
		closedir(dir);
}

static int list_devices(const char *sys, struct bank_found *ret)
{
	char path[PATH_MAX], folder[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/bus/usb/devices", sys);
	dir = opendir(path);
	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || strchr(entry->d_name, ':') ||
		    snprintf(folder, sizeof(folder), "%s/%s", path, entry->d_name) >=
			    (int)sizeof(folder) || !has(folder, "idVendor"))
			continue;
		ret->devices = grow(ret->devices, ret->n_devices, sizeof(*ret->devices));
		read_device(folder, entry->d_name, &ret->devices[ret->n_devices++]);
	}
	closedir(dir);
	return 0;
}

/* ---- all of it ----------------------------------------------------------------------------- */

static int by_path(const void *a, const void *b)
{
	return strverscmp(((const struct bank_port *)a)->path, ((const struct bank_port *)b)->path);
}

static int by_socket(const void *a, const void *b)
{
	return strverscmp(((const struct bank_usb *)a)->path, ((const struct bank_usb *)b)->path);
}

int bank_found_read(const char *sys, const char *dev, struct bank_found *ret)
{
	struct bank_found f = { 0 };
	int r = list_ttys(sys, dev, &f);

	if (r == 0)
		r = list_devices(sys, &f);
	if (r < 0) {
		bank_found_done(&f);
		return r;
	}
	if (f.n_ports)
		qsort(f.ports, f.n_ports, sizeof(*f.ports), by_path);
	if (f.n_devices)
		qsort(f.devices, f.n_devices, sizeof(*f.devices), by_socket);
	*ret = f;
	return 0;
}

void bank_found_done(struct bank_found *f)
{
	free(f->ports);
	free(f->devices);
	*f = (struct bank_found){ 0 };
}

static int list_system(void *ctx, struct bank_found *ret)
{
	(void)ctx;
	return bank_found_read("/sys", "/dev", ret);
}

const struct bank_finder_ops bank_finder_system = { .list = list_system, .folder = "/dev" };
