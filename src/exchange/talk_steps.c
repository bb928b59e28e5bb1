/* What steps want, carried out: an intent a function. */
#include <stdio.h>

#include "talk.h"

uint32_t talk_random(struct exchange *x, uint32_t bound)
{
	uint64_t v;

	if (x->is_seeded)
		return tw_random_below(&x->random, bound);
	tw_random_secret(&v, sizeof(v));	/* codes are worth money: nobody may guess the
						 * next */
	return (uint32_t)(v % bound);
}

int talk_refuse(struct exchange *x, const struct talk *t, const char *kind, const char *why)
{
	return store_event_add(x->store, kind, t->c.number, why, t->message, x->now.wall);
}

int talk_failed(struct exchange *x, const struct talk *t, const struct flow_intent *i)
{
	tw_auto(tw_free_charp) char *why = tw_printf("%s: %s", i->name, i->text);

	return talk_refuse(x, t, "step.failed", why);
}

/* After STOP only a keyword that is texted anew is answered, nothing that the clock starts, no
 * call and no text that no keyword took (contract 3). */
static bool may_answer(const struct exchange *x, const struct talk *t)
{
	return x->settings->reply_after_stop && !t->by_clock && t->topic;
}

int talk_reply(struct exchange *x, struct talk *t, const struct flow_intent *i)
{
	struct sms_form form;
	struct sms_fault fault;
	int64_t sent;

	if (!i->text_n)
		return 0;
	if (!i->is_consent && t->c.stopped_at.ms && !may_answer(x, t))
		return 0;
	if (!i->is_consent && !t->is_event && limits_reached(x, &t->c, t->account))
		return talk_refuse(x, t, "reply.refused", "auto_reply_limit is reached");
	if (outbox_form(x, i->text, i->text_n, false, &form, &fault) < 0)
		return talk_refuse(x, t, "reply.refused",
			      "the reply takes more than max_segments, or is no UTF-8");
	struct out out = { .contact = &t->c, .text = i->text, .text_n = i->text_n, .line = t->line,
			   .origin = t->message, .lane = t->lane, .topic = t->topic,
			   .flags = STORE_AUTOMATIC | (i->is_consent ? STORE_CONSENT : 0) };
	int r = outbox_add(x, &out, &form, &sent);

	if (r < 0)
		return r;
	loops_replied(x, t->line, &t->c, t->account, i);
	t->has_replied = true;
	return 0;
}

/* A text to somebody else. */
int talk_send(struct exchange *x, struct talk *t, const struct flow_intent *i)
{
	struct station *st = station_by_line(x, t->line);
	const char *home = x->settings->country[0] ? x->settings->country
						   : st ? bank_country(x->bank, st->modem) : "";
	struct out out = { .text = i->text, .text_n = i->text_n, .origin = t->message,
			   .lane = LANE_API, .flags = STORE_AUTOMATIC };
	const struct store_pool *own;
	struct store_contact to;
	struct sms_form form;
	struct sms_fault fault;
	struct number n;
	int64_t sent;

	if (number_read(i->to, home, &n) != NUMBER_OK || n.kind == NUMBER_NAME)
		return talk_refuse(x, t, "send.refused", "`to` is no number that can be texted");
	if (tw_map_get(&x->lines, n.text, strlen(n.text)))
		return talk_refuse(x, t, "send.refused", "`to` is a number of this bank");
	int r = store_contact(x->store, t->c.account, n.text, true, x->now.wall, &to);

	if (r == 0 && i->from[0]) {
		r = store_line_find(x->store, i->from, &out.line);
		if (r == TW_E_UNKNOWN || (r == 0 && !line_may(x, out.line, t->c.account, NULL)))
			return talk_refuse(x, t, "send.refused",
					   "`from` is no number that this account may use");
		out.is_bound = true;
	}
	if (r < 0)
		return r;
	if (i->pool[0] && !pool_find(x, t->c.account, i->pool, &own))
		return talk_refuse(x, t, "send.refused", "`from` is no pool of the configuration");
	out.pool = i->pool[0] ? i->pool : NULL;
	if (to.stopped_at.ms)
		return talk_refuse(x, t, "send.refused", "the recipient has opted out");
	if (limits_reached(x, &to, t->account))
		return talk_refuse(x, t, "send.refused", "auto_reply_limit is reached");
	if (outbox_form(x, i->text, i->text_n, false, &form, &fault) < 0)
		return talk_refuse(x, t, "send.refused", "the text takes more than max_segments");
	out.contact = &to;
	if (!out.line)
		out.line = choose_sticky(x, to.id, to.account, out.pool);
	r = outbox_add(x, &out, &form, &sent);
	if (r == 0)
		loops_replied(x, out.line, &to, t->account, i);
	return r;
}

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* Two or three letters, and what is more behind a hyphen: "de", "pt-BR", "zh_Hant". */
static bool is_language(const char *text)
{
	size_t n = strlen(text), letters = strspn(text, LETTERS);

	return (letters == 2 || letters == 3) && (!text[letters] || strchr("-_", text[letters])) &&
	       n < sizeof(((struct store_contact *)0)->language) &&
	       strspn(text, LETTERS "0123456789-_") == n;
}

/* From 0 to 10, would you recommend us? */
static int count_rating(struct exchange *x, const struct talk *t, const struct flow_intent *i)
{
	const struct store_message m = { .account = t->c.account, .topic = t->topic,
					 .line = t->line };
	long rating = strtol(i->text, NULL, 10);

	return figure_count_message(x, &m, rating >= 9 ? FIGURE_PROMOTERS : rating >= 7
				    ? FIGURE_PASSIVES :
				    FIGURE_DETRACTORS, 1);
}

