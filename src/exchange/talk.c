/* Conversations: a run of steps carried out, one intent after the other, in the transaction of the text
 * or of the time that brought it about; where it stops, its place is a row. */
#include <stdio.h>

#include "internal.h"

enum { TALK_AGAIN_MS = 60 * 1000 };	/* one that could not be gone on with is tried again */

uint32_t talk_random(struct exchange *x, uint32_t bound)
{
	uint64_t v;

	if (x->is_seeded)
		return tw_random_below(&x->random, bound);
	tw_random_secret(&v, sizeof(v));	/* codes are worth money: nobody may guess the next */
	return (uint32_t)(v % bound);
}

/* ---- what steps ask of the contact --------------------------------------------------------- */

/* Whether there is an answer. What cannot be read is no "no": the event must not go on with it. */
static bool found(struct exchange *x, int r)
{
	if (r < 0 && r != TW_E_UNKNOWN && !x->asked.error)
		x->asked.error = r;
	return r == 0;
}

static bool asked_contact(struct exchange *x, const char *account, struct store_contact *ret)
{
	int64_t row;
	int r = account_id(x, account, &row);

	if (r == 0)
		r = store_contact(x->store, row, x->asked.from, false, x->now.wall, ret);
	return found(x, r);
}

static bool view_value(void *ctx, const char *account, const char *name, struct tw_buf *out)
{
	struct exchange *x = ctx;
	struct store_contact c;
	tw_auto(tw_free_charp) char *value = NULL;
	const struct { const char *name, *value; } own[] = {
		{ "name", c.name }, { "language", c.language }, { "zone", c.zone }, { "owner", c.owner },
	};

	if (!asked_contact(x, account, &c))
		return false;
	for (size_t i = 0; i < TW_COUNT(own); i++)
		if (strcmp(own[i].name, name) == 0) {
			tw_buf_adds(out, own[i].value);
			return own[i].value[0] != '\0';
		}
	if (!found(x, store_field(x->store, c.id, name, &value)))
		return false;
	tw_buf_adds(out, value);
	return true;
}

static bool is_subscribed(struct exchange *x, const struct store_contact *c, const char *name)
{
	struct store_subscription sub;
	int64_t list;

	return found(x, store_list(x->store, c->account, name, false, &list)) &&
	       found(x, store_subscription(x->store, list, c->id, &sub)) && sub.state == STORE_JOINED &&
	       !c->stopped_at.ms;
}

static bool view_has(void *ctx, const char *account, enum flow_fact fact, const char *name)
{
	struct exchange *x = ctx;
	struct store_contact c;
	struct store_touch touch;

	if (!asked_contact(x, account, &c))
		return false;
	switch (fact) {
	case FLOW_HAS_TAG:
		return found(x, store_tag(x->store, c.id, name));
	case FLOW_HAS_SUBSCRIBED:
		return is_subscribed(x, &c, name);
	case FLOW_HAS_REDEEMED:
		return found(x, store_voucher_used(x->store, c.id, name));
	case FLOW_HAS_REACHED:
		return found(x, store_conversion(x->store, c.id, name, &touch));
	}
	return false;
}

/* Before this text: what it made itself does not count. */
static bool view_is_known(void *ctx, const char *account)
{
	struct exchange *x = ctx;
	int64_t row;

	if (x->asked.all_known)
		return true;
	for (size_t i = 0; i < x->asked.n && account_id(x, account, &row) == 0; i++)
		if (x->asked.known[i] == row)
			return true;
	return false;
}

struct flow_view talk_look(struct exchange *x, const char *from, const struct store_contact *known,
			   size_t n)
{
	x->asked.error = 0;
	x->asked.n = n;
	x->asked.all_known = known == NULL;
	tw_strset(x->asked.from, sizeof(x->asked.from), from);
	for (size_t i = 0; i < n; i++)
		x->asked.known[i] = known[i].account;
	return (struct flow_view){ x, view_value, view_has, view_is_known };
}

