/* The bank's SIMs text each other (contract 1, self_test): the only proof that a modem which says
 * "ready" is reached. What does not arrive within ten minutes is tried by another SIM; then the
 * radio goes off and on, then a person is told. Also how a SIM whose number nobody knows learns it:
 * by the sender's
 * number that a sibling sees. Such a text is swallowed where it arrives (contract 2, order 1). */
#include <stdio.h>

#include "internal.h"

enum {
	SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE,
	ARRIVES_MS = 10 * MINUTE, VALID_MS = 10 * MINUTE, POLL_MS = 15 * SECOND,
	DAY_FROM = 8, DAY_TO = 21, NIGHT_LOOK_MS = 15 * MINUTE,
	RADIO_MS = 5 * MINUTE,		/* its radio was off: until it is tried again */
	STRIKES_RADIO = 2, STRIKES_PERSON = 3, RECENT = 1500
};
static const char words[] = "twoway self-test ";

static void look_at(struct exchange *x, struct wall_ms at)
{
	if (at.ms < x->test_at.ms)
		x->test_at = at;
}

int self_test_load(struct exchange *x)
{
	struct store_test t = { .id = 0 };
	int r;

	x->n_tests = 0;
	x->test_at.ms = 0;
	while ((r = store_test_before(x->store, t.id, &t)) == 0 &&
	       t.started_at.ms > x->now.wall.ms - X_DAY_MS)
		if (t.outcome == STORE_TEST_OPEN && x->n_tests < X_TESTS)
			x->tests[x->n_tests++] = t;
	return r == TW_E_UNKNOWN ? 0 : r;
}

/* ---- one test ------------------------------------------------------------------------------ */

