#include "internal.h"

#include <stdio.h>

struct bank *bank_new(const struct bank_setup *setup)
{
	struct bank *b = tw_zalloc(sizeof(*b));

	b->loop = setup->loop;
	b->settings = setup->settings;
	b->boards = setup->boards;
	b->ports = setup->ports ? setup->ports : &bank_port_system;
	b->finder = setup->finder ? setup->finder : setup->ports ? NULL : &bank_finder_system;
	b->look_at = MONO_NEVER;
	for (size_t i = 0; i < b->settings->n_modems; i++)
		device_new(b, &b->settings->modems[i]);
	return b;
}

void bank_free(struct bank *b)
{
	if (!b)
		return;
	for (uint32_t slot = 0; slot < b->devices.n; slot++) {
		struct device *d = tw_pool_at(&b->devices, slot, NULL);

		if (d)
			device_free(d);
	}
	tw_pool_done(&b->devices);
	tw_map_done(&b->by_iccid);
	tw_map_done(&b->by_number);
	identity_forget(b);
	find_done(b);
	folders_done(b);
	free(b);
}

void bank_start(struct bank *b, struct tw_now now)
{
	b->is_started = true;
	for (uint32_t slot = 0; slot < b->devices.n; slot++) {
		struct device *d = tw_pool_at(&b->devices, slot, NULL);

		if (d)
			d->open_at = now.mono;
	}
	b->look_at = now.mono;
	find_tick(b, now);	/* a named port of a stick is opened as the stick's */
}

/* ---- new settings -------------------------------------------------------------------------- */

static bool is_same_port(const struct settings_modem *a, const struct settings_modem *b)
{
	return strcmp(a->port, b->port) == 0 && strcmp(a->board, b->board) == 0 &&
	       strcmp(a->imei, b->imei) == 0 && strcmp(a->usb, b->usb) == 0 &&
	       a->direct == b->direct && a->direct_set == b->direct_set &&
	       !a->power_cycle[0] == !b->power_cycle[0];
}

static struct device *find_port(const struct bank *b, const struct settings_modem *entry)
{
	for (uint32_t slot = 0; slot < b->devices.n; slot++) {
		struct device *d = tw_pool_at(&b->devices, slot, NULL);

		if (d && is_same_port(d->entry, entry))
			return d;
	}
	return NULL;
}

static const struct settings_modem *find_entry(const struct settings *s, const struct device *d)
{
	if (d->entry == &find_no_entry)
		return d->entry;
	for (size_t i = 0; i < s->n_modems; i++)
		if (is_same_port(d->entry, &s->modems[i]))
			return &s->modems[i];
	return NULL;
}

/* A machine borrows its profile from the boards it was made with, so new boards mean a new start
 * for every modem; the daemon hands in the old ones where no profile changed. A locked SIM is
 * looked at anew, as its PIN may have come or been corrected; the counter is read anew with it. So
 * is a stranger, which may be named now, and what was refused for a bad value. */
void bank_reload(struct bank *b, const struct settings *s, const struct boards *boards,
		 struct tw_now now)
{
	bool all = boards != b->boards;

	for (uint32_t slot = 0; slot < b->devices.n; slot++) {
		struct device *d = tw_pool_at(&b->devices, slot, NULL);
		const struct settings_modem *entry = d ? find_entry(s, d) : NULL;

		if (!d)
			continue;
		if (all || !entry) {
			device_close(d, now, -1);
			device_free(d);
		} else {
			bool was_refused = d->entry->refused;

			d->entry = entry;
			if (modem_facts(d->modem)->state == MODEM_LOCKED || d->is_stranger ||
			    was_refused)
				device_close(d, now, 0);
		}
	}
	b->settings = s;
	b->boards = boards;
	for (size_t i = 0; i < s->n_modems; i++) {
		struct device *d = find_port(b, &s->modems[i]);

		if (!d) {
			d = device_new(b, &s->modems[i]);
			d->open_at = b->is_started ? now.mono : MONO_NEVER;
		}
		seat_key(d);
		device_name(d);
		device_recall(d);
	}
	identity_reload(b);
	find_reload(b, all, now);
	identity_index(b);
}

void bank_stop(struct bank *b, struct tw_now now)
{
	(void)now;
	b->is_stopping = true;
}

bool bank_is_quiet(const struct bank *b)
{
	for (uint32_t slot = 0; slot < b->devices.n; slot++) {
		const struct device *d = tw_pool_at(&b->devices, slot, NULL);

		if (d && d->is_sending)
			return false;
	}
	return true;
}

void bank_close(struct bank *b, struct tw_now now)
{
	for (uint32_t slot = 0; slot < b->devices.n; slot++) {
		struct device *d = tw_pool_at(&b->devices, slot, NULL);

		if (d)
			device_close(d, now, -1);
	}
}

