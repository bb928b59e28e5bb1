/* A stick may say what nobody asked (texts, calls) on another of its ports than the one that takes
 * AT: that one is opened beside it and only listened to. Without it the modem works, and finds its
 * texts by its polls alone. */
#include "internal.h"

enum { READ_AT_ONCE = 1024, READS_A_TURN = 8 };

static void on_ready(void *ctx, int fd, int events)
{
	struct device *d = ctx;
	const struct bank_port_ops *ops = d->bank->ports;
	struct tw_now now = loop_now(d->bank->loop);
	char room[READ_AT_ONCE];

	(void)events;
	for (int i = 0; i < READS_A_TURN && d->urcs.is_open; i++) {
		ssize_t r = ops->read(ops->ctx, fd, room, sizeof(room));

		if (r < 0)
			urcs_gone(d, now);
		if (r <= 0)
			return;
		modem_on_urc_bytes(d->modem, room, (size_t)r, now.mono);
		device_touch(d);
	}
}

void urcs_open(struct device *d, struct tw_now now)
{
	const struct bank_port_ops *ops = d->bank->ports;
	const struct bank_port *p = find_urc_port(d);
	int r, fd = -1;

	if (d->urcs.is_open)
		return;
	d->urcs.open_at = MONO_NEVER;
	if (!p)
		return;
	r = ops->open(ops->ctx, p->path, boards_match(d->bank->boards, d->stick->usb, ""), &fd);
	if (r < 0) {
		device_trouble(d, "%s, where it tells of texts and calls: %s", p->path,
			       tw_strerror(r));
		d->urcs.open_at = mono_after(now.mono, BANK_RETRY_SLOW_MS);
		return;
	}
	tw_strset(d->urcs.path, sizeof(d->urcs.path), p->path);
	d->urcs.fd = fd;
	d->urcs.is_open = true;
	if (d->bank->loop && fd >= 0)
		d->urcs.watch = loop_watch_fd(d->bank->loop, fd, LOOP_READ, on_ready, d);
	modem_on_urcs_opened(d->modem);
	tw_log(TW_INFO, "port.listened", "modem=%s port=%s", tw_log_quote(d->name), p->path);
}

void urcs_close(struct device *d)
{
	const struct bank_port_ops *ops = d->bank->ports;

	d->urcs.open_at = MONO_NEVER;
	if (!d->urcs.is_open)
		return;
	if (d->bank->loop)
		loop_end_watch(d->bank->loop, d->urcs.watch);
	d->urcs.watch = (struct tw_handle){ 0 };
	ops->close(ops->ctx, d->urcs.fd);
	d->urcs.is_open = false;
}

void urcs_gone(struct device *d, struct tw_now now)
{
	urcs_close(d);
	device_trouble(d, "%s, where it tells of texts and calls, is gone", d->urcs.path);
	d->urcs.open_at = mono_after(now.mono, BANK_RETRY_MS);
	d->deadline = device_deadline(d);
}
