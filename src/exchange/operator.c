/* Operators by text (contract 2): STATUS, PAUSE name, RESUME name, TOPUP name code, off unless
 * `alert.commands` is true. A number can be forged, so each is answered with a code, to the true
 * owner of the number, and done once that code comes back. */
#include <ctype.h>
#include <stdio.h>

#include "people.h"

enum {
	CODE_MS = 10 * 60 * 1000, CODE_DIGITS = 6, WRONG_MAX = 5,
	VALID_MS = 30 * 60 * 1000, TEXT_MAX = 440
};

struct order { const char *verb, *name; char *secret; char text[STORE_ORDER_MAX]; };

static int answer(struct exchange *x, struct station *st, const struct text_in *in,
		  const char *text)
{
	int64_t id;

	return own_post(x, st, &(struct own_text){ .to = in->from, .text = text,
						   .valid_ms = VALID_MS }, &id);
}

/* One of our own sentences, as the first account says it: operators belong to none. */
static int say(struct exchange *x, struct station *st, const struct text_in *in,
	       enum flow_house_text said, const struct flow_named *names, size_t n)
{
	struct tw_buf text = { 0 };
	int r;

	if (x->flows)
		flows_say(x->flows, NULL, NULL, said, names, n, &text);
	r = answer(x, st, in, tw_buf_str(&text));
	tw_buf_done(&text);
	return r;
}

/* About a modem; why: of a refusal. */
static int say_of(struct exchange *x, struct station *st, const struct text_in *in,
		  enum flow_house_text said, const char *name, const char *why)
{
	const struct flow_named names[] = { { "name", name }, { "why", why } };

	return say(x, st, in, said, names, TW_COUNT(names));
}

static int log_it(struct exchange *x, const struct text_in *in, const struct order *o,
		  const char *outcome)
{
	char who[TW_ADDRESS_MAX + 8];

	snprintf(who, sizeof(who), "text:%s", in->from);
	return store_audit_add(x->store, who, o->verb, o->name, "", outcome, 0, x->now.wall);
}

/* ---- reading ------------------------------------------------------------------------------- */

/* The text as words, one blank between, in o->text; the parts point into it. False: it is no
 * order. */
static bool read_order(const struct text_in *in, struct order *o)
{
	static const char *const verbs[] = { "status", "pause", "resume", "topup" };
	size_t n = 0;

	for (size_t i = 0; i < in->body_n; i++) {
		bool is_space = isspace((unsigned char)in->body[i]) || !in->body[i];

		if (n + 2 > sizeof(o->text))
			return false;
		if (!is_space)
			o->text[n++] = in->body[i];
		else if (n && o->text[n - 1] != ' ')
			o->text[n++] = ' ';
	}
	while (n && o->text[n - 1] == ' ')
		n--;
	o->text[n] = '\0';
	o->verb = NULL;
	for (size_t i = 0; i < TW_COUNT(verbs); i++) {
		size_t length = strlen(verbs[i]);

		if (strncasecmp(o->text, verbs[i], length) != 0 ||
		    (o->text[length] && o->text[length] != ' '))
			continue;
		o->verb = verbs[i];
		o->name = o->text + length + (o->text[length] == ' ');
	}
	o->secret = o->verb && strcmp(o->verb, "topup") == 0 ? strrchr(o->name, ' ') : NULL;
	if (o->secret)
		*o->secret++ = '\0';
	if (!o->verb)
		return false;
	if (strcmp(o->verb, "status") == 0)
		return !*o->name;
	return *o->name && (strcmp(o->verb, "topup") != 0 || o->secret);
}

static bool read_code(const struct text_in *in, char out[STORE_ORDER_CODE])
{
	const char *p = in->body, *end = p + in->body_n;
	size_t n = 0;

	while (p < end && isspace((unsigned char)*p))
		p++;
	while (end > p && isspace((unsigned char)end[-1]))
		end--;
	if (end - p != CODE_DIGITS)
		return false;
	for (; p < end; p++) {
		if (!isdigit((unsigned char)*p))
			return false;
		out[n++] = *p;
	}
	out[n] = '\0';
	return true;
}

/* ---- asked for ----------------------------------------------------------------------------- */

static void name_modems(struct exchange *x, struct tw_buf *out)
{
	struct bank_modem m;
	size_t cursor = 0;

	while (bank_each(x->bank, &cursor, &m) && out->n < 200)
		tw_buf_addf(out, "%s%s", out->n ? ", " : "", m.name);
}