/* ---- versions ------------------------------------------------------------------------------ */

struct version { uint8_t hash[32]; struct flows *old; };	/* old NULL: of the flows of now, or none */

static void load_version(struct exchange *x, struct version *v, const struct store_version *row)
{
	struct flow_version now;
	struct tw_findings findings = { 0 };
	const struct flow_version then = { v->hash, row->name, row->account, row->text, row->text_n };

	memcpy(v->hash, row->hash, sizeof(v->hash));
	if (x->flows && !flows_version(x->flows, v->hash, &now))
		v->old = flows_load_version(x->flows, &then, &findings);
	if (findings.errors)
		tw_log(TW_WARN, "flow.version", "file=%s line=%u error=%s", tw_log_quote(row->name),
		       findings.v[0].line, tw_log_quote(findings.v[0].text));
	tw_findings_done(&findings);
}

/* 0, also with NULL: nobody knows this version. What cannot be read is no version that is gone. */
static int version_of(struct exchange *x, int64_t id, struct version **ret)
{
	struct store_version row;
	int r;

	*ret = tw_map_get(&x->versions, &id, sizeof(id));
	if (*ret)
		return 0;
	r = store_version_get(x->store, id, &row);
	if (r < 0)
		return r == TW_E_UNKNOWN ? 0 : r;
	*ret = tw_zalloc(sizeof(**ret));
	load_version(x, *ret, &row);
	store_version_done(&row);
	tw_map_put(&x->versions, &id, sizeof(id), *ret);
	return 0;
}

/* The set in which a version is, NULL where it cannot be read any more. */
static const struct flows *flows_of(struct exchange *x, const struct version *v)
{
	struct flow_version now;

	if (v && v->old)
		return v->old;
	return v && x->flows && flows_version(x->flows, v->hash, &now) ? x->flows : NULL;
}

void talk_done(struct exchange *x)
{
	struct version *v;

	for (size_t cursor = 0; tw_map_each(&x->versions, &cursor, NULL, NULL, (void **)&v); ) {
		flows_free(v->old);
		free(v);
	}
	tw_map_done(&x->versions);
}

/* The row of the version that a place names: in the flows of now, or in an old set that goes on. */
static int version_row(struct exchange *x, const uint8_t *hash, int64_t *ret)
{
	struct flow_version v;
	struct version *old;
	size_t cursor = 0;
	const char *key;
	size_t key_n;

	if (flows_version(x->flows, hash, &v))
		return store_version(x->store, hash, v.name, v.account, v.text, v.text_n, ret);
	while (tw_map_each(&x->versions, &cursor, &key, &key_n, (void **)&old))
		if (memcmp(old->hash, hash, sizeof(old->hash)) == 0) {
			memcpy(ret, key, sizeof(*ret));
			return 0;
		}
	return TW_E_UNKNOWN;
}

static struct flow_place place_of(const struct store_talk *row, const struct version *v)
{
	struct flow_place p = { .stands = (enum flow_stands)row->stands, .step = row->step,
				.tries = row->tries, .first_at = row->first_at, .until = row->due_at,
				.variables = row->variables, .variables_n = row->variables_n };

	if (v)
		memcpy(p.version, v->hash, sizeof(p.version));
	return p;
}

/* ---- questions ----------------------------------------------------------------------------- */

/* Put from this number, or from one whose SIM is gone. */
static bool is_heard_at(struct exchange *x, const struct store_talk *row, int64_t line)
{
	return row->line == line ||
	       (!x->is_play && !station_is_present(x, station_by_line(x, row->line)));
}

static int question_of(struct exchange *x, int64_t line, const struct store_contact *c,
		       struct wall_ms *last, struct talk_question *ret, char account[64])
{
	struct store_talk row;
	int64_t after = 0;
	int r;

