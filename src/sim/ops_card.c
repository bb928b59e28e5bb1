/* Control: modems, their SIMs and storage, faults. */
#include "ops.h"

#include <limits.h>
#include <stdio.h>

void op_help(struct request *r)
{
	json_t *list = json_array(), *o;

	for (size_t i = 0; i < n_ops; i++) {
		o = json_object();
		json_object_set_new(o, "op", json_string(ops[i].name));
		json_object_set_new(o, "keys", json_string(ops[i].keys));
		json_object_set_new(o, "help", json_string(ops[i].help));
		json_array_append_new(list, o);
	}
	json_object_set_new(r->out, "ops", list);
}

/* ---- looking --------------------------------------------------------------------------------- */

static void card_object(json_t *o, const struct card *c)
{
	out_modem(o, c);
	json_object_set_new(o, "number", json_string(c->number));
	json_object_set_new(o, "iccid", json_string(c->iccid));
	json_object_set_new(o, "imei", json_string(c->imei));
	json_object_set_new(o, "board",
			    json_string(c->board && c->board->name ? c->board->name : ""));
	json_object_set_new(o, "plugged", json_boolean(c->is_plugged));
	json_object_set_new(o, "registered", json_boolean(card_is_registered(c)));
}

void op_list(struct request *r)
{
	json_t *list = json_array(), *o;

	for (size_t i = 0; i < r->sim->n_cards; i++) {
		o = json_object();
		card_object(o, &r->sim->cards[i]);
		json_array_append_new(list, o);
	}
	json_object_set_new(r->out, "modems", list);
}

static const char *pin_name(const struct card *c)
{
	static const char *const names[] = { [PIN_READY] = "ready", [PIN_WANTED] = "pin",
					     [PIN_PUK] = "puk", [PIN_DEAD] = "dead" };

	return c->has_sim ? names[c->pin_state] : "absent";
}

static void network_state(struct request *r)
{
	struct sim *s = r->sim;
	const struct air *a = &s->air;
	const struct { const char *name; uint64_t value; } counts[] = {
		{ "modems", s->n_cards }, { "handsets", a->phones.n }, { "accepted", a->accepted },
		{ "refused", a->refused }, { "delivered", a->delivered },
		{ "texts", a->phone_texts },
		{ "reports", a->reports }, { "redelivered", a->redelivered },
		{ "expired", a->expired }, { "kept", a->sent.n } };

	out_time(r->out, "now", s->now.wall);
	for (size_t i = 0; i < TW_COUNT(counts); i++)
		out_int(r->out, counts[i].name, (int64_t)counts[i].value);
	json_object_set_new(r->out, "settings", settings_object(s));
}

static void card_counts(json_t *o, const struct card *c)
{
	const struct { const char *name; int64_t value; } counts[] = {
		{ "stat", c->stat }, { "act", c->act }, { "fun", c->fun }, { "rssi", c->rssi },
		{ "celsius", c->celsius }, { "csms", c->set.csms }, { "cmms", c->set.cmms },
		{ "cgsms", c->set.cgsms }, { "pin_tries", c->pin_left },
		{ "puk_tries", c->puk_left },
		{ "waiting", (int64_t)c->queue_n }, { "commands", (int64_t)c->commands },
		{ "sent", (int64_t)c->sent }, { "received", (int64_t)c->received } };

	for (size_t i = 0; i < TW_COUNT(counts); i++)
		out_int(o, counts[i].name, counts[i].value);
}

void op_state(struct request *r)
{
	json_t *stores = json_object(), *o;
	struct card *c;
	char cnmi[24];

	json_object_set_new(r->out, "storage", stores);
	if (!field_modem(r, "modem", false, &c))
		return;
	if (!c) {
		json_object_del(r->out, "storage");
		network_state(r);
		return;
	}
	card_object(r->out, c);
	card_counts(r->out, c);
	snprintf(cnmi, sizeof(cnmi), "%u,%u,%u,%u,%u", c->set.cnmi[0], c->set.cnmi[1],
		 c->set.cnmi[2], c->set.cnmi[3], c->set.cnmi[4]);
	json_object_set_new(r->out, "cnmi", json_string(cnmi));
	json_object_set_new(r->out, "pin", json_string(pin_name(c)));
	json_object_set_new(r->out, "booting", json_boolean(c->is_booting));
	json_object_set_new(r->out, "ringing", json_boolean(c->ring.is_on));
	json_object_set_new(r->out, "owes_ack", json_boolean(c->ack.is_on));
	json_object_set_new(r->out, "line", json_string(c->mode == CARD_PAYLOAD ? "prompt" :
							c->busy ? "busy" : "idle"));
	for (int i = 0; i < STORE_COUNT; i++) {
		if (!card_has_store(c, i))
			continue;
		o = json_object();
		out_int(o, "used", c->store[i].used);
		out_int(o, "size", c->store[i].size);
		json_object_set_new(stores, store_name(i), o);
	}
}