/* ---- time and bytes ------------------------------------------------------------------------ */

void bank_tick(struct bank *b, struct tw_now now)
{
	b->now = now;
	find_tick(b, now);
	for (uint32_t slot = 0; slot < b->devices.n; slot++) {
		struct device *d = tw_pool_at(&b->devices, slot, NULL);

		if (d && d->is_dead) {
			device_free(d);
			continue;
		}
		if (!d)
			continue;
		if (!d->is_open && mono_due(d->open_at, now.mono))
			device_open(d, now);
		if (d->is_open && mono_due(d->urcs.open_at, now.mono))
			urcs_open(d, now);
		if (d->is_asking && mono_due(d->deadline, now.mono)) {
			device_ask_tick(d, now);
		} else if (d->is_open && mono_due(d->deadline, now.mono)) {
			modem_tick(d->modem, now.mono);
			device_touch(d);
		}
	}
}

struct mono_ms bank_deadline(const struct bank *b)
{
	struct mono_ms until = b->finder ? b->look_at : MONO_NEVER;

	if (b->active)
		return (struct mono_ms){ 0 };
	for (uint32_t slot = 0; slot < b->devices.n; slot++) {
		const struct device *d = tw_pool_at(&b->devices, slot, NULL);

		if (d)
			until = mono_min(until, d->is_open ? d->deadline : d->open_at);
	}
	return until;
}

void bank_flush(struct bank *b, struct tw_now now)
{
	struct device *list = b->flush;

	b->flush = NULL;
	while (list) {
		struct device *d = list;

		list = d->next_flush;
		d->is_flushing = false;
		device_write(d, now);
		d->deadline = device_deadline(d);
	}
}

size_t bank_heard(struct bank *b)
{
	size_t n = b->heard;

	b->heard = 0;
	return n;
}

/* ---- what the modems tell ------------------------------------------------------------------ */

/* What the bank does about an event by itself. True: nobody else needs to see it. */
static bool handle_alone(struct device *d, const struct modem_event *ev, struct tw_now now)
{
	switch (ev->type) {
	case MODEM_EV_REOPEN:
		device_close(d, now, ev->number);
		return true;
	case MODEM_EV_POWER:
		device_power_cycle(d, now, ev->number);
		return true;
	case MODEM_EV_RECOVER:
		device_on_rung(d, ev);
		return false;
	case MODEM_EV_IDENTITY:
		if (find_identified(d, now))
			return true;
		device_name(d);
		return false;
	case MODEM_EV_SENT:
		d->is_reserved = d->is_sending = false;
		if (ev->sent.outcome == MODEM_OUT_SENT)
			d->sent++;
		else if (ev->sent.outcome == MODEM_OUT_NOT_SENT)
			d->failed++;
		if (ev->sent.outcome != MODEM_OUT_SENT && ev->sent.reaction != REACT_NONE &&
		    ev->sent.cause[0])
			device_trouble(d, "a send ended with %s", ev->sent.cause);
		return false;
	case MODEM_EV_INBOUND:
		d->received++;
		habit_on_inbound(d, &ev->inbound, now);
		return false;
	case MODEM_EV_TROUBLE:
		if (d->why_no_pin)
			device_trouble(d, "SIM locked: %s", d->why_no_pin);
		else
			device_trouble(d, "%s", ev->text);
		d->why_no_pin = NULL;
		return false;
	case MODEM_EV_STATE:
		if (modem_facts(d->modem)->state == MODEM_LOCKED)
			d->is_pin_sent = false;
		return false;
	case MODEM_EV_CALL:
		d->calls++;
		return false;
	case MODEM_EV_BEARER:
	case MODEM_EV_SIM:
	case MODEM_EV_PIN:
	case MODEM_EV_SLOT_EMPTY:
	case MODEM_EV_COMMAND:
	case MODEM_EV_USSD:
	case MODEM_EV_SIGNAL:
	case MODEM_EV_NETWORK:
		return false;
	}
	return false;
}

bool bank_next(struct bank *b, struct bank_event *ret)
{
	while (b->active) {
		struct device *d = b->active;

		while (modem_next(d->modem, &ret->ev)) {
			ret->modem = d->handle;
			if (d->is_dead)
				continue;
			if (!handle_alone(d, &ret->ev, b->now))
				return true;
		}
		b->active = d->next_active;
		if (!b->active)
			b->active_last = NULL;
		d->is_active = false;
	}
	return false;
}

void bank_port_feed(struct bank *b, const char *port, const void *bytes, size_t n,
		    struct tw_now now)
{
	for (uint32_t slot = 0; slot < b->devices.n; slot++) {
		struct device *d = tw_pool_at(&b->devices, slot, NULL);

		if (d && d->is_open && strcmp(d->port, port) == 0)
			device_bytes(d, bytes, n, now);
		if (d && d->urcs.is_open && strcmp(d->urcs.path, port) == 0) {
			modem_on_urc_bytes(d->modem, bytes, n, now.mono);
			device_touch(d);
		}
	}
}

