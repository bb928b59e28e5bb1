/* A sysfs of our own below a folder: USB devices with interfaces, drivers and ttys laid out as the kernel
 * does for usb-serial, cdc_acm, hso and UARTs on the board. */
#ifndef FAKE_SYSFS_H
#define FAKE_SYSFS_H

#include <check.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char sysfs_root[64];

static inline void sysfs_path(char out[PATH_MAX], const char *format, va_list ap)
{
	int n = snprintf(out, PATH_MAX, "%s/", sysfs_root);

	vsnprintf(out + n, (size_t)(PATH_MAX - n), format, ap);
}

static inline void sysfs_make_folders(char *path)
{
	for (char *p = path + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		mkdir(path, 0755);
		*p = '/';
	}
}

/* Writes text to the file whose path the format makes. */
static inline void __attribute__((format(printf, 2, 3)))
sysfs_write(const char *text, const char *format, ...)
{
	char path[PATH_MAX];
	va_list ap;
	FILE *f;

	va_start(ap, format);
	sysfs_path(path, format, ap);
	va_end(ap);
	sysfs_make_folders(path);
	f = fopen(path, "w");
	ck_assert_msg(f != NULL, "%s", path);
	fputs(text, f);
	fclose(f);
}

/* A link (by absolute path) to the folder target, both below the root. */
static inline void sysfs_link(const char *target, const char *link)
{
	char to[PATH_MAX], at[PATH_MAX];

	snprintf(to, sizeof(to), "%s/%s/", sysfs_root, target);
	sysfs_make_folders(to);
	to[strlen(to) - 1] = '\0';
	snprintf(at, sizeof(at), "%s/%s", sysfs_root, link);
	sysfs_make_folders(at);
	ck_assert_msg(symlink(to, at) == 0, "%s", at);
}

static inline void sysfs_open(void)
{
	char path[PATH_MAX];

	snprintf(sysfs_root, sizeof(sysfs_root), "/tmp/twoway-sysfs-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(sysfs_root));
	snprintf(path, sizeof(path), "%s/class/tty/", sysfs_root);
	sysfs_make_folders(path);
	snprintf(path, sizeof(path), "%s/bus/usb/devices/", sysfs_root);
	sysfs_make_folders(path);
}

static inline void sysfs_close(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", sysfs_root);
	ck_assert_int_eq(system(command), 0);
}

#define SYSFS_BUS "devices/pci0000:00/0000:00:14.0/usb1"

/* A device at socket ("1-1.4"), its id as "12d1:1506". */
static inline void sysfs_device(const char *socket, const char *usb, const char *maker,
				const char *product)
{
	char target[128], link[128], id[8];

	snprintf(id, sizeof(id), "%.4s\n", usb);
	sysfs_write(id, SYSFS_BUS "/%s/idVendor", socket);
	snprintf(id, sizeof(id), "%.4s\n", usb + 5);
	sysfs_write(id, SYSFS_BUS "/%s/idProduct", socket);
	if (maker)
		sysfs_write(maker, SYSFS_BUS "/%s/manufacturer", socket);
	if (product)
		sysfs_write(product, SYSFS_BUS "/%s/product", socket);
	snprintf(target, sizeof(target), SYSFS_BUS "/%s", socket);
	snprintf(link, sizeof(link), "bus/usb/devices/%s", socket);
	sysfs_link(target, link);
}

/* An interface with class "ff/02/12"; driver NULL: none is bound. */
static inline void sysfs_interface(const char *socket, int number, const char *class_,
				   const char *driver)
{
	char text[8], target[128], link[192];

	snprintf(text, sizeof(text), "%02x\n", (unsigned)number);
	sysfs_write(text, SYSFS_BUS "/%s/%s:1.%d/bInterfaceNumber", socket, socket, number);
	snprintf(text, sizeof(text), "%.2s\n", class_);
	sysfs_write(text, SYSFS_BUS "/%s/%s:1.%d/bInterfaceClass", socket, socket, number);
	snprintf(text, sizeof(text), "%.2s\n", class_ + 3);
	sysfs_write(text, SYSFS_BUS "/%s/%s:1.%d/bInterfaceSubClass", socket, socket, number);
	snprintf(text, sizeof(text), "%.2s\n", class_ + 6);
	sysfs_write(text, SYSFS_BUS "/%s/%s:1.%d/bInterfaceProtocol", socket, socket, number);
	if (!driver)
		return;
	snprintf(target, sizeof(target), "bus/usb/drivers/%s", driver);
	snprintf(link, sizeof(link), SYSFS_BUS "/%s/%s:1.%d/driver", socket, socket, number);
	sysfs_link(target, link);
}

/* The tty of an interface; usb-serial drivers have a folder of their own between. */
static inline void sysfs_tty(const char *socket, int number, const char *tty, bool is_usb_serial)
{
	char folder[160], target[256], link[300];

	if (is_usb_serial)
		snprintf(folder, sizeof(folder), SYSFS_BUS "/%s/%s:1.%d/%s", socket, socket, number,
			 tty);
	else
		snprintf(folder, sizeof(folder), SYSFS_BUS "/%s/%s:1.%d", socket, socket, number);
	snprintf(target, sizeof(target), "%s/tty/%s", folder, tty);
	sysfs_write("188:0\n", "%s/dev", target);
	snprintf(link, sizeof(link), "class/tty/%s", tty);
	sysfs_link(target, link);
	snprintf(link, sizeof(link), "%s/device", target);
	sysfs_link(folder, link);
	if (!is_usb_serial)
		return;
	snprintf(link, sizeof(link), "%s/driver", folder);
	sysfs_link("bus/usb-serial/drivers/option1", link);
}

#endif