static int begin(struct exchange *x, struct station *from, struct station *to, bool learns)
{
	static const char letters[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
	struct store_test t = { .from_sim = from->sim.id, .to_sim = to->sim.id, .learns = learns,
				.started_at = x->now.wall };
	char text[40];
	int r;

	for (int i = 0; i < 8; i++)
		t.token[i] = letters[tw_random_below(&x->random, sizeof(letters) - 1)];
	snprintf(text, sizeof(text), "%s%s", words, t.token);
	x->is_hiding = true;
	r = own_post(x, from, &(struct own_text){ .to = to->sim.number, .text = text,
						  .valid_ms = VALID_MS, .flags = STORE_HIDDEN },
		     &t.message);
	x->is_hiding = false;
	if (r == 0)
		r = store_test_add(x->store, &t);
	if (r < 0)
		return r;
	x->tests[x->n_tests++] = t;
	to->tested_at = from->tester_at = x->now.wall;
	look_at(x, wall_after(x->now.wall, POLL_MS));
	return 0;
}

static int end(struct exchange *x, size_t i, enum store_test_outcome outcome)
{
	struct store_test t = x->tests[i];

	t.outcome = outcome;
	t.ended_at = x->now.wall;
	x->tests[i] = x->tests[--x->n_tests];
	tw_log(outcome == STORE_TEST_ARRIVED ? TW_INFO : TW_WARN, "self_test",
	       "from=%lld to=%lld outcome=%s ms=%lld", (long long)t.from_sim, (long long)t.to_sim,
	       outcome == STORE_TEST_ARRIVED ? "arrived" : outcome == STORE_TEST_LOST ? "lost"
	       : "not_sent", (long long)(t.ended_at.ms - t.started_at.ms));
	return store_test_end(x->store, &t);
}

/* ---- deafness ------------------------------------------------------------------------------ */

int self_test_heard(struct exchange *x, struct station *st)
{
	int r = 0;

	if (!st->strikes && !st->care.health.is_deaf)
		return 0;
	st->strikes = 0;
	if (st->care.health.is_deaf) {
		st->care.health.is_deaf = false;
		r = health_changed(x, st);
	}
	return r < 0 ? r : alert_clear(x, ALERT_DEAF, st->sim.iccid);
}

static int strike(struct exchange *x, struct station *st, int64_t from)
{
	static const char why[] = "texts from two SIMs of the bank did not reach it";
	char text[160];
	int r;

	st->strikes++;
	st->strike_from = from;
	if (st->strikes == STRIKES_RADIO) {
		st->care.health.is_deaf = true;
		r = health_changed(x, st);
		bank_refresh(x->bank, st->modem, why, x->now);
		look_at(x, wall_after(x->now.wall, RADIO_MS));
		return r;
	}
	look_at(x, x->now.wall);
	if (st->strikes < STRIKES_PERSON)
		return 0;
	snprintf(text, sizeof(text), "%.40s is ready and hears nothing: %s, its radio was off and "
				     "on",
		 st->name, why);
	return alert_raise(x, ALERT_DEAF, st->sim.iccid, text);
}

/* Sent, and not there in time; or it never left, which is the sender's trouble. */
static int follow(struct exchange *x, size_t i)
{
	struct store_test t = x->tests[i];
	struct station *to = station_by_sim(x, t.to_sim);
	enum message_state state;
	int r = own_state(x, t.message, &state);

	if (r < 0)
		return r;
	if (message_state_is_final(state) && state != MESSAGE_DELIVERED &&
	    state != MESSAGE_UNDELIVERED)
		return end(x, i, STORE_TEST_NOT_SENT);
	if (t.started_at.ms + ARRIVES_MS > x->now.wall.ms) {
		look_at(x, wall_after(t.started_at, ARRIVES_MS));
		return 0;
	}
	r = end(x, i, state == MESSAGE_QUEUED || state == MESSAGE_SENDING ? STORE_TEST_NOT_SENT
									  : STORE_TEST_LOST);
	if (r < 0 || state == MESSAGE_QUEUED || state == MESSAGE_SENDING || t.learns || !to ||
	    !station_is_present(x, to))
		return r;
	return strike(x, to, t.from_sim);
}

/* ---- the schedule -------------------------------------------------------------------------- */

static bool is_night(const struct exchange *x, const char *number)
{
	const struct tw_zone *zone = NULL;
	struct number_facts facts;
	int hour;

	if (!number_facts(number, &facts) || tw_zone_get(facts.zone, &zone) < 0)
		tw_zone_get("", &zone);
	hour = tw_zone_civil(zone, x->now.wall).hour;
	return hour < DAY_FROM || hour >= DAY_TO;
}

static bool is_able(struct exchange *x, const struct station *st)
{
	return st && st->sim.id && station_is_present(x, st) &&
	       mono_due(st->rest_until, x->now.mono);
}

/* Whoever was not heard of, then who was tested least recently. */
static struct station *next_recipient(struct exchange *x)
{
	struct station *best = NULL;

	for (uint32_t i = 0; i < x->n_stations; i++) {
		struct station *st = x->stations[i];

		if (!is_able(x, st) || !st->sim.number[0])
			continue;
		if (!best || (st->strikes && st->strikes < STRIKES_PERSON) > (best->strikes &&
		    best->strikes < STRIKES_PERSON) || ((!st->strikes) == (!best->strikes) &&
		    st->tested_at.ms < best->tested_at.ms))
			best = st;
	}
	return best;
}

/* Not the one that did not reach it before; then the cheapest, then who sent least recently. */
static struct station *next_sender(struct exchange *x, const struct station *to)
{
	struct station *best = NULL;
	int64_t best_rank = 0;

	for (uint32_t i = 0; i < x->n_stations; i++) {
		struct station *st = x->stations[i];
		int64_t rank;

		if (!is_able(x, st) || st == to)
			continue;
		rank = cost_of(st->entry, to->sim.number) +
		       ((int64_t)(to->strikes && st->sim.id == to->strike_from) << 57);
		if (best && (rank > best_rank ||
			     (rank == best_rank && st->tester_at.ms >= best->tester_at.ms)))
			continue;
		best = st;
		best_rank = rank;
	}
	return best;
}

/* How many in 24 hours, and when the newest and the oldest of them began. */
static int count_recent(struct exchange *x, struct wall_ms *ret_newest, struct wall_ms *ret_oldest)
{
	struct store_test t = { .id = 0 };
	int n = 0;

	ret_newest->ms = ret_oldest->ms = 0;
	while (n < RECENT && store_test_before(x->store, t.id, &t) == 0 &&
	       t.started_at.ms > x->now.wall.ms - X_DAY_MS) {
		if (t.learns)
			continue;
		if (!n++)
			*ret_newest = t.started_at;
		*ret_oldest = t.started_at;
	}
	return n;
}

static int schedule(struct exchange *x)
{
	int64_t per_day = x->settings->self_test.per_day;
	struct wall_ms newest, oldest, next;
	struct station *from, *to;
	int n;

	if (!per_day || x->n_tests)
		return 0;
	to = next_recipient(x);
	from = to ? next_sender(x, to) : NULL;
	if (!from)
		return 0;	/* looked at again when a modem becomes ready */
	n = count_recent(x, &newest, &oldest);
	next = n >= per_day ? wall_after(oldest, X_DAY_MS) :
	       to->strikes ? wall_after(newest, to->strikes == STRIKES_RADIO ? ARRIVES_MS + RADIO_MS
					: 0) :
	       wall_after(newest, (DAY_TO - DAY_FROM) * (int64_t)HOUR / per_day);
	if (newest.ms && next.ms > x->now.wall.ms) {
		look_at(x, next);
		return 0;
	}
	if (is_night(x, to->sim.number)) {
		look_at(x, wall_after(x->now.wall, NIGHT_LOOK_MS));
		return 0;
	}
	return begin(x, from, to, false);
}

static int run(struct exchange *x)
{
	int r = 0;

	for (size_t i = 0; i < x->n_tests && r == 0; ) {
		int64_t id = x->tests[i].id;

		r = follow(x, i);
		i += i < x->n_tests && x->tests[i].id == id;
	}
	return r < 0 ? r : schedule(x);
}

int self_test_run(struct exchange *x)
{
	if (x->test_at.ms > x->now.wall.ms)
		return 0;
	x->test_at = X_NEVER;
	if (!x->n_tests && !x->settings->self_test.per_day)
		return 0;
	event_begin(x);
	return event_end(x, run(x), "self-test");
}

/* ---- where it arrives ---------------------------------------------------------------------- */

static int learn(struct exchange *x, const struct store_test *t, const struct text_in *in)
{
	struct station *from = station_by_sim(x, t->from_sim);

	if (!from || from->sim.number[0] || in->kind != NUMBER_E164)
		return 0;
	tw_log(TW_INFO, "sim.learned", "about=%s number=%s", tw_log_quote(from->name),
	       tw_log_number(in->from));
	bank_learn_number(x->bank, from->modem, in->from);
	watch_now(x, "modem.learned", from->name);
	return station_refresh(x, from);
}

int self_test_text(struct exchange *x, const struct text_in *in)
{
	struct station *from;
	struct store_test t;
	char token[16];
	int r;

	if (in->body_n != sizeof(words) - 1 + 8 || in->flags & (STORE_RAW | STORE_DATA) ||
	    memcmp(in->body, words, sizeof(words) - 1) != 0)
		return 0;
	tw_strsetn(token, sizeof(token), in->body + sizeof(words) - 1, 8);
	r = store_test_find(x->store, token, &t);
	if (r < 0)
		return r == TW_E_UNKNOWN ? 0 : r;
	for (size_t i = 0; i < x->n_tests; i++) {
		if (x->tests[i].id != t.id)
			continue;
		r = end(x, i, STORE_TEST_ARRIVED);
		break;
	}
	from = station_by_sim(x, t.from_sim);
	if (r == 0 && from) {
		health_on_arrival(&from->care.health);
		r = health_changed(x, from);
	}
	if (r == 0 && t.learns)
		r = learn(x, &t, in);
	x->test_at.ms = 0;
	return r < 0 ? r : 1;
}

/* ---- for people ---------------------------------------------------------------------------- */

int exchange_modem_learn(struct exchange *x, const char *called, struct tw_now now,
			 struct exchange_refusal *reterr)
{
	struct station *st, *to = NULL;
	struct bank_modem m;
	int r;

	x->now = now;
	*reterr = (struct exchange_refusal){ .status = 404, .code = 20404 };
	if (!bank_find(x->bank, called, &m)) {
		snprintf(reterr->text, sizeof(reterr->text),
			 "no modem is called %.100s; `twoway modems` lists them", called);
		return TW_E_UNKNOWN;
	}
	st = station_of(x, m.handle);
	*reterr = (struct exchange_refusal){ .status = 409, .code = 20409 };
	for (uint32_t i = 0; i < x->n_stations; i++)
		if (x->stations[i] != st && is_able(x, x->stations[i]) &&
		    x->stations[i]->sim.number[0] &&
		    (!to || cost_of(st->entry, x->stations[i]->sim.number) < cost_of(st->entry,
									     to->sim.number)))
			to = x->stations[i];
	if (st->sim.number[0])
		snprintf(reterr->text, sizeof(reterr->text), "the number of %.40s is known: %s",
			 m.name, st->sim.number);
	else if (!is_able(x, st))
		snprintf(reterr->text, sizeof(reterr->text), "%.40s cannot send now: it is %s",
			 m.name, modem_state_name(m.state));
	else if (!to || x->n_tests == X_TESTS)
		snprintf(reterr->text, sizeof(reterr->text),
			 "it takes another modem that is ready and whose "
			 "number is known: set `number` of one");
	if (reterr->text[0])
		return TW_E_STATE;
	event_begin(x);
	r = event_end(x, begin(x, st, to, true), "learn");
	if (r < 0) {
		*reterr = (struct exchange_refusal){ .status = 500, .code = 20500 };
		tw_strset(reterr->text, sizeof(reterr->text), tw_strerror(r));
	}
	return r;
}
