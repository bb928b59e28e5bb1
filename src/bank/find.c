/* Sticks that come and go, and which device each belongs to (design 4, "Find"). A stick is a USB
 * device with ports; it is recognised by its socket for as long as it stays in it, and by its IMEI
 * when it comes back in another one or under other names. */
#include "internal.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>

enum {
	/* ttys of one stick appear one by one, rights come a little later */
	SETTLE_MS = 400,
	SOON_MS = 100,
	LOOK_MS = 1000,		/* where changes are not told … */
	LOOK_SLOW_MS = 60000	/* … and where they are, all the same */
};

/* What a device without an entry has instead of one. */
const struct settings_modem find_no_entry = {
	.name = (char []){ "" }, .port = (char []){ "" }, .board = (char []){ "" },
	.imei = (char []){ "" }, .usb = (char []){ "" }, .power_cycle = (char []){ "" },
	.number = (char []){ "" }, .pin = (char []){ "" },
};

/* Drivers that serve nothing but modems: what they bind may be asked without being named. */
static const char *const modem_drivers[] = {
	"option", "sierra", "qcserial", "qcaux", "hso", "ipw", "nozomi", NULL
};

static bool is_modem_driver(const char *driver)
{
	for (const char *const *known = modem_drivers; *known; known++)
		if (strcmp(*known, driver) == 0)
			return true;
	return false;
}

/* Ports behind which no stick is ever found: serial servers, pseudo-terminals, soldered UARTs. */
static bool is_off_usb(const char *port)
{
	static const char *const begins[] = { "tcp://", "/dev/pts/", "/dev/ttyS", "/dev/ttyAMA" };

	for (size_t i = 0; i < TW_COUNT(begins); i++)
		if (strncmp(port, begins[i], strlen(begins[i])) == 0)
			return true;
	return port[0] && strncmp(port, "/dev/", 5) != 0;
}

bool find_by_stick(const struct settings_modem *entry)
{
	return entry->usb[0] || !entry->port[0] || (entry->imei[0] && !is_off_usb(entry->port));
}

/* ---- sticks -------------------------------------------------------------------------------- */

static int rank_of(const struct bank *b, const struct bank_port *p)
{
	return boards_rank(b->boards, &(struct board_interface){
		.usb = p->usb, .number = p->interface, .class_ = p->class_, .role = p->role });
}

static bool goes_before(const struct bank *b, const struct bank_port *p, const struct bank_port *q)
{
	int r = rank_of(b, p), s = rank_of(b, q);

	r = r < 0 ? INT_MAX : r;
	s = s < 0 ? INT_MAX : s;
	return r != s ? r < s : p->interface < q->interface;
}

static void put_port(struct bank *b, struct stick *s, const struct bank_port *p)
{
	size_t at = s->n_ports++;

	s->ports = tw_realloc(s->ports, s->n_ports * sizeof(*s->ports));
	for (; at > 0 && goes_before(b, p, &s->ports[at - 1]); at--)
		s->ports[at] = s->ports[at - 1];
	s->ports[at] = *p;
	s->n_at += rank_of(b, p) >= 0;
}

static bool has_port(const struct stick *s, const char *path)
{
	for (size_t i = 0; i < s->n_ports; i++)
		if (strcmp(s->ports[i].path, path) == 0)
			return true;
	return false;
}

/* Links are followed anew each time: they move when a stick returns. */
static const char *real_path(const char *path, char out[PATH_MAX])
{
	return realpath(path, out) ? out : path;
}

struct stick *find_stick_of(const struct bank *b, const char *path)
{
	char real[PATH_MAX];

	path = real_path(path, real);
	for (size_t i = 0; i < b->n_sticks; i++)
		if (has_port(b->sticks[i], path))
			return b->sticks[i];
	return NULL;
}