	while ((r = store_talk_next(x->store, c->id, after, &row)) == 0) {
		struct version *v = NULL;

		if (row.stands == FLOW_ASKING)
			r = version_of(x, row.version, &v);
		const struct flows *f = flows_of(x, v);

		after = row.id;
		if (f && row.due_at.ms > x->now.wall.ms && row.asked_at.ms >= last->ms &&
		    is_heard_at(x, &row, line)) {
			*last = row.asked_at;
			memcpy(ret->version, v->hash, sizeof(ret->version));
			account_of_id(x, c->account, account, 64);
			ret->q = (struct flow_question){ row.id, f, ret->version, row.step, account };
		}
		store_talk_done(&row);
		if (r < 0)
			return r;
	}
	return r == TW_E_UNKNOWN ? 0 : r;
}

int talk_question(struct exchange *x, int64_t line, const struct store_contact *contacts, size_t n,
		  struct talk_question *ret)
{
	struct wall_ms last = { 0 };
	static char accounts[2][64];	/* of the best so far, and of the one that is looked at */
	char *best = accounts[0], *other = accounts[1];

	ret->q.id = 0;
	for (size_t i = 0; i < n; i++) {
		int64_t before = ret->q.id;
		int r = question_of(x, line, &contacts[i], &last, ret, other);

		if (r < 0)
			return r;
		if (ret->q.id != before) {
			char *swap = best;

			best = other;
			other = swap;
		}
	}
	return ret->q.id ? 0 : TW_E_UNKNOWN;
}

/* ---- rows ---------------------------------------------------------------------------------- */

static void wake_at(struct exchange *x, struct wall_ms at)
{
	if (at.ms < x->talk_at.ms)
		x->talk_at = at;
}

/* The conversation is over: what stood aside behind its question may go on. */
static int end_row(struct exchange *x, struct talk *t)
{
	int r = t->row.id ? store_talk_del(x->store, t->row.id) : 0;

	if (r == 0 && t->row.id && t->row.stands == FLOW_ASKING) {
		r = store_talks_wake(x->store, t->c.id, x->now.wall);
		wake_at(x, x->now.wall);
	}
	t->row.id = 0;
	return r;
}

/* Deletes those of the contact that fits says; keeps t's own. */
static int end_others(struct exchange *x, const struct talk *t, enum flow_stands stands,
		      const char *keyword)
{
	struct store_talk row;
	int64_t after = 0;
	int r;

	while ((r = store_talk_next(x->store, t->c.id, after, &row)) == 0) {
		struct flow_place place = place_of(&row, NULL);
		bool ends = row.id != t->row.id && row.stands == (int)stands &&
			    (!keyword || strcmp(flow_place_keyword(&place), keyword) == 0);

		after = row.id;
		store_talk_done(&row);
		if (ends)
			r = store_talk_del(x->store, after);
		if (r < 0)
			break;
	}
	return r == TW_E_UNKNOWN ? 0 : r;
}

static int keep(struct exchange *x, struct talk *t, const struct flow_place *place)
{
	struct store_talk row = { .id = t->row.id, .contact = t->c.id, .line = t->line,
				  .stands = place->stands, .step = place->step, .tries = place->tries,
				  .first_at = place->first_at, .due_at = place->until,
				  .asked_at = place->stands == FLOW_ASKING ? x->now.wall
									   : (struct wall_ms){ 0 },
				  .message = t->message ? t->message : t->row.message,
				  .variables = (char *)(uintptr_t)place->variables,
				  .variables_n = place->variables_n };
	int r = version_row(x, place->version, &row.version);

	/* One question of an account is open: the older one ends without a word. */
	if (r == 0 && place->stands == FLOW_ASKING)
		r = end_others(x, t, FLOW_ASKING, NULL);
	if (r == 0)
		r = store_talk_put(x->store, &row);
	t->row.id = row.id;
	t->row.stands = row.stands;
	wake_at(x, row.due_at);
	return r;
}

int talk_stop(struct exchange *x, int64_t contact)
{
	return store_talks_del(x->store, contact);
}

