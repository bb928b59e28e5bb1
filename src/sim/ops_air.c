/* Control: texts, calls, handsets, the network's own settings, what it has seen. */
#include "ops.h"

#include <limits.h>

/* ---- texts ----------------------------------------------------------------------------------- */

static void read_skip(struct request *r, bool skip[256])
{
	json_t *list = json_object_get(r->in, "skip"), *v;
	size_t i;

	if (!list || json_is_null(list))
		return;
	if (!json_is_array(list))
		request_fail(r, "\"skip\": an array of segment numbers is expected, such as [2]");
	json_array_foreach(list, i, v) {
		if (!json_is_integer(v) || json_integer_value(v) < 1 || json_integer_value(v) > 255)
			request_fail(r, "\"skip\": segment numbers from 1 to 255 are expected");
		else
			skip[json_integer_value(v)] = true;
	}
}

static int read_encoding(struct request *r)
{
	static const char *const names[] = { "gsm7", "ucs2", "8bit" };
	const char *name = NULL;

	field_text(r, "encoding", false, &name, NULL);
	for (int i = 0; name && i < 3; i++)
		if (!strcmp(name, names[i]))
			return i;
	if (name && strcmp(name, "auto"))
		request_fail(r, "\"encoding\": auto, gsm7, ucs2 or 8bit is expected");
	return -1;
}

static void read_text_options(struct request *r, struct text_options *o, bool skip[256])
{
	int64_t class_ = -1, ref = -1, copies = 1, age_s = -1;

	o->encoding = read_encoding(r);
	field_int(r, "class", 0, 3, &class_);
	field_int(r, "ref", 0, 255, &ref);
	field_int(r, "copies", 1, 100, &copies);
	field_int(r, "delay_ms", 0, INT_MAX, &o->delay_ms);
	field_int(r, "age_s", 0, INT_MAX, &age_s);
	field_bool(r, "reverse", &o->reverse);
	read_skip(r, skip);
	o->message_class = (int)class_;
	o->ref = (int)ref;
	o->copies = (int)copies;
	o->skip = skip;
	if (age_s >= 0)
		o->scts_ms = r->sim->now.wall.ms - age_s * 1000;
}

void op_text(struct request *r)
{
	struct text_options o = text_as_a_phone;
	char from[SIM_NUMBER_MAX], to[SIM_NUMBER_MAX];
	const char *text = NULL, *why = "";
	bool skip[256] = { false };
	unsigned segments;
	uint64_t id;
	size_t n = 0;

	field_address(r, "from", true, from);
	field_address(r, "to", true, to);
	field_text(r, "text", true, &text, &n);
	read_text_options(r, &o, skip);
	if (request_failed(r))
		return;
	id = air_text_in(r->sim, from, to, text, n, &o, &segments, &why);
	if (!id && *why) {
		request_fail(r, "this text cannot be sent by a phone: %s", why);
		return;
	}
	out_int(r->out, "id", (int64_t)id);
	out_int(r->out, "segments", segments);
}

/* A TPDU as it is, for a card: what a codec or a gateway must withstand. */
void op_deliver(struct request *r)
{
	struct air_mt *mt;
	const char *hex = NULL;
	int64_t delay_ms = 0;
	struct card *c;
	size_t n = 0;
	int octets;

	field_modem(r, "modem", true, &c);
	field_text(r, "pdu", true, &hex, &n);
	field_int(r, "delay_ms", 0, INT_MAX, &delay_ms);
	if (request_failed(r))
		return;
	mt = tw_zalloc(sizeof(*mt));
	octets = tw_hex_read(hex, n, mt->pdu, sizeof(mt->pdu));
	if (octets < 1 || octets < 1 + mt->pdu[0] + 1) {
		free(mt);
		request_fail(r, "\"pdu\": an SMSC field and a TPDU in hex are expected, at most %d "
			     "octets", SMS_PDU_MAX);
		return;
	}
	mt->n = (uint8_t)octets;
	mt->tpdu_n = (uint8_t)(octets - 1 - mt->pdu[0]);
	mt->is_report = (mt->pdu[1 + mt->pdu[0]] & 3) == 2;
	mt->id = ++r->sim->air.next_id;
	mt->ready = r->sim->now.mono.ms + delay_ms;
	out_int(r->out, "id", (int64_t)mt->id);
	air_queue(r->sim, c, mt);
}