/* What the customer wrote may be no language and no zone: then nothing is noted. */
int talk_set(struct exchange *x, struct talk *t, const struct flow_intent *i)
{
	const char *text = i->text ? i->text : "";
	const struct tw_zone *zone;
	bool is_field = false;
	int r = store_contact_get(x->store, t->c.id, &t->c);

	if (r == 0 && i->is_rating && i->text)
		r = count_rating(x, t, i);
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
		is_field = true;
	else
		return 0;
	r = is_field ? store_field_put(x->store, t->c.id, i->name, i->text)
		     : store_contact_save(x->store, &t->c);
	return r < 0 ? r : events_changed(x, &t->c, i->name, *text ? text : NULL);
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

static int count_arm(struct exchange *x, const struct talk *t, const char *name)
{
	int64_t topic;
	int r = figure_topic(x, t->c.account, STORE_TOPIC_ARM, name, &topic);

	if (r < 0)
		return r;
	figure_count(x, t->c.account, topic, t->line, FIGURE_RECEIVED, 1);
	return figure_customer(x, &t->c, topic, t->line);
}

/* Sticky, as long as the split has this arm. */
int talk_split(struct exchange *x, struct talk *t, const struct flow_intent *i,
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
		if (r == 0)
			r = count_arm(x, t, touch);
	}
	return r;
}

/* An event each time, and a person is told once. */
static int tell_none(struct exchange *x, const struct talk *t, const char *series,
		     const char *about)
{
	char text[160];
	int r = store_event_add(x->store, "voucher.none", series, "no code is left", t->message,
				x->now.wall);

	snprintf(text, sizeof(text), "no code of the vouchers %.60s is left (account %.40s)",
		 series, t->account);
	return r < 0 ? r : alert_raise(x, ALERT_VOUCHERS, about, text);
}

int talk_voucher(struct exchange *x, struct talk *t, const struct flow_intent *i,
		 struct flow_run *run)
{
	char code[STORE_CODE_MAX], about[STORE_SIM_MAX];
	int64_t before = 0, after = 0;
	int r = 0;

	snprintf(about, sizeof(about), "%.12s %.*s", t->account, (int)sizeof(about) - 14,
		 i->series->name);
	bool was_told = alert_is_raised(x, ALERT_VOUCHERS, about);

	if (was_told)
		r = store_voucher_count(x->store, t->c.id, i->series->name, &before);
	if (r == 0)
		r = voucher_draw(x, t, i->series, code);
	if (r == 0 || r == TW_E_UNKNOWN)
		flow_run_result(run, r == 0 ? code : NULL);
	if (r == TW_E_UNKNOWN)
		return tell_none(x, t, i->series->name, about);
	/* Who gets the last one again says nothing about those that are left. */
	if (r == 0 && was_told)
		r = store_voucher_count(x->store, t->c.id, i->series->name, &after);
	if (r == 0 && after > before)
		r = alert_clear(x, ALERT_VOUCHERS, about);
	return r < 0 ? r : events_tell(x, &t->c, "voucher.given", "series", i->series->name, "code",
				       code, NULL);
}

int talk_pledge(struct exchange *x, struct talk *t, const struct flow_intent *i)
{
	int64_t amount = (int64_t)(strtod(i->text, NULL) * 100 + 0.5);
	int r = store_pledge_add(x->store, t->c.account, i->name, t->c.id, amount, t->message,
				 x->now.wall);

	if (r == 0)
		r = tally(x, t->c.account, STORE_TOPIC_PLEDGE, i->name, STORE_PLEDGES, 1);
	if (r == 0)
		r = tally(x, t->c.account, STORE_TOPIC_PLEDGE, i->name, STORE_PLEDGED, amount);
	return r < 0 ? r : events_tell(x, &t->c, "pledge.made", "to", i->name, "amount",
				       i->text, NULL);
}

static int is_joined(struct exchange *x, const struct store_contact *c, const char *list, bool *ret)
{
	struct store_subscription sub;
	int64_t row;
	int r = store_list(x->store, c->account, list, false, &row);

	if (r == 0)
		r = store_subscription(x->store, row, c->id, &sub);
	*ret = r == 0 && sub.state == STORE_JOINED;
	return r == TW_E_UNKNOWN ? 0 : r;
}

int talk_leave(struct exchange *x, struct talk *t, const char *list, const struct consent_given *g)
{
	bool was_on_it;
	int r = is_joined(x, &t->c, list, &was_on_it);

	if (r == 0)
		r = consent_leave(x, &t->c, list, g);
	if (r < 0 || !was_on_it)
		return r < 0 ? r : 0;
	return talk_event(x, t, FLOW_ON_LEFT, list);
}

/* The text that this turn is about is what proves it. */
int talk_change_list(struct exchange *x, struct talk *t, const struct flow_intent *i,
		     struct flow_run *run)
{
	tw_auto(tw_free_charp) char *text = tw_strndup(t->e->text, t->e->text_n);
	const struct consent_given given = { text, t->message, t->line };
	int r;

	if (i->type == FLOW_UNSUBSCRIBE)
		return talk_leave(x, t, i->name, &given);
	if (i->type == FLOW_SUBSCRIBE) {
		r = consent_join(x, &t->c, i->name, &given);
		return r ? r < 0 ? r : 0 : talk_event(x, t, FLOW_ON_JOINED, i->name);
	}
	r = consent_ask(x, &t->c, i->name, &given);
	if (r >= 0)
		flow_run_result(run, r == CONSENT_IS_JOINED ? "joined" : NULL);
	return r < 0 ? r : 0;
}