static const struct bank_port *named_port(const struct device *d)
{
	char real[PATH_MAX];
	const char *path = real_path(d->entry->port, real);

	for (size_t i = 0; d->entry->port[0] && i < d->stick->n_ports; i++)
		if (strcmp(d->stick->ports[i].path, path) == 0)
			return &d->stick->ports[i];
	return NULL;
}

/* The interface that the named port belonged to when its modem was seen first: the numbers of a
 * stick that comes back may be off by one. */
static const struct bank_port *remembered_port(const struct device *d)
{
	const struct bank_seat *seat = seat_of(d->bank, d->key);

	if (!seat || !seat_imei(d)[0] || !seat_is_numbered(d->entry->port))
		return NULL;
	for (size_t i = 0; i < d->stick->n_ports; i++)
		if (d->stick->ports[i].interface == seat->interface)
			return &d->stick->ports[i];
	return NULL;
}

/* A port that is named is the port, and no other. */
const struct bank_port *find_candidate(const struct device *d, size_t n)
{
	const struct bank_port *named = remembered_port(d);

	named = named ? named : named_port(d);

	if (named)
		return n == 0 ? named : NULL;
	return n < d->stick->n_at ? &d->stick->ports[n] : NULL;
}

const struct bank_port *find_urc_port(const struct device *d)
{
	for (size_t i = 0; d->stick && i < d->stick->n_ports; i++) {
		const struct bank_port *p = &d->stick->ports[i];

		if (strcmp(p->path, d->port) != 0 &&
		    boards_tell_urcs(d->bank->boards, &(struct board_interface){
			    .usb = p->usb, .number = p->interface, .class_ = p->class_,
			    .role = p->role }))
			return p;
	}
	return NULL;
}

static void free_stick(struct stick *s)
{
	free(s->ports);
	free(s);
}

void find_forget(struct device *d)
{
	if (d->stick)
		d->stick->device = NULL;
	d->stick = NULL;
}

static void attach(struct device *d, struct stick *s, struct tw_now now)
{
	d->stick = s;
	s->device = d;
	s->is_proven = false;
	d->candidate = d->asked = d->rounds = d->hollow = 0;
	d->is_resigned = false;
	d->failures = 0;
	d->open_at = now.mono;
	d->last_error[0] = '\0';
	modem_set_usb(d->modem, s->usb);
	if (!seat_imei(d)[0])
		seat_key(d);	/* one that is known keeps its key, whatever its machine saw last */
	device_name(d);
	tw_log(TW_INFO, "stick.found", "modem=%s usb=%s socket=%s ports=%zu", tw_log_quote(d->name),
	       s->usb, s->path, s->n_ports);
}

/* ---- which device a stick belongs to ------------------------------------------------------- */

static bool is_free(const struct device *d)
{
	return d && !d->stick && !d->is_open && !d->is_dead;
}

/* The last seen place of a modem is where it is looked for first; its IMEI then says whether it
 * is. */
static bool was_here(const struct device *d, const struct stick *s)
{
	const struct bank_seat *seat = seat_of(d->bank, d->key);

	if (strncmp(d->key, "usb:", 4) == 0 && strcmp(d->key + 4, s->path) == 0)
		return true;	/* one without an IMEI: its socket is all that it goes by */
	return seat && seat->imei[0] && strcmp(seat->usb_path, s->path) == 0 &&
	       strcmp(seat->usb, s->usb) == 0;
}

static bool names_port(const struct device *d, const struct stick *s)
{
	char real[PATH_MAX];

	return !find_by_stick(d->entry) && has_port(s, real_path(d->entry->port, real));
}

static bool claims_by_socket(const struct device *d, const struct stick *s)
{
	return strcmp(d->entry->usb, s->path) == 0;
}

static bool claims_by_port(const struct device *d, const struct stick *s)
{
	return names_port(d, s) && strcmp(d->key, s->refused) != 0;
}