void op_sent(struct request *r)
{
	const struct sent_ring *ring = &r->sim->air.sent;
	int64_t limit = 100, since = 0, first, serial;
	char to[SIM_NUMBER_MAX];
	bool clear = false;
	json_t *list = json_array();
	struct card *c;

	field_modem(r, "modem", false, &c);
	field_address(r, "to", false, to);
	field_int(r, "since", 0, INT64_MAX, &since);
	field_int(r, "limit", 0, 1000000, &limit);
	field_bool(r, "clear", &clear);
	json_object_set_new(r->out, "sent", list);
	first = (int64_t)(r->sim->air.accepted - ring->n);
	for (size_t i = 0; i < ring->n && json_array_size(list) < (size_t)limit; i++) {
		const struct sim_sent *v = sim_sent_at(r->sim, i);

		serial = first + (int64_t)i + 1;
		if (serial <= since || (c && v->card != c->index) || (*to && strcmp(v->to, to)))
			continue;
		json_array_append_new(list, sent_object(v));
		out_int(json_array_get(list, json_array_size(list) - 1), "n", serial);
	}
	out_int(r->out, "total", (int64_t)r->sim->air.accepted);
	if (clear && !request_failed(r))
		air_forget_sent(r->sim);
}

/* ---- handsets -------------------------------------------------------------------------------- */

void op_inbox(struct request *r)
{
	json_t *list = json_array();
	int64_t limit = 1000;
	char number[SIM_NUMBER_MAX];
	bool clear = false;
	struct phone *p;

	json_object_set_new(r->out, "texts", list);
	field_address(r, "number", true, number);
	field_int(r, "limit", 0, 1000000, &limit);
	field_bool(r, "clear", &clear);
	p = request_failed(r) ? NULL : phone_find(r->sim, number);
	if (!p)
		return;
	for (size_t i = p->n > (size_t)limit ? p->n - (size_t)limit : 0; i < p->n; i++)
		json_array_append_new(list, text_object(p, phone_text_at(p, i)));
	if (clear)
		phone_clear(p);
}

void op_handset(struct request *r)
{
	char number[SIM_NUMBER_MAX];
	const char *name = NULL;
	enum phone_state state = PHONE_ON;
	int64_t code = 38;
	struct phone *p;

	field_address(r, "number", true, number);
	field_text(r, "state", false, &name, NULL);
	field_int(r, "code", 1, 65535, &code);
	if (name && !phone_state_read(name, &state))
		request_fail(r, "\"state\": on, off, unknown or refused is expected");
	if (request_failed(r))
		return;
	if (air_card(r->sim, number)) {
		request_fail(r, "%s is the number of a modem, not of a handset", number);
		return;
	}
	p = phone_get(r->sim, number);
	if (name)
		phone_set(r->sim, p, state, (int)code);
	json_object_set_new(r->out, "state", json_string(phone_state_name(p->state)));
	out_int(r->out, "texts", (int64_t)p->n);
	json_object_set_new(r->out, "waiting", json_boolean(p->waiting != NULL));
}

void op_subscribe(struct request *r)
{
	struct sim *s = r->sim;
	struct peer p = { .id = r->peer, .texts = true };
	char number[SIM_NUMBER_MAX];

	field_address(r, "number", false, number);
	field_bool(r, "texts", &p.texts);
	field_bool(r, "sent", &p.sent);
	field_bool(r, "modems", &p.modems);
	if (request_failed(r))
		return;
	sim_control_gone(s, r->peer);	/* the newest wish counts */
	if (*number) {
		p.number = tw_strdup(number);
		json_object_set_new(r->out, "number", json_string(number));
	}
	s->peers = tw_realloc(s->peers, (s->n_peers + 1) * sizeof(*s->peers));
	s->peers[s->n_peers++] = p;
}

void op_unsubscribe(struct request *r)
{
	sim_control_gone(r->sim, r->peer);
}

/* ---- calls ----------------------------------------------------------------------------------- */