static int no_modem(struct exchange *x, const struct text_in *in, const char *name)
{
	struct tw_buf all = { 0 };
	int r;

	name_modems(x, &all);
	const struct flow_named names[] = { { "name", name }, { "names", tw_buf_str(&all) } };

	r = say(x, in->st, in, FLOW_SAY_OPERATOR_UNKNOWN, names, TW_COUNT(names));
	tw_buf_done(&all);
	return r;
}

static int ask_for_code(struct exchange *x, const struct text_in *in, const struct order *o)
{
	struct store_order row = { .at = x->now.wall };
	char command[STORE_ORDER_MAX + 16];
	const struct flow_named names[] = { { "command", command }, { "code", row.code } };
	struct bank_modem m;
	int r;

	if (*o->name && !bank_find(x->bank, o->name, &m))
		return no_modem(x, in, o->name);
	tw_strset(row.number, sizeof(row.number), in->from);
	snprintf(row.code, sizeof(row.code), "%06u", talk_random(x, 1000000));
	snprintf(row.command, sizeof(row.command), "%s %s%s%s", o->verb, o->name,
		 o->secret ? " " : "", o->secret ? o->secret : "");
	r = store_order_add(x->store, &row);
	snprintf(command, sizeof(command), "%s%s%s", o->verb, *o->name ? " " : "", o->name);
	return r < 0 ? r : say(x, in->st, in, FLOW_SAY_OPERATOR_CODE, names, TW_COUNT(names));
}

/* ---- done ---------------------------------------------------------------------------------- */

static char *number_of(int64_t n, char out[24])
{
	snprintf(out, 24, "%lld", (long long)n);
	return out;
}

static int do_status(struct exchange *x, const struct text_in *in)
{
	enum { READY, MODEMS, REPLIES, API, CAMPAIGN, SCHEDULED, DOUBT, N };
	struct exchange_status s;
	struct tw_buf text = { 0 };
	char n[N][24], at[TW_RFC3339_MAX];
	int r;

	if (!x->flows)
		return 0;
	exchange_status(x, x->now, &s);
	if (!s.inbound_last_at.ms)
		flows_say(x->flows, NULL, NULL, FLOW_SAY_NEVER, NULL, 0, &text);
	tw_auto(tw_free_charp) char *last = tw_strdup(s.inbound_last_at.ms ?
		tw_rfc3339(s.inbound_last_at, at) : tw_buf_str(&text));
	const struct flow_named names[] = {
		{ "ready", number_of(s.modems_ready, n[READY]) },
		{ "modems", number_of(s.modems, n[MODEMS]) }, { "database", s.database },
		{ "replies", number_of(s.queue[LANE_REPLY], n[REPLIES]) },
		{ "api", number_of(s.queue[LANE_API], n[API]) },
		{ "campaign", number_of(s.queue[LANE_CAMPAIGN], n[CAMPAIGN]) },
		{ "scheduled", number_of(s.scheduled, n[SCHEDULED]) },
		{ "doubt", number_of(s.in_doubt, n[DOUBT]) }, { "last", last } };

	tw_buf_clear(&text);
	flows_say(x->flows, NULL, NULL, FLOW_SAY_OPERATOR_STATUS, names, TW_COUNT(names), &text);
	for (size_t i = 0; i < s.troubles.n &&
	     text.n + strlen(s.troubles.v[i]) < TEXT_MAX - 2; i++)
		tw_buf_addf(&text, " %s.", s.troubles.v[i]);
	exchange_status_done(&s);
	r = answer(x, in->st, in, tw_buf_str(&text));
	tw_buf_done(&text);
	return r;
}

/* Some other SIM that can send: what was paused sends nothing. */
static struct station *another(struct exchange *x, struct station *but)
{
	for (uint32_t i = 0; i < x->n_stations; i++)
		if (x->stations[i] && x->stations[i] != but &&
		    station_is_present(x, x->stations[i]) &&
		    bank_can_send(x->bank, x->stations[i]->modem))
			return x->stations[i];
	return but;
}

/* The answer first: behind it the modem may send nothing any more. */
static int do_pause(struct exchange *x, const struct text_in *in, const struct order *o,
		    bool paused)
{
	struct bank_modem m;
	bool is_there = bank_find(x->bank, o->name, &m);
	struct station *st = is_there && paused && station_of(x, m.handle) == in->st
		? another(x, in->st)
										     : in->st;
	int r;

	if (!is_there)
		return say_of(x, in->st, in, FLOW_SAY_OPERATOR_GONE, o->name, "");
	r = say_of(x, st, in, paused ? FLOW_SAY_OPERATOR_PAUSED : FLOW_SAY_OPERATOR_RESUMED, m.name,
		   "");
	return r < 0 ? r : station_pause(x, o->name, paused);
}

