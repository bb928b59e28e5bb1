/* What is remembered of a modem from one session to the next: which one it is, where it sits,
 * whether a person has paused it; and under which key. The rows are the exchange's to write
 * (bank.h). */
#include "internal.h"

#include <stdio.h>

bool device_is_adopted(const struct device *d)
{
	return d->entry == &find_no_entry;
}

struct bank_seat *seat_of(const struct bank *b, const char *key)
{
	return tw_map_get(&b->seats, key, strlen(key));
}

static struct bank_seat *make_seat(struct bank *b, const char *key)
{
	struct bank_seat *seat = seat_of(b, key);

	if (seat)
		return seat;
	seat = tw_zalloc(sizeof(*seat));
	seat->interface = -1;
	tw_map_put(&b->seats, key, strlen(key), seat);
	return seat;
}

void seat_keep_paused(struct device *d)
{
	make_seat(d->bank, d->key)->is_paused = d->is_paused;
}

bool bank_seat(const struct bank *b, struct tw_handle h, const char **ret_key,
	       struct bank_seat *ret)
{
	const struct device *d = device_get(b, h);
	const struct bank_seat *seat = d ? seat_of(b, d->key) : NULL;

	if (!d)
		return false;
	*ret_key = d->key;
	*ret = seat ? *seat : (struct bank_seat){ .interface = -1, .is_paused = d->is_paused };
	return true;
}

void bank_remember_seat(struct bank *b, const char *key, const struct bank_seat *seat)
{
	*make_seat(b, key) = *seat;
	for (uint32_t slot = 0; slot < b->devices.n; slot++) {
		struct device *d = tw_pool_at(&b->devices, slot, NULL);

		if (d && strcmp(d->key, key) == 0)
			device_recall(d);
	}
}

bool imei_is_real(const char *imei)
{
	return strlen(imei) >= 14 && strspn(imei, "0") < 14;
}

bool imei_is_same(const char *a, const char *b)
{
	return strlen(a) >= 14 && strlen(b) >= 14 && strncmp(a, b, 14) == 0;
}

bool imei_is_shared(const struct device *d, const char *imei)
{
	for (uint32_t slot = 0; slot < d->bank->devices.n; slot++) {
		const struct device *o = tw_pool_at(&d->bank->devices, slot, NULL);

		if (o && o != d && o->is_identified && o->stick &&
		    imei_is_same(modem_facts(o->modem)->imei, imei))
			return true;
	}
	return false;
}

bool seat_is_numbered(const char *port)
{
	return strncmp(port, "/dev/ttyUSB", 11) == 0 || strncmp(port, "/dev/ttyACM", 11) == 0;
}

const char *seat_imei(const struct device *d)
{
	const struct bank_seat *seat;

	if (d->entry->imei[0])
		return d->entry->imei;
	if (device_is_adopted(d))
		return strncmp(d->key, "imei:", 5) == 0 ? d->key + 5 : "";
	if (d->entry->usb[0] || !seat_is_numbered(d->entry->port))
		return "";
	seat = seat_of(d->bank, d->key);
	return seat ? seat->imei : "";
}

void seat_key(struct device *d)
{
	const struct settings_modem *e = d->entry;
	const char *imei = modem_facts(d->modem)->imei;

	if (e->name[0])
		tw_strset(d->key, sizeof(d->key), e->name);
	else if (e->imei[0])
		snprintf(d->key, sizeof(d->key), "imei:%.30s", e->imei);
	else if (e->usb[0])
		snprintf(d->key, sizeof(d->key), "usb:%.60s", e->usb);
	else if (e->port[0])
		tw_strset(d->key, sizeof(d->key), e->port);
	else if (imei_is_real(imei) && !imei_is_shared(d, imei))
		snprintf(d->key, sizeof(d->key), "imei:%.30s", imei);
	else if (d->stick)
		snprintf(d->key, sizeof(d->key), "usb:%.60s", d->stick->path);
}

static bool is_same_seat(const struct bank_seat *a, const struct bank_seat *b)
{
	return strcmp(a->imei, b->imei) == 0 && strcmp(a->usb, b->usb) == 0 &&
	       strcmp(a->usb_path, b->usb_path) == 0 && a->interface == b->interface &&
	       a->is_paused == b->is_paused;
}

/* False for a modem that is found by its port alone: nothing about it may change unseen. */
static bool seat_now(const struct device *d, struct bank_seat *ret)
{
	if (!d->stick ||
	    (!device_is_adopted(d) && !d->entry->imei[0] && !seat_is_numbered(d->entry->port)))
		return false;
	*ret = (struct bank_seat){ .interface = -1, .is_paused = d->is_paused };
	for (size_t i = 0; i < d->stick->n_ports; i++)
		if (strcmp(d->stick->ports[i].path, d->port) == 0)
			ret->interface = d->stick->ports[i].interface;
	tw_strset(ret->imei, sizeof(ret->imei), modem_facts(d->modem)->imei);
	tw_strset(ret->usb, sizeof(ret->usb), d->stick->usb);
	tw_strset(ret->usb_path, sizeof(ret->usb_path), d->stick->path);
	return imei_is_real(ret->imei);
}

bool bank_seat_news(const struct bank *b, struct tw_handle h, const char **ret_key,
		    struct bank_seat *ret)
{
	const struct device *d = device_get(b, h);
	const struct bank_seat *before = d ? seat_of(b, d->key) : NULL;

	if (!d || !seat_now(d, ret) || (before && is_same_seat(before, ret)))
		return false;
	*ret_key = d->key;
	return true;
}

void bank_seat_kept(struct bank *b, struct tw_handle h)
{
	struct device *d = device_get(b, h);
	struct bank_seat now;

	if (d && seat_now(d, &now))
		*make_seat(b, d->key) = now;
}