/* ---- carrying out -------------------------------------------------------------------------- */

static int refuse(struct exchange *x, const struct talk *t, const char *kind, const char *why)
{
	return store_event_add(x->store, kind, t->c.number, why, t->message, x->now.wall);
}

int talk_reply(struct exchange *x, struct talk *t, const struct flow_intent *i)
{
	struct sms_form form;
	struct sms_fault fault;
	int64_t sent;

	if (!i->text_n)
		return 0;
	if (!i->is_consent && t->c.stopped_at.ms && (t->by_clock || !x->settings->reply_after_stop))
		return 0;
	if (!i->is_consent && limits_reached(x, &t->c, t->account))
		return refuse(x, t, "reply.refused", "auto_reply_limit is reached");
	if (outbox_form(x, i->text, i->text_n, false, &form, &fault) < 0)
		return refuse(x, t, "reply.refused",
			      "the reply takes more than max_segments, or is no UTF-8");
	struct out out = { .contact = &t->c, .text = i->text, .text_n = i->text_n, .line = t->line,
			   .origin = t->message, .lane = t->lane,
			   .flags = STORE_AUTOMATIC | (i->is_consent ? STORE_CONSENT : 0) };
	int r = outbox_add(x, &out, &form, &sent);

	if (r < 0)
		return r;
	loops_replied(x, t->line, &t->c, t->account, i);
	t->has_replied = true;
	return 0;
}

/* A text to somebody else. */
static int send(struct exchange *x, struct talk *t, const struct flow_intent *i)
{
	struct station *st = station_by_line(x, t->line);
	const char *home = x->settings->country[0] ? x->settings->country
						   : st ? bank_country(x->bank, st->modem) : "";
	struct out out = { .text = i->text, .text_n = i->text_n, .origin = t->message,
			   .lane = LANE_API, .flags = STORE_AUTOMATIC };
	struct store_contact to;
	struct sms_form form;
	struct sms_fault fault;
	struct number n;
	int64_t sent;

	if (number_read(i->to, home, &n) != NUMBER_OK || n.kind == NUMBER_NAME)
		return refuse(x, t, "send.refused", "`to` is no number that can be texted");
	if (tw_map_get(&x->lines, n.text, strlen(n.text)))
		return refuse(x, t, "send.refused", "`to` is a number of this bank");
	int r = store_contact(x->store, t->c.account, n.text, true, x->now.wall, &to);

	if (r == 0 && i->from[0]) {
		r = store_line_find(x->store, i->from, &out.line);
		if (r == TW_E_UNKNOWN || (r == 0 && !line_may(x, out.line, t->c.account, NULL)))
			return refuse(x, t, "send.refused", "`from` is no number that this account may use");
		out.is_bound = true;
	}
	if (r < 0)
		return r;
	if (to.stopped_at.ms)
		return refuse(x, t, "send.refused", "the recipient has opted out");
	if (limits_reached(x, &to, t->account))
		return refuse(x, t, "send.refused", "auto_reply_limit is reached");
	if (outbox_form(x, i->text, i->text_n, false, &form, &fault) < 0)
		return refuse(x, t, "send.refused", "the text takes more than max_segments");
	out.contact = &to;
	if (!out.line)
		out.line = choose_sticky(x, to.id, to.account, NULL);
	r = outbox_add(x, &out, &form, &sent);
	if (r == 0)
		loops_replied(x, out.line, &to, t->account, i);
	return r;
}

static bool is_language(const char *text)
{
	size_t n = strlen(text);

	return n >= 2 && n < sizeof(((struct store_contact *)0)->language) &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == n;
}

