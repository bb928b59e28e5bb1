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

/* ---- which port of a stick answers --------------------------------------------------------- */

enum { ROUNDS_IN_VAIN = 3, ASK_AGAIN_MS = 2000 };

/* The answers of the stick's ports decide; a port that has answered is not asked again. */
static bool must_ask(const struct device *d)
{
	return d->stick && !d->stick->is_proven && !d->is_resigned && find_candidate(d, 1);
}

static void use_port(struct device *d, struct tw_now now)
{
	d->is_asking = false;
	modem_on_opened(d->modem, now.mono);
	urcs_open(d, now);
	device_touch(d);
}

static void drop_port(struct device *d)
{
	const struct bank_port_ops *ops = d->bank->ports;

	urcs_close(d);
	if (d->bank->loop)
		loop_end_watch(d->bank->loop, d->watch);
	d->watch = (struct tw_handle){ 0 };
	ops->close(ops->ctx, d->fd);
	d->fd = -1;
	d->is_open = d->is_asking = d->is_identified = false;
}

/* After the last port it begins anew; one that only pretends to understand is better than none, and
 * when none answers again and again, the modem's own recovery is given the likeliest. */
static void ask_next(struct device *d, struct tw_now now)
{
	size_t n = 0;

	drop_port(d);
	while (find_candidate(d, n))
		n++;
	d->candidate = n ? (d->candidate + 1) % n : 0;
	d->open_at = now.mono;
	if (++d->asked < n)
		return;
	d->asked = 0;
	d->candidate = d->hollow ? d->hollow - 1 : 0;
	d->is_resigned = d->hollow || ++d->rounds >= ROUNDS_IN_VAIN;
	if (d->is_resigned)
		return;
	device_trouble(d, "none of the %zu ports of the stick at USB %s answers AT", n,
		       d->stick->path);
	tw_log(TW_WARN, "stick.silent", "modem=%s socket=%s ports=%zu", tw_log_quote(d->name),
	       d->stick->path, n);
	d->open_at = mono_after(now.mono, ASK_AGAIN_MS);
}

static void ask_write(struct device *d, struct tw_now now)
{
	const struct bank_port_ops *ops = d->bank->ports;
	const char *text = d->ask.output;

	d->ask.output = NULL;
	d->deadline = d->ask.until;
	if (text && ops->write(ops->ctx, d->fd, text, strlen(text)) < 0)
		ask_next(d, now);
}

static void on_answer(struct device *d, enum ask_verdict verdict, struct tw_now now)
{
	switch (verdict) {
	case ASK_GOES_ON:
		ask_write(d, now);
		break;
	case ASK_SENSIBLE:
		d->stick->is_proven = true;
		tw_log(TW_INFO, "port.answers", "modem=%s port=%s", tw_log_quote(d->name), d->port);
		use_port(d, now);
		break;
	case ASK_HOLLOW:
		if (!d->hollow)
			d->hollow = 1 + d->candidate;
		ask_next(d, now);
		break;
	case ASK_SILENT:
		ask_next(d, now);
		break;
	}
}

