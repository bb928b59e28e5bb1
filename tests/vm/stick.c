/* A USB stick made of software: the descriptors that the kernel's host side sees, and behind each of
 * its serial interfaces a terminal (of the virtual bank), or nothing. Runs in the guest of
 * ./bootstrap vm on a FunctionFS folder; the gadget around it (ids, strings, the port it is plugged
 * into) is made in configfs by the caller. Documentation/usb/functionfs.rst, USB 2.0 chapter 9.
 *
 *   stick FOLDER CLASS/SUBCLASS/PROTOCOL[:i][=TERMINAL] …
 *
 * An interface has two bulk endpoints, with :i an interrupt endpoint before them. The stick is there
 * when its one line has been printed, and gone when this process ends. */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <linux/usb/functionfs.h>

enum { INTERFACES_MAX = 8, DESCRIPTORS_MAX = 1024, CHUNK = 512 };

struct interface {
	uint8_t class, subclass, protocol;
	bool has_interrupt;
	const char *terminal;	/* NULL: what is written here is lost */
	int in, out;		/* endpoints, as the stick sees them: in goes to the host */
	int line;
};

struct octets {
	uint8_t v[DESCRIPTORS_MAX];
	size_t n;
};

static const char *folder;

static void fail(const char *what)
{
	fprintf(stderr, "stick: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int open_in_folder(const char *name, int flags)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, flags | O_CLOEXEC);
	if (fd < 0)
		fail(path);
	return fd;
}

/* ---- descriptors --------------------------------------------------------------------------- */

static void add(struct octets *o, const void *p, size_t n)
{
	if (o->n + n > sizeof(o->v)) {
		errno = E2BIG;
		fail("descriptors");
	}
	memcpy(o->v + o->n, p, n);
	o->n += n;
}

static void add_endpoint(struct octets *o, uint8_t address, uint8_t attributes, uint16_t size)
{
	const struct usb_endpoint_descriptor_no_audio d = {
		.bLength = sizeof(d), .bDescriptorType = USB_DT_ENDPOINT, .bEndpointAddress = address,
		.bmAttributes = attributes, .wMaxPacketSize = htole16(size),
		.bInterval = attributes == USB_ENDPOINT_XFER_INT ? 9 : 0,
	};

	add(o, &d, sizeof(d));
}

/* All interfaces at one speed; returns how many descriptors there are. */
static uint32_t add_interfaces(struct octets *o, const struct interface *v, int n, uint16_t bulk)
{
	uint8_t endpoint = 0;
	uint32_t count = 0;

	for (int i = 0; i < n; i++) {
		const struct usb_interface_descriptor d = {
			.bLength = sizeof(d), .bDescriptorType = USB_DT_INTERFACE,
			.bInterfaceNumber = (uint8_t)i, .bNumEndpoints = v[i].has_interrupt ? 3 : 2,
			.bInterfaceClass = v[i].class, .bInterfaceSubClass = v[i].subclass,
			.bInterfaceProtocol = v[i].protocol,
		};

		add(o, &d, sizeof(d));
		if (v[i].has_interrupt)
			add_endpoint(o, ++endpoint | USB_DIR_IN, USB_ENDPOINT_XFER_INT, 10);
		add_endpoint(o, ++endpoint | USB_DIR_IN, USB_ENDPOINT_XFER_BULK, bulk);
		add_endpoint(o, ++endpoint | USB_DIR_OUT, USB_ENDPOINT_XFER_BULK, bulk);
		count += 1u + d.bNumEndpoints;
	}
	return count;
}

static void describe(int ep0, const struct interface *v, int n)
{
	struct octets full = { .n = 0 }, high = { .n = 0 }, all = { .n = 0 };
	uint32_t n_full = add_interfaces(&full, v, n, 64), n_high = add_interfaces(&high, v, n, 512);
	struct usb_functionfs_descs_head_v2 head = {
		.magic = htole32(FUNCTIONFS_DESCRIPTORS_MAGIC_V2),
		.flags = htole32(FUNCTIONFS_HAS_FS_DESC | FUNCTIONFS_HAS_HS_DESC),
	};
	const struct usb_functionfs_strings_head strings = {
		.magic = htole32(FUNCTIONFS_STRINGS_MAGIC), .length = htole32(sizeof(strings)),
	};

	head.length = htole32((uint32_t)(sizeof(head) + 8 + full.n + high.n));
	n_full = htole32(n_full);
	n_high = htole32(n_high);
	add(&all, &head, sizeof(head));
	add(&all, &n_full, sizeof(n_full));
	add(&all, &n_high, sizeof(n_high));
	add(&all, full.v, full.n);
	add(&all, high.v, high.n);
	if (write(ep0, all.v, all.n) != (ssize_t)all.n)
		fail("descriptors");
	if (write(ep0, &strings, sizeof(strings)) != (ssize_t)sizeof(strings))
		fail("strings");
}

/* ---- lines --------------------------------------------------------------------------------- */

static int open_terminal(const char *path)
{
	struct termios t;
	int fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 || tcgetattr(fd, &t))
		fail(path);
	cfmakeraw(&t);
	if (tcsetattr(fd, TCSANOW, &t))
		fail(path);
	return fd;
}