/* What the customer wrote may be no language and no zone: then nothing is noted. */
static int set(struct exchange *x, struct talk *t, const struct flow_intent *i)
{
	const char *text = i->text ? i->text : "";
	const struct tw_zone *zone;
	int r = store_contact_get(x->store, t->c.id, &t->c);

	if (r < 0)
		return r;
	if (strcmp(i->name, "name") == 0)
		tw_strset(t->c.name, sizeof(t->c.name), text);
	else if (strcmp(i->name, "owner") == 0)
		tw_strset(t->c.owner, sizeof(t->c.owner), text);
	else if (strcmp(i->name, "language") == 0 && (!*text || is_language(text)))
		tw_strset(t->c.language, sizeof(t->c.language), text);
	else if (strcmp(i->name, "zone") == 0 && (!*text || tw_zone_get(text, &zone) == 0))
		tw_strset(t->c.zone, sizeof(t->c.zone), text);
	else if (strcmp(i->name, "language") != 0 && strcmp(i->name, "zone") != 0)
		return store_field_put(x->store, t->c.id, i->name, i->text);
	return store_contact_save(x->store, &t->c);
}

static const char *draw_arm(struct exchange *x, const struct flow_intent *i)
{
	const char *chosen = tw_map_get(&x->arms, i->name, strlen(i->name));
	int64_t all = 0, at;

	for (size_t k = 0; k < i->n_arms; k++) {
		if (chosen && strcmp(i->arms[k].name, chosen) == 0)
			return i->arms[k].name;
		all += i->arms[k].weight;
	}
	at = talk_random(x, (uint32_t)all);
	for (size_t k = 0; k < i->n_arms; k++) {
		at -= i->arms[k].weight;
		if (at < 0)
			return i->arms[k].name;
	}
	return i->arms[0].name;
}

/* Sticky, as long as the split has this arm. */
static int split(struct exchange *x, struct talk *t, const struct flow_intent *i,
		 struct flow_run *run)
{
	char arm[STORE_ARM_MAX];
	const char *name = NULL;
	int r = store_arm(x->store, t->c.id, i->name, arm);

	for (size_t k = 0; k < i->n_arms && r == 0; k++)
		if (strcmp(i->arms[k].name, arm) == 0)
			name = i->arms[k].name;
	if (r < 0 && r != TW_E_UNKNOWN)
		return r;
	r = 0;
	if (!name) {
		name = draw_arm(x, i);
		r = store_arm_put(x->store, t->c.id, i->name, name, x->now.wall);
	}
	flow_run_result(run, name);
	if (r == 0) {
		char touch[2 * STORE_ARM_MAX];

		snprintf(touch, sizeof(touch), "%s/%s", i->name, name);
		r = goal_touch(x, t, "arm", touch);
	}
	return r;
}

static int voucher(struct exchange *x, struct talk *t, const struct flow_intent *i,
		   struct flow_run *run)
{
	char code[STORE_CODE_MAX];
	int r = voucher_draw(x, t, i->series, code);

	if (r == TW_E_UNKNOWN) {
		flow_run_result(run, NULL);
		return store_event_add(x->store, "voucher.none", i->series->name,
				       "no code is left", t->message, x->now.wall);
	}
	if (r == 0)
		flow_run_result(run, code);
	return r;
}

static int pledge(struct exchange *x, struct talk *t, const struct flow_intent *i)
{
	double amount = strtod(i->text, NULL);

	return store_pledge_add(x->store, t->c.account, i->name, t->c.id,
				(int64_t)(amount * 100 + 0.5), t->message, x->now.wall);
}

/* The text that this turn is about is what proves it. */
static int change_list(struct exchange *x, struct talk *t, const struct flow_intent *i,
		       struct flow_run *run)
{
	tw_auto(tw_free_charp) char *text = tw_strndup(t->e->text, t->e->text_n);
	const struct consent_given given = { text, t->message, t->line };
	int r;

	if (i->type == FLOW_SUBSCRIBE)
		r = consent_join(x, &t->c, i->name, &given);
	else if (i->type == FLOW_UNSUBSCRIBE)
		r = consent_leave(x, &t->c, i->name, &given);
	else
		r = consent_ask(x, &t->c, i->name, &given);
	if (i->type == FLOW_CONFIRM && r >= 0)
		flow_run_result(run, r == CONSENT_IS_JOINED ? "joined" : NULL);
	return r < 0 ? r : 0;
}