static int do_top_up(struct exchange *x, const struct text_in *in, const struct order *o)
{
	enum flow_house_text said;
	struct tw_buf why = { 0 };
	int r = balance_dial(x, o->name, o->secret, &said);

	if (r != TW_E_DENIED)
		return r < 0 ? r : say_of(x, in->st, in, FLOW_SAY_OPERATOR_DIALLED, o->name, "");
	if (x->flows)
		flows_say(x->flows, NULL, NULL, said, NULL, 0, &why);
	r = say_of(x, in->st, in, FLOW_SAY_OPERATOR_REFUSED, o->name, tw_buf_str(&why));
	tw_buf_done(&why);
	return r;
}

static int carry_out(struct exchange *x, const struct text_in *in, const struct order *o)
{
	if (strcmp(o->verb, "status") == 0)
		return do_status(x, in);
	if (strcmp(o->verb, "topup") == 0)
		return do_top_up(x, in, o);
	return do_pause(x, in, o, strcmp(o->verb, "pause") == 0);
}

static int use(struct exchange *x, const struct text_in *in, const struct store_order *row)
{
	const struct text_in said = { .body = row->command, .body_n = strlen(row->command) };
	struct order o = { .verb = "code", .name = "" };
	int r;

	if (row->used_at.ms) {
		r = log_it(x, in, &o, "refused: used already");
		return r < 0 ? r
		       : say(x, in->st, in, FLOW_SAY_OPERATOR_USED, NULL, 0);
	}
	if (row->at.ms < x->now.wall.ms - CODE_MS || row->wrong >= WRONG_MAX) {
		r = log_it(x, in, &o, row->wrong >= WRONG_MAX ? "refused: too many wrong codes"
			   : "refused: too old");
		return r < 0 ? r : say(x, in->st, in, FLOW_SAY_OPERATOR_STALE, NULL, 0);
	}
	if (!read_order(&said, &o))
		return TW_E_DB;
	char kept[STORE_ORDER_MAX];

	snprintf(kept, sizeof(kept), "%s %.100s", o.verb, o.name);
	r = store_order_use(x->store, row->id, kept, x->now.wall);
	if (r == 0)
		r = log_it(x, in, &o, "done");
	return r < 0 ? r : carry_out(x, in, &o);
}

/* 1: it is about a code; 0: nobody waits for one. */
static int take_code(struct exchange *x, const struct text_in *in, const char *code,
		     struct store_order *row, int *ret_waiting)
{
	int r = store_order_find(x->store, in->from, code, row);

	*ret_waiting = 0;
	if (r != TW_E_UNKNOWN)
		return r < 0 ? r : 1;
	row->id = 0;
	r = store_order_wrong(x->store, in->from, wall_after(x->now.wall, -CODE_MS), ret_waiting);
	return r < 0 ? r : *ret_waiting > 0;
}

/* Kept as everything is; of a voucher's code only the verb and the modem. */
static int keep(struct exchange *x, const struct text_in *in, const struct order *o,
		int64_t *ret_id)
{
	struct text_in masked = *in;
	struct store_contact c;
	int64_t account;
	int r = account_id(x, "", &account);

	if (o && o->secret) {		/* with neither its octets nor its PDU */
		masked.body = o->text;
		masked.body_n = strlen(o->text);
		masked.octets_n = 0;
		masked.octets = NULL;
	}
	if (r == 0)
		r = store_contact(x->store, account, in->from, true, x->now.wall, &c);
	return r < 0 ? r : dispatch_keep(x, &masked, &c, NULL, false, ret_id);
}

int operator_text(struct exchange *x, const struct text_in *in, int64_t *ret_id)
{
	char code[STORE_ORDER_CODE];
	struct store_order row;
	struct order o;
	int waiting, r;

	if (!x->settings->alert.commands || strcmp(in->from, x->settings->alert.number) != 0)
		return 0;
	if (read_order(in, &o)) {
		r = keep(x, in, &o, ret_id);
		if (r == 0)
			r = ask_for_code(x, in, &o);
		return r < 0 ? r : 1;
	}
	r = read_code(in, code) ? take_code(x, in, code, &row, &waiting) : 0;
	if (r <= 0)
		return r;
	r = keep(x, in, NULL, ret_id);
	if (r == 0)
		r = row.id ? use(x, in, &row) : say(x, in->st, in, FLOW_SAY_OPERATOR_WRONG, NULL,
						    0);
	return r < 0 ? r : 1;
}