void device_ask_tick(struct device *d, struct tw_now now)
{
	on_answer(d, ask_tick(&d->ask, now.mono), now);
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

	while (d->is_open && !d->is_asking && (n = modem_output(d->modem, &bytes)) > 0) {
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

struct mono_ms device_deadline(const struct device *d)
{
	if (!d->is_open)
		return MONO_NEVER;
	return d->is_asking ? d->ask.until : mono_min(modem_deadline(d->modem), d->urcs.open_at);
}

void device_bytes(struct device *d, const void *bytes, size_t n, struct tw_now now)
{
	d->bank->heard++;
	if (d->is_asking) {
		on_answer(d, ask_feed(&d->ask, bytes, n, now.mono), now);
		return;
	}
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
		if (r < (ssize_t)sizeof(room) || !d->is_open)
			return;
	}
}

/* ---- opening and closing ------------------------------------------------------------------- */

static void remember_failure(struct device *d, int code)
{
	const char *what = tw_strerror(code);

	if (code == -EBUSY)
		what = "in use by another program: sudo twoway doctor names it";
	else if (code == -ENOENT)
		what = "not there";
	else if (code == -EACCES)
		what = "no permission: the user must be in the group that owns it (often dialout)";
	if (code == -ENOTTY && !device_is_adopted(d))
		device_trouble(d, "%s: no serial port (%s:%u)", d->port, d->bank->settings->file,
			       d->entry->line);
	else
		device_trouble(d, "%s: %s", d->port, what);
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
		device_trouble(d, "%s: host not found", d->port);
		retry_later(d, now);
		return;
	}
	snprintf(d->address, sizeof(d->address),
		 strchr(address, ':') ? "tcp://[%s]:%s" : "tcp://%s:%s",
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

	return named ? named : boards_match(d->bank->boards, d->stick ? d->stick->usb : "", "");
}

/* Another device of ours that has this port, under whatever name. */
static const struct device *holder(const struct device *d)
{
	char *real = realpath(d->port, NULL), *other;
	const struct device *found = NULL;

	for (uint32_t slot = 0; slot < d->bank->devices.n && !found && real; slot++) {
		const struct device *o = tw_pool_at(&d->bank->devices, slot, NULL);

		if (!o || o == d || !o->is_open)
			continue;
		other = realpath(o->port, NULL);
		if (other && strcmp(real, other) == 0)
			found = o;
		free(other);
	}
	free(real);
	return found;
}

/* Looked for once a minute: it means going through all of /proc. */
static void name_holder(struct device *d)
{
	const struct device *other = holder(d);
	struct bank_holder h;
	char remedy[128];

	remember_failure(d, -EBUSY);
	if (other) {
		device_trouble(d, "%s: in use by modem %s: one port, one "
			 "entry", d->port, other->name);
	} else if (bank_port_holder("/proc", d->port, &h)) {
		device_trouble(d, "%s: in use by %s (process %d): %s",
			 d->port, h.program, h.pid, bank_holder_remedy(&h, remedy, sizeof(remedy)));
		tw_log(TW_WARN, "port.held", "modem=%s port=%s program=%s pid=%d",
		       tw_log_quote(d->name), d->port, tw_log_quote(h.program), h.pid);
	}
}

/* The port to open, in d->port; false where it may not be opened (and why). */
static bool choose_port(struct device *d, struct tw_now now)
{
	const struct bank_port *p = d->stick ? find_candidate(d, d->candidate) : NULL;
	const struct stick *s;

	if (p) {
		tw_strset(d->port, sizeof(d->port), p->path);
		return true;
	}
	if (d->stick || find_by_stick(d->entry)) {
		d->open_at = MONO_NEVER;	/* until one is found */
		return false;
	}
	tw_strset(d->port, sizeof(d->port), d->entry->port);
	s = find_stick_of(d->bank, d->port);
	if (!s)
		return true;
	if (s->device)
		device_trouble(d, "%s belongs to the stick of modem %s at "
			 "USB %s", d->port, s->device->name, s->path);
	retry_later(d, now);
	return false;
}

/* A stick whose port cannot be opened may have others; but one that another program holds is the
 * modem's, and two programs on one modem harm each other. */
static void open_failed(struct device *d, int code, struct tw_now now)
{
	d->address[0] = '\0';
	if (code != -EBUSY)
		remember_failure(d, code);
	else if (d->failures % BANK_RETRY_EAGER == 0)
		name_holder(d);
	retry_later(d, now);
	folders_watch_port(d->bank, d->port);
	if (d->stick && !d->stick->is_proven && code != -EBUSY && code != -EACCES)
		d->candidate = find_candidate(d, d->candidate + 1) ? d->candidate + 1 : 0;
}

void device_open(struct device *d, struct tw_now now)
{
	const struct bank_port_ops *ops = d->bank->ports;
	int r, fd = -1;

	if (d->entry->refused) {
		device_trouble(d, "its entry is refused: %s", d->entry->refused);
		d->open_at = MONO_NEVER;
		return;
	}
	if (d->is_open || !choose_port(d, now) || look_up(d, now))
		return;
	r = ops->open(ops->ctx, d->address[0] ? d->address : d->port, profile(d), &fd);
	if (r < 0) {
		open_failed(d, r, now);
		return;
	}
	d->fd = fd;
	d->is_open = true;
	d->failures = 0;
	d->open_at = MONO_NEVER;
	d->wants_write = false;
	if (d->bank->loop && fd >= 0)
		d->watch = loop_watch_fd(d->bank->loop, fd, LOOP_READ, on_ready, d);
	if (!must_ask(d)) {
		use_port(d, now);
		return;
	}
	d->is_asking = true;
	ask_begin(&d->ask, now.mono);
	ask_write(d, now);
}

void device_close(struct device *d, struct tw_now now, int64_t reopen_in_ms)
{
	if (d->is_open && d->is_asking) {
		drop_port(d);
	} else if (d->is_open) {
		drop_port(d);
		d->is_admitted = d->is_reserved = d->is_pin_sent = false;
		d->why_no_pin = NULL;
		d->address[0] = '\0';
		modem_on_closed(d->modem, now.mono);
		identity_index(d->bank);
		device_touch(d);
	}
	d->open_at = reopen_in_ms < 0 ? MONO_NEVER : mono_after(now.mono, reopen_in_ms);
}

/* Closed at once: keeping the descriptor of a stick that is gone keeps its name busy, and the
 * reborn stick gets another. */
void device_gone(struct device *d, int why, struct tw_now now)
{
	if (!d->is_open)
		return;
	device_close(d, now, BANK_RETRY_MS / 4);
	remember_failure(d, why);
}

/* ---- life ---------------------------------------------------------------------------------- */

void device_name(struct device *d)
{
	const char *imei = strncmp(d->key, "imei:", 5) == 0 ? d->key + 5 :
		modem_facts(d->modem)->imei;
	size_t n = strlen(imei);

	if (d->entry->name[0])
		tw_strset(d->name, sizeof(d->name), d->entry->name);
	else if (n >= 6 && strncmp(d->key, "usb:", 4) != 0)
		snprintf(d->name, sizeof(d->name), "m-%s", imei + n - 6);
	else if (strncmp(d->key, "usb:", 4) == 0)
		snprintf(d->name, sizeof(d->name), "usb-%.40s", d->key + 4);
	else
		tw_strset(d->name, sizeof(d->name),
			  strrchr(d->port, '/') ? strrchr(d->port, '/') + 1
									    : d->port);
}

void device_recall(struct device *d)
{
	const struct bank_seat *seat = seat_of(d->bank, d->key);

	if (!seat || d->is_paused == seat->is_paused)
		return;
	d->is_paused = seat->is_paused;
	modem_pause(d->modem, d->is_paused, d->bank->now.mono);
}

struct device *device_new(struct bank *b, const struct settings_modem *entry)
{
	struct device *d = tw_zalloc(sizeof(*d));

	d->bank = b;
	d->entry = entry;
	d->fd = -1;
	d->account = "";
	d->deadline = d->open_at = d->urcs.open_at = MONO_NEVER;
	tw_strset(d->port, sizeof(d->port), entry->port);
	d->modem = modem_new(&(struct modem_setup){
		.boards = b->boards,
		.board = entry->board,
		.usb = "",
		.direct = entry->direct_set ? entry->direct : -1,
		.report = b->settings->report,
		.smsc = "",
		.hang_up = b->settings->calls == CALLS_HANG_UP,
		.power_cycle = entry->power_cycle[0] != 0,
		.direct_send_limit = b->settings->direct_send_limit,
	});
	seat_key(d);
	device_name(d);
	d->handle = tw_pool_add(&b->devices, d);
	folders_watch_port(b, d->port);
	device_recall(d);
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

	urcs_close(d);
	if (d->is_open)
		b->ports->close(b->ports->ctx, d->fd);
	if (b->loop) {
		loop_end_watch(b->loop, d->watch);
		loop_end_watch(b->loop, d->look_up);
	}
	device_care_done(d);
	unlink_device(b, d);
	find_forget(d);
	tw_pool_del(&b->devices, d->handle);
	modem_free(d->modem);
	free(d);
}