static bool claims_by_place(const struct device *d, const struct stick *s)
{
	return !d->entry->usb[0] && strcmp(d->key, s->refused) != 0 && was_here(d, s);
}

static struct device *claimant(const struct bank *b, const struct stick *s)
{
	static bool (*const rules[])(const struct device *d, const struct stick *s) = {
		claims_by_socket, claims_by_port, claims_by_place,
	};

	for (size_t r = 0; r < TW_COUNT(rules); r++)
		for (uint32_t slot = 0; slot < b->devices.n; slot++) {
			struct device *d = tw_pool_at(&b->devices, slot, NULL);

			if (is_free(d) && rules[r](d, s))
				return d;
		}
	return NULL;
}

/* Whether a modem is missing that only its IMEI will tell. */
static bool is_one_looked_for(const struct bank *b)
{
	for (uint32_t slot = 0; slot < b->devices.n; slot++) {
		const struct device *d = tw_pool_at(&b->devices, slot, NULL);

		if (is_free(d) && seat_imei(d)[0])
			return true;
	}
	return false;
}

/* Whether a stick that nobody named may be opened at all: a profile knows it, or its driver serves
 * nothing but modems. */
static bool may_be_asked(const struct bank *b, const struct stick *s)
{
	if (s->is_left || !s->n_at)
		return false;
	if (b->settings->adopt == ADOPT_NONE && !is_one_looked_for(b))
		return false;
	if (boards_know(b->boards, s->usb))
		return true;
	for (size_t i = 0; i < s->n_ports; i++)
		if (!is_modem_driver(s->ports[i].driver))
			return false;
	return true;
}

static void assign(struct bank *b, struct stick *s, struct tw_now now)
{
	struct device *d = claimant(b, s);

	if (!d && may_be_asked(b, s))
		d = device_new(b, &find_no_entry);
	if (d)
		attach(d, s, now);
}

/* ---- the IMEI tells who it is -------------------------------------------------------------- */

static struct device *looked_for(const struct device *d, const char *imei)
{
	const struct bank *b = d->bank;

	for (uint32_t slot = 0; slot < b->devices.n; slot++) {
		struct device *o = tw_pool_at(&b->devices, slot, NULL);

		if (o != d && is_free(o) && imei_is_same(seat_imei(o), imei))
			return o;
	}
	return NULL;
}

/* Lets the stick go; a device that was only made to ask it ends. */
static struct stick *release(struct device *d, struct tw_now now)
{
	struct stick *s = d->stick;

	device_close(d, now, -1);
	find_forget(d);
	d->is_dead = device_is_adopted(d) && !seat_imei(d)[0];
	if (!d->is_dead && !find_by_stick(d->entry))
		d->open_at = mono_after(now.mono, BANK_RETRY_MS);
	d->bank->look_at = now.mono;
	return s;
}

static void hand_over(struct device *d, struct device *to, struct tw_now now)
{
	size_t candidate = d->candidate;
	struct stick *s = release(d, now);

	d->is_dead = device_is_adopted(d);
	attach(to, s, now);
	s->is_proven = true;
	to->candidate = find_candidate(to, candidate) ? candidate : 0;
}

static void tell_mismatch(struct device *d, const char *expected, const char *imei)
{
	device_trouble(d, "%.80s is another modem now (IMEI %s instead of "
		 "%s): write imei = \"%s\" in its entry to use that one", d->port, imei, expected,
		 imei);
	tw_log(TW_WARN, "stick.other", "modem=%s port=%s imei=%s expected=%s",
	       tw_log_quote(d->name), d->port, imei, expected);
}

static bool is_refused(struct device *d, const char *imei, struct tw_now now)
{
	char expected[IMEI_MAX];

	tw_strset(expected, sizeof(expected), seat_imei(d));
	if (!expected[0] || imei_is_same(expected, imei))
		return false;
	tw_strset(d->stick->refused, sizeof(d->stick->refused), d->key);
	release(d, now);
	if (!device_is_adopted(d))
		tell_mismatch(d, expected, imei);
	return true;
}