/* A stick that is not plugged in, or is reset, fails each transfer until it is there again. */
static bool is_passing(int error)
{
	return error == ESHUTDOWN || error == EINTR || error == EAGAIN || error == ENODEV;
}

static void *from_host(void *p)
{
	const struct interface *f = p;
	uint8_t chunk[CHUNK];

	for (;;) {
		ssize_t n = read(f->out, chunk, sizeof(chunk));

		if (n < 0 && !is_passing(errno))
			fail("read from the host");
		if (n < 0)
			usleep(10000);
		else if (f->line >= 0 && write(f->line, chunk, (size_t)n) != n)
			fail(f->terminal);
	}
	return NULL;
}

static void *to_host(void *p)
{
	const struct interface *f = p;
	uint8_t chunk[CHUNK];

	for (;;) {
		ssize_t n = read(f->line, chunk, sizeof(chunk));

		if (n <= 0)
			fail(f->terminal);
		while (write(f->in, chunk, (size_t)n) != n) {
			if (!is_passing(errno))
				fail("write to the host");
			usleep(10000);
		}
	}
	return NULL;
}

static void start(void *(*run)(void *), struct interface *f)
{
	pthread_t thread;

	errno = pthread_create(&thread, NULL, run, f);
	if (errno)
		fail("thread");
}

static void open_interfaces(struct interface *v, int n)
{
	int endpoint = 0;
	char name[16];

	for (int i = 0; i < n; i++) {
		endpoint += v[i].has_interrupt;
		snprintf(name, sizeof(name), "ep%d", ++endpoint);
		v[i].in = open_in_folder(name, O_RDWR);
		snprintf(name, sizeof(name), "ep%d", ++endpoint);
		v[i].out = open_in_folder(name, O_RDWR);
		v[i].line = v[i].terminal ? open_terminal(v[i].terminal) : -1;
		start(from_host, &v[i]);
		if (v[i].line >= 0)
			start(to_host, &v[i]);
	}
}

/* Requests to an interface are those of the serial drivers, such as the DTR line: all are granted. */
static void serve(int ep0)
{
	struct usb_functionfs_event e;
	uint8_t ignored[256];

	for (;;) {
		if (read(ep0, &e, sizeof(e)) != (ssize_t)sizeof(e)) {
			if (!is_passing(errno))
				fail("ep0");
			continue;
		}
		if (e.type != FUNCTIONFS_SETUP)
			continue;
		if (e.u.setup.bRequestType & USB_DIR_IN) {
			if (read(ep0, ignored, 0) < 0 && errno != EL2HLT)
				fail("stall");
		} else if (read(ep0, ignored, le16toh(e.u.setup.wLength)) < 0 && errno != EIDRM) {
			fail("request");
		}
	}
}

static bool read_interface(char *text, struct interface *ret)
{
	char *terminal = strchr(text, '=');
	unsigned v[3];
	int used = 0;

	if (terminal)
		*terminal++ = '\0';
	if (sscanf(text, "%2x/%2x/%2x%n", &v[0], &v[1], &v[2], &used) != 3)
		return false;
	if (text[used] && strcmp(text + used, ":i"))
		return false;
	*ret = (struct interface){ .class = (uint8_t)v[0], .subclass = (uint8_t)v[1],
				   .protocol = (uint8_t)v[2], .has_interrupt = text[used],
				   .terminal = terminal };
	return true;
}

int main(int argc, char **argv)
{
	struct interface v[INTERFACES_MAX];
	int n = 0, ep0;

	if (argc < 3 || argc - 2 > INTERFACES_MAX) {
		fprintf(stderr, "usage: stick FOLDER CLASS/SUBCLASS/PROTOCOL[:i][=TERMINAL] …\n");
		return 64;
	}
	folder = argv[1];
	for (int i = 2; i < argc; i++)
		if (!read_interface(argv[i], &v[n++])) {
			fprintf(stderr, "stick: %s: expected ff/02/12, ff/00/00:i=/dev/pts/1 …\n", argv[i]);
			return 64;
		}
	ep0 = open_in_folder("ep0", O_RDWR);
	describe(ep0, v, n);
	open_interfaces(v, n);
	puts("the stick is there");
	fflush(stdout);
	serve(ep0);
}