/* ---- faults ---------------------------------------------------------------------------------- */

static void fault_fields(struct request *r, struct fault *f, const char **when, const char **text)
{
	const char *what = NULL, *kind = "";
	int64_t code = 0;
	struct card *c;

	field_modem(r, "modem", false, &c);
	field_text(r, "when", true, when, NULL);
	field_text(r, "what", true, &what, NULL);
	field_text(r, "kind", false, &kind, NULL);
	field_text(r, "text", false, text, NULL);
	field_int(r, "code", 0, 65535, &code);
	field_int(r, "delay_ms", 0, INT_MAX, &f->delay_ms);
	field_int(r, "count", -1, INT_MAX, &f->count);
	field_number(r, "probability", 0, 1, &f->probability);
	field_bool(r, "after", &f->after);
	if (field_has(r, "probability") && !field_has(r, "count"))
		f->count = -1;
	if (what && !fault_read(what, &f->what))
		request_fail(r, "no fault is called \"%.40s\"; docs/sim.md lists them", what);
	if (*when && !**when)
		request_fail(r, "\"when\": the beginning of a command line (\"AT+CMGS\"), or pdu, "
			     "deliver, report or urc is expected");
	if (strcmp(kind, "") && strcmp(kind, "cms") && strcmp(kind, "cme"))
		request_fail(r, "\"kind\": cms or cme is expected");
	f->code = (int)code;
	f->card = c ? (int64_t)c->index : -1;
	tw_strset(f->kind, sizeof(f->kind), kind);
}

void op_fault(struct request *r)
{
	struct fault f = { .count = 1, .probability = 1 }, *rule;
	const char *when = NULL, *text = NULL;
	uint64_t id;

	fault_fields(r, &f, &when, &text);
	if (request_failed(r))
		return;
	rule = fault_add(r->sim);
	id = rule->id;
	*rule = f;
	rule->id = id;
	rule->when = tw_strdup(when);
	rule->text = tw_strdup(text);
	out_int(r->out, "fault", (int64_t)id);
}

void op_faults(struct request *r)
{
	const struct faults *all = &r->sim->faults;
	json_t *list = json_array(), *o;

	for (size_t i = 0; i < all->n; i++) {
		const struct fault *f = &all->v[i];

		o = json_object();
		out_int(o, "fault", (int64_t)f->id);
		if (f->card >= 0)
			out_modem(o, &r->sim->cards[f->card]);
		out_text(o, "when", f->when, strlen(f->when));
		json_object_set_new(o, "what", json_string(fault_name(f->what)));
		out_int(o, "code", f->code);
		out_int(o, "delay_ms", f->delay_ms);
		out_int(o, "count", f->count);
		json_object_set_new(o, "probability", json_real(f->probability));
		json_object_set_new(o, "after", json_boolean(f->after));
		out_int(o, "hits", (int64_t)f->hits);
		json_array_append_new(list, o);
	}
	json_object_set_new(r->out, "faults", list);
}

void op_clear(struct request *r)
{
	int64_t id = 0;

	if (field_int(r, "fault", 1, INT64_MAX, &id))
		out_int(r->out, "cleared", (int64_t)fault_clear(r->sim, (uint64_t)id));
}

/* ---- power ----------------------------------------------------------------------------------- */

void op_plug(struct request *r)
{
	struct card *c;

	if (field_modem(r, "modem", true, &c))
		card_plug(c);
}

void op_unplug(struct request *r)
{
	int64_t delay_ms = 0;
	struct card *c;

	if (field_modem(r, "modem", true, &c) && field_int(r, "delay_ms", 0, INT_MAX, &delay_ms))
		card_unplug(c, delay_ms);
}