/* A modem found by its port, whose entry says which one it must be. */
static bool is_another(struct device *d, const char *imei, struct tw_now now)
{
	const char *expected = d->entry->imei;

	if (!expected[0] || !imei_is_real(imei) || imei_is_same(expected, imei))
		return false;
	tell_mismatch(d, expected, imei);
	device_close(d, now, LOOK_SLOW_MS);
	return true;
}

bool find_identified(struct device *d, struct tw_now now)
{
	const char *imei = modem_facts(d->modem)->imei;
	struct device *other;

	if (!d->stick)
		return is_another(d, imei, now);
	d->stick->is_proven = d->is_identified = true;
	if (!imei_is_real(imei) || imei_is_shared(d, imei))
		imei = "";
	if (imei[0] && is_refused(d, imei, now))
		return true;
	if (!device_is_adopted(d))
		return false;
	other = imei[0] ? looked_for(d, imei) : NULL;
	if (other) {
		hand_over(d, other, now);
		return true;
	}
	if (d->bank->settings->adopt == ADOPT_NONE) {
		release(d, now)->is_left = true;
		return true;
	}
	seat_key(d);
	device_recall(d);
	return false;
}

/* ---- looking ------------------------------------------------------------------------------- */

static struct stick *stick_at(const struct bank *b, const char *path, const char *usb)
{
	for (size_t i = 0; i < b->n_sticks; i++)
		if (strcmp(b->sticks[i]->path, path) == 0 && strcmp(b->sticks[i]->usb, usb) == 0)
			return b->sticks[i];
	return NULL;
}

/* Whether the stick shows the same ports as when it was looked at before. */
static bool is_same(const struct bank *b, const struct stick *s)
{
	size_t n = 0;

	for (size_t i = 0; i < b->found.n_ports; i++) {
		const struct bank_port *p = &b->found.ports[i];

		if (strcmp(p->usb_path, s->path) != 0)
			continue;
		n++;
		if (!has_port(s, p->path))
			return false;
	}
	return n == s->n_ports;
}

static void fill(struct bank *b, struct stick *s, struct tw_now now)
{
	struct device *d = s->device;

	s->n_ports = s->n_at = 0;
	for (size_t i = 0; i < b->found.n_ports; i++)
		if (strcmp(b->found.ports[i].usb_path, s->path) == 0)
			put_port(b, s, &b->found.ports[i]);
	s->settled = mono_after(now.mono, SETTLE_MS);
	s->is_proven = false;
	if (d && d->is_open && !has_port(s, d->port))
		device_gone(d, TW_E_GONE, now);
	else if (d && d->is_open && !d->is_asking)
		urcs_open(d, now);	/* one that came late */
	if (d && !d->is_open)
		d->candidate = d->asked = 0;
}

static void see_port(struct bank *b, const struct bank_port *p, struct tw_now now)
{
	struct stick *s;

	if (!p->usb_path[0])
		return;
	s = stick_at(b, p->usb_path, p->usb);
	if (!s) {
		s = tw_zalloc(sizeof(*s));
		tw_strset(s->path, sizeof(s->path), p->usb_path);
		tw_strset(s->usb, sizeof(s->usb), p->usb);
		b->sticks = tw_realloc(b->sticks, (b->n_sticks + 1) * sizeof(*b->sticks));
		b->sticks[b->n_sticks++] = s;
		tw_log(TW_INFO, "stick.plugged", "usb=%s socket=%s product=%s", s->usb, s->path,
		       tw_log_quote(p->product));
	}
	if (s->is_seen)
		return;
	s->is_seen = true;
	if (!is_same(b, s))
		fill(b, s, now);
}