void bank_port_gone(struct bank *b, const char *port, struct tw_now now)
{
	for (uint32_t slot = 0; slot < b->devices.n; slot++) {
		struct device *d = tw_pool_at(&b->devices, slot, NULL);

		if (d && strcmp(d->port, port) == 0)
			device_gone(d, TW_E_GONE, now);
		if (d && d->urcs.is_open && strcmp(d->urcs.path, port) == 0)
			urcs_gone(d, now);
	}
}

/* ---- what others ask ----------------------------------------------------------------------- */

static enum modem_state state_of(const struct device *d)
{
	enum modem_state s = modem_facts(d->modem)->state;

	if (d->entry->refused)
		return MODEM_FAILED;
	if (d->is_asking)
		return MODEM_STARTING;
	if (!d->is_open)
		return s == MODEM_RECOVERING || s == MODEM_FAILED ? s : MODEM_ABSENT;
	if (d->is_stranger)
		return MODEM_STRANGER;
	return d->is_paused && s == MODEM_READY ? MODEM_PAUSED : s;
}

static void fill(const struct device *d, struct bank_modem *ret)
{
	const struct modem_facts *facts = modem_facts(d->modem);

	*ret = (struct bank_modem){
		.handle = d->handle, .name = d->name, .port = d->port, .key = d->key,
		.facts = facts,
		.state = state_of(d), .number = d->number, .account = d->account,
		.report = d->bank->settings->report, .sent = d->sent, .received = d->received,
		.failed = d->failed, .calls = d->calls,
		.last_error = d->last_error, .last_error_at = d->last_error_at,
		.recovery = &d->recovery, .silent = d->habit.probes, .refused = identity_refused(d),
	};
}

bool bank_modem(const struct bank *b, struct tw_handle h, struct bank_modem *ret)
{
	const struct device *d = device_get(b, h);

	if (d)
		fill(d, ret);
	return d;
}

bool bank_each(const struct bank *b, size_t *cursor, struct bank_modem *ret)
{
	while (*cursor < b->devices.n) {
		const struct device *d = tw_pool_at(&b->devices, (uint32_t)(*cursor)++, NULL);

		if (d && !d->is_dead) {
			fill(d, ret);
			return true;
		}
	}
	return false;
}

bool bank_find(const struct bank *b, const char *called, struct bank_modem *ret)
{
	for (size_t cursor = 0; bank_each(b, &cursor, ret); )
		if (strcmp(called, ret->name) == 0 || strcmp(called, ret->port) == 0 ||
		    (called[0] && (strcmp(called, ret->number) == 0 ||
				   strcmp(called, ret->facts->iccid) == 0 ||
				   strcmp(called, ret->facts->imei) == 0)))
			return true;
	return false;
}

bool bank_find_sim(const struct bank *b, const char *iccid, struct bank_modem *ret)
{
	const struct device *d = tw_map_get(&b->by_iccid, iccid, strlen(iccid));

	if (d)
		fill(d, ret);
	return d;
}

bool bank_find_number(const struct bank *b, const char *number, struct bank_modem *ret)
{
	const struct device *d = tw_map_get(&b->by_number, number, strlen(number));

	if (d)
		fill(d, ret);
	return d;
}

size_t bank_trace(const struct bank *b, struct tw_handle h, struct tw_buf *out)
{
	const struct device *d = device_get(b, h);

	return d ? modem_trace(d->modem, out) : 0;
}

void bank_acknowledge(struct bank *b, struct tw_handle h, uint64_t token, struct tw_now now)
{
	struct device *d = device_get(b, h);

	if (!d)
		return;
	modem_acknowledge(d->modem, token, now.mono);
	device_touch(d);
}

void bank_refuse(struct bank *b, struct tw_handle h, uint64_t token, struct tw_now now)
{
	struct device *d = device_get(b, h);

	if (!d)
		return;
	modem_refuse(d->modem, token, now.mono);
	device_touch(d);
}

void bank_refresh(struct bank *b, struct tw_handle h, const char *why, struct tw_now now)
{
	struct device *d = device_get(b, h);

	if (!d)
		return;
	modem_refresh(d->modem, why, now.mono);
	device_touch(d);
}

void bank_pause(struct bank *b, struct tw_handle h, bool paused, struct tw_now now)
{
	struct device *d = device_get(b, h);

	if (!d)
		return;
	d->is_paused = paused;
	seat_keep_paused(d);
	modem_pause(d->modem, paused, now.mono);
	device_touch(d);
}