void op_reset(struct request *r)
{
	int64_t delay_ms = r->sim->air.boot_ms;
	struct card *c;

	if (!field_modem(r, "modem", true, &c) || !field_int(r, "delay_ms", 0, INT_MAX, &delay_ms))
		return;
	if (!c->is_plugged)
		request_fail(r, "modem%u is unplugged", c->index);
	else
		card_reset(c, delay_ms);
}

/* ---- the SIM --------------------------------------------------------------------------------- */

static bool is_code(const char *code, size_t min)
{
	size_t n = strspn(code, "0123456789");

	return !code[n] && n >= min && n <= 8;
}

void op_pin(struct request *r)
{
	const char *pin = NULL, *puk = NULL;
	int64_t tries, puk_tries;
	bool locked;
	struct card *c;

	if (!field_modem(r, "modem", true, &c))
		return;
	tries = c->pin_left;
	puk_tries = c->puk_left;
	locked = c->pin_wanted_at_boot;
	field_text(r, "pin", false, &pin, NULL);
	field_text(r, "puk", false, &puk, NULL);
	field_int(r, "tries", 0, 3, &tries);
	field_int(r, "puk_tries", 0, 10, &puk_tries);
	field_bool(r, "locked", &locked);
	if ((pin && !is_code(pin, 4)) || (puk && !is_code(puk, 8)))
		request_fail(r, "a PIN has 4 to 8 digits, a PUK 8");
	if (request_failed(r))
		return;
	if (pin)
		tw_strset(c->pin, sizeof(c->pin), pin);
	if (puk)
		tw_strset(c->puk, sizeof(c->puk), puk);
	c->pin_left = (uint8_t)tries;
	c->puk_left = (uint8_t)puk_tries;
	if (field_has(r, "locked")) {
		c->pin_wanted_at_boot = locked;
		c->pin_state = locked ? PIN_WANTED : PIN_READY;
	}
	if (!tries && c->pin_state != PIN_READY)
		c->pin_state = puk_tries ? PIN_PUK : PIN_DEAD;
	json_object_set_new(r->out, "pin", json_string(pin_name(c)));
}

/* Two sticks exchange their SIMs: what is on a SIM moves, both start over. */
static void swap_sims(struct card *a, struct card *b)
{
#define SWAP(field) \
	do { \
		__typeof__(a->field) was = a->field; \
		a->field = b->field; \
		b->field = was; \
	} while (0)
	char number[SIM_NUMBER_MAX], other[SIM_NUMBER_MAX];
	struct tw_map *map = &a->sim->by_number;

	tw_strset(number, sizeof(number), a->number);
	tw_strset(other, sizeof(other), b->number);
	for (size_t i = 0; i < sizeof(a->number); i++)
		SWAP(number[i]);
	for (size_t i = 0; i < sizeof(a->iccid); i++)
		SWAP(iccid[i]);
	for (size_t i = 0; i < sizeof(a->imsi); i++)
		SWAP(imsi[i]);
	for (size_t i = 0; i < sizeof(a->smsc); i++)
		SWAP(smsc[i]);
	for (size_t i = 0; i < sizeof(a->pin); i++) {
		SWAP(pin[i]);
		SWAP(puk[i]);
	}
	SWAP(pin_left);
	SWAP(puk_left);
	SWAP(pin_state);
	SWAP(pin_wanted_at_boot);
	SWAP(has_sim);
	SWAP(mr);
	SWAP(store[STORE_SM]);
#undef SWAP
	tw_map_put(map, number, strlen(number), b);
	tw_map_put(map, other, strlen(other), a);
	for (int i = 0; i < 2; i++) {
		struct card *c = i ? b : a;

		if (c->is_plugged)
			card_reset(c, c->sim->air.boot_ms);
	}
}

static void new_sim(struct request *r, struct card *c, const char *number)
{
	struct card *holder = air_card(r->sim, number);

	if (number[strspn(number, "+0123456789")] || strlen(number) < 3 ||
	    strlen(number) >= SIM_NUMBER_MAX)
		request_fail(r, "\"number\": a telephone number such as +447700900123 is expected");
	else if (holder && holder != c)
		request_fail(r, "modem%u holds that number; use swap", holder->index);
	if (request_failed(r))
		return;
	card_set_inserted(c, false);
	card_set_sim(c, number);
	card_set_inserted(c, true);
}

