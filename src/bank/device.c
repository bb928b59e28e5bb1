#include "internal.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>

/* ---- lists of what has something to do ----------------------------------------------------- */

/* The machine was fed or told something: it may have events, bytes and a new deadline. */
void device_touch(struct device *d)
{
	struct bank *b = d->bank;

	if (!d->is_active) {
		d->is_active = true;
		d->next_active = NULL;
		if (b->active_last)
			b->active_last->next_active = d;
		else
			b->active = d;
		b->active_last = d;
	}
	if (!d->is_flushing) {
		d->is_flushing = true;
		d->next_flush = b->flush;
		b->flush = d;
	}
}

struct device *device_get(const struct bank *b, struct tw_handle h)
{
	return tw_pool_get(&b->devices, h);
}

/* ---- bytes --------------------------------------------------------------------------------- */

static void watch_for(struct device *d, bool write)
{
	if (d->wants_write == write || !tw_handle_is_set(d->watch))
		return;
	d->wants_write = write;
	loop_change_fd(d->bank->loop, d->watch, LOOP_READ | (write ? LOOP_WRITE : 0));
}

void device_write(struct device *d, struct tw_now now)
{
	const struct bank_port_ops *ops = d->bank->ports;
	const uint8_t *bytes;
	size_t n;

	while (d->is_open && (n = modem_output(d->modem, &bytes)) > 0) {
		ssize_t r = ops->write(ops->ctx, d->fd, bytes, n);

		if (r < 0) {
			device_gone(d, (int)r, now);
			return;
		}
		if (r == 0) {
			watch_for(d, true);
			return;
		}
		modem_written(d->modem, (size_t)r, now.mono);
		/* the last octet of a PDU leaving is an event of its own */
		device_touch(d);
	}
	watch_for(d, false);
}

void device_bytes(struct device *d, const void *bytes, size_t n, struct tw_now now)
{
	modem_on_bytes(d->modem, bytes, n, now.mono);
	device_touch(d);
}

/* A modem that talks without end must not hold the others up: so much a turn. */
enum { READ_AT_ONCE = 4096, READS_A_TURN = 8 };

static void on_ready(void *ctx, int fd, int events)
{
	struct device *d = ctx;
	const struct bank_port_ops *ops = d->bank->ports;
	struct tw_now now = loop_now(d->bank->loop);
	char room[READ_AT_ONCE];

	if (events & LOOP_WRITE) {
		d->wants_write = true;
		device_touch(d);
	}
	if (!(events & (LOOP_READ | LOOP_HANGUP)))
		return;
	for (int i = 0; i < READS_A_TURN; i++) {
		ssize_t r = ops->read(ops->ctx, fd, room, sizeof(room));

		if (r < 0) {
			device_gone(d, (int)r, now);
			return;
		}
		if (r > 0)
			device_bytes(d, room, (size_t)r, now);
		if (r < (ssize_t)sizeof(room))
			return;
	}
}

/* ---- opening and closing ------------------------------------------------------------------- */

static void remember_failure(struct device *d, int code)
{
	const char *what = tw_strerror(code);

	if (code == -EBUSY)
		what = "in use by another program";
	else if (code == -ENOENT)
		what = "not there";
	else if (code == -EACCES)
		what = "no permission: the user must be in the group that owns it (often dialout)";
	snprintf(d->last_error, sizeof(d->last_error), "%s: %s", d->port, what);
}

static void retry_later(struct device *d, struct tw_now now)
{
	d->failures++;
	d->open_at = mono_after(now.mono, d->failures <= BANK_RETRY_EAGER ? BANK_RETRY_MS
									   : BANK_RETRY_SLOW_MS);
}

static bool needs_look_up(const char *port)
{
	const char *host = port + 6;

	if (strncmp(port, "tcp://", 6) != 0 || host[0] == '[')
		return false;
	while (isdigit((unsigned char)*host) || *host == '.')
		host++;
	return *host != ':';
}

static void on_host(void *ctx, const char *address, int code)
{
	struct device *d = ctx;
	struct tw_now now = loop_now(d->bank->loop);

	(void)code;
	d->look_up = (struct tw_handle){ 0 };
	if (!address) {
		snprintf(d->last_error, sizeof(d->last_error), "%s: host not found", d->port);
		retry_later(d, now);
		return;
	}
	snprintf(d->address, sizeof(d->address), strchr(address, ':') ? "tcp://[%s]:%s" : "tcp://%s:%s",
		 address, strrchr(d->port, ':') + 1);
	d->open_at = now.mono;
}

/* True when the port has to wait for its host's address. */
static bool look_up(struct device *d, struct tw_now now)
{
	char host[BANK_PORT_MAX];
	const char *end = strrchr(d->port, ':');

	if (!d->bank->loop || !needs_look_up(d->port) || d->address[0])
		return false;
	tw_strsetn(host, sizeof(host), d->port + 6, (size_t)(end - d->port) - 6);
	d->open_at = MONO_NEVER;
	if (loop_look_up(d->bank->loop, host, on_host, d, &d->look_up) < 0)
		retry_later(d, now);
	return true;
}