static int carry_out(struct exchange *x, struct talk *t, const struct flow_intent *i,
		     struct flow_run *run)
{
	const char *result;
	int r;

	switch (i->type) {
	case FLOW_REPLY:
		return talk_reply(x, t, i);
	case FLOW_SEND:
		return send(x, t, i);
	case FLOW_SET:
		return set(x, t, i);
	case FLOW_TAG:
	case FLOW_UNTAG:
		return store_tag_put(x->store, t->c.id, i->name, i->type == FLOW_TAG);
	case FLOW_VOUCHER:
		return voucher(x, t, i, run);
	case FLOW_REDEEM:
		r = voucher_redeem(x, t, i->series, i->text, i->text_n, &result);
		flow_run_result(run, result);
		return r;
	case FLOW_SPLIT:
		return split(x, t, i, run);
	case FLOW_PLEDGE:
		return pledge(x, t, i);
	case FLOW_SUBSCRIBE:
	case FLOW_UNSUBSCRIBE:
	case FLOW_CONFIRM:
		return change_list(x, t, i, run);
	case FLOW_CUT:
		return refuse(x, t, "flow.endless", i->text);
	case FLOW_KEEP:
		return keep(x, t, &i->place);
	case FLOW_STOP:
	case FLOW_START:
	case FLOW_HELP:
	case FLOW_TAKEN:
	case FLOW_UNTAKEN:
	case FLOW_BEGIN:
	case FLOW_ANSWER:
	/* No verb compiles to these yet. */
	case FLOW_TICKET:
	case FLOW_CALLBACK:
	case FLOW_APPOINTMENT:
	case FLOW_FORWARD:
	case FLOW_CALL_FORWARD:
	case FLOW_EMAIL:
	case FLOW_WEBHOOK:
	case FLOW_EXEC:
		break;
	}
	return 0;
}

/* Until it is over or stands somewhere. */
static int run_steps(struct exchange *x, struct talk *t, struct flow_run *run)
{
	struct flow_intent i;
	bool stands = false;
	int r = 0;

	while (r == 0 && run && flow_run_next(run, &i)) {
		stands = i.type == FLOW_KEEP;
		r = x->asked.error ? x->asked.error : carry_out(x, t, &i, run);
	}
	flow_run_free(run);
	if (r == 0)
		r = x->asked.error;
	if (r == 0 && !stands)
		r = end_row(x, t);
	return r == 0 && x->flows ? goal_check(x, t) : r;
}

int talk_begin(struct exchange *x, struct talk *t, const struct flow_intent *begin)
{
	/* One that waits begins anew when its keyword is texted again. */
	int r = begin->keyword ? end_others(x, t, FLOW_WAITING, begin->keyword) : 0;

	if (r == 0 && begin->keyword)
		r = goal_touch(x, t, "keyword", begin->keyword);
	return r < 0 ? r : run_steps(x, t, flow_run_begin(x->flows, t->e, begin));
}

/* Goes on with t->row; where it cannot, it ends with the account's word. */
static int go_on(struct exchange *x, struct talk *t, enum flow_cause cause)
{
	struct version *v;
	int r = version_of(x, t->row.version, &v);

	if (r < 0)
		return r;
	const struct flows *f = flows_of(x, v);
	struct flow_place place = place_of(&t->row, v);
	struct flow_run *run = f ? flow_run_resume(f, t->e, t->account, &place, cause) : NULL;

	if (!run && x->flows)
		run = flow_run_ended(x->flows, t->e, t->account);
	return run_steps(x, t, run);
}