void op_sim(struct request *r)
{
	const char *number = NULL, *smsc = NULL;
	struct card *c, *other;
	bool inserted;

	if (!field_modem(r, "modem", true, &c) || !field_modem(r, "swap", false, &other))
		return;
	inserted = c->has_sim;
	field_text(r, "number", false, &number, NULL);
	field_text(r, "smsc", false, &smsc, NULL);
	field_bool(r, "inserted", &inserted);
	if (request_failed(r))
		return;
	if (other && other != c)
		swap_sims(c, other);
	if (number)
		new_sim(r, c, number);
	if (smsc)
		tw_strset(c->smsc, sizeof(c->smsc), smsc);
	if (field_has(r, "inserted"))
		card_set_inserted(c, inserted);
	json_object_set_new(r->out, "number", json_string(c->number));
	json_object_set_new(r->out, "iccid", json_string(c->iccid));
}

/* ---- network, as a modem sees it ------------------------------------------------------------- */

void op_registration(struct request *r)
{
	int64_t stat, act;
	struct card *c;

	if (!field_modem(r, "modem", true, &c))
		return;
	stat = c->stat;
	act = c->act;
	field_int(r, "stat", 0, 11, &stat);
	field_int(r, "act", 0, 13, &act);
	if (!field_bool(r, "cs", &c->cs_service) || !field_bool(r, "lte_cs", &c->lte_cs) ||
	    !field_bool(r, "lte_ps", &c->lte_ps) || request_failed(r))
		return;
	c->act = c->act_home = (int)act;
	c->stat_home = (int)stat;
	card_set_registration(c, (int)stat);
}

void op_signal(struct request *r)
{
	int64_t rssi = 20;
	struct card *c;

	if (!field_modem(r, "modem", true, &c) || !field_int(r, "rssi", 0, 199, &rssi))
		return;
	c->rssi = (int)rssi;
}

void op_temperature(struct request *r)
{
	int64_t celsius = 36;
	struct card *c;

	if (field_modem(r, "modem", true, &c) && field_int(r, "celsius", -60, 150, &celsius))
		c->celsius = (int)celsius;
}

void op_urc(struct request *r)
{
	const char *text = NULL;
	struct card *c;

	field_modem(r, "modem", true, &c);
	if (field_text(r, "text", true, &text, NULL) && !request_failed(r))
		card_urc(c, text, NULL);
}

/* ---- storage --------------------------------------------------------------------------------- */

static enum store_index read_mem(struct request *r)
{
	const char *name = "SM";

	field_text(r, "mem", false, &name, NULL);
	for (int i = 0; i < STORE_COUNT; i++)
		if (!strcmp(name, store_name(i)))
			return (enum store_index)i;
	request_fail(r, "\"mem\": SM, ME or SR is expected");
	return STORE_SM;
}

static void clear_store(struct store_area *a)
{
	for (unsigned i = 0; i < a->size; i++)
		a->v[i].is_used = false;
	a->used = 0;
}

/* Texts that lie there already, and nobody is told. */
static void fill(struct request *r, struct card *c, enum store_index mem, int64_t n)
{
	const char *from = "+447700900999", *text = "An old text";
	int64_t age_s = 0;
	size_t text_n;

	field_text(r, "from", false, &from, NULL);
	field_text(r, "text", false, &text, &text_n);
	field_int(r, "age_s", 0, INT_MAX, &age_s);
	for (int64_t i = 0; i < n && !request_failed(r); i++) {
		struct wall_ms at = { r->sim->now.wall.ms - (age_s + i) * 1000 };

		if (!deliver_lay_down(c, mem, from, text, at))
			request_fail(r,
				     "after %lld texts no more fit, or the text is longer than one "
				     "segment", (long long)i);
	}
}

void op_storage(struct request *r)
{
	enum store_index mem = read_mem(r);
	int64_t slots, n = 0;
	bool clear = false;
	struct card *c;

	if (!field_modem(r, "modem", true, &c))
		return;
	slots = c->store[mem].size;
	field_int(r, "slots", 1, CARD_SLOTS_MAX, &slots);
	field_int(r, "fill", 0, CARD_SLOTS_MAX, &n);
	field_bool(r, "clear", &clear);
	if (request_failed(r))
		return;
	if (clear)
		clear_store(&c->store[mem]);
	if (slots != (int64_t)c->store[mem].size)
		card_set_slots(c, mem, (unsigned)slots);
	fill(r, c, mem, n);
	deliver_kick(c);
	out_int(r->out, "used", c->store[mem].used);
	out_int(r->out, "size", c->store[mem].size);
}
