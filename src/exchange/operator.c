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

static int __attribute__((format(printf, 3, 4)))
say(struct exchange *x, const struct text_in *in, const char *format, ...)
{
	char text[TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return answer(x, in->st, in, text);
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

static int ask_for_code(struct exchange *x, const struct text_in *in, const struct order *o)
{
	struct store_order row = { .at = x->now.wall };
	struct bank_modem m;
	int r;

	if (*o->name && !bank_find(x->bank, o->name, &m)) {
		struct tw_buf names = { 0 };

		name_modems(x, &names);
		r = say(x, in, "No modem is called %.60s. There are: %s.", o->name,
			tw_buf_str(&names));
		tw_buf_done(&names);
		return r;
	}
	tw_strset(row.number, sizeof(row.number), in->from);
	snprintf(row.code, sizeof(row.code), "%06u", talk_random(x, 1000000));
	snprintf(row.command, sizeof(row.command), "%s %s%s%s", o->verb, o->name,
		 o->secret ? " " : "", o->secret ? o->secret : "");
	r = store_order_add(x->store, &row);
	return r < 0 ? r : say(x, in, "%s%s%s: send back %s within 10 minutes, and it is done.",
			       o->verb, *o->name ? " " : "", o->name, row.code);
}

/* ---- done ---------------------------------------------------------------------------------- */

static int do_status(struct exchange *x, const struct text_in *in)
{
	struct exchange_status s;
	struct tw_buf text = { 0 };
	char at[TW_RFC3339_MAX];
	int r;

	exchange_status(x, x->now, &s);
	tw_buf_addf(&text, "%d of %d modems ready, database %s. Queue: %lld replies, %lld api, "
			   "%lld campaign, "
		    "%lld scheduled. In doubt: %lld. Last text in: %s.", s.modems_ready,
		    s.modems, s.database,
		    (long long)s.queue[LANE_REPLY], (long long)s.queue[LANE_API],
		    (long long)s.queue[LANE_CAMPAIGN], (long long)s.scheduled,
		    (long long)s.in_doubt,
		    s.inbound_last_at.ms ? tw_rfc3339(s.inbound_last_at, at) : "never");
	for (size_t i = 0; i < s.troubles.n && text.n + strlen(s.troubles.v[i]) < TEXT_MAX - 2; i++)
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
	char text[160];
	int r;

	if (!is_there)
		return say(x, in, "No modem is called %.60s any more.", o->name);
	snprintf(text, sizeof(text), "%.60s %s.", m.name, paused
		 ? "is paused: it receives, and sends nothing"
								 : "sends again");
	r = answer(x, st, in, text);
	return r < 0 ? r : station_pause(x, o->name, paused);
}

static int do_top_up(struct exchange *x, const struct text_in *in, const struct order *o)
{
	const char *why;
	int r = balance_dial(x, o->name, o->secret, &why);

	if (r == TW_E_DENIED)
		return say(x, in, "%.60s is not topped up: %s.", o->name, why);
	return r < 0 ? r : say(x, in, "The code is dialled for %.60s.", o->name);
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
		       : say(x, in, "This code was used already. Send the command again.");
	}
	if (row->at.ms < x->now.wall.ms - CODE_MS || row->wrong >= WRONG_MAX) {
		r = log_it(x, in, &o, row->wrong >= WRONG_MAX ? "refused: too many wrong codes"
			   : "refused: too old");
		return r < 0 ? r : say(x, in, "This code is not good any more. Send the command "
					      "again.");
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
		r = row.id ? use(x, in, &row) : say(x, in, "This is not the code.");
	return r < 0 ? r : 1;
}