void op_call(struct request *r)
{
	char from[SIM_NUMBER_MAX], to[SIM_NUMBER_MAX];
	int64_t rings = 4;
	struct card *c;

	field_address(r, "from", false, from);
	field_address(r, "to", true, to);
	field_int(r, "rings", 1, 1000, &rings);
	if (request_failed(r))
		return;
	c = air_card(r->sim, to);
	if (!c) {
		request_fail(r, "\"to\": the number of a modem is expected; %s is none", to);
		return;
	}
	if (c->ccfc[0].enabled)		/* unconditionally: it never reaches the modem */
		json_object_set_new(r->out, "forwarded", json_string(c->ccfc[0].number));
	else
		net_call(c, from, (int)rings);
	json_object_set_new(r->out, "ringing", json_boolean(c->ring.is_on));
}

void op_hang_up(struct request *r)
{
	struct card *c;

	if (field_modem(r, "modem", true, &c))
		net_hang_up(c, "NO CARRIER");
}

/* ---- settings -------------------------------------------------------------------------------- */

static const struct setting { const char *name; size_t offset; int64_t min; } settings[] = {
	{ "submit_ms", offsetof(struct air, submit_ms), 0 },
	{ "deliver_ms", offsetof(struct air, deliver_ms), 0 },
	{ "report_ms", offsetof(struct air, report_ms), 0 },
	{ "link_ms", offsetof(struct air, link_ms), 0 },
	{ "ack_ms", offsetof(struct air, ack_ms), 1 },
	{ "retry_ms", offsetof(struct air, retry_ms), 1 },
	{ "ussd_ms", offsetof(struct air, ussd_ms), 0 },
	{ "validity_ms", offsetof(struct air, validity_ms), 1 },
	{ "boot_ms", offsetof(struct air, boot_ms), 0 },
	{ "ready_ms", offsetof(struct air, ready_ms), 0 },
	{ "chatter_ms", offsetof(struct air, chatter_ms), 0 },
	{ "sim_busy_ms", offsetof(struct air, sim_busy_ms), 0 },
	{ "price_cents", offsetof(struct air, price_cents), 0 },
};

static int64_t *setting_at(struct air *a, size_t i)
{
	return (int64_t *)((char *)a + settings[i].offset);
}

json_t *settings_object(struct sim *s)
{
	json_t *o = json_object();

	for (size_t i = 0; i < TW_COUNT(settings); i++)
		out_int(o, settings[i].name, *setting_at(&s->air, i));
	out_int(o, "keep", (int64_t)s->air.keep);
	json_object_set_new(o, "cnum", json_boolean(s->air.cnum));
	return o;
}

/* Some modems are slower than others: these two may differ. -1 is the network's value again. */
static void set_modem(struct request *r, struct card *c)
{
	const char *key;
	json_t *value;

	json_object_foreach(r->in, key, value)
		if (strcmp(key, "op") && strcmp(key, "modem") && strcmp(key, "submit_ms") &&
		    strcmp(key, "link_ms"))
			request_fail(r, "\"%s\" is the network's, not a modem's: leave out "
					"\"modem\"", key);
	if (request_failed(r))
		return;
	field_int(r, "submit_ms", -1, INT_MAX, &c->submit_ms);
	field_int(r, "link_ms", -1, INT_MAX, &c->link_ms);
}

static void chatter_begin(struct sim *s)
{
	for (size_t i = 0; i < s->n_cards; i++)
		if (s->cards[i].is_plugged)
			card_post(&s->cards[i], EVENT_CHATTER, s->air.chatter_ms, 0);
}

void op_set(struct request *r)
{
	struct air *a = &r->sim->air;
	int64_t keep = (int64_t)a->keep, chatter_ms = a->chatter_ms;
	struct card *c;

	if (!field_modem(r, "modem", false, &c))
		return;
	if (c) {
		set_modem(r, c);
		return;
	}
	for (size_t i = 0; i < TW_COUNT(settings); i++)
		field_int(r, settings[i].name, settings[i].min, (int64_t)1 << 40, setting_at(a, i));
	field_bool(r, "cnum", &a->cnum);
	if (field_int(r, "keep", 1, 100000000, &keep) && keep != (int64_t)a->keep)
		air_keep(r->sim, (size_t)keep);
	if (!chatter_ms && a->chatter_ms)
		chatter_begin(r->sim);
	json_object_set_new(r->out, "settings", settings_object(r->sim));
}