static const struct board *profile(const struct device *d)
{
	const struct board *named = boards_named(d->bank->boards, d->entry->board);

	return named ? named : boards_match(d->bank->boards, "", "");
}

void device_open(struct device *d, struct tw_now now)
{
	const struct bank_port_ops *ops = d->bank->ports;
	int r, fd = -1;

	if (d->is_open || look_up(d, now))
		return;
	r = ops->open(ops->ctx, d->address[0] ? d->address : d->port, profile(d), &fd);
	if (r < 0) {
		d->address[0] = '\0';
		remember_failure(d, r);
		retry_later(d, now);
		return;
	}
	d->fd = fd;
	d->is_open = true;
	d->failures = 0;
	d->last_error[0] = '\0';
	d->open_at = MONO_NEVER;
	d->wants_write = false;
	if (d->bank->loop && fd >= 0)
		d->watch = loop_watch_fd(d->bank->loop, fd, LOOP_READ, on_ready, d);
	modem_on_opened(d->modem, now.mono);
	device_touch(d);
}

void device_close(struct device *d, struct tw_now now, int64_t reopen_in_ms)
{
	const struct bank_port_ops *ops = d->bank->ports;

	if (d->is_open) {
		if (d->bank->loop)
			loop_end_watch(d->bank->loop, d->watch);
		d->watch = (struct tw_handle){ 0 };
		ops->close(ops->ctx, d->fd);
		d->fd = -1;
		d->is_open = d->is_admitted = d->is_reserved = d->is_pin_sent = false;
		d->why_no_pin = NULL;
		d->address[0] = '\0';
		modem_on_closed(d->modem, now.mono);
		identity_index(d->bank);
		device_touch(d);
	}
	d->open_at = reopen_in_ms < 0 ? MONO_NEVER : mono_after(now.mono, reopen_in_ms);
}

/* Closed at once: keeping the descriptor of a stick that is gone keeps its name busy, and the reborn
 * stick gets another. */
void device_gone(struct device *d, int why, struct tw_now now)
{
	if (!d->is_open)
		return;
	device_close(d, now, BANK_RETRY_MS / 4);
	remember_failure(d, why);
}

/* ---- life ---------------------------------------------------------------------------------- */

static void on_folder(void *ctx, const char *path)
{
	struct device *d = ctx;

	(void)path;
	if (!d->is_open && d->open_at.ms != INT64_MAX)
		d->open_at = loop_now(d->bank->loop).mono;
}

static void watch_folder(struct device *d)
{
	char folder[BANK_PORT_MAX];
	char *slash;

	if (!d->bank->loop || strncmp(d->port, "tcp://", 6) == 0)
		return;
	tw_strset(folder, sizeof(folder), d->port);
	slash = strrchr(folder, '/');
	if (!slash)
		return;
	slash[slash == folder] = '\0';
	/* where the folder itself is missing the retries alone have to do */
	loop_watch_path(d->bank->loop, folder, on_folder, d, &d->folder_watch);
}

void device_name(struct device *d)
{
	const char *imei = modem_facts(d->modem)->imei;
	size_t n = strlen(imei);

	if (d->entry->name[0])
		tw_strset(d->name, sizeof(d->name), d->entry->name);
	else if (n >= 6)
		snprintf(d->name, sizeof(d->name), "m-%s", imei + n - 6);
	else
		tw_strset(d->name, sizeof(d->name), strrchr(d->port, '/') ? strrchr(d->port, '/') + 1
									    : d->port);
}

struct device *device_new(struct bank *b, const struct settings_modem *entry)
{
	struct device *d = tw_zalloc(sizeof(*d));

	d->bank = b;
	d->entry = entry;
	d->fd = -1;
	d->account = "";
	d->deadline = d->open_at = MONO_NEVER;
	tw_strset(d->port, sizeof(d->port), entry->port);
	d->modem = modem_new(&(struct modem_setup){
		.boards = b->boards,
		.board = entry->board,
		.usb = "",
		.direct = entry->direct_set ? entry->direct : -1,
		.report = b->settings->report,
		.smsc = "",
		.hang_up = b->settings->calls == CALLS_HANG_UP,
		.direct_send_limit = b->settings->direct_send_limit,
	});
	device_name(d);
	d->handle = tw_pool_add(&b->devices, d);
	watch_folder(d);
	return d;
}

static void unlink_device(struct bank *b, struct device *d)
{
	struct device **p;

	for (p = &b->flush; *p; p = &(*p)->next_flush) {
		if (*p == d) {
			*p = d->next_flush;
			break;
		}
	}
	b->active_last = NULL;
	for (p = &b->active; *p; ) {
		if (*p == d) {
			*p = d->next_active;
			continue;
		}
		b->active_last = *p;
		p = &(*p)->next_active;
	}
}

void device_free(struct device *d)
{
	struct bank *b = d->bank;

	if (d->is_open)
		b->ports->close(b->ports->ctx, d->fd);
	if (b->loop) {
		loop_end_watch(b->loop, d->watch);
		loop_end_watch(b->loop, d->look_up);
		loop_end_watch(b->loop, d->folder_watch);
	}
	unlink_device(b, d);
	tw_pool_del(&b->devices, d->handle);
	modem_free(d->modem);
	free(d);
}