int talk_answer(struct exchange *x, struct talk *t, int64_t id)
{
	int r = store_talk_get(x->store, id, &t->row);

	if (r < 0)
		return r;
	char *variables = t->row.variables;

	r = go_on(x, t, FLOW_BY_TEXT);
	free(variables);
	return r;
}

/* ---- the clock ----------------------------------------------------------------------------- */

/* The open question of the contact, behind which what waits stands aside. */
static int open_until(struct exchange *x, int64_t contact, struct wall_ms *ret)
{
	struct store_talk row;
	int64_t after = 0;
	int r;

	ret->ms = 0;
	while ((r = store_talk_next(x->store, contact, after, &row)) == 0) {
		after = row.id;
		if (row.stands == FLOW_ASKING && row.due_at.ms > x->now.wall.ms)
			*ret = row.due_at;
		store_talk_done(&row);
	}
	return r == TW_E_UNKNOWN ? 0 : r;
}

static int run_by_clock(struct exchange *x, struct talk *t)
{
	char account[64], to[TW_ADDRESS_MAX] = "";
	struct flow_view view = talk_look(x, t->c.number, NULL, 0);
	struct store_message m = { 0 };
	struct flow_event e = {
		.from = t->c.number, .from_kind = t->c.number[0] == '+' ? NUMBER_E164 : NUMBER_SHORT,
		.to = to, .to_account = "", .text = "", .last_account = "", .is_automatic_ok = true,
		.contact_language = t->c.language, .contact_name = t->c.name, .now = x->now.wall,
		.view = &view };
	int r = t->line ? store_line_number(x->store, t->line, to, sizeof(to)) : 0;

	if (r == 0 && t->message && store_message_get(x->store, t->message, &m) == 0 && m.body) {
		e.text = m.body;
		e.text_n = m.body_n;
	}
	account_of_id(x, t->c.account, account, sizeof(account));
	if (r == 0 && !account[0])
		r = TW_E_DB;
	t->account = account;
	t->e = &e;
	if (r == 0)
		r = go_on(x, t, FLOW_BY_CLOCK);
	store_message_done(&m);
	if (r == 0 && t->has_replied)
		r = store_thread_touch(x->store, t->c.id, t->line, (struct wall_ms){ 0 }, x->now.wall);
	return r;
}

static int run_one(struct exchange *x, int64_t id)
{
	struct talk t = { .by_clock = true };
	struct wall_ms until;
	int r = store_talk_get(x->store, id, &t.row);

	if (r < 0)
		return r;
	char *variables = t.row.variables;

	t.line = t.row.line;
	t.message = t.row.message;
	r = store_contact_get(x->store, t.row.contact, &t.c);
	if (r == 0 && t.row.stands == FLOW_WAITING)
		r = open_until(x, t.c.id, &until);
	if (r == 0 && t.row.stands == FLOW_WAITING && until.ms) {
		t.row.is_behind = true;
		t.row.due_at = wall_after(until, 1);
		r = store_talk_put(x->store, &t.row);
	} else if (r == 0) {
		r = run_by_clock(x, &t);
	}
	free(variables);
	return r;
}

int talk_run_due(struct exchange *x)
{
	int64_t id;
	int r = 0;

	if (x->prunes) {
		x->prunes = false;
		event_begin(x);
		event_end(x, store_versions_prune(x->store), "versions");
	}
	if (x->talk_at.ms > x->now.wall.ms)
		return 0;
	for (int i = 0; i < X_SLICE && r == 0; i++) {
		r = store_talk_due(x->store, &id, &x->talk_at);
		if (r == TW_E_UNKNOWN)
			x->talk_at = X_NEVER;
		if (r < 0 || x->talk_at.ms > x->now.wall.ms)
			return r == TW_E_UNKNOWN ? 0 : r;
		event_begin(x);
		r = event_end(x, run_one(x, id), "conversation");
		if (r < 0 && !store_is_void(x->store))
			x->talk_at = wall_after(x->now.wall, TALK_AGAIN_MS);
	}
	return r;
}