static void unplug(struct stick *s, struct tw_now now)
{
	struct device *d = s->device;

	tw_log(TW_INFO, "stick.gone", "modem=%s usb=%s socket=%s", tw_log_quote(d ? d->name : ""),
	       s->usb, s->path);
	if (!d)
		return;
	device_gone(d, TW_E_GONE, now);
	find_forget(d);
	device_trouble(d, "not plugged in: it was last at USB %s", s->path);
	d->open_at = find_by_stick(d->entry) ? MONO_NEVER : mono_after(now.mono, BANK_RETRY_MS);
}

static void sweep(struct bank *b, struct tw_now now)
{
	for (size_t i = 0; i < b->n_sticks; ) {
		struct stick *s = b->sticks[i];

		if (s->is_seen) {
			s->is_seen = false;
			i++;
			continue;
		}
		unplug(s, now);
		free_stick(s);
		b->sticks[i] = b->sticks[--b->n_sticks];
	}
}

static void look(struct bank *b, struct tw_now now)
{
	struct bank_found found;
	bool is_told = b->finder->folder && folders_watch(b, b->finder->folder);

	b->look_at = mono_after(now.mono, is_told ? LOOK_SLOW_MS : LOOK_MS);
	if (b->finder->list(b->finder->ctx, &found) < 0)
		return;
	bank_found_done(&b->found);
	b->found = found;
	for (size_t i = 0; i < found.n_ports; i++)
		see_port(b, &found.ports[i], now);
	sweep(b, now);
}

static void tell_absent(struct bank *b)
{
	for (uint32_t slot = 0; slot < b->devices.n; slot++) {
		struct device *d = tw_pool_at(&b->devices, slot, NULL);

		if (!is_free(d) || d->last_error[0] || !find_by_stick(d->entry) ||
		    device_is_adopted(d))
			continue;
		if (d->entry->usb[0])
			device_trouble(d, "nothing with a port is plugged in "
				 "at USB %s", d->entry->usb);
		else
			device_trouble(d, "no modem that is plugged in has "
				 "the IMEI %s", d->entry->imei);
	}
}

void find_tick(struct bank *b, struct tw_now now)
{
	if (!b->finder || !b->is_started)
		return;
	if (mono_due(b->look_at, now.mono))
		look(b, now);
	for (size_t i = 0; i < b->n_sticks; i++) {
		struct stick *s = b->sticks[i];

		if (s->device)
			continue;
		if (mono_due(s->settled, now.mono))
			assign(b, s, now);
		else
			b->look_at = mono_min(b->look_at, s->settled);
	}
	tell_absent(b);
}

void find_soon(struct bank *b, struct tw_now now)
{
	b->look_at = mono_min(b->look_at, mono_after(now.mono, SOON_MS));
}

/* New settings may name what was adopted, or forbid it. */
void find_reload(struct bank *b, bool is_anew, struct tw_now now)
{
	while (is_anew && b->n_sticks)	/* other profiles, other ports first */
		free_stick(b->sticks[--b->n_sticks]);
	for (size_t i = 0; i < b->n_sticks; i++) {
		struct stick *s = b->sticks[i];
		struct device *d = s->device, *other;

		s->is_left = false;
		s->refused[0] = '\0';
		if (!d || !device_is_adopted(d))
			continue;
		other = claimant(b, s);
		if (!other)
			other = looked_for(d, modem_facts(d->modem)->imei);
		if (other && !device_is_adopted(other))
			hand_over(d, other, now);
		else if (b->settings->adopt == ADOPT_NONE)
			d->is_dead = release(d, now)->is_left = true;
	}
	b->look_at = now.mono;
}

void find_done(struct bank *b)
{
	void *seat;

	for (size_t i = 0; i < b->n_sticks; i++)
		free_stick(b->sticks[i]);
	free(b->sticks);
	bank_found_done(&b->found);
	for (size_t cursor = 0; tw_map_each(&b->seats, &cursor, NULL, NULL, &seat); )
		free(seat);
	tw_map_done(&b->seats);
}
