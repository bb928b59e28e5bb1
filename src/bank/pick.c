#include "internal.h"

/* An idle modem pulls: which ones are idle is asked afresh in each turn, and each is offered
 * once. */

void bank_idle_restart(struct bank *b)
{
	b->turn++;
	b->idle_cursor = 0;
}

static bool can_send(const struct device *d)
{
	return d->is_open && d->is_admitted && !d->is_paused && !d->is_reserved &&
	       !d->bank->is_stopping && modem_can_send(d->modem);
}

bool bank_idle(struct bank *b, struct tw_handle *ret)
{
	while (b->idle_cursor < b->devices.n) {
		struct device *d = tw_pool_at(&b->devices, b->idle_cursor++, NULL);

		if (!d || d->offered == b->turn || !can_send(d))
			continue;
		d->offered = b->turn;
		*ret = d->handle;
		return true;
	}
	return false;
}

bool bank_can_send(const struct bank *b, struct tw_handle h)
{
	const struct device *d = device_get(b, h);

	return d && can_send(d);
}

void bank_reserve(struct bank *b, struct tw_handle h)
{
	struct device *d = device_get(b, h);

	if (d)
		d->is_reserved = true;
}

void bank_unreserve(struct bank *b, struct tw_handle h)
{
	struct device *d = device_get(b, h);

	if (d)
		d->is_reserved = false;
}

bool bank_prompts(const struct bank *b, struct tw_handle h)
{
	const struct device *d = device_get(b, h);

	return d && modem_prompts(d->modem);
}

int bank_send(struct bank *b, struct tw_handle h, const struct modem_send *s, struct tw_now now)
{
	struct device *d = device_get(b, h);
	int r;

	if (!d || !d->is_open)
		return TW_E_GONE;
	r = modem_send(d->modem, s, now.mono);
	d->is_sending = r == 0;
	if (r < 0)
		d->is_reserved = false;
	device_touch(d);
	return r;
}

void bank_cancel_send(struct bank *b, struct tw_handle h, uint64_t id, struct tw_now now)
{
	struct device *d = device_get(b, h);

	if (!d)
		return;
	modem_cancel_send(d->modem, id, now.mono);
	device_touch(d);
}

int bank_command(struct bank *b, struct tw_handle h, uint64_t id, const char *command,
		 int64_t limit_ms, struct tw_now now)
{
	struct device *d = device_get(b, h);
	int r;

	if (!d || !d->is_open)
		return TW_E_GONE;
	r = modem_command(d->modem, id, command, limit_ms, now.mono);
	device_touch(d);
	return r;
}
